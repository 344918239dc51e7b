"""Settings as they arrive from another language: what is known, and what of it is secret."""

from __future__ import annotations

from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, cast

import pulumi
from pulumi.output import Unknown, contains_unknowns

from components.settings import explain


@dataclass
class Known:
    """Plain settings, with the paths of what is secret and of what is not known yet."""

    value: Any = None
    secret: list[str] = field(default_factory=list[str])
    unknown: list[str] = field(default_factory=list[str])

    @classmethod
    def of(cls, value: Any, path: str) -> Known:
        """Take the values out of their outputs; `unknown` says what a preview can't know."""
        known = cls()
        known.value = known._plain(value, path)
        return known

    def _plain(self, value: Any, path: str) -> Any:
        if isinstance(value, pulumi.Output):
            return self._output(cast("pulumi.Output[Any]", value), path)
        if isinstance(value, Unknown):
            self.unknown.append(path)
            return None
        if isinstance(value, dict):
            entries = cast("dict[str, Any]", value)
            return {k: self._plain(v, explain.path(path, (k,))) for k, v in entries.items()}
        if isinstance(value, list):
            entries_ = cast("list[Any]", value)
            return [self._plain(v, explain.path(path, (i,))) for i, v in enumerate(entries_)]
        # Numbers travel as floating-point ones.
        return int(value) if isinstance(value, float) and value.is_integer() else value

    def _output(self, output: pulumi.Output[Any], path: str) -> Any:
        value = _now(output.future(with_unknowns=True))
        if not _now(output.is_known()) and not contains_unknowns(value):
            self.unknown.append(path)
            return None
        if _now(output.is_secret()):
            self.secret.append(path)
        return self._plain(value, path)


def _now(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """The result of a coroutine that has nothing to wait for.

    What has arrived is there, though it comes as outputs, and a component is made at once: Pulumi's
    server calls it without waiting.
    """
    try:
        coroutine.send(None)
    except StopIteration as done:
        return done.value
    coroutine.close()
    raise RuntimeError("a value that had arrived was still waited for")
