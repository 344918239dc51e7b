"""Reading answers, whose shape is documented but not guaranteed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeGuard


def is_object(value: Any) -> TypeGuard[Mapping[str, Any]]:
    """Whether the value is an object, in the JSON sense."""
    return isinstance(value, Mapping)


def is_list(value: Any) -> TypeGuard[list[Any]]:
    """Whether the value is a list, in the JSON sense."""
    return isinstance(value, list)


def at(value: Any, *path: str) -> Any:
    """What stands at `path` below the value, or None where something on the way is missing."""
    for key in path:
        if not is_object(value):
            return None
        value = value.get(key)
    return value


def text(value: Any, *path: str) -> str:
    """The text at `path`, empty where there is none."""
    found = at(value, *path)
    return "" if found is None else str(found)


def items(value: Any, *path: str) -> list[Any]:
    """The list at `path`, or an empty one."""
    found = at(value, *path)
    return found if is_list(found) else []
