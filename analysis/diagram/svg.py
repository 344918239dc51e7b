"""The topology as an SVG document: networks contain subnets, subnets contain resources.

The network with the most peerings (the hub) is on the left, the others are on the right. Peerings
run through the space between the two columns and cross no box.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from analysis.diagram import boxes
from analysis.diagram.icons import symbols
from analysis.diagram.kinds import Kind
from analysis.diagram.layout import GAP, PADDING, Parts, arrange, draw
from analysis.diagram.topology import Network, Topology
from support import svg
from support.svg import AZURE, FAINT, width_of, wrap

_MARGIN = 24
_TOP = 48
_STRIP = 130
"""Width of the space between the columns of networks, without the lanes of the peerings."""
_LANE = 12
_LABEL_OFFSET = 14
"""Distance from a peering's line to the first line of text below it."""
_SIZE = 11


def render_svg(topology: Topology, title: str, icons: Mapping[Kind, bytes]) -> str:
    """The document. `icons` are PNG images; a kind without one shows its abbreviation."""
    page = _Page(topology, *_columns(topology))
    return svg.document(
        title,
        page.width + 2 * _MARGIN,
        page.height + _TOP + 2 * _MARGIN,
        [
            svg.text(_MARGIN, _MARGIN + 18, title, size=20, bold=True),
            *page.draw(_MARGIN, _MARGIN + _TOP - GAP),
        ],
        symbols(icons),
    )


def _columns(topology: Topology) -> tuple[list[Network], list[Network]]:
    """The hub, and all other networks in the order of the state."""
    if len(topology.networks) < 2:  # noqa: PLR2004 - no network to put next to it
        return [], list(topology.networks)
    peers = [end for peering in topology.peerings for end in peering.ends]
    hub = max(topology.networks, key=lambda one: (peers.count(one.id), not one.holds_cluster))
    return [hub], [one for one in topology.networks if one is not hub]


@dataclass
class _Page:
    """All boxes of a picture, laid out."""

    topology: Topology
    hub: Sequence[Network]
    others: Sequence[Network]

    def __post_init__(self) -> None:
        sites = [boxes.site(one.node) for one in self.topology.sites]
        columns = boxes.columns_for(self.others)
        self.left = arrange(boxes.stack([*(boxes.network(one, 1) for one in self.hub), *sites]))
        self.right = arrange(boxes.stack([boxes.network(one, columns) for one in self.others]))
        self.lanes = [
            (row, peering)
            for row, one in enumerate(self.others)
            for peering in self.topology.peerings
            if self.hub and set(peering.ends) == {self.hub[0].id, one.id}
        ]
        self.strip = _STRIP + _LANE * len(self.lanes) if self.hub else 0
        networks = self.left.width + self.strip + self.right.width if self.hub else self.right.width
        groups = [boxes.group(one, networks) for one in self.topology.groups]
        self.groups = arrange(boxes.stack(groups, limit=networks, min_width=networks))
        self.width = max(networks, self.groups.width)
        self.internet = arrange(boxes.internet(self.topology, self.width - 2 * PADDING))
        self.width = max(self.width, self.internet.width + 2 * PADDING)
        self.footer = wrap(_footer(self.topology), self.width - 2 * PADDING, _SIZE)
        self.networks_height = max(self.left.height, self.right.height)
        self.height = (
            self.internet.height + self.networks_height + self.groups.height
            + 3 * GAP + 16 * len(self.footer)
        )  # fmt: skip

    def draw(self, x: float, y: float) -> Parts:
        parts = draw(self.internet, x + PADDING, y)
        y += self.internet.height + GAP
        right = x + self.left.width + self.strip if self.hub else x
        parts += draw(self.left, x, y) if self.hub else []
        parts += draw(self.right, right, y)
        parts += self._peerings(x, right, y)
        y += self.networks_height + GAP
        parts += draw(self.groups, x, y)
        y += self.groups.height + GAP
        for index, words in enumerate(self.footer):
            line = y + 12 + 16 * index
            parts.append(svg.text(x + PADDING, line, words, size=_SIZE, colour=FAINT))
        return parts

    def _peerings(self, left: float, right: float, top: float) -> Iterator[Element]:
        """Lines from the hub's edge, each through its own lane, to the other network's title.

        The further down a network is, the further left its lane: so no two lines cross.
        """
        if not self.lanes:
            return
        hub = self.left.children[0]
        start = left + PADDING + hub.width
        end = right + PADDING
        for index, (row, peering) in enumerate(self.lanes):
            leaves = top + 30 + index * max(10, (hub.height - 60) / len(self.lanes))
            arrives = top + self.right.positions[row][1] + 30
            lane = start + 14 + _LANE * (len(self.lanes) - 1 - index)
            leaves = arrives if index == 0 else leaves
            steps = ("M", start, leaves, "H", lane, "V", arrives, "H", end)
            yield svg.path(*steps, stroke=AZURE, width=2)
            for line, words in enumerate(["peering", *peering.notes]):
                shift = -6 if line == 0 else _LABEL_OFFSET + 13 * (line - 1)
                x = end - 6 - width_of(words, _SIZE)
                colour = AZURE if line == 0 else FAINT
                yield svg.text(x, arrives + shift, words, size=_SIZE, colour=colour)


def _footer(topology: Topology) -> str:
    rest = ", ".join(f"{count} {name}" for name, count in topology.not_drawn.items())
    return f"{topology.resources} resources; not drawn: {rest or 'none'}"
