"""Draws a `Schedule`: as text for the terminal, and as an SVG picture. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from dev.timeline.schedule import TOLERANCE, Bar, Schedule
from support import svg as drawing
from support.svg import FAINT, PAPER, Colour
from support.tables import grid

_COLUMNS = 60
_ROW, _WIDTH, _TOP, _BOTTOM = 15, 860, 64, 40
_SIZE, _MARGIN = 11, 20
_NETWORK, _DNS = Colour("#8fb6e0", "#4f83b8"), Colour("#a9d0c4", "#4f8f7e")
_IDENTITY = Colour("#f0c987", "#b3873a")
_COLOURS = {
    "network": _NETWORK,
    "privatedns": _DNS,
    "dns": _DNS,
    "containerservice": Colour("#c9a9dd", "#8e63a8"),
    "authorization": _IDENTITY,
    "managedidentity": _IDENTITY,
    "keyvault": Colour("#d9c2a3", "#8f7757"),
    "kubernetes": Colour("#b8c4f2", "#6473b8"),
}
_OTHER, _CRITICAL = Colour("#c8ccd2", "#6e7681"), Colour("#d1495b", "#e5596b")
_CONNECTOR, _GRID = Colour("#b4bac4", "#59616b"), Colour("#e4e6ea", "#21262d")
_TICKS, _MAX_TICKS = (5, 10, 30, 60, 120, 300, 600), 12


def summary(schedule: Schedule) -> list[str]:
    """What the chart shows, in a few lines."""
    chain = " → ".join(
        f"{bar.name} {bar.seconds:g}" for bar in schedule.critical if bar.seconds > TOLERANCE
    )
    delayed = [(bar, schedule.idle(bar)) for bar in schedule.critical]
    lines = [
        (
            f"{len(schedule.bars)} operations in {schedule.makespan:.0f} s; one after the other"
            f" they would take {schedule.serial:.0f} s."
        ),
        (
            f"The longest chain of typical durations takes {schedule.shortest_possible:.0f} s; the"
            f" run took {100 * schedule.excess:.1f} % longer."
        ),
        f"Critical chain: {chain}.",
    ]
    lines += [
        f"{bar.name} started {seconds:.0f} s after all that it waits for: the engine ran too many"
        " other operations, or requested it late."
        for bar, seconds in delayed
        if seconds > TOLERANCE
    ]
    lines += [
        f"{bar.name} paused {bar.paused:.0f} s between refused attempts."
        for bar in schedule.bars
        if bar.paused
    ]
    lines += [
        f"{bar.name} did not succeed: {bar.outcome}."
        for bar in schedule.bars
        if bar.outcome != "succeeded"
    ]
    return lines


def text(schedule: Schedule) -> str:
    """A row for each bar, with the critical chain in full blocks, and the summary."""
    if not schedule.bars:
        return "The run had no operations."
    critical = set(schedule.critical)
    scale = _COLUMNS / max(schedule.makespan, TOLERANCE)
    rows: list[tuple[str, str, str]] = []
    for bar in schedule.bars:
        first = min(round(bar.start * scale), _COLUMNS - 1)
        length = max(1, round(bar.end * scale) - first)
        mark = "█" if bar in critical else "░"
        drawn = (" " * first + mark * length).ljust(_COLUMNS)
        rows.append((_label(bar), drawn, f"{bar.start:4.0f} to {bar.end:4.0f} s"))
    return "\n".join([grid(rows), "", *summary(schedule)])


def _label(bar: Bar) -> str:
    return f"{bar.name}  {bar.kind}"


def svg(schedule: Schedule, title: str, note: str = "") -> str:
    """The same as a picture; a line connects each bar to the last one that it waited for.

    `note` is added to the figures.
    """
    rows = {bar: index for index, bar in enumerate(schedule.bars)}
    critical = set(schedule.critical)
    height = _TOP + _ROW * len(rows) + _BOTTOM
    width = _left(schedule) + _WIDTH + 90
    figures = " ".join([*summary(schedule)[:2], note]).strip()
    body = [
        drawing.text(12, 20, title, size=15, bold=True),
        drawing.text(12, 38, figures, size=_SIZE, colour=FAINT),
        *_axis(schedule, height),
    ]
    for bar, row in rows.items():
        before = schedule.last_waited_for(bar)
        if before in rows:
            on_chain = bar in critical and before in critical
            body.append(_connector(schedule, before, rows[before], bar, row, critical=on_chain))
    for bar, row in rows.items():
        body += _bar(schedule, bar, row, critical=bar in critical)
    return drawing.document(title, width, height, [*body, *_legend(height)])


def _x(schedule: Schedule, instant: float) -> float:
    return _left(schedule) + _WIDTH * instant / max(schedule.makespan, TOLERANCE)


def _left(schedule: Schedule) -> float:
    """Width of the column of names."""
    labels = (drawing.width_of(_label(bar), _SIZE, bold=True) for bar in schedule.bars)
    return _MARGIN + max(labels, default=0)


def _axis(schedule: Schedule, height: int) -> Iterator[Element]:
    step = next((item for item in _TICKS if schedule.makespan / item <= _MAX_TICKS), _TICKS[-1])
    for instant in range(0, int(schedule.makespan) + 1, step):
        x = _x(schedule, instant)
        bottom = height - _BOTTOM + 4
        yield drawing.element("line", x1=x, x2=x, y1=_TOP - 6, y2=bottom, stroke=_GRID)
        shown = f"{instant // 60}:{instant % 60:02}"
        yield drawing.text(x, _TOP - 10, shown, size=_SIZE, anchor="middle")


def _bar(schedule: Schedule, bar: Bar, row: int, *, critical: bool) -> Iterator[Element]:
    x, y = _x(schedule, bar.start), _TOP + _ROW * row
    width = max(_x(schedule, bar.end) - x, 1.5)
    package, namespace = bar.type.split(":")[:2]
    colour = _COLOURS.get(namespace if package == "azure-native" else package, _OTHER)
    fill = _CRITICAL if critical else colour
    label, end = _label(bar), _left(schedule) - 8
    yield drawing.text(end, y + 10, label, size=_SIZE, bold=critical, anchor="end")
    tooltip = f"{label}: {bar.start:.0f} to {bar.end:.0f} s, {bar.outcome}"
    yield drawing.rectangle(x, y + 2, width, _ROW - 5, fill=fill, radius=2, tooltip=tooltip)
    yield drawing.text(x + width + 4, y + 10, f"{bar.seconds:.0f} s", size=10, colour=FAINT)
    if bar.paused:
        share = width * bar.paused / bar.seconds
        yield drawing.rectangle(x, y + 5, share, _ROW - 11, fill=PAPER)


def _connector(
    schedule: Schedule, before: Bar, upper: int, bar: Bar, lower: int, *, critical: bool
) -> Element:
    x1, x2 = _x(schedule, before.end), _x(schedule, bar.start)
    y1, y2 = _TOP + _ROW * upper + _ROW / 2, _TOP + _ROW * lower + _ROW / 2
    colour, width = (_CRITICAL, 1.6) if critical else (_CONNECTOR, 0.7)
    return drawing.path("M", x1, y1, "V", y2, "H", x2, stroke=colour, width=width)


def _legend(height: int) -> Iterator[Element]:
    entries = [
        ("network", "network"),
        ("containerservice", "AKS"),
        ("authorization", "identity and roles"),
        ("dns", "DNS"),
        ("keyvault", "Key Vault"),
        ("kubernetes", "Kubernetes"),
    ]
    shown = [(_COLOURS[key], label) for key, label in entries]
    shown += [(_OTHER, "other"), (_CRITICAL, "critical chain")]
    x, y = 12.0, height - 14
    for colour, label in shown:
        yield drawing.rectangle(x, y - 9, 12, 10, fill=colour, radius=2)
        yield drawing.text(x + 17, y, label, size=_SIZE)
        x += 40 + drawing.width_of(label, _SIZE)
