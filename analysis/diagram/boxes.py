"""How each part of a topology looks: networks, subnets and groups as boxes, nodes as tiles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analysis.diagram.canvas import (
    AZURE,
    FAINT,
    INK,
    PUBLIC,
    icon,
    rectangle,
    text,
    tip,
    width_of,
    wrapped,
)
from analysis.diagram.kinds import Kind
from analysis.diagram.layout import GAP, PADDING, Box, Leaf, Parts
from analysis.diagram.topology import Group, Guard, Network, Node, Subnet, Topology

TILE = 212
ICON = 34
LINE = 14
_TEXT = TILE - ICON - 10
_PILL = 24

_NETWORK_FILL, _SUBNET_FILL, _GROUP_FILL = "#eef6fd", "#ffffff", "#f6f8fa"
_SUBNET_EDGE, _GROUP_EDGE = "#9cc7ea", "#d1d9e0"

_MOST_COLUMNS = 7
_FILLS_A_ROW = 6
"""As many nodes in a network make it a tile wider."""


def columns_for(networks: Sequence[Network]) -> int:
    """How many tiles wide networks that stand below each other are best: the more, the wider."""
    nodes = [sum(max(1, len(subnet.nodes)) for subnet in one.subnets) for one in networks]
    return min(_MOST_COLUMNS, 1 + len(nodes) + max(nodes, default=0) // _FILLS_A_ROW)


def network(of: Network, columns: int) -> Box:
    """A virtual network with its subnets, about so many tiles wide."""
    subnets = [_subnet(one, columns) for one in of.subnets]
    least = TILE + 4 * PADDING
    titles = wrapped(of.name, columns * TILE - 30, 14, bold=True)
    ranges = ", ".join(of.ranges) or ("" if of.in_state else "another team's, not in this state")
    header = 12 + 17 * len(titles) + (LINE if ranges else 0)

    def paint(box: Box, x: float, y: float) -> Parts:
        fill, edge = (_NETWORK_FILL, AZURE) if of.in_state else ("none", FAINT)
        parts = [
            rectangle(x, y, box.width, box.height, fill=fill, edge=edge, dashed=not of.in_state),
            icon(Kind.NETWORK, x + PADDING, y + 12, 26),
        ]
        left, line = x + PADDING + 36, y + 24
        for words in titles:
            parts.append(text(left, line, words, size=14, bold=True))
            line += 17
        if ranges:
            parts.append(text(left, line, ranges, size=12, colour=FAINT))
        return parts

    limit = columns * (TILE + 2 * PADDING) + (columns - 1) * GAP
    return Box(header, paint, subnets, limit=limit, least_width=least)


def _subnet(of: Subnet, columns: int) -> Box:
    wide = min(columns, max(1, len(of.nodes)))
    room = wide * TILE + (wide - 1) * GAP
    titles = wrapped(of.name, room, 12, bold=True)
    guards = [(guard, wrapped(_said(guard), room - 20, 10.5)) for guard in of.guards]
    prefix = [of.prefix] if of.prefix else []
    header = 8 + LINE * (len(titles) + len(prefix)) + 13 * sum(len(one) for _, one in guards)

    def paint(box: Box, x: float, y: float) -> Parts:
        parts = [
            rectangle(
                x, y, box.width, box.height, fill=_SUBNET_FILL, edge=_SUBNET_EDGE, dashed=not prefix
            )
        ]
        line = y + 19
        for words in titles:
            parts.append(text(x + PADDING, line, words, size=12, bold=True))
            line += LINE
        for words in prefix:
            parts.append(text(x + PADDING, line, words, size=12, colour=FAINT))
            line += LINE
        for guard, lines in guards:
            parts.append(icon(guard.kind, x + PADDING, line - 10, 13))
            for words in lines:
                parts.append(text(x + PADDING + 18, line, words, size=10.5, colour=FAINT))
                line += 13
        return parts

    return Box(
        header, paint, [tile(node) for node in of.nodes], limit=room, least_width=TILE + 2 * PADDING
    )


def _said(guard: Guard) -> str:
    way_out = f", out by {', '.join(guard.public)}" if guard.public else ""
    return f"{guard.name}{way_out}"


def tile(node: Node) -> Leaf:
    """A node: its icon, what it is, its name, and what is said of it."""
    lines = list(_lines(node))
    height = max(ICON + 4, 4 + LINE * len(lines))

    def paint(x: float, y: float) -> Parts:
        parts = ["<g>", tip(node.id), icon(node.kind, x, y + 2, ICON)]
        for index, (words, bold, colour) in enumerate(lines):
            baseline = y + 12 + LINE * index
            parts.append(text(x + ICON + 8, baseline, words, bold=bold, colour=colour))
        return [*parts, "</g>"]

    return Leaf(TILE, height, paint)


def _lines(node: Node) -> Iterator[tuple[str, bool, str]]:
    for words in wrapped(node.kind.title, _TEXT, 11, bold=True):
        yield words, True, INK
    for words in wrapped(node.name, _TEXT, 11):
        yield words, False, INK
    for detail in node.details:
        for words in wrapped(detail, _TEXT, 11):
            yield words, False, FAINT
    for address in node.public:
        for words in wrapped(f"public {address}", _TEXT, 11, bold=True):
            yield words, True, PUBLIC


def group(of: Group, width: float) -> Box:
    """What is in no subnet, under its title, on a page so wide."""

    def paint(box: Box, x: float, y: float) -> Parts:
        return [
            rectangle(x, y, box.width, box.height, fill=_GROUP_FILL, edge=_GROUP_EDGE),
            text(x + PADDING, y + 20, of.title, size=13, bold=True),
        ]

    return Box(22, paint, [tile(node) for node in of.nodes], limit=width - 4 * PADDING)


def site(of: Node) -> Box:
    """What is on the other side of a gateway."""

    def paint(box: Box, x: float, y: float) -> Parts:
        return [rectangle(x, y, box.width, box.height, fill="none", edge=FAINT, dashed=True)]

    return Box(0, paint, [tile(of)])


def internet(of: Topology, width: float) -> Box:
    """The bar of all public addresses: who is reached at them, and who goes out by them."""
    pills = [
        _pill(f"{_way(node.kind)} {node.kind.title} {address}", node.name)
        for node in of.nodes
        for address in node.public
    ]
    ways_out = {
        (guard.name, address): f"← {guard.kind.title} {address}"
        for one in of.networks
        for subnet in one.subnets
        for guard in subnet.guards
        for address in guard.public
    }
    pills += [_pill(words, name) for (name, _), words in ways_out.items()]

    def paint(box: Box, x: float, y: float) -> Parts:
        words = "Internet" if pills else "Internet: no public addresses in this state"
        return [
            rectangle(x, y, box.width, box.height, fill="#fff8f3", edge="#f0c7a8"),
            text(x + PADDING, y + 20, words, size=13, bold=True, colour=PUBLIC),
        ]

    return Box(20, paint, pills, limit=width - 2 * PADDING, least_width=width)


def _way(kind: Kind) -> str:
    """Whether connections come in at a public address, or go out by it too."""
    return "↔" if kind in {Kind.FIREWALL, Kind.GATEWAY} else "→"


def _pill(words: str, of: str) -> Leaf:
    def paint(x: float, y: float) -> Parts:
        return [
            "<g>",
            tip(of),
            rectangle(x, y, width, _PILL, fill="#ffffff", edge="#f0c7a8", radius=12),
            text(x + 10, y + 16, words),
            "</g>",
        ]

    width = width_of(words, 11) + 20
    return Leaf(width, _PILL, paint)


def stack(children: list[Box]) -> Box:
    """Boxes one below the other, without an edge of their own, all as wide as the widest."""

    def unseen(_: Box, __: float, ___: float) -> Parts:
        return []

    return Box(-PADDING, unseen, children, limit=0)
