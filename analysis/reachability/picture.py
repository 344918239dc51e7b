"""The matrix as an SVG picture, with a row for each source and a column for each destination."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element

from analysis.reachability.endpoints import Kind
from analysis.reachability.matrix import Matrix
from analysis.reachability.table import NOTES, NOTHING, Table, table
from support import svg
from support.svg import FAINT, SURFACE, WHITE, Colour, width_of, wrap

_CELL, _ROW, _MARGIN = 58, 30, 24
_SIZE, _SLOPE, _HEAD_GAP = 13, 0.72, 10
_TITLE, _LEGEND_ROW, _GROUP_GAP = 64, 22, 8
_MIN_WIDTH = 860
_INDENT = 54

_STYLES = {
    "nothing": (SURFACE, FAINT, "no traffic"),
    "all": (Colour("#334155", "#b1bac4"), Colour("#ffffff", "#0d1117"), "all or most ports"),
    "operators": (Colour("#b35900", "#bd561d"), WHITE, "SSH and RDP"),
    "ports": (Colour("#9ec5fe", "#173a6b"), Colour("#052c65", "#cae0ff"), "single ports"),
    "inspected": (Colour("#1a7f37", "#238636"), WHITE, "through a web application firewall"),
    "proxied": (
        Colour("#a6e3b8", "#0f3d20"),
        Colour("#0b3d1a", "#aff5b4"),
        "through a proxy without a web application firewall",
    ),
}
"""Styles of cells: fill, text colour and legend."""

_OUTSIDE = {Kind.INTERNET, Kind.AZURE, Kind.PROBES, Kind.ON_PREMISES, Kind.HUB}
_MANAGEMENT = {Kind.BASTION, Kind.MACHINE}


def render_svg(matrix: Matrix, title: str) -> str:
    """The matrix as a document; `title` is drawn above it."""
    shown = table(matrix)
    columns, rows = shown.columns, shown.rows
    longest = max(width_of(line.name, _SIZE) for line in shown.lines)
    left = _MARGIN + longest + 20
    top = _TITLE + longest * _SLOPE + 2 * _HEAD_GAP
    across = _positions(shown, columns, left, _CELL)
    down = _positions(shown, rows, top, _ROW)
    right = max(across.values()) + _CELL
    width = max(right + longest * _SLOPE, _MIN_WIDTH) + _MARGIN
    bottom = max(down.values()) + _ROW + 34
    legend, height = _legend(shown, bottom, width, (*matrix.skipped, *NOTES))
    heading = svg.text(_MARGIN, 34, title, size=18, bold=True)
    labels = [
        *(_column_label(shown.lines[n].name, across[n], top) for n in columns),
        *(_row_label(shown.lines[n].name, left, down[n]) for n in rows),
    ]
    cells = (
        cell
        for row in rows
        for column in columns
        for cell in _cell(shown, row, column, across[column], down[row])
    )
    return svg.document(title, round(width), round(height), [heading, *labels, *cells, *legend])


def _positions(shown: Table, numbers: list[int], start: float, step: int) -> dict[int, float]:
    """Positions of rows or columns, with gaps between outside, management and cluster."""
    found: dict[int, float] = {}
    position, before = start, None
    for number in numbers:
        section = _section(shown.lines[number].first.kind)
        if before not in {None, section}:
            position += _GROUP_GAP
        found[number] = position
        position, before = position + step, section
    return found


def _section(kind: Kind) -> str:
    if kind in _OUTSIDE:
        return "outside"
    return "management" if kind in _MANAGEMENT else "pods" if kind.in_pods else "cluster"


def _column_label(name: str, x: float, y: float) -> Element:
    return svg.text(x + _CELL / 2 + 4, y - _HEAD_GAP, name, size=_SIZE, rotate=-45)


def _row_label(name: str, x: float, y: float) -> Element:
    return svg.text(x - 10, y + _ROW / 2 + 4, name, size=_SIZE, anchor="end")


def _cell(shown: Table, row: int, column: int, x: float, y: float) -> Iterator[Element]:
    texts = shown.cells.get((row, column))
    if texts is None:
        return
    fill, ink, _ = _STYLES[_style(texts)]
    code = shown.codes[texts]
    parts = [svg.rectangle(x + 1, y + 1, _CELL - 2, _ROW - 2, fill=fill, radius=3)]
    if code != NOTHING:
        middle, line = x + _CELL / 2, y + _ROW / 2 + 4
        parts.append(svg.text(middle, line, code, size=_SIZE, colour=ink, anchor="middle"))
    pair = f"{shown.lines[row].name} → {shown.lines[column].name}"
    yield svg.group(f"{pair}: {'; '.join(texts) or 'nothing'}", *parts)


def _style(texts: tuple[str, ...]) -> str:
    if not texts:
        return "nothing"
    direct = [text for text in texts if " through " not in text]
    if not direct:
        return "inspected" if all(" with WAF" in text for text in texts) else "proxied"
    if direct[0] == "all" or direct[0].startswith("all but"):
        return "all"
    return "operators" if "22, 3389" in direct[0] else "ports"


def _legend(
    shown: Table, top: float, width: float, notes: Sequence[str]
) -> tuple[list[Element], float]:
    """Colours first, then the codes that need an explanation; also returns the bottom edge."""
    used = {_style(texts) for texts in shown.cells.values()}
    parts: list[Element] = []
    y = top
    for style, (fill, _, meaning) in _STYLES.items():
        if style in used:
            parts.append(svg.rectangle(_MARGIN, y - 12, 24, 15, fill=fill, radius=3))
            parts.append(svg.text(_MARGIN + _INDENT, y, meaning, size=_SIZE))
            y += _LEGEND_ROW
    y += _GROUP_GAP
    room = width - 2 * _MARGIN
    for code, meaning in (*shown.legend, *_members(shown)):
        parts.append(svg.text(_MARGIN, y, code, size=_SIZE, bold=True))
        for line in wrap(meaning, room - _INDENT, _SIZE):
            parts.append(svg.text(_MARGIN + _INDENT, y, line, size=_SIZE))
            y += _LEGEND_ROW
    y += _GROUP_GAP
    for note in notes:
        for line in wrap(note, room, _SIZE):
            parts.append(svg.text(_MARGIN, y, line, size=_SIZE, colour=FAINT))
            y += _LEGEND_ROW
    return parts, y + _MARGIN - _LEGEND_ROW / 2


def _members(shown: Table) -> list[tuple[str, str]]:
    """The endpoints of lines whose names do not list them all."""
    return [("…", f"{line.name}: {line.members}") for line in shown.lines if line.members]
