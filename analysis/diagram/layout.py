"""Boxes within boxes: children flow in rows, as words do, and a box is as large as they need.

Sizes are in SVG's user units. Nothing here knows what is drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

GAP = 12
PADDING = 12

Parts = list[str]


@dataclass
class Leaf:
    """Something that is drawn as it is. `paint` gets the place of its upper left corner."""

    width: float
    height: float
    paint: Callable[[float, float], Parts]


@dataclass
class Box:
    """A box with a header and children. Laid out once, by `arrange`."""

    header: float
    """Height of the header, in which the one who paints the box writes."""
    paint: Callable[[Box, float, float], Parts]
    children: Sequence[Box | Leaf]
    limit: float = float("inf")
    """Width that the children's rows keep within, where they can."""
    least_width: float = 0
    width: float = 0
    height: float = 0
    places: list[tuple[float, float]] = field(default_factory=list[tuple[float, float]])
    """Where the children are, from the box's upper left corner."""


def arrange(box: Box) -> Box:
    """Lay out a box and all within it. Boxes in a row get one height, and fill the row."""
    for child in box.children:
        if isinstance(child, Box):
            arrange(child)
    y = box.header + PADDING
    right = box.least_width - PADDING
    box.places = []
    for row in _rows(box.children, box.limit):
        height = max(child.height for child in row)
        x = PADDING
        for child in row:
            box.places.append((x, y))
            x += child.width + GAP
            if isinstance(child, Box):
                child.height = height
        right = max(right, x - GAP)
        y += height + GAP
    box.height = y - GAP + PADDING if box.children else box.header + PADDING
    widen(box, right + PADDING)
    return box


def widen(box: Box, width: float) -> None:
    """Make a laid out box as wide as that; the last box of each row takes what there is more."""
    box.width = width
    lasts = [
        (child, x)
        for index, (child, (x, y)) in enumerate(zip(box.children, box.places, strict=True))
        if box.places[index + 1 : index + 2] == [] or box.places[index + 1][1] != y
    ]
    for child, x in lasts:
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
    """The box at a place, then its children on top of it."""
    parts = box.paint(box, x, y)
    for child, (dx, dy) in zip(box.children, box.places, strict=True):
        if isinstance(child, Box):
            parts += draw(child, x + dx, y + dy)
        else:
            parts += child.paint(x + dx, y + dy)
    return parts
