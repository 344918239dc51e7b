"""What pydantic finds wrong, said as this program's problems: path, value, rule, remedy."""

from __future__ import annotations

import json
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel, SecretStr, Tag, ValidationError
from pydantic_core import ErrorDetails

from components.problems import Problem

_EXAMPLES = {
    "int_type": "write a whole number, without quotes",
    "int_parsing": "write a whole number, without quotes",
    "string_type": "write it in quotes",
    "bool_type": "write true or false, without quotes",
    "tuple_type": "write a list, [a, b] or one entry a line with a hyphen",
    "dict_type": "write an object, {key: value}",
    "model_type": "write an object, {key: value}",
    "model_attributes_type": "write an object, {key: value}",
}
_SHOWN = 80
"""Longest value that is shown in a message, in characters."""


def problems(error: ValidationError, prefix: str, model: type[BaseModel]) -> Iterator[Problem]:
    """One problem for each thing `error` reports about the section `prefix`."""
    for detail in error.errors(include_url=False):
        keys, owner = _place(model, detail["loc"])
        rule, remedy = _told(detail, prefix, keys, owner)
        yield Problem(_path(prefix, keys), _value(detail, owner, keys), rule, remedy)


def _place(
    model: type[BaseModel], location: tuple[int | str, ...]
) -> tuple[tuple[int | str, ...], type[BaseModel] | None]:
    """The keys as they stand in the file, and the model that the last of them belongs to.

    Where a setting is one of several kinds, pydantic says in the location which one it took; that
    is not in the file.
    """
    keys: list[int | str] = []
    kinds: dict[str, type[BaseModel] | None] = {}
    owner: type[BaseModel] | None = model
    inside: type[BaseModel] | None = model
    for key in location:
        if key in kinds:
            inside = kinds[str(key)]
        elif key != "[key]":
            keys.append(key)
            owner = inside
        if isinstance(key, int) or key in kinds:
            kinds = {}  # an entry of a list: the list's own annotation already led to its model
            continue
        annotation = _field(inside, key)
        kinds = _kinds(annotation)
        inside = next(_models(annotation), None)
    return tuple(keys), owner


def _kinds(annotation: Any) -> dict[str, type[BaseModel] | None]:
    """The models that a setting may be read by, by their tags; None for a plain value."""
    tagged = [get_args(part) for part in get_args(annotation) if get_origin(part) is Annotated]
    return {
        note.tag: next(_models(first), None)
        for first, *notes in tagged
        for note in notes
        if isinstance(note, Tag)
    }


def _path(prefix: str, keys: tuple[int | str, ...]) -> str:
    text = prefix
    for key in keys:
        if isinstance(key, int):
            text += f"[{key}]"
        else:
            text += key if text.endswith(":") else f".{key}"
    return text


def _value(detail: ErrorDetails, owner: type[BaseModel] | None, keys: tuple[int | str, ...]) -> str:
    """The value as written, shortened; nothing for what is missing, an object, or a secret."""
    value: Any = detail["input"]
    if detail["type"] == "missing" or isinstance(value, dict) or _is_secret(owner, keys):
        return ""
    text = json.dumps(value, ensure_ascii=False) if not isinstance(value, str) else value
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _is_secret(owner: type[BaseModel] | None, keys: tuple[int | str, ...]) -> bool:
    field = _field(owner, keys[-1]) if keys else None
    return field is not None and SecretStr in (field, *get_args(field))


def _told(
    detail: ErrorDetails,
    prefix: str,
    keys: tuple[int | str, ...],
    owner: type[BaseModel] | None,
) -> tuple[str, str]:
    kind = detail["type"]
    context: dict[str, Any] = detail.get("ctx", {})
    if kind == "missing":
        secret = "--secret " if _is_secret(owner, keys) else ""
        return "is required", f"set it: pulumi config set {secret}--path '{_path(prefix, keys)}' …"
    if kind == "extra_forbidden":
        known = _known(owner)
        close = get_close_matches(str(keys[-1]), known, n=1)
        hint = f"did you mean {close[0]}?" if close else f"the settings here are {', '.join(known)}"
        return "is not a setting", f"remove it; {hint}"
    if kind in {"literal_error", "enum"}:
        expected = str(context["expected"]).replace("'", "")
        return "is not one of the choices", f"use {expected}"
    if kind == "value_error":
        return str(context["error"]), "correct it"
    rule = detail["msg"][:1].lower() + detail["msg"][1:]
    return rule.replace("input should be", "must be"), _EXAMPLES.get(kind, "change it accordingly")


def _known(owner: type[BaseModel] | None) -> list[str]:
    return [] if owner is None else [f.alias or n for n, f in owner.model_fields.items()]


def _field(owner: type[BaseModel] | None, key: int | str) -> Any:
    if owner is None:
        return None
    for name, field in owner.model_fields.items():
        if key in {name, field.alias}:
            return field.annotation
    return None


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)
