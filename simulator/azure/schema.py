"""Checks properties against the shapes that `simulator.azure.sdk_types` derives.

A `Problem` says what is wrong. Who notices it depends on its kind: azure-native's check of the
inputs (`PROVIDER`), the service (`SERVICE`), or nobody, because azure-native does not send it.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from simulator.wire import Unknown
from support.nested import is_list, is_mapping

Schema = Mapping[str, Any]

Kind = Literal["missing", "type", "form", "value", "open value", "bounds", "unknown"]
"""`type`: a text, number or list where the shape has something else. `form`: any other mismatch,
such as an object in place of a list. `open value`: a value outside an extensible enumeration."""

PROVIDER: frozenset[Kind] = frozenset({"missing", "type", "bounds"})
"""What azure-native's check refuses (provider.go: validateType, validateProperty)."""
SERVICE: frozenset[Kind] = frozenset({"missing", "type", "form", "value"})
"""What a service refuses when it parses a request. Extensible enumerations are rules."""


@dataclass(frozen=True)
class Problem:
    """What is wrong with one property: its `path` in wire names, and the `reason`."""

    path: str
    reason: str
    kind: Kind = "value"


# The provider's own flags, and the API version that it adds to the inputs.
_INTERNAL = re.compile(r"^(__|azureApiVersion$)")
# Lists of ids that azure-native also takes as a map, which is the form that ARM has.
_STRING_SETS = frozenset({"userAssignedIdentities"})
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
            yield Problem(_join(path, name), "missing required property", "missing")
    for name, value in values.items():
        if _INTERNAL.match(name):
            continue
        if name not in properties:
            reason = f"unknown property, which azure-native ignores{_suggest(name, properties)}"
            yield Problem(_join(path, name), reason, "unknown")
        else:
            yield from _problems_of(schema, properties[name], value, _join(path, name))


def _problems_of(schema: Schema, kind: Any, value: Any, path: str) -> Iterator[Problem]:
    if isinstance(value, Unknown) or value is None or kind == "any":
        return
    if isinstance(kind, str):
        if not isinstance(value, _SIMPLE[kind]) or (isinstance(value, bool) and kind != "boolean"):
            yield _mismatch(path, f"a value of type {kind}", value)
        return
    ((form, inner),) = kind.items()
    yield from _FORMS[form](schema, inner, value, path)


def _mismatch(path: str, expected: str, value: Any) -> Problem:
    """azure-native's check looks at the type of texts, numbers and lists only."""
    seen = is_list(value) or (isinstance(value, (str, int, float)) and not isinstance(value, bool))
    return Problem(path, f"expected {expected}, got {_describe(value)}", "type" if seen else "form")


def _not_in_enum(schema: Schema, allowed: Any, value: Any, path: str) -> Iterator[Problem]:
    yield from _enumeration(schema, allowed, value, path, "value")


def _not_in_open_enum(schema: Schema, allowed: Any, value: Any, path: str) -> Iterator[Problem]:
    yield from _enumeration(schema, allowed, value, path, "open value")


def _enumeration(
    schema: Schema, allowed: Any, value: Any, path: str, kind: Kind
) -> Iterator[Problem]:
    del schema
    if not isinstance(value, str):
        yield _mismatch(path, "a value of type string", value)
    # Resource providers compare enum values without case.
    elif value.lower() not in {str(item).lower() for item in allowed}:
        yield Problem(path, f"{value!r} is not one of: {', '.join(map(str, allowed))}", kind)


def _in_items(schema: Schema, inner: Any, value: Any, path: str) -> Iterator[Problem]:
    if is_mapping(value) and path.rpartition(".")[2] in _STRING_SETS:
        return
    if not is_list(value):
        yield _mismatch(path, "a list", value)
        return
    for index, item in enumerate(value):
        yield from _problems_of(schema, inner, item, f"{path}[{index}]")


def _in_values(schema: Schema, inner: Any, value: Any, path: str) -> Iterator[Problem]:
    if not is_mapping(value):
        yield _mismatch(path, "a map", value)
        return
    for key, item in value.items():
        yield from _problems_of(schema, inner, item, f"{path}.{key}")


def _in_object(schema: Schema, name: Any, value: Any, path: str) -> Iterator[Problem]:
    if not is_mapping(value):
        yield _mismatch(path, "an object", value)
        return
    yield from problems(schema, schema["objects"][name], value, path)


def _in_any_of(schema: Schema, members: Any, value: Any, path: str) -> Iterator[Problem]:
    by_member = [list(_problems_of(schema, member, value, path)) for member in members]
    if all(by_member):
        for problem in min(by_member, key=len):
            # azure-native's check does not look into unions.
            yield replace(problem, kind="form") if problem.kind in PROVIDER else problem


_FORMS = {
    "enum": _not_in_enum,
    "open_enum": _not_in_open_enum,
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
    lower = {known.lower(): known for known in properties}
    close = difflib.get_close_matches(name.lower(), lower, n=1)
    return f"; did you mean {lower[close[0]]!r}?" if close else ""
