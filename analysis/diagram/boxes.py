"""How each part of a topology looks: networks, subnets and groups as boxes, nodes as tiles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analysis.diagram.icons import icon
from analysis.diagram.kinds import Kind
from analysis.diagram.layout import GAP, PADDING, Box, Leaf, Parts
from analysis.diagram.topology import Attachment, Group, Network, Node, Subnet, Topology
from support import svg
from support.svg import AZURE, FAINT, INK, LINE, PAPER, SURFACE, Colour, Paint, wrap

TILE = 212
ICON = 34
RADIUS = 6
_LINE_HEIGHT = 14
_SIZE, _SMALL_SIZE = 11, 10.5
_TEXT = TILE - ICON - 10
_PILL = 24

PUBLIC = Colour("#b3470f", "#f0883e")
_NETWORK_FILL = Colour("#eef6fd", "#0c2135")
_SUBNET_STROKE = Colour("#9cc7ea", "#30507a")
_INTERNET_FILL, _INTERNET_STROKE = Colour("#fff8f3", "#241811"), Colour("#f0c7a8", "#6b4426")

_MAX_COLUMNS = 7
_NODES_PER_COLUMN = 6
"""A network becomes one tile wider for each such number of nodes."""


def columns_for(networks: Sequence[Network]) -> int:
    """The width, in tiles, of networks that are drawn below each other."""
    nodes = [sum(max(1, len(subnet.nodes)) for subnet in one.subnets) for one in networks]
    return min(_MAX_COLUMNS, 1 + len(nodes) + max(nodes, default=0) // _NODES_PER_COLUMN)


def _frame(box: Box, x: float, y: float, fill: Paint, stroke: Paint, *, dashed: bool) -> Parts:
    return [
        svg.rectangle(
            x, y, box.width, box.height, fill=fill, stroke=stroke, radius=RADIUS, dashed=dashed
        )
    ]


def network(of: Network, columns: int) -> Box:
    """A virtual network with its subnets, about so many tiles wide."""
    subnets = [_subnet(one, columns) for one in of.subnets]
    titles = wrap(of.name, columns * TILE - 30, 14, bold=True)
    ranges = ", ".join(of.ranges) or ("" if of.in_state else "existing network, not in this state")
    header = 12 + 17 * len(titles) + (_LINE_HEIGHT if ranges else 0)

    def paint(box: Box, x: float, y: float) -> Parts:
        fill, stroke = (_NETWORK_FILL, AZURE) if of.in_state else ("none", FAINT)
        parts = _frame(box, x, y, fill, stroke, dashed=not of.in_state)
        parts.append(icon(Kind.NETWORK, x + PADDING, y + 12, 26))
        left, line = x + PADDING + 36, y + 24
        for words in titles:
            parts.append(svg.text(left, line, words, size=14, bold=True))
            line += 17
        if ranges:
            parts.append(svg.text(left, line, ranges, size=12, colour=FAINT))
        return parts

    limit = columns * (TILE + 2 * PADDING) + (columns - 1) * GAP
    return Box(header, paint, subnets, limit=limit, min_width=TILE + 4 * PADDING)


def _subnet(of: Subnet, columns: int) -> Box:
    wide = min(columns, max(1, len(of.nodes)))
    room = wide * TILE + (wide - 1) * GAP
    titles = wrap(of.name, room, 12, bold=True)
    attachments = [(one, wrap(_description(one), room - 20, _SMALL_SIZE)) for one in of.attachments]
    prefix = [of.prefix] if of.prefix else []
    header = 8 + _LINE_HEIGHT * (len(titles) + len(prefix))
    header += 13 * sum(len(lines) for _, lines in attachments)

    def paint(box: Box, x: float, y: float) -> Parts:
        parts = _frame(box, x, y, PAPER, _SUBNET_STROKE, dashed=not prefix)
        line = y + 19
        for words in titles:
            parts.append(svg.text(x + PADDING, line, words, size=12, bold=True))
            line += _LINE_HEIGHT
        for words in prefix:
            parts.append(svg.text(x + PADDING, line, words, size=12, colour=FAINT))
            line += _LINE_HEIGHT
        for one, lines in attachments:
            parts.append(icon(one.kind, x + PADDING, line - 10, 13))
            for words in lines:
                left = x + PADDING + 18
                parts.append(svg.text(left, line, words, size=_SMALL_SIZE, colour=FAINT))
                line += 13
        return parts

    tiles = [tile(node) for node in of.nodes]
    return Box(header, paint, tiles, limit=room, min_width=TILE + 2 * PADDING)


def _description(attachment: Attachment) -> str:
    egress = f", egress by {', '.join(attachment.public)}" if attachment.public else ""
    return f"{attachment.name}{egress}"


def tile(node: Node) -> Leaf:
    """A node: its icon, kind and name, and its details."""
    lines = list(_lines(node))
    height = max(ICON + 4, 4 + _LINE_HEIGHT * len(lines))

    def paint(x: float, y: float) -> Parts:
        texts = [
            svg.text(
                x + ICON + 8,
                y + 12 + _LINE_HEIGHT * index,
                words,
                size=_SIZE,
                bold=bold,
                colour=colour,
            )
            for index, (words, bold, colour) in enumerate(lines)
        ]
        return [svg.group(node.id, icon(node.kind, x, y + 2, ICON), *texts)]

    return Leaf(TILE, height, paint)


def _lines(node: Node) -> Iterator[tuple[str, bool, Colour]]:
    for words in wrap(node.kind.title, _TEXT, _SIZE, bold=True):
        yield words, True, INK
    for words in wrap(node.name, _TEXT, _SIZE):
        yield words, False, INK
    for detail in node.details:
        for words in wrap(detail, _TEXT, _SIZE):
            yield words, False, FAINT
    for address in node.public:
        for words in wrap(f"public {address}", _TEXT, _SIZE, bold=True):
            yield words, True, PUBLIC


def group(of: Group, width: float) -> Box:
    """Nodes outside all subnets under a title, on a page of this width."""

    def paint(box: Box, x: float, y: float) -> Parts:
        title = svg.text(x + PADDING, y + 20, of.title, size=13, bold=True)
        return [*_frame(box, x, y, SURFACE, LINE, dashed=False), title]

    return Box(22, paint, [tile(node) for node in of.nodes], limit=width - 4 * PADDING)


def site(of: Node) -> Box:
    """The remote end of a gateway's connection."""

    def paint(box: Box, x: float, y: float) -> Parts:
        return _frame(box, x, y, "none", FAINT, dashed=True)

    return Box(0, paint, [tile(of)])


