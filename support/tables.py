"""Tables and paragraphs for the terminal, by the library rich.

The program does not import this module: only the commands install rich.
"""

from __future__ import annotations

import io
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from rich.box import Box
from rich.console import Console, RenderableType
from rich.table import Table

MIN_WIDTH, MAX_WIDTH = 60, 120
"""Narrower lines are hard to read in columns, and wider ones in paragraphs."""
UNLIMITED = 10_000
"""A width that no line reaches, for values that users copy whole."""

_RULE_BELOW_TITLES = Box("    \n    \n ─  \n    \n    \n    \n    \n    \n")


@dataclass(frozen=True)
class Terminal:
    """What the output can show."""

    width: int = 80
    """Characters in a line."""
    colours: bool = False


PLAIN = Terminal()


def terminal() -> Terminal:
    """The terminal of standard output; without colours in a pipe and with NO_COLOR set."""
    console = Console()
    width = min(max(console.width, MIN_WIDTH), MAX_WIDTH)
    return Terminal(width, colours=console.is_terminal and not console.no_color)


@dataclass(frozen=True)
class Column:
    """A column of a table."""

    title: str
    right: bool = False
    """Whether it holds figures, which are aligned to the right."""
    whole: bool = False
    """Whether its cells stay on one line, such as names and prefixes. Other cells wrap."""


def table(
    columns: Sequence[Column],
    rows: Iterable[Sequence[str]],
    where: Terminal = PLAIN,
    *,
    spaced: bool = False,
) -> str:
    """The rows below their titles. `spaced` puts an empty line between the rows.

    Words and whole cells are never broken: where they need more, the table is wider than the
    terminal.
    """
    cells = [list(row) for row in rows]
    result = Table(
        box=_RULE_BELOW_TITLES,
        show_edge=False,
        pad_edge=False,
        padding=(0, 1, 0, 0),
        show_lines=spaced,
        header_style="bold",
    )
    needed = 0
    for index, column in enumerate(columns):
        whole = column.whole or column.right
        texts = [row[index] for row in cells]
        pieces = [*column.title.split(), *(texts if whole else " ".join(texts).split())]
        least = max(map(len, pieces), default=0)
        needed += least + len("  ")
        result.add_column(
            column.title,
            justify="right" if column.right else "left",
            no_wrap=whole,
            min_width=least,
        )
    for row in cells:
        result.add_row(*row)
    # rich drops columns that have no room.
    return render(result, replace(where, width=max(where.width, needed)))


def grid(rows: Iterable[Sequence[str]], *, figures: bool = False) -> str:
    """Rows in aligned columns, without titles. No cell wraps.

    With `figures`, columns that hold only digits below their first cell are aligned to the right.
    """
    cells = [list(row) for row in rows]
    result = Table.grid(padding=(0, 2, 0, 0))
    for column in zip(*cells, strict=True):
        digits = figures and len(column) > 1 and all(map(str.isdigit, column[1:]))
        result.add_column(justify="right" if digits else "left", no_wrap=True)
    for row in cells:
        result.add_row(*row)
    return render(result, Terminal(UNLIMITED))


def paragraph(text: str, where: Terminal = PLAIN, *, indent: str = "", hanging: str = "") -> str:
    """The text in lines of the width; `indent` begins the first line and `hanging` the others.

    Words are never broken, so that users can copy a path.
    """
    return textwrap.fill(
        text,
        where.width,
        initial_indent=indent,
        subsequent_indent=hanging,
        break_on_hyphens=False,
        break_long_words=False,
    )


def render(what: RenderableType, where: Terminal = PLAIN) -> str:
    """The text that rich draws for `what`."""
    file = io.StringIO()
    console = Console(
        file=file,
        width=where.width,
        force_terminal=where.colours,
        color_system="standard" if where.colours else None,
        no_color=not where.colours,
        markup=False,
        emoji=False,
        highlight=False,
    )
    console.print(what, crop=False)
    return "\n".join(line.rstrip() for line in file.getvalue().splitlines())
