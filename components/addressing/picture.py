"""The plan as a picture: an SVG with a bar to scale for each network.

A bar stands upright, addresses falling from top to bottom; a subnet's height is its share of the
network. What is too small to see is led out to a line of its own on the right, where name, prefix
and figures stand and a gauge shows how full the subnet gets. The lines keep the order of the
addresses, so the leaders never cross.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from ipaddress import IPv4Network

from components.addressing.azure import MODEL_LIMITS, NODE_POD_RANGE
from components.addressing.plan import AddressPlan, PlannedVnet, PodRange
from components.addressing.text import count

_MARGIN = 24
_BAR_WIDTH = 64
_LEADER = 44
_TEXT_WIDTH = 330
_RANGE_WIDTH = 128
_ROW = 46
_SLIM_ROW = 22
_HEADER = 92
_BAR_TOP = 64
_LEAST_HEIGHT = 300
_PANEL = _RANGE_WIDTH + _BAR_WIDTH + _LEADER + _TEXT_WIDTH
_GAUGE = 190
_LEGEND_WIDTH = 760
_RANGE_GAP = 10

_COLOURS = ("#1f6feb", "#8250df", "#0a7f74", "#b35900", "#bf3989", "#4d6a00", "#9a3412", "#475569")
_INK, _FAINT, _SPARE, _PAPER = "#1f2328", "#656d76", "#d8dee4", "#ffffff"
_FREE = "#f6f8fa"
_HATCHING = (
    '<defs><pattern id="aside" width="6" height="6" patternUnits="userSpaceOnUse" '
    f'patternTransform="rotate(45)"><rect width="6" height="6" fill="{_FREE}"/>'
    f'<rect width="1.5" height="6" fill="{_SPARE}"/></pattern></defs>'
)
_SPARE_TINT, _UPGRADE_TINT = 0.18, 0.45
_EDGED_FROM = 3
"""Height from which a set-aside place has an edge; below, the edge would be all of it."""


@dataclass(frozen=True)
class _Entry:
    """A part of a bar: a subnet, a place set aside, or a pod range's nodes."""

    name: str
    network: IPv4Network
    colour: str | None
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
        return max(_LEAST_HEIGHT, sum(entry.height for entry in self.entries))


def render_svg(plan: AddressPlan) -> str:
    """The plan as an SVG document: a bar for each network, and one for the pod range if any."""
    panels = [_vnet_panel(vnet) for vnet in plan.vnets]
    if plan.pod_range is not None:
        panels.append(_pod_panel(plan.pod_range))
    height = _HEADER + _BAR_TOP + max(panel.height for panel in panels) + _MARGIN
    width = max(_LEGEND_WIDTH, _MARGIN + len(panels) * (_PANEL + _MARGIN))
    title = f"Address plan, {MODEL_LIMITS[plan.model].name}"
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" role="img" aria-label="{escape(title)}" '
        'font-family="system-ui, Segoe UI, Helvetica, Arial, sans-serif" font-size="13">'
    )
    body = [
        opening,
        f"<title>{escape(title)}</title>",
        _HATCHING,
        f'<rect width="{width}" height="{height}" fill="{_PAPER}"/>',
        _text(_MARGIN, 34, title, size=20, weight=600),
        *_legend(),
    ]
    for index, panel in enumerate(panels):
        body.extend(_draw(panel, _MARGIN + index * (_PANEL + _MARGIN)))
    return "\n".join([*body, "</svg>", ""])


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


def _legend() -> list[str]:
    items = (
        ("counted by Azure at the maxima", _COLOURS[0], 1.0),
        ("on top, in an upgrade", _COLOURS[0], _UPGRADE_TINT),
        ("spare", _COLOURS[0], _SPARE_TINT),
        ("set aside", "url(#aside)", 1.0),
        ("free", _FREE, 1.0),
    )
    parts: list[str] = []
    x = _MARGIN
    for label, fill, opacity in items:
        parts.append(_rect(x, 52, 14, 14, fill, opacity=opacity, edge=_SPARE))
        parts.append(_text(x + 20, 64, label, colour=_FAINT))
        x += 44 + round(7.2 * len(label))
    return parts


