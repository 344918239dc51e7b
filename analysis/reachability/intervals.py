"""Sets of integers as sorted intervals, for addresses and ports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Intervals:
    """A set of integers. `parts` are inclusive, sorted, disjoint and never adjacent.

    `Intervals.of` creates one: it sorts and merges.
    """

    parts: tuple[tuple[int, int], ...] = ()

    @classmethod
    def of(cls, parts: Iterable[tuple[int, int]]) -> Intervals:
        """The union of inclusive intervals in any order; empty intervals are ignored."""
        merged: list[tuple[int, int]] = []
        for low, high in sorted(part for part in parts if part[0] <= part[1]):
            if merged and low <= merged[-1][1] + 1:
                merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
            else:
                merged.append((low, high))
        return cls(tuple(merged))

    def __bool__(self) -> bool:
        return bool(self.parts)

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return iter(self.parts)

    def __or__(self, other: Intervals) -> Intervals:
        return Intervals.of((*self.parts, *other.parts))

    def __and__(self, other: Intervals) -> Intervals:
        return Intervals.of(
            (max(low, first), min(high, last)) for low, high in self for first, last in other
        )

    def __sub__(self, other: Intervals) -> Intervals:
        remaining = list(self.parts)
        for first, last in other:
            remaining = [
                piece
                for low, high in remaining
                for piece in ((low, min(high, first - 1)), (max(low, last + 1), high))
                if piece[0] <= piece[1]
            ]
        return Intervals.of(remaining)

    def __le__(self, other: Intervals) -> bool:
        """Whether it is a subset of the other set."""
        return not self - other

    @property
    def size(self) -> int:
        return sum(high - low + 1 for low, high in self)


EMPTY = Intervals()


def union(sets: Iterable[Intervals]) -> Intervals:
    """The union of all sets."""
    return Intervals.of(part for one in sets for part in one)
