"""Marks as secret, in a stack's state, what the program passes as a secret. Pure.

An import writes what the provider reads, and the provider does not say which values are secrets.
Without a mark Pulumi stores them in plain text.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from copy import deepcopy
from typing import Any

from support.nested import is_list, is_mapping
from support.secrets import SECRET, SIGNATURE, is_secret

MASKED = "[secret]"
"""What a preview shows in place of a secret."""

Path = tuple[str | int, ...]


def secret_paths(inputs: Any, path: Path = ()) -> Iterator[Path]:
    """Where a resource's inputs hold secrets, in a state or in a preview."""
    if is_secret(inputs) or inputs == MASKED:
        yield path
    elif is_mapping(inputs):
        for key, item in inputs.items():
            yield from secret_paths(item, (*path, key))
    elif is_list(inputs):
        for index, item in enumerate(inputs):
            yield from secret_paths(item, (*path, index))


def mark_secrets(
    exported: Mapping[str, Any], secrets: Mapping[str, Collection[Path]]
) -> dict[str, Any] | None:
    """The exported state with the values at these paths marked, by URN; None if all are marked.

    A value that this marks is in plain text; `pulumi stack import` encrypts it.
    """
    result = deepcopy(dict(exported))
    changed = False
    for resource in result["deployment"].get("resources") or ():
        for path in secrets.get(resource["urn"], ()):
            for side in ("inputs", "outputs"):
                changed |= _mark(resource.get(side), path)
    return result if changed else None


def _mark(value: Any, path: Path) -> bool:
    """Mark the value at the path; False if there is none, or if it is marked or inside a mark."""
    *parents, last = path
    for step in parents:
        value = _child(value, step)
    found = _child(value, last)
    if found is None or is_secret(found):
        return False
    value[last] = {SIGNATURE: SECRET, "plaintext": json.dumps(found)}
    return True


def _child(value: Any, step: str | int) -> Any:
    if is_secret(value):
        return None
    if is_mapping(value):
        return value.get(str(step))
    if is_list(value) and isinstance(step, int) and step < len(value):
        return value[step]
    return None
