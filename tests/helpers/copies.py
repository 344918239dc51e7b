"""Copies of plain data, several times faster than `copy.deepcopy` makes them."""

from __future__ import annotations

import pickle
from typing import TypeVar

T = TypeVar("T")


def copied(value: T) -> T:
    """A copy that shares nothing with the value."""
    return pickle.loads(pickle.dumps(value))  # noqa: S301 - written by this very line
