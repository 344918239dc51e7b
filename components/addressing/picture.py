"""The address plan as an SVG picture, with a bar to scale for each network.

The lowest address is at the top of a bar; the height of a subnet is its share of the network. A
leader connects each subnet to its label on the right, so that small subnets are readable too. The
label shows name, prefix and figures, and a gauge of the addresses in use. Labels are in the order
of the addresses, so leaders never cross.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network
from xml.etree.ElementTree import Element

from components.addressing.azure import MODEL_LIMITS, NODE_POD_RANGE
from components.addressing.plan import AddressPlan, PlannedVnet, PodRange
from components.addressing.text import count
from support import svg
from support.svg import FAINT, LINE, PAPER, SURFACE, Colour, Paint

_MARGIN = 24
_BAR_WIDTH = 64
_LEADER = 44
_TEXT_WIDTH = 330
_RANGE_WIDTH = 128
_ROW = 46
_SLIM_ROW = 22
_HEADER = 92
_BAR_TOP = 64
_MIN_HEIGHT = 300
_PANEL = _RANGE_WIDTH + _BAR_WIDTH + _LEADER + _TEXT_WIDTH
_GAUGE = 95
_MIN_WIDTH = 800
_RANGE_GAP = 10

_SIZE, _SMALL_SIZE = 13, 11
_COLOURS = (
    Colour("#1f6feb", "#4493f8"),
    Colour("#8250df", "#ab7df8"),
    Colour("#0a7f74", "#2dba9f"),
    Colour("#b35900", "#db8b3c"),
    Colour("#bf3989", "#e275ad"),
    Colour("#4d6a00", "#8fae2b"),
    Colour("#9a3412", "#e5694a"),
    Colour("#475569", "#94a3b8"),
)
_SET_ASIDE_FILL = "url(#set-aside)"
_SPARE_TINT, _UPGRADE_TINT = 0.18, 0.45
_MIN_STROKED_HEIGHT = 3
"""A set-aside prefix of this height or less has no outline, which would cover it."""


@dataclass(frozen=True)
class _Entry:
    """A part of a bar: a subnet, a prefix that is set aside, or the nodes of a pod range."""

    name: str
    network: IPv4Network
    colour: Colour | None
    figures: str = ""
    azure: float = 0
    """Share of the addresses that Azure counts, and with the surge of an upgrade."""
    upgrade: float = 0

    @property
    def height(self) -> int:
        return _ROW if self.colour else _SLIM_ROW


@dataclass(frozen=True)
class _Panel:
    title: str
    subtitle: str
    ranges: tuple[IPv4Network, ...]
    entries: tuple[_Entry, ...]

    @property
    def height(self) -> int:
        return max(_MIN_HEIGHT, sum(entry.height for entry in self.entries))


def render_svg(plan: AddressPlan) -> str:
    """The plan as a document: a bar for each network, and one for the pod range if there is one."""
    panels = [_vnet_panel(vnet) for vnet in plan.vnets]
    if plan.pod_range is not None:
        panels.append(_pod_panel(plan.pod_range))
    height = _HEADER + _BAR_TOP + max(panel.height for panel in panels) + _MARGIN
    width = max(_MIN_WIDTH, _MARGIN + len(panels) * (_PANEL + _MARGIN))
    title = f"Address plan, {MODEL_LIMITS[plan.model].name}"
    body = [svg.text(_MARGIN, 34, title, size=20, bold=True), *_legend()]
    for index, panel in enumerate(panels):
        body.extend(_draw(panel, _MARGIN + index * (_PANEL + _MARGIN)))
    return svg.document(title, width, height, body, [_hatching()])


def _hatching() -> Element:
    """The pattern of prefixes that are set aside."""
    return svg.element(
        "pattern",
        svg.rectangle(0, 0, 6, 6, fill=SURFACE),
        svg.rectangle(0, 0, 1.5, 6, fill=LINE),
        id="set-aside",
        width=6,
        height=6,
        patternUnits="userSpaceOnUse",
        patternTransform="rotate(45)",
    )


def _vnet_panel(vnet: PlannedVnet) -> _Panel:
    entries = [
        _Entry(
            subnet.key,
            subnet.network,
            _COLOURS[index % len(_COLOURS)],
            f"{count(subnet.required)} of {count(subnet.usable)}, {count(subnet.headroom)} spare",
            subnet.azure_required / subnet.usable,
            subnet.upgrade_required / subnet.usable,
        )
        for index, subnet in enumerate(vnet.subnets)
    ]
    entries += [_Entry(key, place, None) for key, place in vnet.set_aside.items()]
    owner = ", another team's" if vnet.existing else ""
    return _Panel(
        f"{vnet.name} network{owner}",
        ", ".join(vnet.address_space),
        tuple(sorted(vnet.ranges)),
        tuple(sorted(entries, key=lambda entry: entry.network)),
    )


def _pod_panel(pods: PodRange) -> _Panel:
    used, room = pods.required // NODE_POD_RANGE, pods.usable // NODE_POD_RANGE
    entry = _Entry(
        "pods, a /24 for each node",
        pods.network,
        _COLOURS[0],
        f"{count(used)} of {count(room)} nodes, {count(room - used)} spare",
        pods.azure_required / pods.usable,
        pods.upgrade_required / pods.usable,
    )
    return _Panel("pod range", pods.prefix, (pods.network,), (entry,))


def _legend() -> Iterator[Element]:
    items: tuple[tuple[str, Paint, float], ...] = (
        ("counted by Azure at the maxima", _COLOURS[0], 1.0),
        ("added during an upgrade", _COLOURS[0], _UPGRADE_TINT),
        ("spare", _COLOURS[0], _SPARE_TINT),
        ("set aside", _SET_ASIDE_FILL, 1.0),
        ("free", SURFACE, 1.0),
    )
    x = float(_MARGIN)
    for label, fill, opacity in items:
        yield svg.rectangle(x, 52, 14, 14, fill=fill, opacity=opacity, stroke=LINE)
        yield svg.text(x + 20, 64, label, size=_SIZE, colour=FAINT)
        x += 44 + svg.width_of(label, _SIZE)


def _draw(panel: _Panel, left: float) -> Iterator[Element]:
    top = _HEADER + _BAR_TOP
    bar_left = left + _RANGE_WIDTH
    yield svg.text(left, _HEADER + 16, panel.title, size=16, bold=True)
    yield svg.text(left, _HEADER + 36, panel.subtitle, size=_SIZE, colour=FAINT)
    scale = _Scale(panel.ranges, top, panel.height)
    for network in panel.ranges:
        y, height = scale.place(network)
        yield svg.rectangle(bar_left, y, _BAR_WIDTH, height, fill=SURFACE, stroke=LINE)
        yield _address(str(network.network_address), bar_left, y + 10)
        if height > 2 * _SLIM_ROW:
            yield _address(str(network.broadcast_address), bar_left, y + height - 1)
    rows = _row_positions(panel.entries, scale)
    for entry, row in zip(panel.entries, rows, strict=True):
        yield from _segment(entry, scale, bar_left)
        yield from _label(entry, scale, row, bar_left + _BAR_WIDTH)


def _address(address: str, bar_left: float, y: float) -> Element:
    return svg.text(bar_left - 8, y, address, size=_SMALL_SIZE, colour=FAINT, anchor="end")


class _Scale:
    """Maps addresses to heights; a network's ranges stand below each other with a gap between."""

    def __init__(self, ranges: Sequence[IPv4Network], top: float, height: float) -> None:
        self._ranges = ranges
        self._top = top
        total = sum(network.num_addresses for network in ranges)
        self._unit = (height - _RANGE_GAP * (len(ranges) - 1)) / total

    def place(self, network: IPv4Network) -> tuple[float, float]:
        """Top and height of a network; at least a pixel high, so that nothing vanishes."""
        y = self._top
        for one in self._ranges:
            if network.subnet_of(one):
                offset = int(network.network_address) - int(one.network_address)
                y += offset * self._unit
                break
            y += one.num_addresses * self._unit + _RANGE_GAP
        return y, max(1.0, network.num_addresses * self._unit)