def internet(of: Topology, width: float) -> Box:
    """The bar of all public addresses: entry points, and addresses for egress."""
    pills = [
        _pill(f"{_direction(node.kind)} {node.kind.title} {address}", node.name)
        for node in of.nodes
        for address in node.public
    ]
    egress = {
        (item.name, address): f"← {item.kind.title} {address}"
        for one in of.networks
        for subnet in one.subnets
        for item in subnet.attachments
        for address in item.public
    }
    pills += [_pill(words, name) for (name, _), words in egress.items()]

    def paint(box: Box, x: float, y: float) -> Parts:
        words = "Internet" if pills else "Internet: no public addresses in this state"
        title = svg.text(x + PADDING, y + 20, words, size=13, bold=True, colour=PUBLIC)
        return [*_frame(box, x, y, _INTERNET_FILL, _INTERNET_STROKE, dashed=False), title]

    return Box(20, paint, pills, limit=width - 2 * PADDING, min_width=width)


def _direction(kind: Kind) -> str:
    """Whether a public address is used for ingress only, or for egress too."""
    return "↔" if kind in {Kind.FIREWALL, Kind.GATEWAY} else "→"


def _pill(words: str, tooltip: str) -> Leaf:
    width = svg.width_of(words, _SIZE) + 20

    def paint(x: float, y: float) -> Parts:
        shape = svg.rectangle(
            x, y, width, _PILL, fill=PAPER, stroke=_INTERNET_STROKE, radius=_PILL / 2
        )
        return [svg.group(tooltip, shape, svg.text(x + 10, y + 16, words, size=_SIZE))]

    return Leaf(width, _PILL, paint)


def stack(children: Sequence[Box], *, limit: float = 0, min_width: float = 0) -> Box:
    """Boxes in rows without a frame around them; by default each in a row of its own."""

    def paint_nothing(_: Box, __: float, ___: float) -> Parts:
        return []

    return Box(-PADDING, paint_nothing, children, limit=limit, min_width=min_width)
