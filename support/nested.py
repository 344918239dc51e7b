"""Reads nested JSON-like values whose shape is not guaranteed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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


def values_at(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """The values at a dotted path, each with its own path.

    `[]` after a name stands for all items of a list: `pools[].name` yields `pools[0].name` and so
    on. Absent values are left out.
    """
    name, _, rest = path.partition(".")
    key = name.removesuffix("[]")
    inner = at(value, key)
    found = [(key, inner)]
    if name.endswith("[]"):
        found = [(f"{key}[{index}]", item) for index, item in enumerate(items(value, key))]
    for where, item in found:
        if rest:
            yield from ((f"{where}.{tail}", deep) for tail, deep in values_at(item, rest))
        elif item is not None:
            yield where, item


def values_of(value: Any, name: str) -> Iterator[Any]:
    """All values under a key, at any depth of a nested value."""
    if is_mapping(value):
        for key, item in value.items():
            if key == name:
                yield item
            yield from values_of(item, name)
    elif is_list(value):
        for item in value:
            yield from values_of(item, name)
