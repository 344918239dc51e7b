"""The problems of a configuration, and the error that reports all of them at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Problem:
    """A setting that is not valid: its path, its value, the broken rule and the remedy.

    `path` is the path of the setting in the stack file, such as
    `aks-network:cluster.nodePools[1].maxPods`. `value` is empty for secrets, and where there is no
    value to show. `rule` says what must hold and why, `remedy` what to change.
    """

    path: str
    value: str
    rule: str
    remedy: str

    def __str__(self) -> str:
        shown = f"{self.path}: {self.value}" if self.value else f"{self.path}:"
        return f"{shown} — {self.rule} — {self.remedy}"


def report(problems: Iterable[Problem]) -> str:
    """All problems as one text: a line per problem, sorted by path, without duplicates."""
    unique = sorted(set(problems))
    count = "1 problem" if len(unique) == 1 else f"{len(unique)} problems"
    lines = "\n".join(f"  {problem}" for problem in unique)
    return f"{count} in the configuration; nothing was registered:\n{lines}"


class ConfigurationError(Exception):
    """A configuration that is not valid. `problems` has all its problems, sorted by path."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__(report(self.problems))
