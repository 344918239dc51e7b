"""The matrix as a picture: an SVG with a row for who speaks and a column for who listens."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from html import escape

from analysis.reachability.endpoints import Kind
from analysis.reachability.matrix import Matrix
from analysis.reachability.table import NOTES, NOTHING, Table, table

_CELL, _ROW, _MARGIN = 58, 30, 24
_CHARACTER, _SLOPE, _HEAD_GAP = 7.2, 0.72, 10
_TITLE, _LEGEND_ROW, _GROUP_GAP = 64, 22, 8
_LEAST_WIDTH = 860
_INDENT = 54
_INK, _FAINT, _LINE, _PAPER = "#1f2328", "#656d76", "#d8dee4", "#ffffff"

_KINDS = {
    "nothing": ("#f6f8fa", "#b0b8c1", "nothing passes"),
    "all": ("#334155", "#ffffff", "every port, or all but a few"),
    "operators": ("#b35900", "#ffffff", "SSH, RDP"),
    "ports": ("#9ec5fe", "#052c65", "single ports"),
    "inspected": ("#1a7f37", "#ffffff", "through the web application firewall"),
    "relayed": ("#a6e3b8", "#0b3d1a", "through a proxy, without a web application firewall"),
}
"""What a cell may be: its colour, its text's, and what the legend says."""

_OUTSIDE = {Kind.INTERNET, Kind.AZURE, Kind.PROBES, Kind.ON_PREMISES}
_MANAGEMENT = {Kind.BASTION, Kind.MACHINE}


def render_svg(matrix: Matrix, title: str) -> str:
    """Draw the matrix; `title` stands above it."""
    shown = table(matrix)
    columns, rows = shown.columns, shown.rows
    longest = max(len(line.name) for line in shown.lines) * _CHARACTER
    left = _MARGIN + longest + 20
    top = _TITLE + longest * _SLOPE + 2 * _HEAD_GAP
    across = _positions(shown, columns, left, _CELL)
    down = _positions(shown, rows, top, _ROW)
    right = max(across.values()) + _CELL
    parts = [
        _text(_MARGIN, 34, title, size=18, weight=600),
        *(_column(shown.lines[n].name, across[n], top) for n in columns),
        *(
            _text(left - 10, down[n] + _ROW / 2 + 4, shown.lines[n].name, anchor="end")
            for n in rows
        ),
        *(
            _cell(shown, row, column, across[column], down[row])
            for row in rows
            for column in columns
        ),
    ]
    bottom = max(down.values()) + _ROW + 34
    width = max(right + longest * _SLOPE, _LEAST_WIDTH) + _MARGIN
    legend, height = _legend(shown, bottom, width, (*matrix.left_out, *NOTES))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" font-family="system-ui, sans-serif">'
        f'<rect width="100%" height="100%" fill="{_PAPER}"/>'
        f"{''.join([*parts, *legend])}</svg>\n"
    )


def _positions(shown: Table, numbers: list[int], start: float, step: int) -> dict[int, float]:
    """Where rows or columns begin, with a gap between outside, management and cluster."""
    found: dict[int, float] = {}
    position, before = start, None
    for number in numbers:
        room = _room(shown.lines[number].first.kind)
        if before not in {None, room}:
            position += _GROUP_GAP
        found[number] = position
        position, before = position + step, room
    return found


def _room(kind: Kind) -> str:
    if kind in _OUTSIDE:
        return "outside"
    return "management" if kind in _MANAGEMENT else "pods" if kind.in_pods else "cluster"


def _column(name: str, x: float, y: float) -> str:
    middle, base = x + _CELL / 2 + 4, y - _HEAD_GAP
    turn = f' transform="rotate(-45 {middle:.1f} {base:.1f})"'
    return _text(middle, base, name, more=turn)


def _cell(shown: Table, row: int, column: int, x: float, y: float) -> str:
    texts = shown.cells.get((row, column))
    if texts is None:
        return ""
    fill, ink, _ = _KINDS[_kind(texts)]
    said = "; ".join(texts) or "nothing"
    hint = f"{shown.lines[row].name} → {shown.lines[column].name}: {said}"
    code = shown.codes[texts]
    label = "" if code == NOTHING else _text(
        x + _CELL / 2, y + _ROW / 2 + 4, code, colour=ink, anchor="middle"
    )  # fmt: skip
    return (
        f'<g><title>{escape(hint)}</title><rect x="{x + 1:.1f}" y="{y + 1:.1f}" '
        f'width="{_CELL - 2}" height="{_ROW - 2}" rx="3" fill="{fill}"/>{label}</g>'
    )


def _kind(texts: tuple[str, ...]) -> str:
    if not texts:
        return "nothing"
    plain = [text for text in texts if " through " not in text]
    if not plain:
        return "inspected" if all(" with WAF" in text for text in texts) else "relayed"
    if plain[0] == "all" or plain[0].startswith("all but"):
        return "all"
    return "operators" if "22, 3389" in plain[0] else "ports"


def _legend(
    shown: Table, top: float, width: float, notes: Sequence[str]
) -> tuple[list[str], float]:
    """Colours first, then the codes that need words; returns the height that it ends at."""
    used = {_kind(texts) for texts in shown.cells.values()}
    parts: list[str] = []
    y = top
    for kind, (fill, _, meaning) in _KINDS.items():
        if kind in used:
            place = f'x="{_MARGIN}" y="{y - 12:.1f}" width="24" height="15"'
            parts.append(f'<rect {place} rx="3" fill="{fill}"/>')
            parts.append(_text(_MARGIN + _INDENT, y, meaning))
            y += _LEGEND_ROW
    y += _GROUP_GAP
    room = int((width - 2 * _MARGIN - _INDENT) / _CHARACTER)
    for code, meaning in (*shown.legend, *_groups(shown)):
        parts.append(_text(_MARGIN, y, code, weight=600))
        for piece in textwrap.wrap(meaning, room, break_on_hyphens=False):
            parts.append(_text(_MARGIN + _INDENT, y, piece))
            y += _LEGEND_ROW
    y += _GROUP_GAP
    for note in notes:
        for piece in textwrap.wrap(note, room):
            parts.append(_text(_MARGIN, y, piece, colour=_FAINT))
            y += _LEGEND_ROW
    return parts, y + _MARGIN - _LEGEND_ROW / 2


def _groups(shown: Table) -> list[tuple[str, str]]:
    """Whom a line stands for whose name does not say it; lines have no numbers here."""
    return [("…", f"{line.name}: {line.members}") for line in shown.lines if line.members]


def _text(
    x: float,
    y: float,
    text: str,
    *,
    size: int = 13,
    weight: int = 400,
    colour: str = _INK,
    anchor: str = "start",
    more: str = "",
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" font-weight="{weight}" '
        f'fill="{colour}" text-anchor="{anchor}"{more}>{escape(text)}</text>'
    )
