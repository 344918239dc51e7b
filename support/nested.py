"""Reading nested JSON-like values whose shape nobody guarantees."""

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
    """What stands at `path` below the value, or None where something on the way is missing."""
    for key in path:
        if not is_mapping(value):
            return None
        value = value.get(key)
    return value


def mapping(value: Any, *path: str) -> Mapping[str, Any]:
    """The object at `path`, or an empty one."""
    found = at(value, *path)
    return found if is_mapping(found) else {}


def items(value: Any, *path: str) -> list[Any]:
    """The list at `path`, or an empty one."""
    found = at(value, *path)
    return found if is_list(found) else []
