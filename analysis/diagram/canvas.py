"""SVG's elements as text, and how much of it fits into a width."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from html import escape

from analysis.diagram.kinds import Kind

INK, FAINT, PAPER, AZURE, PUBLIC = "#1f2328", "#59636e", "#ffffff", "#0078d4", "#b3470f"
FONT = "system-ui, Segoe UI, Helvetica, Arial, sans-serif"

_WIDTH_OF_CHARACTER = 0.58
"""Of a font's size, on average and on the safe side: what shows an SVG chooses the font."""
_BOLDER = 1.08

_PIECE = r"(?:[^\s\-.]|\.(?=\d))+[\-.]*\s*|[\s\-.]+"
"""What stays in one line: up to a blank or hyphen, or a dot that is not within a figure."""


def width_of(text: str, size: float, *, bold: bool = False) -> float:
    """About how wide a text is."""
    return len(text) * size * _WIDTH_OF_CHARACTER * (_BOLDER if bold else 1)


def wrapped(text: str, width: float, size: float, *, bold: bool = False) -> list[str]:
    """A text as lines within a width, broken after blanks and hyphens, and after dots in names.

    A piece that is too long by itself is broken anywhere: nothing is cut off.
    """
    most = max(1, int(width / width_of("x", size, bold=bold)))
    lines = [""]
    for piece in re.findall(_PIECE, text):
        if lines[-1] and len(lines[-1]) + len(piece.rstrip()) > most:
            lines.append("")
        rest = piece
        while len(rest.rstrip()) > most:
            lines[-1:] = [rest[:most], ""]
            rest = rest[most:]
        lines[-1] += rest
    return [line.rstrip() for line in lines if line.strip()]


def text(
    x: float, y: float, words: str, *, size: float = 11, bold: bool = False, colour: str = INK
) -> str:
    weight = ' font-weight="600"' if bold else ""
    return (
        f'<text x="{n(x)}" y="{n(y)}" font-size="{n(size)}"{weight} fill="{colour}">'
        f"{escape(words)}</text>"
    )


def rectangle(
    x: float,
    y: float,
    width: float,
    height: float,
    *,
    fill: str,
    edge: str,
    radius: float = 6,
    dashed: bool = False,
) -> str:
    dashes = ' stroke-dasharray="5 4"' if dashed else ""
    return (
        f'<rect x="{n(x)}" y="{n(y)}" width="{n(width)}" height="{n(height)}" '
        f'rx="{n(radius)}" fill="{fill}" stroke="{edge}"{dashes}/>'
    )


def icon(kind: Kind, x: float, y: float, size: float) -> str:
    """A reference to the kind's symbol, which `symbols` defines."""
    return (
        f'<use href="#{_symbol(kind)}" x="{n(x)}" y="{n(y)}" width="{n(size)}" height="{n(size)}"/>'
    )


def symbols(kinds: list[Kind], icons: Mapping[Kind, bytes]) -> list[str]:
    """Each kind's symbol once: its icon (PNG), or its letters where there is none."""
    parts = ["<defs>"]
    for kind in kinds:
        parts.append(f'<symbol id="{_symbol(kind)}" viewBox="0 0 40 40">')
        if kind in icons:
            data = base64.b64encode(icons[kind]).decode()
            parts.append(f'<image width="40" height="40" href="data:image/png;base64,{data}"/>')
        else:
            parts.append(f'<rect width="40" height="40" rx="8" fill="{AZURE}"/>')
            parts.append(
                '<text x="20" y="25" font-size="13" font-weight="700" text-anchor="middle" '
                f'fill="{PAPER}">{kind.value.letters}</text>'
            )
        parts.append("</symbol>")
    return [*parts, "</defs>"]


def _symbol(kind: Kind) -> str:
    return "icon-" + kind.name.lower().replace("_", "-")


def tip(words: str) -> str:
    """What a pointer that rests on the enclosing group shows."""
    return f"<title>{escape(words)}</title>"


def n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
