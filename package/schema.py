"""The settings' types as Pulumi's analyzer takes them: plain objects instead of pydantic's models.

It knows text, numbers, true and false, lists, maps and objects, and no choices, no unions and no
constraints. So what a value must be like stands in its description, and the models themselves judge
the values, all at once, when a component is made.
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

from components.settings.attribute_docs import documented

Merged = tuple[type[BaseModel], ...]
"""Models one of which a setting is read by."""


@dataclass
class Translation:
    """Types that were translated, and what is to be said about them."""

    descriptions: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    """By type and property."""
    secrets: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    """Types and properties that are secret."""
    _made: dict[str, Any] = field(default_factory=dict[str, Any])

    def settings(self, name: str, about: str, sections: Mapping[str, type[BaseModel]]) -> Any:
        """One object of several sections; the section of the empty key lies at the top itself.

        A section that works without a single setting may be left out.
        """
        properties: dict[str, Any] = {"location": str}
        told = {"location": "The Azure region of everything, such as westeurope."}
        for key, model in sections.items():
            if not key:
                self._add(model, properties, told)
                continue
            needed = any(item.is_required() for item in model.model_fields.values())
            made = self._model(model)
            properties[key] = made if needed else NotRequired[made]
            told[key] = _cleaned(model.__doc__)
        return self._object(name, about, properties, told)

    def of(self, hint: Any, name: str) -> Any:  # noqa: PLR0911 - a case each
        """The analyzer's type for an annotation; `name` is for an object that has none."""
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
        """An object of the program's own outputs."""
        hints = get_type_hints(owner, include_extras=True)
        properties = {name: self.of(hint, name) for name, hint in hints.items()}
        return self._object(owner.__name__, _cleaned(owner.__doc__), properties, documented(owner))

    def _union(self, kinds: Sequence[Any], name: str) -> Any:
        """One object with the properties of all kinds, the one type for what may be several.

        A text that stands for an object, or for nothing, is left to the object: it says the same.
        """
        models = tuple(item for kind in kinds for item in _models(kind))
        if len(models) > 1:
            return self._merged(models, name[:1].upper() + name[1:])
        if models:
            return self._model(models[0])
        return self.of(kinds[0], name)

    def _model(self, model: type[BaseModel]) -> Any:
        if model.__name__ not in self._made:
            properties: dict[str, Any] = {}
            told: dict[str, str] = {}
            self._add(model, properties, told)
            self._object(model.__name__, _cleaned(model.__doc__), properties, told)
        return self._made[model.__name__]

    def _merged(self, models: Merged, name: str) -> Any:
        if name in self._made:
            return self._made[name]
        properties: dict[str, Any] = {}
        told: dict[str, str] = {}
        for model in models:
            own: dict[str, Any] = {}
            said: dict[str, str] = {}
            self._add(model, own, said)
            for key, hint in own.items():
                properties.setdefault(
                    key, hint if get_origin(hint) is NotRequired else NotRequired[hint]
                )
                if key not in told:
                    told[key] = said[key]
                elif told[key] != said[key]:
                    told[key] += f" {_kind(model)}: {said[key]}"
        about = " Or: ".join(_cleaned(model.__doc__) for model in models)
        return self._object(name, about, properties, told, secrets_of=models)

    def _add(
        self, model: type[BaseModel], properties: dict[str, Any], told: dict[str, str]
    ) -> None:
        """The model's fields, by the keys of a stack file."""
        hints = get_type_hints(model, include_extras=True)
        texts = documented(model)
        for name, item in model.model_fields.items():
            key = item.alias or name
            hint = self.of(hints[name], key)
            properties[key] = hint if item.is_required() else NotRequired[hint]
            told[key] = " ".join(filter(None, (_cleaned(texts.get(name)), *_notes(item))))
            if _is_secret(item.annotation):
                self.secrets.add((model.__name__, key))

    def _object(
        self,
        name: str,
        about: str,
        properties: Mapping[str, Any],
        told: Mapping[str, str],
        *,
        secrets_of: Merged = (),
    ) -> Any:
        # Functional syntax, which keeps keys such as `from`; the types come from the settings.
        made = cast("Any", TypedDict)(name, dict(properties))
        made.__doc__ = about
        self._made[name] = made
        self.descriptions[name] = dict(told)
        owners = {model.__name__ for model in secrets_of}
        self.secrets |= {(name, key) for owner, key in self.secrets if owner in owners}
        return made


def _kind(model: type[BaseModel]) -> str:
    """What tells a model from the others that may stand in its place."""
    kinds = _choices(model.model_fields["kind"].annotation) if "kind" in model.model_fields else []
    return f"With the kind `{kinds[0]}`" if kinds else "Or"


def _models(kind: Any) -> list[type[BaseModel]]:
    inner = get_args(kind)[0] if get_origin(kind) is Annotated else kind
    return [inner] if isinstance(inner, type) and issubclass(inner, BaseModel) else []


def _notes(item: FieldInfo) -> list[str]:
    """What a description adds that a type can't say: the choices, and what is the case unset."""
    notes: list[str] = []
    if choices := _choices(item.annotation):
        notes.append(f"One of {', '.join(f'`{choice}`' for choice in choices)}.")
    value: Any = None if item.is_required() else item.get_default(call_default_factory=True)
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, str | int | float):
        notes.append(f"Unless given: `{str(value).lower() if isinstance(value, bool) else value}`.")
    return notes


def _choices(hint: Any) -> list[Any]:
    if get_origin(hint) is Literal:
        return list(get_args(hint))
    if isinstance(hint, type) and issubclass(hint, Enum):
        return [member.value for member in hint]
    if get_origin(hint) in (Union, types.UnionType, tuple, Annotated):
        return [choice for part in get_args(hint) for choice in _choices(part)]
    return []


def _is_secret(hint: Any) -> bool:
    return hint is SecretStr or any(_is_secret(part) for part in get_args(hint))


def _cleaned(text: str | None) -> str:
    return inspect.cleandoc(text or "")
