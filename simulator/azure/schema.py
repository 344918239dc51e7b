"""The shapes of azure-native's resources, taken from the SDK's own typed classes.

`derive` walks the `*Args` and response classes of one SDK module. That import costs about half a second
for the larger modules, so the result is kept as JSON in a cache directory, by SDK version; with a warm
cache the SDK is not imported at all.

A type is written as a string ("string", "integer", "number", "boolean", "any") or as a one-key object:
{"items": T}, {"values": T}, {"object": name}, {"enum": [values]}, {"any_of": [T, …]}.
"""

from __future__ import annotations

import importlib
import inspect
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import Any

from simulator.wire import Unknown

_FORMAT = 2
_PACKAGE = "pulumi_azure_native"


@dataclass(frozen=True)
class Problem:
    """What is wrong at one property: `path` in wire names, `reason` a sentence."""

    path: str
    reason: str


@lru_cache(maxsize=1)
def sdk_version() -> str:
    """Version of the installed azure-native SDK, such as `3.29.0`."""
    return metadata.version("pulumi-azure-native")


def cache_directory() -> Path:
    """Where derived schemas are kept: `AZURE_SIM_CACHE`, or `.local/cache` of the repository."""
    configured = os.environ.get("AZURE_SIM_CACHE")
    return Path(configured) if configured else Path(__file__).parents[2] / ".local" / "cache"


@lru_cache(maxsize=None)
def module_schema(module: str, names: tuple[str, ...]) -> dict[str, Any]:
    """Schema of the named resources of one SDK module: {"resources": …, "objects": …}."""
    fingerprint = f"{_FORMAT}-{abs(hash_names(names)):08x}"
    file = cache_directory() / f"azure-native-{sdk_version()}" / f"{module}-{fingerprint}.json"
    try:
        return json.loads(file.read_bytes())
    except (OSError, ValueError):
        schema = derive(module, names)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        scratch = file.with_suffix(f".{os.getpid()}")
        scratch.write_text(json.dumps(schema, separators=(",", ":")))
        os.replace(scratch, file)
    except OSError:
        pass  # A cache that cannot be written only costs time.
    return schema


def hash_names(names: tuple[str, ...]) -> int:
    """A hash that is the same in every process, unlike `hash`."""
    import zlib

    return zlib.crc32(",".join(names).encode())


def derive(module: str, names: tuple[str, ...]) -> dict[str, Any]:
    """Read the SDK's classes of `module` for the resources `names`."""
    package = importlib.import_module(f"{_PACKAGE}.{module}")
    walker = _Walker()
    resources = {name: walker.resource(getattr(package, name)) for name in names}
    return {"resources": resources, "objects": walker.objects}


class _Walker:
    """Turns the SDK's annotated classes into the plain schema."""

    def __init__(self) -> None:
        # `pulumi._types` maps Python names to wire names; it is private, so it is touched only here.
        self._types: Any = importlib.import_module("pulumi._types")
        self.objects: dict[str, Any] = {}

    def resource(self, cls: type) -> dict[str, Any]:
        source = importlib.import_module(cls.__module__)
        args = getattr(source, source.__all__[0])
        outputs = self._types.resource_types(cls)
        return {
            "inputs": self._object_of_args(args),
            "outputs": {name: self._type(hint) for name, hint in outputs.items()},
        }

    def _object_of_args(self, cls: type) -> dict[str, Any]:
        wire = self._types.input_type_py_to_pulumi_names(cls)
        hints = self._types.input_type_types(cls)
        parameters = inspect.signature(cls.__init__).parameters.values()
        required = [
            wire.get(item.name, item.name)
            for item in parameters
            if item.name != "__self__" and item.default is inspect.Parameter.empty
        ]
        return {
            "properties": {name: self._type(hint) for name, hint in hints.items()},
            "required": required,
        }

    def _named(self, cls: type) -> dict[str, str]:
        name = cls.__name__
        if name not in self.objects:
            self.objects[name] = {}  # Placed first, since types may contain themselves.
            if self._types.is_input_type(cls):
                self.objects[name] = self._object_of_args(cls)
            else:
                hints = self._types.output_type_types(cls)
                self.objects[name] = {
                    "properties": {key: self._type(hint) for key, hint in hints.items()}
                }
        return {"object": name}

    def _type(self, hint: Any) -> Any:
        import collections.abc
        import enum
        import typing

        import pulumi

        origin = typing.get_origin(hint)
        if origin is typing.Union or str(origin) == "<class 'types.UnionType'>":
            members = [
                member
                for member in typing.get_args(hint)
                if member is not type(None)
                and typing.get_origin(member) not in (collections.abc.Awaitable, pulumi.Output)
            ]
            return self._union([self._type(member) for member in members])
        if origin in (collections.abc.Sequence, list):
            return {"items": self._type(typing.get_args(hint)[0])}
        if origin in (collections.abc.Mapping, dict):
            return {"values": self._type(typing.get_args(hint)[1])}
        simple = {str: "string", int: "integer", float: "number", bool: "boolean"}
        if hint in simple:
            return simple[hint]
        if inspect.isclass(hint) and issubclass(hint, enum.Enum):
            return {"enum": [member.value for member in hint]}
        if inspect.isclass(hint) and (
            self._types.is_input_type(hint) or self._types.is_output_type(hint)
        ):
            return self._named(hint)
        return "any"

    @staticmethod
    def _union(members: list[Any]) -> Any:
        enums = [member for member in members if isinstance(member, dict) and "enum" in member]
        if enums:
            # The SDK writes an extensible enum as `Union[str, Enum]`; the service knows only the enum.
            return enums[0]
        unique: list[Any] = []
        for member in members:
            if member not in unique:
                unique.append(member)
        return unique[0] if len(unique) == 1 else {"any_of": unique}


