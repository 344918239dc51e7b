"""The descriptions of settings, for the page of options and for the schemas."""

from __future__ import annotations

from enum import Enum
from typing import Any, cast

from pydantic import BaseModel
from pydantic.fields import FieldInfo


def described(field: FieldInfo) -> str:
    """Whether the setting is required, what it sets (the text under its attribute), its default.

    In the manner of Azure Verified Modules: "Optional. The number of … Defaults to `4`."
    """
    need = "Required." if field.is_required() else "Optional."
    text = " ".join((field.description or "").split())
    value = default(field)
    return f"{need} {text} Defaults to {value}." if value else f"{need} {text}"


def default(field: FieldInfo) -> str:
    """The default as it is written in a stack file; empty for none, and for an object."""
    if field.is_required():
        return ""
    value: Any = field.get_default(call_default_factory=True, validated_data={})
    if value is None or isinstance(value, BaseModel) or value in ((), {}):
        return ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, tuple):
        return ", ".join(f"`{item}`" for item in cast("tuple[Any, ...]", value))
    return f"`{value.value if isinstance(value, Enum) else value}`"
