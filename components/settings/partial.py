"""Sections with some unreadable settings, and rules that skip what they can't read.

A mistake should hide as few others as possible. A section therefore keeps the settings that are
valid on their own, and each rule runs until it reads one that is not.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any, ParamSpec, TypeVar, cast

from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from components.problems import Problem
from components.settings import explain
from components.settings.values import Section, UnreadableSettingError

_Arguments = ParamSpec("_Arguments")
_Item = TypeVar("_Item")
_Model = TypeVar("_Model", bound=BaseModel)
_Value = TypeVar("_Value")


def skips_unreadable(
    check: Callable[_Arguments, Iterator[Problem]],
) -> Callable[_Arguments, Iterator[Problem]]:
    """A rule that ends at the first unreadable setting, and keeps the problems it has yielded.

    A rule that calls others continues when one of them ends. So each subject has a function.
    """

    @functools.wraps(check)
    def until_unreadable(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> Iterator[Problem]:
        with suppress(UnreadableSettingError):
            yield from check(*args, **kwargs)

    return until_unreadable


def readable(
    read: Callable[[_Item], _Value], items: Iterable[_Item]
) -> Iterator[tuple[int, _Value]]:
    """What `read` takes from each item, with the item's position; unreadable ones are left out."""
    for position, item in enumerate(items):
        try:
            value = read(item)
        except UnreadableSettingError:
            continue
        yield position, value


def read_partially(model: type[_Model], data: Any) -> _Model:
    """The section with every setting that is valid on its own, from `data` or by default.

    Reading any other setting raises `UnreadableSettingError`. So does reading a misspelt one,
    because its intended value is not known.
    """
    given = cast("dict[str, Any]", data) if isinstance(data, dict) else None
    values: dict[str, Any] = {}
    if given is not None:
        misspelt = explain.misspelt(model, given)
        for name, field in model.model_fields.items():
            key = field.alias or name
            if key in given:
                with suppress(UnreadableSettingError):
                    values[name] = _value(model, name, given[key])
            elif key not in misspelt and not field.is_required():
                values[name] = field.get_default(call_default_factory=True, validated_data={})
    fields = model.model_fields.items()
    named = {name for name, field in fields if given and (field.alias or name) in given}
    section = model.model_construct(named, **values)
    for name in model.model_fields.keys() - values.keys():
        vars(section).pop(name, None)  # its default
    return section


def _value(model: type[BaseModel], name: str, data: Any) -> Any:
    """The value of one setting. Raises UnreadableSettingError where no part of it can be read."""
    alone = _alone(model, name)
    key = model.model_fields[name].alias or name
    try:
        section = alone.model_validate_json(json.dumps({key: data}))
    except ValidationError as error:
        places = [explain.steps(alone, one["loc"])[1:] for one in error.errors(include_url=False)]
    else:
        return getattr(section, name)
    # A mistake in the value itself leaves nothing; a mistake below it leaves the rest.
    owners = [place[0].owner for place in places if place]
    if len(owners) < len(places) or owners[0] is None:
        raise UnreadableSettingError(key)
    if isinstance(data, list):
        entries = cast("list[Any]", data)
        return tuple(read_partially(owners[0], entry) for entry in entries)
    return read_partially(owners[0], data)


class _Alone(Section):
    """A section whose settings need no description: pydantic reads sources to find one."""

    model_config = ConfigDict(use_attribute_docstrings=False)


@functools.cache
def _alone(model: type[BaseModel], name: str) -> type[BaseModel]:
    """A model of one of the fields, because pydantic keeps nothing of a model with an error."""
    field = model.model_fields[name]
    fields: Any = {name: (field.annotation, field)}
    return create_model(model.__name__, __base__=_Alone, **fields)
