"""The settings' types for Pulumi's analyzer: typed dictionaries in place of pydantic's models.

The analyzer supports strings, numbers, booleans, lists, maps and objects, but no enums, unions or
constraints. The descriptions therefore name the allowed values. The models validate all values when
a component is created.
"""

from __future__ import annotations

import inspect
import types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import (
    Annotated,
    Any,
    Literal,
    NotRequired,
    TypedDict,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

import pulumi
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from components.settings.values import holds_secret
from package.attribute_docs import documented

Merged = tuple[type[BaseModel], ...]
"""The models of a setting that may have one of several."""


@dataclass
class TypeTranslation:
    """The translated types and their descriptions."""

    descriptions: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    """Descriptions by type and property."""
    secrets: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    """The secret properties, each with its type."""
    _types: dict[str, Any] = field(default_factory=dict[str, Any])

    def settings(self, name: str, about: str, sections: Mapping[str, type[BaseModel]]) -> Any:
        """One object with all sections; the section with the empty key is the top level itself.

        A section without required settings is optional.
        """
        properties: dict[str, Any] = {"location": str}
        descriptions = {
            "location": "Required. The Azure region of all resources, such as `westeurope`."
        }
        for key, model in sections.items():
            if not key:
                self._add(model, properties, descriptions)
                continue
            required = any(item.is_required() for item in model.model_fields.values())
            type_ = self._model(model)
            properties[key] = type_ if required else NotRequired[type_]
            descriptions[key] = _cleaned(model.__doc__)
        return self._object(name, about, properties, descriptions)

    def of(self, hint: Any, name: str) -> Any:  # noqa: PLR0911 - a case each
        """The analyzer's type for an annotation; `name` names an object without a class."""
        origin, arguments = get_origin(hint), get_args(hint)
        if origin in (Annotated, NotRequired):
            return self.of(arguments[0], name)
        if origin is pulumi.Output:
            return pulumi.Output[self.of(arguments[0], name)]
        if origin is Literal:
            return cast("Any", type(arguments[0]))
        if origin in (tuple, list, Sequence):
            return list[self.of(arguments[0], name)]
        if origin in (dict, Mapping):
            return dict[str, self.of(arguments[1], name)]
        if origin in (Union, types.UnionType):
            return self._union([item for item in arguments if item is not types.NoneType], name)
        if hint is SecretStr:
            return pulumi.Input[str]
        if is_typeddict(hint):
            return self.typed_dict(hint)
        if issubclass(hint, BaseModel):
            return self._model(hint)
        return str if issubclass(hint, Enum) else hint

    def typed_dict(self, owner: Any) -> Any:
        """The type of an object among the outputs."""
        hints = get_type_hints(owner, include_extras=True)
        properties = {name: self.of(hint, name) for name, hint in hints.items()}
        return self._object(owner.__name__, _cleaned(owner.__doc__), properties, documented(owner))

    def _union(self, kinds: Sequence[Any], name: str) -> Any:
        """One object with the properties of all models of a union.

        The schema leaves out a string that is an abbreviation of an object.
        """
        models = tuple(item for kind in kinds for item in _models(kind))
        if len(models) > 1:
            return self._merged(models, name[:1].upper() + name[1:])
        if models:
            return self._model(models[0])
        return self.of(kinds[0], name)

    def _model(self, model: type[BaseModel]) -> Any:
        if model.__name__ not in self._types:
            properties: dict[str, Any] = {}
            descriptions: dict[str, str] = {}
            self._add(model, properties, descriptions)
            self._object(model.__name__, _cleaned(model.__doc__), properties, descriptions)
        return self._types[model.__name__]

    def _merged(self, models: Merged, name: str) -> Any:
        if name in self._types:
            return self._types[name]
        properties: dict[str, Any] = {}
        descriptions: dict[str, str] = {}
        for model in models:
            own: dict[str, Any] = {}
            own_descriptions: dict[str, str] = {}
            self._add(model, own, own_descriptions)
            for key, hint in own.items():
                properties.setdefault(
                    key, hint if get_origin(hint) is NotRequired else NotRequired[hint]
                )
                if key not in descriptions:
                    descriptions[key] = own_descriptions[key]
                elif descriptions[key] != own_descriptions[key]:
                    descriptions[key] += f" {_kind(model)}: {own_descriptions[key]}"
        about = " Or: ".join(_cleaned(model.__doc__) for model in models)
        return self._object(name, about, properties, descriptions, secrets_of=models)

    def _add(
        self, model: type[BaseModel], properties: dict[str, Any], descriptions: dict[str, str]
    ) -> None:
        """Add the model's fields, by the keys of a stack file."""
        hints = get_type_hints(model, include_extras=True)
        texts = documented(model)
        for name, item in model.model_fields.items():
            key = item.alias or name
            hint = self.of(hints[name], key)
            properties[key] = hint if item.is_required() else NotRequired[hint]
            descriptions[key] = " ".join(filter(None, (_cleaned(texts.get(name)), *_notes(item))))
            if holds_secret(item.annotation):
                self.secrets.add((model.__name__, key))

    def _object(
        self,
        name: str,
        about: str,
        properties: Mapping[str, Any],
        descriptions: Mapping[str, str],
        *,
        secrets_of: Merged = (),
    ) -> Any:
        # The functional syntax allows keys such as `from`.
        type_ = cast("Any", TypedDict)(name, dict(properties))
        type_.__doc__ = about
        self._types[name] = type_
        self.descriptions[name] = dict(descriptions)
        owners = {model.__name__ for model in secrets_of}
        self.secrets |= {(name, key) for owner, key in self.secrets if owner in owners}
        return type_


def _kind(model: type[BaseModel]) -> str:
    """The words that tell a model from the others of the same setting."""
    kinds = _choices(model.model_fields["kind"].annotation) if "kind" in model.model_fields else []
    return f"With the kind `{kinds[0]}`" if kinds else "Or"


def _models(kind: Any) -> list[type[BaseModel]]:
    inner = get_args(kind)[0] if get_origin(kind) is Annotated else kind
    return [inner] if isinstance(inner, type) and issubclass(inner, BaseModel) else []


def _notes(item: FieldInfo) -> list[str]:
    """What a description adds to the type: the allowed values, and the default."""
    notes: list[str] = []
    if choices := _choices(item.annotation):
        notes.append(f"One of {', '.join(f'`{choice}`' for choice in choices)}.")
    value: Any = None if item.is_required() else item.get_default(call_default_factory=True)
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, str | int | float):
        notes.append(f"Default: `{str(value).lower() if isinstance(value, bool) else value}`.")
    return notes


def _choices(hint: Any) -> list[Any]:
    if get_origin(hint) is Literal:
        return list(get_args(hint))
    if isinstance(hint, type) and issubclass(hint, Enum):
        return [member.value for member in hint]
    if get_origin(hint) in (Union, types.UnionType, tuple, Annotated):
        return [choice for part in get_args(hint) for choice in _choices(part)]
    return []


def _cleaned(text: str | None) -> str:
    return inspect.cleandoc(text or "")
