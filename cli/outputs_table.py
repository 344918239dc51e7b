"""A stack's outputs and its address plan, as text for the terminal."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from support.nested import is_list, is_mapping
from support.tables import grid

ADDRESS_PLAN = "addressPlan"
PAGE = "readme"
"""The stack's page for Pulumi Cloud; `make readme` shows it."""
HIDDEN = frozenset({ADDRESS_PLAN, PAGE, "protectedBaseline"})
"""Outputs that are not among the values. `protectedBaseline` is for the next run of a protected
stack."""
COLUMNS = ("vnet", "subnet", "prefix", "usable", "required", "headroom")


def render(outputs: Mapping[str, Any]) -> str:
    """The outputs, one value a line, and below them the address plan.

    Lines are as long as their values, so that ids can be copied whole.
    """
    rows = [
        row for name in sorted(outputs) if name not in HIDDEN for row in _rows(name, outputs[name])
    ]
    lines = ["Outputs", *_indented(grid(rows))]
    if plan := outputs.get(ADDRESS_PLAN):
        cells = [[_text(row.get(column, "")) for column in COLUMNS] for row in plan]
        lines += ["", "Address plan", *_indented(grid([COLUMNS, *cells], figures=True))]
    return "\n".join(lines)


def _rows(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if is_mapping(value) and value:
        for key, item in value.items():
            yield from _rows(f"{name}.{key}", item)
    elif is_list(value) and value:
        for index, item in enumerate(value):
            yield from _rows(f"{name}[{index}]", item)
    else:
        yield name, _text(value)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _indented(text: str) -> list[str]:
    return [f"  {line}" for line in text.splitlines()]
