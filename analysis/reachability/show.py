"""The matrix as text for the terminal, at most 100 columns wide."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from analysis.reachability.matrix import Matrix
from analysis.reachability.table import NOTES, NOTHING, Table, table

_WIDTH, _MIN_COLUMN = 100, 5
WELL_KNOWN = {22: "SSH", 53: "DNS", 80: "HTTP", 443: "HTTPS", 3389: "RDP"}


def render(matrix: Matrix) -> str:
    """The matrix with its legend, in blocks of as many columns as fit."""
    shown = table(matrix)
    names = [f"{number:>2} {line.name}" for number, line in enumerate(shown.lines, 1)]
    widths = {
        column: max(_MIN_COLUMN, *(len(shown.code(row, column)) + 1 for row in shown.rows))
        for column in shown.columns
    }
    blocks = list(_blocks(widths, _WIDTH - max(map(len, names))))
    lines: list[str] = []
    for block in blocks:
        lines += [*_block(shown, names, block, whole=len(blocks) == 1), ""]
    silent = [names[n].strip() for n, line in enumerate(shown.lines) if not line.first.sends]
    if silent:
        lines.insert(-1, "Columns only: " + ", ".join(silent))
    if len(blocks) > 1:
        lines.insert(-1, "Rows without traffic are left out.")
    return "\n".join([*lines, *_legend(shown), "", *NOTES])


def _blocks(widths: dict[int, int], room: int) -> Iterator[dict[int, int]]:
    """Columns with their widths, in blocks that fit."""
    block: dict[int, int] = {}
    for column, width in widths.items():
        if block and sum(block.values()) + width > room:
            yield block
            block = {}
        block[column] = width
    yield block


def _block(
    shown: Table, names: Sequence[str], widths: dict[int, int], *, whole: bool
) -> Iterator[str]:
    """Some columns with their numbers. `whole`: the only block, which shows empty rows too."""
    margin = max(map(len, names))
    yield " " * margin + "".join(f"{n + 1:>{width}}" for n, width in widths.items())
    for row in shown.rows:
        codes = {column: shown.code(row, column) for column in widths}
        if whole or set(codes.values()) - {"", NOTHING}:
            cells = "".join(f"{codes[column]:>{width}}" for column, width in widths.items())
            yield f"{names[row]:<{margin}}{cells}"


def _legend(shown: Table) -> list[str]:
    ports = ", ".join(f"{port} {name}" for port, name in WELL_KNOWN.items())
    rows = [
        (NOTHING, "no traffic"),
        *shown.legend,
        ("port", f"tcp; {ports}; all: every port and protocol"),
        *shown.groups,
    ]
    return [
        piece
        for code, meaning in rows
        for piece in textwrap.wrap(
            f"  {code:>4}  {meaning}", _WIDTH, subsequent_indent=" " * 8, break_on_hyphens=False
        )
    ]
