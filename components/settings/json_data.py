"""A configuration's raw data as JSON data, from a stack file or from Pulumi."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, cast

from components.problems import Problem
from components.settings import explain

DEEPEST = 32
"""Levels of objects and lists; the settings need eight."""

_Found = list[tuple[explain.Keys, str, str]]


def parse_json(value: Any) -> Any:
    """Pulumi passes objects as JSON text; other text stays unchanged."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value


def to_json_data(value: Any, prefix: str, problems: list[Problem]) -> Any:
    """The value as JSON data. Dates and other types that only YAML has become text.

    Values that can't be settings are reported and left out.
    """
    data, found = _to_json_data(value, ())
    problems.extend(
        Problem(explain.path(prefix, keys), "", rule, remedy) for keys, rule, remedy in found
    )
    return data


def _to_json_data(value: Any, keys: explain.Keys) -> tuple[Any, _Found]:
    if len(keys) > DEEPEST:
        rule = f"must not contain anything more than {DEEPEST} levels deep"
        return None, [(keys[:2], rule, "remove it: no setting is nested so deep")]
    if isinstance(value, set | frozenset):
        value = dict.fromkeys(cast("set[Any]", value))
    if isinstance(value, Mapping | list | tuple):
        return _children(value, keys)
    if isinstance(value, str) and not _encodable(value):
        rule = "must not contain a lone surrogate: no encoding can represent it"
        return None, [(keys, rule, "use the whole character")]
    is_json = isinstance(value, str | bool | int | None)
    is_json = is_json or (isinstance(value, float) and math.isfinite(value))
    return (value if is_json else str(value)), []


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _children(value: Any, keys: explain.Keys) -> tuple[Any, _Found]:
    found: _Found = []

    def child(key: int | str, item: Any) -> Any:
        data, more = _to_json_data(item, (*keys, key))
        found.extend(more)
        return data

    if isinstance(value, Mapping):
        entries = cast("Mapping[Any, Any]", value)
        return {str(key): child(str(key), item) for key, item in entries.items()}, found
    return [child(position, item) for position, item in enumerate(value)], found
