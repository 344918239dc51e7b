"""How Pulumi marks a secret in a stack's state and on the wire to its providers.

Source: Pulumi's SDK, `sdk/go/common/resource/sig.go`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeGuard

from support.nested import is_list, is_mapping

SIGNATURE = "4dabf18193072939515e22adb298388d"
"""Key of an object that stands for a special value, such as a secret or an asset."""
SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - a public constant of Pulumi's
"""The signature of a secret. Beside it stands the value: as `plaintext` or `ciphertext` in a state,
as `value` on the wire."""


def is_secret(value: Any) -> TypeGuard[Mapping[str, Any]]:
    """Whether a value is marked as a secret."""
    return is_mapping(value) and value.get(SIGNATURE) == SECRET


def visible_texts(value: Any) -> Iterator[str]:
    """Every string in a nested value, except those inside secrets."""
    if isinstance(value, str):
        yield value
    elif is_secret(value):
        return
    elif is_mapping(value):
        for item in value.values():
            yield from visible_texts(item)
    elif is_list(value):
        for item in value:
            yield from visible_texts(item)
