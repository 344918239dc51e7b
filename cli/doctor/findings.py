"""What a check found, in the one shape in which all of them report."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

T = TypeVar("T")


class Result(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARNING = "warning"
    """It can be deployed, but something will be missing or in the way later."""
    FAILED = "failed"
    """A deployment would fail."""
    UNCHECKED = "could not be checked"


@dataclass(frozen=True)
class Finding:
    """One line of the report."""

    subject: str
    """What was looked at, such as `Pulumi CLI`."""
    result: Result
    found: str
    """What there is; for `UNCHECKED`, why nobody knows."""
    remedy: str = ""
    """What to do; empty where there is nothing to do."""


def ok(subject: str, found: str) -> Finding:
    return Finding(subject, Result.OK, found)


def warning(subject: str, found: str, remedy: str) -> Finding:
    return Finding(subject, Result.WARNING, found, remedy)


def failed(subject: str, found: str, remedy: str) -> Finding:
    return Finding(subject, Result.FAILED, found, remedy)


class Unanswered(Exception):  # noqa: N818 - not a defect: whoever was asked did not say
    """Something that could not be found out: why, and what the user can do about it."""

    def __init__(self, why: str, remedy: str) -> None:
        super().__init__(why)
        self.why = why
        self.remedy = remedy

    def finding(self, subject: str) -> Finding:
        """What this makes of a check."""
        return Finding(subject, Result.UNCHECKED, self.why, self.remedy)


class Once(Generic[T]):
    """A value that is found out once, by whoever asks first, whichever thread that is.

    What kept it from being found is told to everyone who asks.
    """

    def __init__(self, find: Callable[[], T]) -> None:
        self._find = find
        self._lock = threading.Lock()
        self._values: list[T] = []
        self._why_not: Unanswered | None = None

    def get(self) -> T:
        """The value. Raises `Unanswered`."""
        with self._lock:
            if self._why_not is not None:
                raise Unanswered(self._why_not.why, self._why_not.remedy)
            if not self._values:
                try:
                    self._values.append(self._find())
                except Unanswered as why_not:
                    self._why_not = why_not
                    raise
            return self._values[0]
