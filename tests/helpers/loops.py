"""Loops that assert something."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

T = TypeVar("T")


def each(items: Iterable[T]) -> list[T]:
    """The items; fails the test if there are none, since a loop over none asserts nothing."""
    found = list(items)
    assert found, "there is nothing to loop over"
    return found
