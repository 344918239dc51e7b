"""Reads and writes YAML as Pulumi does: version 1.2, without duplicate keys.

PyYAML follows version 1.1, where `no` is false and `1:30` is ninety: a local run would then work on
other values than Pulumi does.
"""

from __future__ import annotations

import io
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.reader import ReaderError

_REMEDIES = {
    "found duplicate key": "remove one of the two",
    "'\\t'": "use spaces instead of the tab",
    "mapping values are not allowed": "use quotes around a value with a colon, or indent the line",
    "but got '<stream end>'": "use the closing bracket that is missing",
    "could not find expected ':'": "use a colon and a space after the key",
    "found unexpected end of stream": "use the closing quote that is missing",
}
"""What to do about what the library finds, by words of its message."""
_NO_WRAPPING = 10_000


class NotYaml(ValueError):  # noqa: N818 - the user's error
    """Text that is not YAML. The message says where, why and what to do, to follow a file name."""


def read(text: str) -> Any:
    """The document in `text`. Raises `NotYaml`."""
    try:
        return _yaml().load(text)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    except YAMLError as error:
        raise NotYaml(_explained(error, text)) from None
    except RecursionError:
        raise NotYaml(": must be YAML: it is nested too deeply; correct it") from None


def write(document: Any) -> str:
    """The document as YAML text, with its keys in their order."""
    file = io.StringIO()
    _yaml().dump(document, file)  # pyright: ignore[reportUnknownMemberType]
    return file.getvalue()


def _yaml() -> YAML:
    result = YAML(typ="safe", pure=True)
    result.default_flow_style = False
    result.sort_base_mapping_type_on_output = False  # pyright: ignore[reportAttributeAccessIssue]
    result.width = _NO_WRAPPING
    return result


def _explained(error: Any, text: str) -> str:
    """Where the text stops being YAML, why, and what to do."""
    if isinstance(error, ReaderError):
        position: int = getattr(error, "position", 0)
        line = text.count("\n", 0, position) + 1
        reason = getattr(error, "reason", "")
        return f", line {line}: must be YAML: {reason}; remove the character"
    mark: Any = getattr(error, "problem_mark", None)
    if mark is None:
        return f": must be YAML: {error}; correct it"
    problem: str = getattr(error, "problem", None) or "it can't be read"
    # The library repeats both values of a duplicate key, which may be secrets.
    problem = problem.partition(" with value ")[0]
    begins: Any = getattr(error, "context_mark", None)
    if begins is not None and begins.line != mark.line:
        context = getattr(error, "context", "")
        problem += f" ({context} that begins in line {begins.line + 1})"
    remedy = next((remedy for words, remedy in _REMEDIES.items() if words in problem), "correct it")
    return f", line {mark.line + 1}, column {mark.column + 1}: must be YAML: {problem}; {remedy}"
