"""Which properties differ between two sets of inputs, and whether that replaces the resource."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from support.nested import is_list, is_mapping

_INDEX = re.compile(r"\[\d+\]")


def compare(
    old: Mapping[str, Any], new: Mapping[str, Any], path: str = ""
) -> Iterator[tuple[str, str]]:
    """(path, kind) of each difference; the kind is `add`, `delete` or `update`."""
    for key in {**old, **new}:
        here = f"{path}.{key}" if path else str(key)
        if str(key).startswith("__"):
            continue
        if key not in new:
            yield here, "delete"
        elif key not in old:
            yield here, "add"
        else:
            yield from _compare_values(old[key], new[key], here)


def _compare_values(old: Any, new: Any, path: str) -> Iterator[tuple[str, str]]:
    if is_mapping(old) and is_mapping(new):
        yield from compare(old, new, path)
    elif is_list(old) and is_list(new):
        for index in range(max(len(old), len(new))):
            here = f"{path}[{index}]"
            if index >= len(new):
                yield here, "delete"
            elif index >= len(old):
                yield here, "add"
            else:
                yield from _compare_values(old[index], new[index], here)
    elif old != new:
        yield path, "update"


def replaces(path: str, replacing: Collection[str]) -> bool:
    """Whether a change at `path` concerns one of the replacing properties or a part of one.

    Items of a list are written `[]` in `replacing`. Adding or removing an object changes all
    properties in it.
    """
    pattern = _INDEX.sub("[]", path)
    return any(
        pattern == item
        or pattern.startswith((f"{item}.", f"{item}["))
        or item.startswith(f"{pattern}.")
        for item in replacing
    )
