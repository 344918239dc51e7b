"""The topology as an SVG document: networks around their subnets, around what is in them.

The network that most others are peered with stands on the left, the others on the right, so that
peerings run through the free strip between them and cross no box.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from analysis.diagram import boxes
from analysis.diagram.canvas import (
    AZURE,
    FAINT,
    FONT,
    INK,
    PAPER,
    n,
    symbols,
    text,
    width_of,
    wrapped,
)
from analysis.diagram.kinds import Kind
from analysis.diagram.layout import GAP, PADDING, Box, Parts, arrange, draw
from analysis.diagram.topology import Network, Topology

_MARGIN = 24
_TOP = 48
_STRIP = 130
"""Width of the strip between the columns of networks; each peering has a lane besides."""
_LANE = 12
_BELOW = 14
"""From a peering's line down to the first line of text below it."""


def render_svg(topology: Topology, title: str, icons: Mapping[Kind, bytes]) -> str:
    """The document. `icons` are PNG images; a kind that has none shows its letters."""
    hub, others = _sides(topology)
    page = _Page(topology, hub, others)
    height = page.height + _TOP + 2 * _MARGIN
    width = page.width + 2 * _MARGIN
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{n(width)}" height="{n(height)}" '
        f'viewBox="0 0 {n(width)} {n(height)}" role="img" aria-label="{escape(title)}" '
        f'font-family="{FONT}">'
    )
    lines = [
        opening,
        f"<title>{escape(title)}</title>",
        *symbols(list(Kind), icons),
        f'<rect width="{n(width)}" height="{n(height)}" fill="{PAPER}"/>',
        text(_MARGIN, _MARGIN + 18, title, size=20, bold=True, colour=INK),
        *page.draw(_MARGIN, _MARGIN + _TOP - GAP),
        "</svg>",
        "",
    ]
    return "\n".join(lines)


def _sides(topology: Topology) -> tuple[list[Network], list[Network]]:
    """The hub, and all others in the order of the state."""
    if len(topology.networks) < 2:  # noqa: PLR2004 - nothing to stand beside
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
        self.groups = arrange(Box(-PADDING, _unseen, groups, limit=networks, least_width=networks))
        self.width = max(networks, self.groups.width)
        self.internet = arrange(boxes.internet(self.topology, self.width - 2 * PADDING))
        self.width = max(self.width, self.internet.width + 2 * PADDING)
        self.footer = wrapped(_footer(self.topology), self.width - 2 * PADDING, 11)
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
            parts.append(text(x + PADDING, y + 12 + 16 * index, words, colour=FAINT))
        return parts

    def _peerings(self, left: float, right: float, top: float) -> Iterator[str]:
        """From the hub's edge by a lane of its own to the other network's title.

        The further down a network is, the further left its lane: so no two lines cross.
        """
        if not self.lanes:
            return
        hub = self.left.children[0]
        start = left + PADDING + hub.width
        end = right + PADDING
        for index, (row, peering) in enumerate(self.lanes):
            leaves = top + 30 + index * max(10, (hub.height - 60) / len(self.lanes))
            arrives = top + self.right.places[row][1] + 30
            lane = start + 14 + _LANE * (len(self.lanes) - 1 - index)
            leaves = arrives if index == 0 else leaves
            yield (
                f'<path d="M{n(start)} {n(leaves)} H{n(lane)} V{n(arrives)} H{n(end)}" '
                f'fill="none" stroke="{AZURE}" stroke-width="2"/>'
            )
            words = ["peering", *peering.notes]
            for line, word in enumerate(words):
                shift = -6 if line == 0 else _BELOW + 13 * (line - 1)
                x = end - 6 - width_of(word, 11)
                yield text(x, arrives + shift, word, colour=AZURE if line == 0 else FAINT)


def _unseen(_: Box, __: float, ___: float) -> Parts:
    return []


def _footer(topology: Topology) -> str:
    rest = ", ".join(f"{count} {name}" for name, count in topology.left_out.items())
    return f"{topology.resources} resources; not drawn: {rest or 'none'}"