def _row_positions(entries: Sequence[_Entry], scale: _Scale) -> list[float]:
    """The tops of the text lines: beside their segments where there is room, never overlapping."""
    if not entries:
        return []
    wanted = [scale.place(entry.network) for entry in entries]
    tops: list[float] = []
    next_free = wanted[0][0]
    for entry, (y, height) in zip(entries, wanted, strict=True):
        top = max(next_free, y + height / 2 - entry.height / 2)
        tops.append(top)
        next_free = top + entry.height
    bottom = scale.place(entries[-1].network)
    limit = max(bottom[0] + bottom[1], wanted[0][0] + sum(entry.height for entry in entries))
    for index in range(len(entries) - 1, -1, -1):
        tops[index] = min(tops[index], limit - entries[index].height)
        limit = tops[index]
    return tops


def _segment(entry: _Entry, scale: _Scale, left: float) -> Iterator[Element]:
    y, height = scale.place(entry.network)
    if entry.colour is None:
        stroke = LINE if height > _MIN_STROKED_HEIGHT else None
        yield svg.rectangle(left, y, _BAR_WIDTH, height, fill=_SET_ASIDE_FILL, stroke=stroke)
        return
    yield svg.group(
        f"{entry.name} {entry.network}: {entry.figures}",
        *_gauge(entry, left, y, _BAR_WIDTH, height),
        svg.rectangle(left, y, _BAR_WIDTH, height, fill="none", stroke=entry.colour),
    )


def _gauge(entry: _Entry, x: float, y: float, width: float, height: float) -> Iterator[Element]:
    """The share of a subnet that is in use, as a filled part of a rectangle."""
    colour = entry.colour or LINE
    yield svg.rectangle(x, y, width, height, fill=PAPER)
    yield svg.rectangle(x, y, width, height, fill=colour, opacity=_SPARE_TINT)
    upgrade = width * entry.upgrade
    yield svg.rectangle(x, y, upgrade, height, fill=colour, opacity=_UPGRADE_TINT)
    yield svg.rectangle(x, y, width * entry.azure, height, fill=colour)


def _label(entry: _Entry, scale: _Scale, row: float, bar_right: float) -> Iterator[Element]:
    y, height = scale.place(entry.network)
    x = bar_right + _LEADER
    middle = row + (12 if entry.colour else _SLIM_ROW / 2)
    start = y + height / 2
    yield svg.path(
        *("M", bar_right, start, "L", bar_right + 10, start),
        *("L", x - 12, middle, "L", x - 5, middle),
        stroke=entry.colour or LINE,
    )
    prefix = str(entry.network)
    if entry.colour is None:
        words = f"{entry.name}  {prefix}  set aside"
        yield svg.text(x, middle + 4, words, size=_SMALL_SIZE, colour=FAINT)
        return
    gauge = row + 26
    end = x + _TEXT_WIDTH - 8
    yield svg.text(x, row + 16, entry.name, size=_SIZE, bold=True)
    yield svg.text(end, row + 16, prefix, size=_SIZE, colour=FAINT, anchor="end")
    yield from _gauge(entry, x, gauge, _GAUGE, 10)
    yield svg.text(x + _GAUGE + 10, gauge + 9, entry.figures, size=12)
