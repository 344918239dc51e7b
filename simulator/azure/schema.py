"""Checks properties against the shapes that `simulator.azure.sdk_types` derives."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from simulator.wire import Unknown
from support.nested import is_list, is_mapping

Schema = Mapping[str, Any]


@dataclass(frozen=True)
class Problem:
    """What is wrong with one property: its `path` in wire names, and the `reason`."""

    path: str
    reason: str


# The provider's own flags, and the API version that it adds to the inputs.
_INTERNAL = re.compile(r"^(__|azureApiVersion$)")
_SIMPLE: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
}


def problems(
    schema: Schema, shape: Mapping[str, Any], values: Mapping[str, Any], path: str = ""
) -> Iterator[Problem]:
    """What in `values` does not match the object `shape` of `schema`; unknowns always match."""
    properties: Mapping[str, Any] = shape["properties"]
    for name in shape.get("required", ()):
        if name not in values:
            yield Problem(_join(path, name), "missing required property")
    for name, value in values.items():
        if _INTERNAL.match(name):
            continue
        if name not in properties:
            yield Problem(_join(path, name), f"unknown property{_suggest(name, properties)}")
        else:
            yield from _problems_of(schema, properties[name], value, _join(path, name))


def _problems_of(schema: Schema, kind: Any, value: Any, path: str) -> Iterator[Problem]:
    if isinstance(value, Unknown) or value is None or kind == "any":
        return
    if isinstance(kind, str):
        if not isinstance(value, _SIMPLE[kind]) or (isinstance(value, bool) and kind != "boolean"):
            yield Problem(path, f"expected a value of type {kind}, got {_describe(value)}")
        return
    ((form, inner),) = kind.items()
    yield from _FORMS[form](schema, inner, value, path)


def _not_in_enum(schema: Schema, allowed: Any, value: Any, path: str) -> Iterator[Problem]:
    del schema
    # Resource providers compare enum values without case.
    known = {str(item).lower() for item in allowed}
    if is_mapping(value) or is_list(value) or str(value).lower() not in known:
        yield Problem(path, f"{value!r} is not one of: {', '.join(map(str, allowed))}")


def _in_items(schema: Schema, inner: Any, value: Any, path: str) -> Iterator[Problem]:
    if not is_list(value):
        yield Problem(path, f"expected a list, got {_describe(value)}")
        return
    for index, item in enumerate(value):
        yield from _problems_of(schema, inner, item, f"{path}[{index}]")


def _in_values(schema: Schema, inner: Any, value: Any, path: str) -> Iterator[Problem]:
    if not is_mapping(value):
        yield Problem(path, f"expected a map, got {_describe(value)}")
        return
    for key, item in value.items():
        yield from _problems_of(schema, inner, item, f"{path}.{key}")


def _in_object(schema: Schema, name: Any, value: Any, path: str) -> Iterator[Problem]:
    if not is_mapping(value):
        yield Problem(path, f"expected an object, got {_describe(value)}")
        return
    yield from problems(schema, schema["objects"][name], value, path)


def _in_any_of(schema: Schema, members: Any, value: Any, path: str) -> Iterator[Problem]:
    by_member = [list(_problems_of(schema, member, value, path)) for member in members]
    if all(by_member):
        yield from min(by_member, key=len)


_FORMS = {
    "enum": _not_in_enum,
    "items": _in_items,
    "values": _in_values,
    "object": _in_object,
    "any_of": _in_any_of,
}


def project(schema: Schema, kind: Any, value: Any) -> Any:
    """The part of `value` that a response of type `kind` contains: nothing write-only."""
    if is_mapping(kind) and not isinstance(value, Unknown):
        ((form, inner),) = kind.items()
        if form == "items" and is_list(value):
            return [project(schema, inner, item) for item in value]
        if form == "values" and is_mapping(value):
            return {key: project(schema, inner, item) for key, item in value.items()}
        if form == "object" and is_mapping(value):
            properties: Mapping[str, Any] = schema["objects"][inner]["properties"]
            return {
                key: project(schema, properties[key], item)
                for key, item in value.items()
                if key in properties
            }
    return value


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _describe(value: Any) -> str:
    if is_mapping(value):
        return "an object"
    return "a list" if is_list(value) else repr(value)


def _suggest(name: str, properties: Mapping[str, Any]) -> str:
    close = difflib.get_close_matches(name, properties, n=1)
    return f"; did you mean {close[0]!r}?" if close else ""
