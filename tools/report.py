"""Tables for the terminal: a stack's outputs and its address plan."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

ADDRESS_PLAN = "addressPlan"
NUMBERS = ("usable", "required", "headroom")


def render(outputs: Mapping[str, Any]) -> str:
    """The outputs, one a line, and below them the address plan."""
    lines = ["Outputs"]
    rows = [(name, _text(value)) for name, value in sorted(outputs.items()) if name != ADDRESS_PLAN]
    lines += _aligned(rows)
    plan = outputs.get(ADDRESS_PLAN)
    if plan:
        header = [str(column) for column in _columns(plan)]
        lines += ["", "Address plan"]
        lines += _aligned(
            [header, *([_text(row.get(column, "")) for column in header] for row in plan)]
        )
    return "\n".join(lines)


def _columns(plan: Sequence[Mapping[str, Any]]) -> list[str]:
    """The plan's own columns, words before numbers."""
    names = list(dict.fromkeys(name for row in plan for name in row))
    order = ["vnet", "subnet", "prefix", *NUMBERS]
    return sorted(names, key=lambda name: order.index(name) if name in order else len(order))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows as lines with aligned columns; a column of numbers is aligned to the right."""
    widths = (
        [max(len(row[column]) for row in rows) for column in range(len(rows[0]))] if rows else []
    )
    numeric = [
        len(rows) > 1 and all(row[column].isdigit() for row in rows[1:])
        for column in range(len(widths))
    ]
    return [
        "  "
        + "  ".join(
            cell.rjust(width) if number else cell.ljust(width)
            for cell, width, number in zip(row, widths, numeric, strict=True)
        ).rstrip()
        for row in rows
    ]
