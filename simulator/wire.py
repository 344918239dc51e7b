"""Converts Pulumi's wire format to and from plain Python values.

Values are JSON-like (dict, list, str, bool, int, float, None) plus `UNKNOWN`, for a value that a
preview does not know yet. Whole numbers become `int`. The paths of secrets are kept in a set beside
the values, so that rules read plain values and outputs can be marked secret again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from google.protobuf import struct_pb2

from support.nested import is_list, is_mapping
from support.secrets import SECRET, SIGNATURE

Path = tuple[str | int, ...]

_OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
# One sentinel for each type that can be unknown (Pulumi: sdk/go/common/resource/plugin/rpc.go).
_UNKNOWNS = frozenset(
    {
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)
_UNKNOWN_WIRE = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


class Unknown:
    """The type of `UNKNOWN`: a value that is known only during the deployment."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()


@dataclass
class Properties:
    """A resource's properties as plain values, with the paths that are secret."""

    values: dict[str, Any] = field(default_factory=dict[str, Any])
    secrets: set[Path] = field(default_factory=set[Path])


def decode(struct: struct_pb2.Struct) -> Properties:
    """The plain values of a wire struct; a null counts as absent."""
    result = Properties()
    for key, value in struct.fields.items():
        decoded = _decode(value, (key,), result.secrets)
        if decoded is not None:
            result.values[key] = decoded
    return result


def _decode(value: struct_pb2.Value, path: Path, secrets: set[Path]) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        text = value.string_value
        return UNKNOWN if text in _UNKNOWNS else text
    if kind == "bool_value":
        return value.bool_value
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() else number
    if kind == "list_value":
        return [
            _decode(item, (*path, index), secrets)
            for index, item in enumerate(value.list_value.values)
        ]
    if kind == "struct_value":
        return _decode_struct(value.struct_value.fields, path, secrets)
    return None


def _decode_struct(fields: Mapping[str, struct_pb2.Value], path: Path, secrets: set[Path]) -> Any:
    signature = fields[SIGNATURE].string_value if SIGNATURE in fields else ""
    if signature == SECRET:
        secrets.add(path)
        return _decode(fields["value"], path, secrets)
    if signature == _OUTPUT:
        if "secret" in fields and fields["secret"].bool_value:
            secrets.add(path)
        return _decode(fields["value"], path, secrets) if "value" in fields else UNKNOWN
    result: dict[str, Any] = {}
    for key, item in fields.items():
        decoded = _decode(item, (*path, key), secrets)
        if decoded is not None:
            result[key] = decoded
    return result


def encode(values: Mapping[str, Any], secrets: Collection[Path] = ()) -> struct_pb2.Struct:
    """The wire struct of plain values; the values at the paths in `secrets` are marked secret."""
    struct = struct_pb2.Struct()
    for key, value in values.items():
        if value is not None:
            _encode(value, (key,), secrets, struct.fields[key])
    return struct


def _encode(  # noqa: C901 - one branch for each of the wire's types
    value: Any, path: Path, secrets: Collection[Path], into: struct_pb2.Value
) -> None:
    if secrets and path in secrets:
        fields = into.struct_value.fields
        fields[SIGNATURE].string_value = SECRET
        into = fields["value"]
    if isinstance(value, str):
        into.string_value = value
    elif isinstance(value, bool):
        into.bool_value = value
    elif isinstance(value, (int, float)):
        into.number_value = value
    elif isinstance(value, Unknown):
        into.string_value = _UNKNOWN_WIRE
    elif value is None:
        into.null_value = struct_pb2.NULL_VALUE
    elif is_mapping(value):
        into.struct_value.SetInParent()
        for key, item in value.items():
            if item is not None:
                _encode(item, (*path, key), secrets, into.struct_value.fields[key])
    elif is_list(value):
        into.list_value.SetInParent()
        for index, item in enumerate(value):
            _encode(item, (*path, index), secrets, into.list_value.values.add())
    else:
        raise TypeError(f"{path}: a {type(value).__name__} has no wire format")


def has_unknown(value: Any) -> bool:
    """Whether any part of the value is `UNKNOWN`."""
    if is_mapping(value):
        return any(has_unknown(item) for item in value.values())
    if is_list(value):
        return any(has_unknown(item) for item in value)
    return isinstance(value, Unknown)
