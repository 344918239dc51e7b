"""What a check reports, in the same form for all of them."""

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
    """The stack can be deployed, but something will be missing or cause trouble later."""
    FAILED = "failed"
    """A deployment would fail."""
    UNCHECKED = "could not be checked"


@dataclass(frozen=True)
class Finding:
    """One line of the report."""

    title: str
    """What was checked, such as `Pulumi CLI`."""
    result: Result
    detail: str
    """What the check found; for `UNCHECKED`, why it could not run."""
    remedy: str = ""
    """What to do; empty where there is nothing to do."""


def ok(title: str, detail: str) -> Finding:
    return Finding(title, Result.OK, detail)


def warning(title: str, detail: str, remedy: str) -> Finding:
    return Finding(title, Result.WARNING, detail, remedy)


def failed(title: str, detail: str, remedy: str) -> Finding:
    return Finding(title, Result.FAILED, detail, remedy)


class CheckUnavailable(Exception):  # noqa: N818 - not a defect: the check has no answer
    """A check that can't run: the reason, and what the user can do about it."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.remedy = remedy

    def finding(self, title: str) -> Finding:
        """The finding of a check that could not run."""
        return Finding(title, Result.UNCHECKED, self.reason, self.remedy)


class Lazy(Generic[T]):
    """A value that the first caller computes, in whichever thread; the others get the same.

    If it can't be computed, every caller gets the same `CheckUnavailable`.
    """

    def __init__(self, compute: Callable[[], T]) -> None:
        self._compute = compute
        self._lock = threading.Lock()
        self._values: list[T] = []
        self._error: CheckUnavailable | None = None

    def get(self) -> T:
        """The value. Raises `CheckUnavailable`."""
        with self._lock:
            if self._error is not None:
                raise CheckUnavailable(self._error.reason, self._error.remedy)
            if not self._values:
                try:
                    self._values.append(self._compute())
                except CheckUnavailable as error:
                    self._error = error
                    raise
            return self._values[0]
