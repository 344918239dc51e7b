"""The shapes of azure-native's resources, derived from the SDK's own typed classes.

`derive` reads the `*Args` and response classes of one SDK module. Importing a large module takes
about half a second, so the result is cached as JSON, by SDK version. With a warm cache the SDK is
not imported at all.

A type is a string ("string", "integer", "number", "boolean", "any") or an object
with one key: {"items": T}, {"values": T}, {"object": name}, {"enum": [values]},
{"open_enum": [values]}, {"any_of": [T, …]}.
"""

from __future__ import annotations

import collections.abc
import enum
import importlib
import inspect
import json
import os
import typing
import zlib
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from support.nested import is_mapping
from support.repository import ROOT

_FORMAT = 3
_PACKAGE = "pulumi_azure_native"
_SIMPLE: dict[Any, str] = {str: "string", int: "integer", float: "number", bool: "boolean"}


@cache
def sdk_version() -> str:
    """Version of the installed azure-native SDK, such as `3.29.0`."""
    return metadata.version("pulumi-azure-native")


def cache_directory() -> Path:
    """Directory of the cached schemas: `AZURE_SIM_CACHE`, or the repository's `.local/cache`."""
    configured = os.environ.get("AZURE_SIM_CACHE")
    return Path(configured) if configured else ROOT / ".local" / "cache"


@cache
def module_schema(module: str, names: tuple[str, ...]) -> dict[str, Any]:
    """Schema of the named resources of one SDK module: {"resources": …, "objects": …}."""
    fingerprint = f"{_FORMAT}-{zlib.crc32(','.join(names).encode()):08x}"
    file = cache_directory() / f"azure-native-{sdk_version()}" / f"{module}-{fingerprint}.json"
    try:
        return json.loads(file.read_bytes())
    except (OSError, ValueError):
        schema = derive(module, names)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        scratch = file.with_suffix(f".{os.getpid()}")
        scratch.write_text(json.dumps(schema, separators=(",", ":")))
        scratch.replace(file)
    except OSError:
        pass  # Without a cache the next start only takes longer.
    return schema


def derive(module: str, names: tuple[str, ...]) -> dict[str, Any]:
    """Read the SDK's classes of `module` for the resources `names`."""
    package = importlib.import_module(f"{_PACKAGE}.{module}")
    walker = _Walker()
    resources = {name: walker.resource(getattr(package, name)) for name in names}
    return {"resources": resources, "objects": walker.objects}


class _Walker:
    """Converts the SDK's annotated classes to the schema."""

    def __init__(self) -> None:
        # Maps Python names to wire names. It is private to the SDK, and used only here.
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
            self.objects[name] = {}  # Added first, since a type may contain itself.
            if self._types.is_input_type(cls):
                self.objects[name] = self._object_of_args(cls)
            else:
                hints = self._types.output_type_types(cls)
                self.objects[name] = {
                    "properties": {key: self._type(hint) for key, hint in hints.items()}
                }
        return {"object": name}

    def _type(self, hint: Any) -> Any:
        origin = typing.get_origin(hint)
        if str(origin) in {"typing.Union", "<class 'types.UnionType'>"}:
            return self._union(
                [self._type(item) for item in typing.get_args(hint) if _is_own(item)]
            )
        if origin is collections.abc.Sequence:
            return {"items": self._type(typing.get_args(hint)[0])}
        if origin is collections.abc.Mapping:
            return {"values": self._type(typing.get_args(hint)[1])}
        return self._simple(hint)

    def _simple(self, hint: Any) -> Any:
        if hint in _SIMPLE:
            return _SIMPLE[hint]
        if inspect.isclass(hint):
            if issubclass(hint, enum.Enum):
                return {"enum": [member.value for member in hint]}
            if self._types.is_input_type(hint) or self._types.is_output_type(hint):
                return self._named(hint)
        return "any"

    @staticmethod
    def _union(members: list[Any]) -> Any:
        for member in members:
            # An extensible enum is `Union[str, Enum]` in the SDK.
            if is_mapping(member) and "enum" in member:
                return {"open_enum": member["enum"]}
        unique: list[Any] = []
        for member in members:
            if member not in unique:
                unique.append(member)
        return unique[0] if len(unique) == 1 else {"any_of": unique}


def _is_own(member: Any) -> bool:
    """Whether a member of an `Input[…]` union is the property's own type."""
    wrapper = typing.get_origin(member)
    wrapped = wrapper is collections.abc.Awaitable or getattr(wrapper, "__name__", "") == "Output"
    return member is not type(None) and not wrapped
