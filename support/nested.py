"""Reads nested JSON-like values whose shape is not guaranteed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeGuard


def is_mapping(value: Any) -> TypeGuard[Mapping[str, Any]]:
    """Whether the value is an object, in the JSON sense."""
    return isinstance(value, Mapping)


def is_list(value: Any) -> TypeGuard[list[Any]]:
    """Whether the value is a list, in the JSON sense."""
    return isinstance(value, list)


def at(value: Any, *path: str) -> Any:
    """The value at `path`, or None where a step of the path is missing."""
    for key in path:
        if not is_mapping(value):
            return None
        value = value.get(key)
    return value


def text(value: Any, *path: str) -> str:
    """The text at `path`, or an empty string where there is none."""
    nested = at(value, *path)
    return "" if nested is None else str(nested)


def mapping(value: Any, *path: str) -> Mapping[str, Any]:
    """The object at `path`, or an empty one."""
    nested = at(value, *path)
    return nested if is_mapping(nested) else {}


def items(value: Any, *path: str) -> list[Any]:
    """The list at `path`, or an empty one."""
    nested = at(value, *path)
    return nested if is_list(nested) else []
