"""The broken configurations of `tests/settings/corpus`: a stack's, with a few settings changed.

A case names its `base` (dev, prod or an example; dev by default), what it does to it (`set`, `text`
as YAML text, `rename`, `remove`), which sections are `plain` (not encrypted), and its `faults`:
each path that must be named, with words that its message must hold, or ANY.
"""

from __future__ import annotations

import copy
import functools
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from cli import yaml_text
from cli.stack_file import config_with_placeholders
from components.problems import ConfigurationError, Problem
from components.settings.load import configuration
from components.settings.stack import SECTIONS
from tests.helpers.certificates import PFX
from tests.helpers.stacks import ROOT, STACKS, configuration_of

CORPUS = Path(__file__).parents[1] / "components" / "settings" / "corpus"
ANY = "ANY"
SECRET = "hunter2"
"""In the corpus every secret holds this word, unless a case says what it `shown`."""


@dataclass(frozen=True)
class Case:
    """One broken configuration."""

    group: str
    name: str
    base: str
    faults: dict[str, str]
    edits: dict[str, Any] = field(repr=False)
    plain: tuple[str, ...] = ()
    hidden: str = SECRET

    def config(self) -> dict[str, Any]:
        """The whole configuration, full keys, with throwaway secrets in plain text."""
        return self.broken(base(self.base))

    def broken(self, config: dict[str, Any]) -> dict[str, Any]:
        """Do to a configuration what this case does, in place."""
        for old, new in self.edits.get("rename", {}).items():
            put(config, new, remove(config, old))
        for path in self.edits.get("remove", ()):
            remove(config, path)
        for path, value in self.edits.get("set", {}).items():
            put(config, path, _made(value))
        for path, text in self.edits.get("text", {}).items():
            put(config, path, _made(yaml_text.read(text)))
        return config

    @property
    def secret_keys(self) -> list[str]:
        """The keys that Pulumi would hold encrypted."""
        return [f"aks-network:{name}" for name in SECTIONS if name not in self.plain]


def cases() -> list[Case]:
    """Every case of the corpus."""
    found: list[Case] = []
    for file in sorted(CORPUS.glob("*.yaml")):
        for row in yaml_text.read(file.read_text()):
            faults = {full(path): str(words) for path, words in row.pop("faults").items()}
            found.append(
                Case(
                    group=file.stem,
                    name=row.pop("case"),
                    base=row.pop("base", "dev"),
                    faults=faults,
                    plain=tuple(row.pop("plain", ())),
                    hidden=_made(row.pop("shown", SECRET)),
                    edits=row,
                )
            )
    return found


def problems(config: dict[str, Any], secret_keys: Collection[str] | None = None) -> dict[str, str]:
    """The problems of a configuration that is refused, as they are shown, by path."""
    with pytest.raises(ConfigurationError) as error:
        configuration(config, secret_keys)
    return by_path(error.value.problems)


def by_path(problems: Iterable[Problem]) -> dict[str, str]:
    """The problems as they are shown, by path; several of one path one after the other."""
    found: dict[str, str] = {}
    for problem in problems:
        found[problem.path] = f"{found.get(problem.path, '')}{problem}"
    return found


def full(path: str) -> str:
    """A path as messages show it; in the corpus this project's namespace is left out."""
    return path if ":" in path.split('"', maxsplit=1)[0] else f"aks-network:{path}"


def base(name: str) -> dict[str, Any]:
    """A fresh copy of an accepted configuration, with throwaway secrets."""
    return copy.deepcopy(_base(name))


@functools.cache
def _base(name: str) -> dict[str, Any]:
    if name in STACKS:
        return configuration_of(name)
    return config_with_placeholders(ROOT / "examples" / f"{name}.yaml")


def steps(path: str) -> list[str | int]:
    """The keys of a path, from the configuration down."""
    head, *rest = re.findall(r"\[\d+\]|[^.\[]+(?::[^.\[]+)?", full(path))
    return [head, *(int(key[1:-1]) if key.startswith("[") else key for key in rest)]


def put(config: dict[str, Any], path: str, value: Any) -> None:
    """Set what is at a path, making the objects on the way."""
    *parents, last = steps(path)
    target: Any = config
    for key in parents:
        if isinstance(target, dict) and key not in target:
            target[key] = {}
        target = target[key]
    target[last] = value


def remove(config: dict[str, Any], path: str) -> Any:
    """Take what is at a path out of the configuration."""
    *parents, last = steps(path)
    target: Any = config
    for key in parents:
        target = target[key]
    return target.pop(last)


def _made(value: Any) -> Any:
    """Values that are too long to be written out: LONG:<signs>, DEEP:<levels> and PFX."""
    if value == "PFX":
        return PFX
    if isinstance(value, dict):
        return {key: _made(item) for key, item in value.items()}
    kind, _, size = value.partition(":") if isinstance(value, str) else ("", "", "")
    if kind == "LONG":
        return "x" * int(size)
    if kind == "DEEP":
        return functools.reduce(lambda inside, _: {"a": inside}, range(int(size)), {})
    return value
