"""Generates docs/options.md from the models of the settings: `python -m dev.docs.options --write`.

The page has the values that each setting accepts, its description, and a stack file that uses it.
Nothing on it is written by hand.
"""

from __future__ import annotations

import argparse
import enum
import html
import inspect
import re
import sys
import types
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Union, cast, get_args, get_origin, get_type_hints

import annotated_types
from pydantic import AfterValidator, BaseModel, BeforeValidator, SecretStr
from pydantic.fields import FieldInfo

from cli.command import reports_errors
from cli.stack_file import committed_examples, committed_stacks, read
from components.settings.descriptions import described
from components.settings.stack import MODELS, PROJECT
from components.settings.values import Matching, NotEmpty, as_list
from support.repository import ROOT

PAGE = ROOT / "docs" / "options.md"

HEAD = f"""# Options

All settings of a stack file `Pulumi.<stack>.yaml`: the values that each accepts, what it sets, its
default, and a stack file that uses it. `make docs` generates this page from the models in
`components/settings`, and a test compares the two.

All settings except the region belong to the namespace `{PROJECT}:`. The region is a setting of the
provider: `azure-native:location: westeurope`.

Settings that can't be combined are refused before anything is registered. One message lists every
problem: the path of the setting, the rule, and what to change. `make plan` checks a stack file
without a cloud.
"""

_PLAIN = {str: "text", bool: "`true` or `false`", int: "whole number", float: "number"}


@dataclass(frozen=True)
class Option:
    """A row of the page."""

    path: str
    value: str
    description: str
    example: str

    def row(self, section: str) -> str:
        key = self.path.removeprefix(section).lstrip(".")
        return f"| `{key}` | {self.value} | {self.description} | {self.example} |"


def page() -> str:
    """The text of docs/options.md."""
    uses = Uses()
    parts = [HEAD]
    for key, model in MODELS.items():
        parts.extend(_section(key, model, uses, title=key or "Top level"))
    return "\n".join(parts)


def models() -> Iterator[tuple[str, type[BaseModel]]]:
    """Every model of the configuration with its path; several may have one path."""
    left = list(MODELS.items())
    while left:
        path, model = left.pop(0)
        yield path, model
        hints = get_type_hints(model, include_extras=True)
        for name, field in model.model_fields.items():
            left.extend((f"{path}.{field.alias}", inner) for inner in _models(hints[name]))


def _section(path: str, model: type[BaseModel], uses: Uses, *, title: str) -> Iterator[str]:
    """A heading and a table for the model, then the same for each model in it."""
    depth = "##" if "." not in path else "###"
    yield f"{depth} {title}\n"
    yield f"{_cell(inspect.cleandoc(model.__doc__ or ''))}\n"
    yield "| setting | value | description | example |"
    yield "|---|---|---|---|"
    fields = list(options(path, model, uses))
    yield from (option.row(path) for option, _ in fields)
    yield ""
    for option, models in fields:
        for inner in models:
            kind = f", {_variant(inner)}" if len(models) > 1 else ""
            yield from _section(option.path, inner, uses, title=f"{option.path}{kind}")


def options(
    path: str, model: type[BaseModel], uses: Uses
) -> Iterator[tuple[Option, list[type[BaseModel]]]]:
    """The model's own settings, each with the models in its value."""
    hints = get_type_hints(model, include_extras=True)
    kind = _kind(model)
    only = [f"{path}.kind={kind}"] if kind else []
    for name, field in model.model_fields.items():
        key = f"{path}.{field.alias}".lstrip(".")
        inner = [item for item in _models(hints[name]) if list(item.model_fields)]
        description = _cell(described(field))
        use = uses.first(key, *only)
        link = f"[{_title(use)}](../{use.relative_to(ROOT).as_posix()})" if use else ""
        yield Option(key, _value(hints[name], field), description, link), inner


def _cell(text: str) -> str:
    """A text as a cell of a Markdown table."""
    return " ".join(text.replace("|", "\\|").split())


def _kind(model: type[BaseModel]) -> str | None:
    """The `kind` that distinguishes the model from others at its path, if it has a single one."""
    field = model.model_fields.get("kind")
    values = get_args(field.annotation) if field else ()
    return values[0] if len(values) == 1 else None


def _variant(model: type[BaseModel]) -> str:
    """What a heading calls one of several models that may have the same path."""
    kind = _kind(model)
    title = re.split("[.:]", model.__doc__ or "")[0]
    if title.startswith("A "):
        title = title[:1].lower() + title[1:]
    return f"`kind: {kind}`" if kind else title


