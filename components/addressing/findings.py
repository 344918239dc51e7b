"""The problems and advice of a planning run, collected to report all of them at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from components.problems import ConfigurationError, Problem


@dataclass(frozen=True)
class Change:
    """One edit of the configuration: the setting and its new value.

    A path that ends in `[+]` means: append to the list.
    """

    path: str
    value: str | int


class AddressPlanError(ConfigurationError):
    """There is no plan; `problems` has every problem.

    `changes` has the edit of each problem whose remedy is an edit of the configuration.
    """

    def __init__(
        self, problems: Iterable[Problem], changes: Mapping[Problem, tuple[Change, ...]]
    ) -> None:
        super().__init__(problems)
        self.changes = dict(changes)


@dataclass
class Findings:
    """Collects problems, which prevent a plan, and advice, which doesn't."""

    problems: list[Problem] = field(default_factory=list[Problem])
    advice: list[Problem] = field(default_factory=list[Problem])
    changes: dict[Problem, tuple[Change, ...]] = field(
        default_factory=dict[Problem, tuple[Change, ...]]
    )

    def refuse(
        self, path: str, value: object, rule: str, remedy: str, changes: Sequence[Change] = ()
    ) -> None:
        problem = Problem(path, str(value), rule, remedy)
        self.problems.append(problem)
        if changes:
            self.changes[problem] = tuple(changes)

    def advise(self, path: str, value: object, rule: str, remedy: str) -> None:
        self.advice.append(Problem(path, str(value), rule, remedy))

    def error(self) -> AddressPlanError:
        """All problems found so far, as the error to raise."""
        return AddressPlanError(self.problems, self.changes)
