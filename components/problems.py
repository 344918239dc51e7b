"""One problem of a configuration, in the one shape in which all of them are reported."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Problem:
    """A setting that can't be accepted: where it is, its value, the broken rule, what to do.

    `path` is the setting's path as written in the stack file, such as
    `aks-network:cluster.nodePools[1].maxPods`. `value` is empty where there is none to show, and
    for secrets.
    """

    path: str
    value: str
    rule: str
    remedy: str

    def __str__(self) -> str:
        shown = f"{self.path}: {self.value}" if self.value else f"{self.path}:"
        return f"{shown} — {self.rule} — {self.remedy}"


def report(problems: Iterable[Problem]) -> str:
    """All problems as one text, a line each, sorted by path and without repetition."""
    unique = sorted(set(problems))
    count = "1 problem" if len(unique) == 1 else f"{len(unique)} problems"
    lines = "\n".join(f"  {problem}" for problem in unique)
    return f"{count} in the configuration; nothing was registered:\n{lines}"


class ConfigurationError(Exception):
    """A configuration that can't be accepted; `problems` holds every problem found."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__(report(self.problems))
