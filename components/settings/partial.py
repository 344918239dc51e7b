"""Sections of which some settings can't be read, and rules that pass over what they can't read.

So that a fault hides as few others as possible: a section keeps the settings that are valid by
themselves, and each rule runs until it reads one that is not.
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
    """A rule that ends at the first unreadable setting it reads; what it yielded before stays.

    A rule that calls others goes on when one of them ends so, hence a function for each subject.
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
    """The section with every setting that is valid by itself, as `data` or its default has it.

    Reading any other setting raises `UnreadableSettingError`, a misspelt one as well: what it would
    be without the mistake is not known.
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
    # What is wrong with the value itself leaves nothing; what is wrong below it, the rest.
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
    """A model of one of the fields, since pydantic keeps nothing of a model with a fault."""
    field = model.model_fields[name]
    fields: Any = {name: (field.annotation, field)}
    return create_model(model.__name__, __base__=_Alone, **fields)
