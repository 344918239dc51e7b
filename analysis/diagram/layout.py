"""Boxes within boxes: children flow in rows like words, and a box is as large as they need.

Sizes are in SVG user units. This module does not know what is drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

GAP = 12
PADDING = 12

Parts = list[Element]


@dataclass
class Leaf:
    """Something without children. `paint` gets the position of its upper left corner."""

    width: float
    height: float
    paint: Callable[[float, float], Parts]


@dataclass
class Box:
    """A box with a header and children. `arrange` lays it out."""

    header: float
    """Height of the header, which `paint` fills."""
    paint: Callable[[Box, float, float], Parts]
    children: Sequence[Box | Leaf]
    limit: float = float("inf")
    """Width at which rows of children wrap."""
    min_width: float = 0
    width: float = 0
    height: float = 0
    positions: list[tuple[float, float]] = field(default_factory=list[tuple[float, float]])
    """Positions of the children, relative to the upper left corner of the box."""


def arrange(box: Box) -> Box:
    """Lay out a box and everything in it. The boxes of a row get the same height and fill it."""
    for child in box.children:
        if isinstance(child, Box):
            arrange(child)
    y = box.header + PADDING
    right = box.min_width - PADDING
    box.positions = []
    for row in _rows(box.children, box.limit):
        height = max(child.height for child in row)
        x = PADDING
        for child in row:
            box.positions.append((x, y))
            x += child.width + GAP
            if isinstance(child, Box):
                child.height = height
        right = max(right, x - GAP)
        y += height + GAP
    box.height = y - GAP + PADDING if box.children else box.header + PADDING
    widen(box, right + PADDING)
    return box


def widen(box: Box, width: float) -> None:
    """Set the width of an arranged box; the last box of each row takes the additional space."""
    box.width = width
    last_in_rows = [
        (child, x)
        for index, (child, (x, y)) in enumerate(zip(box.children, box.positions, strict=True))
        if box.positions[index + 1 : index + 2] == [] or box.positions[index + 1][1] != y
    ]
    for child, x in last_in_rows:
        if isinstance(child, Box):
            widen(child, width - PADDING - x)


def _rows(children: Sequence[Box | Leaf], limit: float) -> Iterator[list[Box | Leaf]]:
    row: list[Box | Leaf] = []
    used = 0.0
    for child in children:
        if row and used + GAP + child.width > limit:
            yield row
            row, used = [], 0.0
        used += child.width + (GAP if row else 0)
        row.append(child)
    if row:
        yield row


def draw(box: Box, x: float, y: float) -> Parts:
    """The box at a position, then its children on top of it."""
    parts = box.paint(box, x, y)
    for child, (dx, dy) in zip(box.children, box.positions, strict=True):
        if isinstance(child, Box):
            parts += draw(child, x + dx, y + dy)
        else:
            parts += child.paint(x + dx, y + dy)
    return parts