# Flags of the provider itself, and the API version that it notes among the inputs.
_INTERNAL = re.compile(r"^(__|azureApiVersion$)")
_PLAIN: dict[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "any": lambda value: True,
}


def problems(
    schema: Mapping[str, Any], shape: Mapping[str, Any], values: Mapping[str, Any], path: str = ""
) -> Iterator[Problem]:
    """Everything in `values` that does not fit the object `shape` of `schema`; unknowns always fit."""
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


def _problems_of(schema: Mapping[str, Any], kind: Any, value: Any, path: str) -> Iterator[Problem]:
    if isinstance(value, Unknown) or value is None or kind == "any":
        return
    if isinstance(kind, str):
        if not _PLAIN[kind](value):
            yield Problem(path, f"expected a value of type {kind}, got {_describe(value)}")
        return
    ((form, inner),) = kind.items()
    if form == "enum":
        # Resource providers compare enum values without case.
        allowed = {str(item).lower() for item in inner}
        if not isinstance(value, (str, int, float)) or str(value).lower() not in allowed:
            choices = ", ".join(str(item) for item in inner)
            yield Problem(path, f"{value!r} is not one of: {choices}")
    elif form == "items":
        if not isinstance(value, list):
            yield Problem(path, f"expected a list, got {_describe(value)}")
            return
        for index, item in enumerate(value):  # pyright: ignore[reportUnknownVariableType,reportUnknownArgumentType]
            yield from _problems_of(schema, inner, item, f"{path}[{index}]")
    elif form == "values":
        if not isinstance(value, Mapping):
            yield Problem(path, f"expected a map, got {_describe(value)}")
            return
        for key, item in value.items():  # pyright: ignore[reportUnknownVariableType]
            yield from _problems_of(schema, inner, item, f"{path}.{key}")
    elif form == "object":
        if not isinstance(value, Mapping):
            yield Problem(path, f"expected an object, got {_describe(value)}")
            return
        yield from problems(schema, schema["objects"][inner], value, path)  # pyright: ignore[reportUnknownArgumentType]
    else:
        found = [list(_problems_of(schema, member, value, path)) for member in inner]
        if all(found):
            yield from min(found, key=len)


def project(schema: Mapping[str, Any], kind: Any, value: Any) -> Any:
    """The part of `value` that a response of type `kind` carries: write-only properties fall away."""
    if isinstance(kind, dict) and not isinstance(value, Unknown):
        ((form, inner),) = kind.items()  # pyright: ignore[reportUnknownVariableType]
        if form == "items" and isinstance(value, list):
            return [project(schema, inner, item) for item in value]  # pyright: ignore[reportUnknownVariableType]
        if form == "values" and isinstance(value, Mapping):
            return {key: project(schema, inner, item) for key, item in value.items()}  # pyright: ignore[reportUnknownVariableType]
        if form == "object" and isinstance(value, Mapping):
            properties: Mapping[str, Any] = schema["objects"][inner]["properties"]
            return {
                key: project(schema, properties[key], item)
                for key, item in value.items()  # pyright: ignore[reportUnknownVariableType]
                if key in properties
            }
    return value


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _describe(value: Any) -> str:
    if isinstance(value, Mapping):
        return "an object"
    return "a list" if isinstance(value, list) else repr(value)


def _suggest(name: str, properties: Mapping[str, Any]) -> str:
    import difflib

    close = difflib.get_close_matches(name, properties, n=1)
    return f"; did you mean {close[0]!r}?" if close else ""
