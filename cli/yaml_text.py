"""YAML read and written as Pulumi reads it: version 1.2's words and numbers, no key twice.

PyYAML by itself follows version 1.1, where `no` is false and `1:30` is ninety: a local run would
then not be told what a real one is told.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

_BOOL = "tag:yaml.org,2002:bool"
_INT = "tag:yaml.org,2002:int"
_FLOAT = "tag:yaml.org,2002:float"

_RESOLVERS: tuple[tuple[str, str, str], ...] = (
    (_BOOL, r"true|True|TRUE|false|False|FALSE", "tTfF"),
    (_INT, r"[-+]?(0b[01_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*)", "-+0123456789"),
    (
        _FLOAT,
        r"[-+]?((\.[0-9]+|[0-9][0-9_]*(\.[0-9]*)?)([eE][-+]?[0-9]+)?|\.(inf|Inf|INF))|\.(nan|NaN|NAN)",
        "-+0123456789.",
    ),
)


_REMEDIES = {
    "is there twice": "remove one of the two",
    "'\\t'": "use spaces instead of the tab",
    "mapping values are not allowed": "use quotes around a value with a colon, or indent the line",
    "but got '<stream end>'": "use the closing bracket that is missing",
    "could not find expected ':'": "use a colon and a space after the key",
    "found unexpected end of stream": "use the closing quote that is missing",
}
"""What to do about what PyYAML finds, by words of its message."""


class _Reader(yaml.SafeLoader):
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - the base class's
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.tag != "tag:yaml.org,2002:merge":
                if key.value in seen:
                    raise yaml.MarkedYAMLError(
                        None, None, f"the key {key.value} is there twice", key.start_mark
                    )
                seen.add(key.value)
        return super().construct_mapping(node, deep)


class _Writer(yaml.SafeDumper):
    """Quotes what either version takes for something else than text."""


_Reader.yaml_implicit_resolvers = {
    first: [pair for pair in pairs if pair[0] not in {_BOOL, _INT, _FLOAT}]
    for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
for _tag, _pattern, _first in _RESOLVERS:
    _whole = re.compile(f"^(?:{_pattern})$")
    _Reader.add_implicit_resolver(_tag, _whole, list(_first))  # pyright: ignore[reportUnknownMemberType]
    _Writer.add_implicit_resolver(_tag, _whole, list(_first))  # pyright: ignore[reportUnknownMemberType]


def read(text: str) -> Any:
    """The document in `text`. Raises yaml.YAMLError where it is none."""
    try:
        return yaml.load(text, _Reader)  # noqa: S506 - a SafeLoader
    except RecursionError:
        raise yaml.YAMLError("it is nested too deep") from None


def explained(error: yaml.YAMLError, text: str) -> str:
    """Where a text stops being YAML, why, and what to do, as a message says it after the file."""
    if isinstance(error, yaml.reader.ReaderError):
        line = text.count("\n", 0, error.position) + 1
        return f", line {line}: must be YAML: {error.reason}; remove the character"
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return f": must be YAML: {error}; correct it"
    mark, problem = error.problem_mark, error.problem or "it can't be read"
    place = f", line {mark.line + 1}, column {mark.column + 1}"
    if error.context_mark is not None and error.context_mark.line != mark.line:
        problem += f" ({error.context} that begins in line {error.context_mark.line + 1})"
    remedy = next((remedy for words, remedy in _REMEDIES.items() if words in problem), "correct it")
    return f"{place}: must be YAML: {problem}; {remedy}"


def write(document: Any) -> str:
    """The document as YAML text, its keys in their order."""
    return yaml.dump(document, Dumper=_Writer, sort_keys=False, allow_unicode=True)
