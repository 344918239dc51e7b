"""Marks as secret, in a stack's state, what the program gives as a secret. Pure.

An import writes what the provider reads, and a provider that reads a secret does not say that it is
one: without a mark it would stand in the state in the clear.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from copy import deepcopy
from typing import Any

from support.nested import is_list, is_mapping
from support.secrets import SECRET, SIGNATURE, is_secret

SHOWN = "[secret]"
"""What a preview shows in the place of a secret."""

Path = tuple[str | int, ...]


def secret_paths(inputs: Any, at: Path = ()) -> Iterator[Path]:
    """Where a resource's inputs hold secrets, in a state or in a preview."""
    if is_secret(inputs) or inputs == SHOWN:
        yield at
    elif is_mapping(inputs):
        for key, item in inputs.items():
            yield from secret_paths(item, (*at, key))
    elif is_list(inputs):
        for index, item in enumerate(inputs):
            yield from secret_paths(item, (*at, index))


def sealed(
    exported: Mapping[str, Any], secrets: Mapping[str, Collection[Path]]
) -> dict[str, Any] | None:
    """The exported state with the values at these paths marked, by URN; None if all of them are.

    A marked value is in the clear here; `pulumi stack import` encrypts it.
    """
    result = deepcopy(dict(exported))
    changed = False
    for resource in result["deployment"].get("resources") or ():
        for path in secrets.get(resource["urn"], ()):
            for side in ("inputs", "outputs"):
                changed |= _seal(resource.get(side), path)
    return result if changed else None


def _seal(value: Any, path: Path) -> bool:
    """Mark what stands at the path; False if nothing does, or if it is marked or within a mark."""
    *way, last = path
    for step in way:
        value = _step(value, step)
    found = _step(value, last)
    if found is None or is_secret(found):
        return False
    value[last] = {SIGNATURE: SECRET, "plaintext": json.dumps(found)}
    return True


def _step(value: Any, step: str | int) -> Any:
    if is_secret(value):
        return None
    if is_mapping(value):
        return value.get(str(step))
    if is_list(value) and isinstance(step, int) and step < len(value):
        return value[step]
    return None
