"""Pydantic's errors as problems of this program: path, value, rule, remedy."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Annotated, Any, cast, get_args, get_origin

from pydantic import BaseModel, Tag, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from components.problems import Problem
from components.settings.values import InvalidValueError, Section, holds_secret

_Message = tuple[str, str]
"""The rule that a value breaks, and the remedy."""

_LIST: _Message = ("must be a list", "use [a, b], or one entry a line, each after a hyphen")
_OBJECT: _Message = ("must be an object", "use {{key: value}}, or one key a line, indented")

_MESSAGES: Mapping[str, _Message] = {
    "float_type": ("must be a number", "use a number such as 1.5, without quotes"),
    "finite_number": ("must be a finite number", "use a number such as 1.5"),
    "bool_type": ("must be true or false", "use true or false, without quotes"),
    "tuple_type": _LIST,
    "dict_type": _OBJECT,
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "greater_than_equal": ("must be at least {ge}", "use {ge} or more"),
    "less_than_equal": ("must be at most {le}", "use {le} or less"),
    "string_too_short": ("must not be empty", "use at least one character"),
    "string_too_long": ("must have at most {max_length} characters", "use a shorter text"),
}
"""What each of pydantic's errors means to someone who writes a stack file."""
_SHOWN = 80
"""Longest value that is shown in a message, in characters."""
_PRIVATE_KEY = "PRIVATE KEY-----"
"""The end of the first and of the last line of a private key's file, whatever its kind."""


Keys = tuple[int | str, ...]
"""The keys of the stack file that lead from a section to a setting."""


@dataclass(frozen=True)
class Step:
    """One of these keys and its model; None where no model describes the key."""

    key: int | str
    owner: type[BaseModel] | None

    @property
    def field(self) -> FieldInfo | None:
        """The model's field that the key names, if it names one."""
        return _field(self.owner, self.key)


Steps = list[Step]


def keys(found: Steps) -> Keys:
    """The keys alone."""
    return tuple(step.key for step in found)


def problems(
    error: ValidationError, prefix: str, model: type[BaseModel], data: Any
) -> Iterator[Problem]:
    """One problem for each thing that `error` reports about `data`, the section `prefix`."""
    for detail in error.errors(include_url=False):
        found = steps(model, detail["loc"])
        place = path(prefix, _written(keys(found), data))
        if detail["type"] == "missing" and _is_misspelt(detail, found):
            continue  # The key that takes its place is a problem of its own.
        rule, remedy = _message(detail, place, found)
        yield Problem(place, _value(detail, found), rule, remedy)


def _written(keys: Keys, data: Any) -> Keys:
    """The keys without positions that are not in the file: a value may stand for a list of one."""
    kept: list[int | str] = []
    for key in keys:
        if isinstance(key, int) and not isinstance(data, list):
            continue
        kept.append(key)
        if isinstance(key, int):
            data = cast("list[Any]", data)[key]
        else:
            data = cast("dict[str, Any]", data).get(key) if isinstance(data, dict) else None
    return tuple(kept)


def misspelt(model: type[BaseModel], given: Collection[str]) -> frozenset[str]:
    """The model's missing keys for which the section has an unknown key with a similar name."""
    known = _known(model)
    meant = (close_to(key, known) for key in given if key not in known)
    return frozenset(key for key in meant if key is not None and key not in given)


def _is_misspelt(detail: ErrorDetails, found: Steps) -> bool:
    owner, given = found[-1].owner, detail["input"]
    return owner is not None and found[-1].key in misspelt(owner, given)


def close_to(key: str, known: Iterable[str]) -> str | None:
    """The known key with the most similar spelling, ignoring case; None if there is none."""
    by_lower_case = {one.lower(): one for one in known}
    close = get_close_matches(key.lower(), by_lower_case, n=1)
    return by_lower_case[close[0]] if close else None


def steps(model: type[BaseModel], location: tuple[int | str, ...]) -> Steps:
    """The keys as they are in the file, each with the model that it belongs to.

    Where a setting is one of several kinds, the location from pydantic also names the kind, which
    is not in the file.
    """
    found: Steps = []
    kinds: dict[str, type[BaseModel] | None] = {}
    inside: type[BaseModel] | None = model
    for key in location:
        if key in kinds:
            inside = kinds[str(key)]
        elif key != "[key]":
            found.append(Step(key, inside))
        if isinstance(key, int) or key in kinds:
            kinds = {}  # an entry of a list: the list's own annotation already led to its model
            continue
        field = _field(inside, key)
        annotation = field.annotation if field else None
        kinds = _kinds(annotation)
        inside = next(_models(annotation), None)
    return found


