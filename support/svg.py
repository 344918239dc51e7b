"""Writes SVG documents: elements, text measurement, and colours for light and dark mode.

`xml.etree` from the standard library builds and serializes the tree, so nothing here escapes or
concatenates markup. Third-party writers (`drawsvg`, `svg.py`) would only replace that part, and the
address planner, which draws with this module, must not need another dependency.

A picture follows the colour scheme of its viewer: each element carries its light colour as an
attribute, and a style sheet replaces it in dark mode. Viewers without media queries show the light
picture.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal
from xml.etree import ElementTree as ET

FONT = "system-ui, Segoe UI, Helvetica, Arial, sans-serif"
_BOLD_WEIGHT = "600"
_CLASS = re.compile(r"(fill|stroke)-([0-9a-f]{6})")
_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that an XML document cannot contain."""


@dataclass(frozen=True)
class Colour:
    """A colour in light and in dark mode, both as `#rrggbb`."""

    light: str
    dark: str


INK = Colour("#1f2328", "#e6edf3")
FAINT = Colour("#59636e", "#9198a1")
LINE = Colour("#d1d9e0", "#3d444d")
SURFACE = Colour("#f6f8fa", "#151b23")
PAPER = Colour("#ffffff", "#0d1117")
WHITE = Colour("#ffffff", "#ffffff")
"""White in both modes, for text on a dark fill."""
AZURE = Colour("#0078d4", "#4493f8")

Paint = Colour | str
"""A colour, or a reference such as `url(#pattern)` or `none`."""
Anchor = Literal["start", "middle", "end"]


def element(
    tag: str, *children: ET.Element, content: str = "", **attributes: Paint | float | None
) -> ET.Element:
    """An element. In attribute names `_` stands for `-`; attributes that are None are left out."""
    made = ET.Element(tag)
    for name, value in attributes.items():
        attribute = name.replace("_", "-")
        if isinstance(value, Colour):
            made.set(attribute, value.light)
            if value.dark != value.light:
                classes = f"{made.get('class', '')} {attribute}-{value.dark[1:]}"
                made.set("class", classes.strip())
        elif value is not None:
            made.set(attribute, _valid(value) if isinstance(value, str) else number(value))
    if content:
        made.text = _valid(content)
    made.extend(children)
    return made


def _valid(words: str) -> str:
    return _NOT_XML.sub("", words)


def number(value: float) -> str:
    """A coordinate with at most two decimals."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def text(
    x: float,
    y: float,
    words: str,
    *,
    size: float,
    bold: bool = False,
    colour: Paint = INK,
    anchor: Anchor = "start",
    rotate: float = 0,
) -> ET.Element:
    """A line of text with its baseline at `y`; `rotate` turns it around that point, in degrees."""
    return element(
        "text",
        content=words,
        x=x,
        y=y,
        font_size=size,
        font_weight=_BOLD_WEIGHT if bold else None,
        fill=colour,
        text_anchor=None if anchor == "start" else anchor,
        transform=f"rotate({number(rotate)} {number(x)} {number(y)})" if rotate else None,
    )


def rectangle(
    x: float,
    y: float,
    width: float,
    height: float,
    *,
    fill: Paint,
    stroke: Paint | None = None,
    radius: float = 0,
    opacity: float = 1,
    dashed: bool = False,
    tooltip: str = "",
) -> ET.Element:
    """A rectangle. `opacity` is that of the fill, from 0 to 1."""
    return element(
        "rect",
        *([_title(tooltip)] if tooltip else []),
        x=x,
        y=y,
        width=width,
        height=height,
        rx=radius or None,
        fill=fill,
        fill_opacity=opacity if opacity < 1 else None,
        stroke=stroke,
        stroke_dasharray="5 4" if dashed else None,
    )


def path(*steps: str | float, stroke: Paint, width: float = 1) -> ET.Element:
    """A line that is not filled, from SVG's path commands and coordinates."""
    data = " ".join(step if isinstance(step, str) else number(step) for step in steps)
    return element("path", d=data, fill="none", stroke=stroke, stroke_width=width)


def group(tooltip: str, *children: ET.Element) -> ET.Element:
    """Elements that show a tooltip together."""
    return element("g", _title(tooltip), *children)


def _title(words: str) -> ET.Element:
    return element("title", content=words)


def document(
    title: str,
    width: float,
    height: float,
    children: Iterable[ET.Element],
    definitions: Iterable[ET.Element] = (),
) -> str:
    """The text of a document of this size, with `definitions` for its `<defs>`."""
    body = [rectangle(0, 0, width, height, fill=PAPER), *children]
    defined = list(definitions)
    root = element(
        "svg",
        element("title", content=title),
        element("style", content=_dark_mode([*defined, *body])),
        *([element("defs", *defined)] if defined else []),
        *body,
        xmlns="http://www.w3.org/2000/svg",
        width=width,
        height=height,
        viewBox=f"0 0 {number(width)} {number(height)}",
        role="img",
        aria_label=title,
        font_family=FONT,
    )
    ET.indent(root, "")
    return ET.tostring(root, encoding="unicode") + "\n"


def _dark_mode(elements: Iterable[ET.Element]) -> str:
    """The style sheet that gives every class its colour in dark mode."""
    classes = {
        name for top in elements for one in top.iter() for name in one.get("class", "").split()
    }
    rules = [
        f".{found[0]}{{{found[1]}:#{found[2]}}}"
        for found in map(_CLASS.fullmatch, sorted(classes))
        if found
    ]
    return f"@media (prefers-color-scheme: dark) {{ {' '.join(rules)} }}"


_WIDTHS = {
    **dict.fromkeys("ijlI|.,:;'! ", 0.32),
    **dict.fromkeys("frt()[]/-", 0.4),
    **dict.fromkeys("mwMW@%→←↔—…", 0.95),
    **dict.fromkeys("ABCDEFGHJKLNOPQRSTUVXYZ", 0.7),
}
"""Widths of characters as shares of the font's size.

The viewer chooses the font; these are DejaVu Sans', one of the widest."""
_WIDTH = 0.62
_BOLD = 1.1

_PIECE = re.compile(r"(?:[^\s\-.]|[\-.](?=\d))+[\-.]*\s*|[\s\-.]+")
"""Text that stays in one line: up to a blank, or a hyphen or dot that no digit follows."""


def width_of(words: str, size: float, *, bold: bool = False) -> float:
    """The approximate width of a text, rather too large than too small."""
    return sum(_WIDTHS.get(one, _WIDTH) for one in words) * size * (_BOLD if bold else 1)


def wrap(words: str, width: float, size: float, *, bold: bool = False) -> list[str]:
    """A text as lines no wider than `width`, broken after blanks, hyphens and dots.

    A piece that is too long for a line is broken anywhere, so that nothing is cut off.
    """

    def fits(line: str) -> bool:
        return width_of(line.rstrip(), size, bold=bold) <= width

    lines = [""]
    for piece in _PIECE.findall(words):
        if lines[-1] and not fits(lines[-1] + piece):
            lines.append("")
        if fits(lines[-1] + piece):
            lines[-1] += piece
            continue
        for letter in piece:
            if lines[-1] and not fits(lines[-1] + letter):
                lines.append("")
            lines[-1] += letter
    return [line.rstrip() for line in lines if line.strip()]
