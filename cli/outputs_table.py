"""Tables for the terminal: a stack's outputs and its address plan."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

ADDRESS_PLAN = "addressPlan"
PAGE = "readme"
"""The stack's page for Pulumi Cloud; `make readme` shows it."""
COLUMNS = ("vnet", "subnet", "prefix", "usable", "required", "headroom")


def render(outputs: Mapping[str, Any]) -> str:
    """The outputs, one value a line, and below them the address plan as a table."""
    rows = [
        row
        for name in sorted(outputs)
        if name not in {ADDRESS_PLAN, PAGE}
        for row in _rows(name, outputs[name])
    ]
    lines = ["Outputs", *_aligned(rows)]
    if plan := outputs.get(ADDRESS_PLAN):
        cells = [[_text(row.get(column, "")) for column in COLUMNS] for row in plan]
        lines += ["", "Address plan", *_aligned([COLUMNS, *cells])]
    return "\n".join(lines)


def _rows(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping) and value:
        for key, entry in cast("Mapping[str, Any]", value).items():
            yield from _rows(f"{name}.{key}", entry)
    elif isinstance(value, list) and value:
        for index, entry in enumerate(cast("list[Any]", value)):
            yield from _rows(f"{name}[{index}]", entry)
    else:
        yield name, _text(value)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows as lines with aligned columns; figures below their title are aligned to the right."""
    columns = list(zip(*rows, strict=True))
    widths = [max(map(len, column)) for column in columns]
    figures = [len(column) > 1 and all(map(str.isdigit, column[1:])) for column in columns]
    return [
        "  "
        + "  ".join(
            cell.rjust(width) if figure else cell.ljust(width)
            for cell, width, figure in zip(row, widths, figures, strict=True)
        ).rstrip()
        for row in rows
    ]
