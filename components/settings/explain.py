"""What pydantic finds wrong, said as this program's problems: path, value, rule, remedy."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel, SecretStr, Tag, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from components.problems import Problem

_REMEDIES = {
    "int_type": "write a whole number, without quotes",
    "int_parsing": "write a whole number, without quotes",
    "string_type": "write it in quotes",
    "bool_type": "write true or false, without quotes",
    "tuple_type": "write a list, [a, b] or one entry a line with a hyphen",
    "dict_type": "write an object, {{key: value}}",
    "model_type": "write an object, {{key: value}}",
    "model_attributes_type": "write an object, {{key: value}}",
    "float_type": "write a number, without quotes",
    "greater_than_equal": "use {ge} or more",
    "less_than_equal": "use {le} or less",
    "int_from_float": "write a whole number",
    "string_too_short": "write at least {min_length} characters",
    "string_too_long": "write at most {max_length} characters",
}
_SHOWN = 80
"""Longest value that is shown in a message, in characters."""
_PRIVATE_KEY = "PRIVATE KEY-----"
"""Stands in the first and the last line of a private key's file, whatever its kind."""


Keys = tuple[int | str, ...]
"""The way from a section down to a setting, in the keys of the stack file."""


@dataclass(frozen=True)
class Step:
    """A key of that way, and the model that it belongs to; None for what no model describes."""

    key: int | str
    owner: type[BaseModel] | None

    @property
    def field(self) -> FieldInfo | None:
        """The model's field that the key names, if it names one."""
        return _field(self.owner, self.key)


Steps = list[Step]


def keys(way: Steps) -> Keys:
    """The keys alone."""
    return tuple(step.key for step in way)


def problems(error: ValidationError, prefix: str, model: type[BaseModel]) -> Iterator[Problem]:
    """One problem for each thing `error` reports about the section `prefix`."""
    for detail in error.errors(include_url=False):
        way = steps(model, detail["loc"])
        place = path(prefix, keys(way))
        if detail["type"] == "missing" and _is_misspelt(detail, way):
            continue  # The key that takes its place is a problem of its own.
        rule, remedy = _told(detail, place, way)
        yield Problem(place, _value(detail, way), rule, remedy)


def misspelt(model: type[BaseModel], given: Collection[str]) -> frozenset[str]:
    """The model's keys that are not given, but that one which is no setting is close to."""
    known = _known(model)
    meant = (close_to(key, known) for key in given if key not in known)
    return frozenset(key for key in meant if key is not None and key not in given)


def _is_misspelt(detail: ErrorDetails, way: Steps) -> bool:
    owner, given = way[-1].owner, detail["input"]
    return owner is not None and way[-1].key in misspelt(owner, given)


def close_to(key: str, known: Iterable[str]) -> str | None:
    """The known key that is spelt most like this one, whatever the case; None if none is."""
    by_lower_case = {one.lower(): one for one in known}
    close = get_close_matches(key.lower(), by_lower_case, n=1)
    return by_lower_case[close[0]] if close else None


def steps(model: type[BaseModel], location: tuple[int | str, ...]) -> Steps:
    """The keys as they stand in the file, each with the model that it belongs to.

    Where a setting is one of several kinds, pydantic says in the location which one it took; that
    is not in the file.
    """
    way: Steps = []
    kinds: dict[str, type[BaseModel] | None] = {}
    inside: type[BaseModel] | None = model
    for key in location:
        if key in kinds:
            inside = kinds[str(key)]
        elif key != "[key]":
            way.append(Step(key, inside))
        if isinstance(key, int) or key in kinds:
            kinds = {}  # an entry of a list: the list's own annotation already led to its model
            continue
        field = _field(inside, key)
        annotation = field.annotation if field else None
        kinds = _kinds(annotation)
        inside = next(_models(annotation), None)
    return way


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


def _value(detail: ErrorDetails, way: Steps) -> str:
    """The value as written, shortened.

    Nothing for what is missing, an object, or a secret; nor for what is no setting, which may be a
    secret under a wrong name.
    """
    value: Any = detail["input"]
    if (
        detail["type"] in {"missing", "extra_forbidden"}
        or isinstance(value, dict)
        or any(_is_secret(step) for step in way)
        or _looks_secret(value)
    ):
        return ""
    return shown(json.dumps(value, ensure_ascii=False) if not isinstance(value, str) else value)


def shown(text: str) -> str:
    """A text on one line of a message: shortened, and what does not print escaped."""
    if not text.isprintable():
        text = json.dumps(text)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _looks_secret(value: Any) -> bool:
    return _PRIVATE_KEY in json.dumps(value)


def _is_secret(step: Step) -> bool:
    return step.field is not None and _holds_secret(step.field.annotation)


def _holds_secret(annotation: Any) -> bool:
    return annotation is SecretStr or any(_holds_secret(part) for part in get_args(annotation))


def _told(detail: ErrorDetails, place: str, way: Steps) -> tuple[str, str]:
    kind = detail["type"]
    context: dict[str, Any] = detail.get("ctx", {})
    last = way[-1] if way else None
    if kind == "missing":
        secret = "--secret " if last and _is_secret(last) else ""
        return "is required", f"set it: pulumi config set {secret}--path '{place}' …"
    if kind == "extra_forbidden" and last:
        known = _known(last.owner)
        close = close_to(str(last.key), known)
        hint = f"did you mean {close}?" if close else f"the settings here are {', '.join(known)}"
        return "is not a setting", f"remove it; {hint}"
    if kind in {"literal_error", "enum"}:
        expected = str(context["expected"]).replace("'", "")
        return "is not one of the choices", f"use {expected}"
    if _looks_secret(detail["input"]):
        return "holds a private key, which is to be replaced now", "give the public key"
    if kind == "value_error":
        return str(context["error"]), "correct it"
    rule = detail["msg"][:1].lower() + detail["msg"][1:]
    remedy = _REMEDIES.get(kind, "change it accordingly").format_map(context)
    return rule.replace("input should be", "must be"), remedy


def _known(owner: type[BaseModel] | None) -> list[str]:
    return [] if owner is None else [f.alias or n for n, f in owner.model_fields.items()]


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
