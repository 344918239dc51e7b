"""The SVG writer: well-formed whatever it is given, with a colour for each mode, text that fits."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support import svg

SVG = "{http://www.w3.org/2000/svg}"


def parsed(*children: ET.Element, title: str = "A picture") -> ET.Element:
    return ET.fromstring(svg.document(title, 100, 50, children))  # noqa: S314 - our own


@given(st.text())
def test_any_text_gives_a_well_formed_document(words: str):
    found = parsed(svg.group(words, svg.text(1, 2, words, size=11)), title=words)
    shown = found.findtext(f".//{SVG}text") or ""
    assert [one for one in shown if one.isprintable()] == [
        one for one in words if one.isprintable()
    ]


def test_numbers_are_short_and_empty_attributes_are_left_out():
    made = svg.element("rect", x=1.0, y=2.345, rx=None, stroke_width=1)
    assert made.attrib == {"x": "1", "y": "2.35", "stroke-width": "1"}


def test_a_colour_is_an_attribute_and_a_rule_for_dark_mode():
    found = parsed(svg.rectangle(0, 0, 1, 1, fill=svg.SURFACE, stroke=svg.LINE))
    box = found.findall(f"{SVG}rect")[1]
    assert (box.get("fill"), box.get("stroke")) == (svg.SURFACE.light, svg.LINE.light)
    style = found.findtext(f"{SVG}style") or ""
    assert style.startswith("@media (prefers-color-scheme: dark)")
    for name in (box.get("class") or "").split():
        assert f".{name}{{" in style
    assert f"{{fill:{svg.SURFACE.dark}}}" in style
    assert f"{{stroke:{svg.LINE.dark}}}" in style


def test_a_colour_that_is_the_same_in_both_modes_needs_no_rule():
    assert svg.text(0, 0, "x", size=11, colour=svg.WHITE).get("class") is None


def test_a_document_is_its_size_and_names_itself():
    found = parsed(title="a & b")
    assert found.get("viewBox") == "0 0 100 50"
    assert found.get("aria-label") == found.findtext(f"{SVG}title") == "a & b"


@pytest.mark.parametrize("words", ["AzureBastionSubnet", "10.20.0.0/16", "wwww"])
def test_bold_and_large_texts_are_wider(words: str):
    plain = svg.width_of(words, 11)
    assert plain < svg.width_of(words, 11, bold=True) < svg.width_of(words, 14, bold=True)


def test_narrow_letters_are_narrower_than_wide_ones():
    assert svg.width_of("illi", 11) < svg.width_of("nono", 11) < svg.width_of("mwmw", 11)


def test_a_name_is_broken_between_its_words():
    width = svg.width_of("snet-shop-prod-", 12)
    assert svg.wrap("snet-shop-prod-nodes", width, 12) == ["snet-shop-prod-", "nodes"]


def test_a_range_of_ports_is_not_broken():
    width = svg.width_of("65200-65535", 11)
    assert svg.wrap("tcp 65200-65535", width, 11) == ["tcp", "65200-65535"]


def test_an_address_is_not_broken():
    width = svg.width_of("20.81.204.138", 11)
    assert svg.wrap("out by 20.81.204.138", width, 11) == ["out by", "20.81.204.138"]


@given(st.text(max_size=80), st.integers(20, 400))
def test_wrapping_loses_nothing_but_blanks(words: str, width: int):
    lines = svg.wrap(words, width, 11)
    assert "".join("".join(lines).split()) == "".join(words.split())


@given(st.text(max_size=80), st.integers(20, 400))
def test_no_line_is_wider_than_asked(words: str, width: int):
    assert all(svg.width_of(line, 11) <= width for line in svg.wrap(words, width, 11))