def _models(hint: Any) -> Iterator[type[BaseModel]]:
    """The models in a value of this type."""
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        yield hint
    elif get_origin(hint) is Annotated:
        yield from _models(get_args(hint)[0])
    else:
        for argument in get_args(hint):
            yield from _models(argument)


def _value(hint: Any, field: FieldInfo | None = None) -> str:
    """The values of this type, in words."""
    extras: list[Any] = list(field.metadata) if field else []
    if get_origin(hint) is Annotated:
        hint, *own = get_args(hint)
        extras = [*own, *extras]
    text = _type(hint)
    if text == _PLAIN[str] and (rules := list(dict.fromkeys(_rules(extras)))):
        return html.escape("; ".join(rules), quote=False)
    if any(isinstance(item, BeforeValidator) and item.func is as_list for item in extras):
        text = text.replace("list:", "one or a list:", 1)
    if NotEmpty in extras:
        text = f"{text}, not empty"
    limits = _limits(extras)
    return f"{text}{limits}"


def _rules(extras: Sequence[Any]) -> Iterator[str]:
    """What validators require of a text."""
    for item in extras:
        if not isinstance(item, AfterValidator):
            continue
        if isinstance(item.func, Matching):
            yield _accepted(item.func)
        elif text := inspect.getdoc(item.func):
            yield text[0].lower() + text[1:].removesuffix(".")


def _accepted(matching: Matching) -> str:
    """What a text must be, and the example that the message gives of one."""
    text = matching.rule.removeprefix("must be ")
    _, such_as, example = matching.remedy.partition(" such as ")
    return f"{text}, such as {example}" if such_as else text


def _limits(extras: Sequence[Any]) -> str:
    """Bounds of a number."""
    flat: list[Any] = []
    for item in extras:
        flat.extend(item.metadata if isinstance(item, FieldInfo) else [item])
    low = [item.ge for item in flat if isinstance(item, annotated_types.Ge)]
    high = [item.le for item in flat if isinstance(item, annotated_types.Le)]
    if low and high:
        return f", {low[0]} to {high[0]}"
    return f", {low[0]} or more" if low else ""


def _type(hint: Any) -> str:  # noqa: PLR0911 - a case each
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _value(hint)
    if origin is Literal:
        return ", ".join(f"`{value}`" for value in arguments)
    if origin in (Union, types.UnionType):
        kinds = dict.fromkeys(_type(item) for item in arguments if item is not types.NoneType)
        return " or ".join(kinds)
    if origin is tuple:
        return f"list: {_type(arguments[0])}"
    if origin is dict:
        return f"object: {_type(arguments[1])} by key"
    if hint is SecretStr:
        return "secret"
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return ", ".join(f"`{item.value}`" for item in hint)
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return "object (below)"
    return _PLAIN[hint]


class Uses:
    """The settings in each committed stack file: dev, prod, then the examples."""

    def __init__(self) -> None:
        self._settings: dict[Path, set[str]] = {}
        for file in (*committed_stacks(ROOT).values(), *committed_examples(ROOT).values()):
            config: dict[str, Any] = read(file)["config"]
            own = {key: value for key, value in config.items() if key.startswith(f"{PROJECT}:")}
            self._settings[file] = {
                path
                for key, value in own.items()
                for path in _paths(key.removeprefix(f"{PROJECT}:"), value)
            }

    def first(self, path: str, *also: str) -> Path | None:
        """The first file that has this setting and the others."""
        wanted = {path, *also}
        return next((file for file, paths in self._settings.items() if wanted <= paths), None)


def _paths(path: str, value: Any) -> Iterator[str]:
    """The path of the setting, with its value if that is plain, and those of the settings in it."""
    yield path
    if isinstance(value, dict):
        for key, item in cast("dict[str, Any]", value).items():
            yield from _paths(f"{path}.{key}", item)
    elif isinstance(value, list):
        for item in cast("list[Any]", value):
            yield from _paths(path, item)
    else:
        yield f"{path}={value}"


def _title(file: Path) -> str:
    return file.stem.removeprefix("Pulumi.")


@reports_errors()
def main(arguments: Sequence[str]) -> int:
    """Print the page, or write it with `--write`."""
    parser = argparse.ArgumentParser(prog="python -m dev.docs.options", description=__doc__)
    parser.add_argument("--write", action="store_true", help="write docs/options.md")
    if parser.parse_args(arguments).write:
        PAGE.write_text(page())
    else:
        print(page())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
