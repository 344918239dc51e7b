"""Settings as they arrive from another language: their values, unknown and secret paths."""

from __future__ import annotations

from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, cast

import pulumi
from pulumi.output import Unknown, contains_unknowns

from components.settings import explain


@dataclass
class ResolvedSettings:
    """Plain settings, with the paths of the secret values and of the values unknown so far."""

    value: Any = None
    secret: list[str] = field(default_factory=list[str])
    unknown: list[str] = field(default_factory=list[str])

    @classmethod
    def of(cls, value: Any, path: str) -> ResolvedSettings:
        """Resolve outputs to values. `unknown` lists the paths that a preview does not know."""
        settings = cls()
        settings.value = settings._plain(value, path)
        return settings

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
        # All numbers arrive as floats.
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
    """The result of a coroutine that does not wait.

    Inputs that arrived have values, although they come as outputs. Pulumi's server calls
    `construct` synchronously, so they must be read without waiting.
    """
    try:
        coroutine.send(None)
    except StopIteration as done:
        return done.value
    coroutine.close()
    raise RuntimeError("an input has no value yet")
