"""The icons of a picture: each kind's symbol is defined once and used by reference."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element

from analysis.diagram.kinds import Kind
from support import svg

_SIZE = 40


def symbols(icons: Mapping[Kind, bytes]) -> Iterator[Element]:
    """The symbol of each kind: its icon (PNG), or its abbreviation where there is none."""
    for kind in Kind:
        yield svg.element(
            "symbol",
            *(_image(icons[kind]) if kind in icons else _abbreviation(kind)),
            id=_symbol(kind),
            viewBox=f"0 0 {_SIZE} {_SIZE}",
        )


def _image(data: bytes) -> Iterator[Element]:
    source = f"data:image/png;base64,{base64.b64encode(data).decode()}"
    yield svg.element("image", width=_SIZE, height=_SIZE, href=source)


def _abbreviation(kind: Kind) -> Iterator[Element]:
    yield svg.rectangle(0, 0, _SIZE, _SIZE, fill=svg.AZURE.light, radius=8)
    words = kind.value.abbreviation
    yield svg.text(20, 25, words, size=13, bold=True, colour=svg.WHITE, anchor="middle")


def icon(kind: Kind, x: float, y: float, size: float) -> Element:
    """A reference to the kind's symbol."""
    return svg.element("use", href=f"#{_symbol(kind)}", x=x, y=y, width=size, height=size)


def _symbol(kind: Kind) -> str:
    return "icon-" + kind.name.lower().replace("_", "-")
