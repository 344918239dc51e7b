"""Aligned tables for a terminal of 80 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """A column: its title, its width in characters, and whether it holds figures."""

    title: str
    width: int
    right: bool = False


def table(columns: Sequence[Column], rows: Iterable[Sequence[str]], *, ruled: bool = False) -> str:
    """The rows under their titles; a cell longer than its column continues on the next line.

    `ruled` separates rows by an empty line, for tables whose cells often continue.
    """
    titles = [column.title for column in columns]
    rule = "  ".join("─" * column.width for column in columns)
    lines = [*_lines(columns, titles), rule]
    for number, row in enumerate(rows):
        if ruled and number:
            lines.append("")
        lines.extend(_lines(columns, row))
    return "\n".join(lines)


def _lines(columns: Sequence[Column], cells: Sequence[str]) -> list[str]:
    wrapped = [
        textwrap.wrap(cell, column.width, break_on_hyphens=True) or [""]
        for column, cell in zip(columns, cells, strict=True)
    ]
    height = max(map(len, wrapped))
    lines: list[str] = []
    for index in range(height):
        parts: list[str] = []
        for column, cell in zip(columns, wrapped, strict=True):
            part = cell[index] if index < len(cell) else ""
            parts.append(part.rjust(column.width) if column.right else part.ljust(column.width))
        lines.append("  ".join(parts).rstrip())
    return lines


def count(number: int) -> str:
    """A figure with its thousands apart: `1,581`."""
    return f"{number:,}"