def _kinds(annotation: Any) -> dict[str, type[BaseModel] | None]:
    """The models that a setting may be read by, by their tags; None for a plain value."""
    tagged = [get_args(part) for part in get_args(annotation) if get_origin(part) is Annotated]
    return {
        note.tag: next(_models(first), None)
        for first, *notes in tagged
        for note in notes
        if isinstance(note, Tag)
    }


def path(prefix: str, keys: Keys) -> str:
    """The path of a setting as messages name it, such as `aks-network:network.reserved[0].cidr`."""
    text = prefix
    for key in keys:
        if isinstance(key, int):
            text += f"[{key}]"
        else:
            text += shown(key) if text.endswith(":") else f".{shown(key)}"
    return text


def _value(detail: ErrorDetails, found: Steps) -> str:
    """The value as written, shortened.

    Nothing for what is missing, an object, or a secret; nor for what is no setting, which may be a
    secret under a wrong name.
    """
    value: Any = detail["input"]
    if (
        detail["type"] in {"missing", "extra_forbidden"}
        or isinstance(value, dict)
        or any(_is_secret(step) for step in found)
        or _looks_secret(value)
    ):
        return ""
    return shown(value if isinstance(value, str) else _json(value))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def shown(text: str) -> str:
    """A text on one line of a message: shortened, with characters that do not print escaped."""
    if not text.isprintable():
        text = json.dumps(text)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _looks_secret(value: Any) -> bool:
    return _PRIVATE_KEY in json.dumps(value)


def _is_secret(step: Step) -> bool:
    return step.field is not None and holds_secret(step.field.annotation)


def _message(detail: ErrorDetails, place: str, found: Steps) -> _Message:  # noqa: PLR0911 - a case each
    kind = detail["type"]
    context: dict[str, Any] = detail.get("ctx", {})
    last = found[-1] if found else None
    if kind == "missing":
        return "is required", _how_to_set(place, secret=last is not None and _is_secret(last))
    if kind == "extra_forbidden" and last:
        if reason := _removed(last):
            return f"must not be set: {reason}", "remove it"
        known = _known(last.owner)
        return "is not a setting", instead_of(close_to(str(last.key), known), known)
    if kind in {"literal_error", "enum"}:
        return _choice(detail["input"], str(context["expected"]))
    if _looks_secret(detail["input"]):
        rule = "must be a public key: this is a private key, which you must now replace"
        return rule, "use the public key"
    if kind == "string_type":
        return _text(detail["input"])
    if kind in {"int_type", "int_from_float"}:
        return _whole_number(detail["input"])
    error = context.get("error")
    if isinstance(error, InvalidValueError):
        return error.rule, error.remedy
    rule, remedy = _MESSAGES.get(kind, ("must be a valid value: {msg}", "correct it"))
    values = {**context, "msg": detail["msg"]}
    return rule.format_map(values), remedy.format_map(values)


def _how_to_set(place: str, *, secret: bool) -> str:
    """How to set a missing setting. A secret must not be in the file in plain text."""
    return f"set it: pulumi config set {'--secret ' if secret else ''}--path '{place}' …"


def instead_of(close: str | None, known: Iterable[str]) -> str:
    """The remedy for a key that is not a setting."""
    if close:
        return f"did you mean {close}? If not, remove it"
    return f"remove it; the settings here are {', '.join(known)}"


def _choice(value: Any, expected: str) -> _Message:
    """`expected` is pydantic's list of choices, each in single quotes if it is text."""
    if isinstance(value, int | float) and "'" in expected:
        quoted = expected.replace("'", '"')
        return "must be one of the choices, in quotes", f"use {quoted}"
    plain = expected.replace("'", "")
    return "must be one of the choices", f"use {plain}"


def _text(value: Any) -> _Message:
    if isinstance(value, bool | int | float):
        kind = "true or false" if isinstance(value, bool) else "a number"
        return f"must be text: without quotes it is {kind}", f'use "{_json(value)}", in quotes'
    return "must be text", "use a single value, in quotes"


def _whole_number(value: Any) -> _Message:
    if isinstance(value, str) and value.isdecimal():
        return "must be a whole number: in quotes it is text", f"use {value}, without quotes"
    if isinstance(value, float) and value.is_integer():
        return "must be a whole number, without point and exponent", f"use {int(value)}"
    return "must be a whole number", "use a number such as 3, without quotes"


def _known(owner: type[BaseModel] | None) -> list[str]:
    return [] if owner is None else [f.alias or n for n, f in owner.model_fields.items()]


def _removed(step: Step) -> str | None:
    """Why the key is no longer a setting; None if it never was one."""
    owner = step.owner
    return owner.removed.get(str(step.key)) if owner and issubclass(owner, Section) else None


def _field(owner: type[BaseModel] | None, key: int | str) -> FieldInfo | None:
    if owner is None:
        return None
    for name, field in owner.model_fields.items():
        if key in {name, field.alias}:
            return field
    return None


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)
