"""Draws a `Schedule`: as text for the terminal, and as an SVG picture. Pure."""

from __future__ import annotations

from html import escape

from dev.timeline.schedule import TOLERANCE, Bar, Schedule

_COLUMNS = 60
_ROW, _WIDTH, _TOP, _BOTTOM = 15, 860, 64, 40
_PER_LETTER, _MARGIN = 6, 20
_COLOURS = {
    "network": "#8fb6e0",
    "privatedns": "#a9d0c4",
    "dns": "#a9d0c4",
    "containerservice": "#c9a9dd",
    "authorization": "#f0c987",
    "managedidentity": "#f0c987",
    "keyvault": "#d9c2a3",
    "kubernetes": "#b8c4f2",
}
_OTHER, _CRITICAL, _PAUSE = "#c8ccd2", "#d1495b", "#ffffff"
_TICKS, _MOST_TICKS = (5, 10, 30, 60, 120, 300, 600), 12


def summary(schedule: Schedule) -> list[str]:
    """What the chart shows, in a few lines."""
    chain = " → ".join(
        f"{bar.name} {bar.seconds:g}" for bar in schedule.critical if bar.seconds > TOLERANCE
    )
    held_up = [(bar, schedule.idle(bar)) for bar in schedule.critical]
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
        f"{bar.name} started {seconds:.0f} s after all that it waits for: the engine had too much"
        " under way, or asked late."
        for bar, seconds in held_up
        if seconds > TOLERANCE
    ]
    lines += [
        f"{bar.name} paused {bar.paused:.0f} s between attempts that were refused."
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
    """Rows of bars, the critical chain in full blocks, and the summary."""
    if not schedule.bars:
        return "Nothing was done."
    critical = set(schedule.critical)
    width = max(len(_label(bar)) for bar in schedule.bars)
    scale = _COLUMNS / max(schedule.makespan, TOLERANCE)
    lines: list[str] = []
    for bar in schedule.bars:
        first = min(round(bar.start * scale), _COLUMNS - 1)
        length = max(1, round(bar.end * scale) - first)
        mark = "█" if bar in critical else "░"
        line = f"{_label(bar).ljust(width)}  {' ' * first}{mark * length}".ljust(
            width + 2 + _COLUMNS
        )
        lines.append(f"{line}  {bar.start:4.0f} to {bar.end:4.0f} s")
    return "\n".join([*lines, "", *summary(schedule)])


def _label(bar: Bar) -> str:
    return f"{bar.name}  {bar.kind}"


def svg(schedule: Schedule, title: str, note: str = "") -> str:
    """The same as a picture; a line leads to each bar from what it waited for last.

    `note` is put behind the figures.
    """
    rows = {bar: index for index, bar in enumerate(schedule.bars)}
    critical = set(schedule.critical)
    height = _TOP + _ROW * len(rows) + _BOTTOM
    total = _left(schedule) + _WIDTH + 90
    figures = " ".join([*summary(schedule)[:2], note]).strip()
    body = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{total}" height="{height}"'
            f' viewBox="0 0 {total} {height}" font-family="sans-serif" font-size="11">'
        ),
        f'<rect width="{total}" height="{height}" fill="#ffffff"/>',
        f'<text x="12" y="20" font-size="15" font-weight="bold">{escape(title)}</text>',
        f'<text x="12" y="38" fill="#444">{escape(figures)}</text>',
        *_axis(schedule, height),
    ]
    for bar, row in rows.items():
        before = schedule.last_waited_for(bar)
        if before in rows:
            on_chain = bar in critical and before in critical
            body.append(_connector(schedule, before, rows[before], bar, row, bold=on_chain))
    for bar, row in rows.items():
        body += _bar(schedule, bar, row, critical=bar in critical)
    body += [*_legend(height), "</svg>"]
    return "\n".join(body) + "\n"


def _x(schedule: Schedule, instant: float) -> float:
    return _left(schedule) + _WIDTH * instant / max(schedule.makespan, TOLERANCE)


def _left(schedule: Schedule) -> int:
    """Width of the column of names."""
    return _MARGIN + _PER_LETTER * max((len(_label(bar)) for bar in schedule.bars), default=0)


def _axis(schedule: Schedule, height: int) -> list[str]:
    step = next((item for item in _TICKS if schedule.makespan / item <= _MOST_TICKS), _TICKS[-1])
    lines: list[str] = []
    for instant in range(0, int(schedule.makespan) + 1, step):
        x = _x(schedule, instant)
        lines.append(
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP - 6}" y2="{height - _BOTTOM + 4}"'
            ' stroke="#e4e6ea"/>'
        )
        shown = f"{instant // 60}:{instant % 60:02}"
        lines.append(f'<text x="{x:.1f}" y="{_TOP - 10}" text-anchor="middle">{shown}</text>')
    return lines


def _bar(schedule: Schedule, bar: Bar, row: int, *, critical: bool) -> list[str]:
    x, y = _x(schedule, bar.start), _TOP + _ROW * row
    width = max(_x(schedule, bar.end) - x, 1.5)
    package, namespace = bar.type.split(":")[:2]
    colour = _COLOURS.get(namespace if package == "azure-native" else package, _OTHER)
    fill = _CRITICAL if critical else colour
    weight = ' font-weight="bold"' if critical else ""
    label, seconds = escape(_label(bar)), f"{bar.seconds:.0f} s"
    lines = [
        f'<text x="{_left(schedule) - 8}" y="{y + 10}" text-anchor="end"{weight}>{label}</text>',
        (
            f'<rect x="{x:.1f}" y="{y + 2}" width="{width:.1f}" height="{_ROW - 5}" rx="2"'
            f' fill="{fill}"><title>{label}: {bar.start:.0f} to {bar.end:.0f} s,'
            f" {escape(bar.outcome)}</title></rect>"
        ),
        f'<text x="{x + width + 4:.1f}" y="{y + 10}" fill="#555" font-size="10">{seconds}</text>',
    ]
    if bar.paused:
        share = width * bar.paused / bar.seconds
        lines.append(
            f'<rect x="{x:.1f}" y="{y + 5}" width="{share:.1f}" height="{_ROW - 11}"'
            f' fill="{_PAUSE}"/>'
        )
    return lines


def _connector(
    schedule: Schedule, before: Bar, upper: int, bar: Bar, lower: int, *, bold: bool
) -> str:
    x1, x2 = _x(schedule, before.end), _x(schedule, bar.start)
    y1, y2 = _TOP + _ROW * upper + _ROW / 2, _TOP + _ROW * lower + _ROW / 2
    colour, width = (_CRITICAL, 1.6) if bold else ("#b4bac4", 0.7)
    return (
        f'<path d="M{x1:.1f} {y1:.1f} V{y2:.1f} H{x2:.1f}" fill="none" stroke="{colour}"'
        f' stroke-width="{width}"/>'
    )


def _legend(height: int) -> list[str]:
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
    lines: list[str] = []
    x, y = 12, height - 14
    for colour, label in shown:
        lines.append(f'<rect x="{x}" y="{y - 9}" width="12" height="10" rx="2" fill="{colour}"/>')
        lines.append(f'<text x="{x + 17}" y="{y}">{escape(label)}</text>')
        x += 40 + 7 * len(label)
    return lines