def _draw(panel: _Panel, left: float) -> list[str]:
    top = _HEADER + _BAR_TOP
    bar_left = left + _RANGE_WIDTH
    parts = [
        _text(left, _HEADER + 16, panel.title, size=16, weight=600),
        _text(left, _HEADER + 36, panel.subtitle, colour=_FAINT),
    ]
    scale = _Scale(panel.ranges, top, panel.height)
    for network in panel.ranges:
        y, height = scale.place(network)
        parts.append(_rect(bar_left, y, _BAR_WIDTH, height, _FREE, edge=_SPARE))
        first, last = str(network.network_address), str(network.broadcast_address)
        parts.append(_text(bar_left - 8, y + 10, first, colour=_FAINT, size=11, anchor="end"))
        if height > 2 * _SLIM_ROW:
            y += height
            parts.append(_text(bar_left - 8, y - 1, last, colour=_FAINT, size=11, anchor="end"))
    rows = _row_positions(panel.entries, scale)
    for entry, row in zip(panel.entries, rows, strict=True):
        parts.extend(_segment(entry, scale, bar_left))
        parts.extend(_label(entry, scale, row, bar_left + _BAR_WIDTH))
    return parts


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


def _segment(entry: _Entry, scale: _Scale, left: float) -> list[str]:
    y, height = scale.place(entry.network)
    if entry.colour is None:
        edge = _SPARE if height > _EDGED_FROM else None
        return [_rect(left, y, _BAR_WIDTH, height, "url(#aside)", edge=edge)]
    tip = f"<title>{escape(f'{entry.name} {entry.network}: {entry.figures}')}</title>"
    return [
        f"<g>{tip}",
        _rect(left, y, _BAR_WIDTH, height, _PAPER),
        _rect(left, y, _BAR_WIDTH, height, entry.colour, opacity=_SPARE_TINT),
        _rect(left, y, _BAR_WIDTH * entry.upgrade, height, entry.colour, opacity=_UPGRADE_TINT),
        _rect(left, y, _BAR_WIDTH * entry.azure, height, entry.colour),
        _rect(left, y, _BAR_WIDTH, height, "none", edge=entry.colour),
        "</g>",
    ]


def _label(entry: _Entry, scale: _Scale, row: float, bar_right: float) -> list[str]:
    y, height = scale.place(entry.network)
    x = bar_right + _LEADER
    colour = entry.colour or _SPARE
    middle = row + (12 if entry.colour else _SLIM_ROW / 2)
    leader = (
        f'<path d="M{_n(bar_right)} {_n(y + height / 2)} L{_n(bar_right + 10)} '
        f'{_n(y + height / 2)} L{_n(x - 12)} {_n(middle)} L{_n(x - 5)} {_n(middle)}" '
        f'fill="none" stroke="{colour}"/>'
    )
    prefix = str(entry.network)
    if entry.colour is None:
        text = f"{entry.name}  {prefix}  set aside"
        return [leader, _text(x, middle + 4, text, colour=_FAINT, size=11)]
    gauge = row + 26
    return [
        leader,
        _text(x, row + 16, entry.name, weight=600),
        _text(x + _TEXT_WIDTH - 8, row + 16, prefix, colour=_FAINT, anchor="end"),
        _rect(x, gauge, _GAUGE / 2, 10, _PAPER),
        _rect(x, gauge, _GAUGE / 2, 10, colour, opacity=_SPARE_TINT),
        _rect(x, gauge, _GAUGE / 2 * entry.upgrade, 10, colour, opacity=_UPGRADE_TINT),
        _rect(x, gauge, _GAUGE / 2 * entry.azure, 10, colour),
        _text(x + _GAUGE / 2 + 10, gauge + 9, entry.figures, size=12),
    ]


def _rect(
    x: float,
    y: float,
    width: float,
    height: float,
    fill: str,
    *,
    opacity: float = 1,
    edge: str | None = None,
) -> str:
    tint = f' fill-opacity="{opacity:g}"' if opacity < 1 else ""
    stroke = f' stroke="{edge}"' if edge else ""
    return (
        f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}" '
        f'fill="{fill}"{tint}{stroke}/>'
    )


def _text(
    x: float,
    y: float,
    text: str,
    *,
    size: int = 13,
    weight: int = 400,
    colour: str = _INK,
    anchor: str = "start",
) -> str:
    return (
        f'<text x="{_n(x)}" y="{_n(y)}" font-size="{size}" font-weight="{weight}" '
        f'fill="{colour}" text-anchor="{anchor}">{escape(text)}</text>'
    )


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
