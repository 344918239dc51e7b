"""docs/options.md names every setting, with a description, as the models have it."""

from __future__ import annotations

import functools
import re

import pytest

from components.settings.stack import MODELS
from dev.docs import options

FIELDS = [
    (f"{path}.{name}", model, name)
    for path, model in options.models()
    for name in model.model_fields
]

page = functools.cache(options.page)
documented = functools.cache(options.documented)


def test_the_page_is_the_one_made_of_the_models():
    assert options.PAGE.read_text() == page(), "run make docs"


@pytest.mark.parametrize(("path", "model", "name"), FIELDS, ids=[path for path, _, _ in FIELDS])
def test_a_setting_says_what_it_is(path, model, name):
    assert documented(model).get(name), f"{path} has no text under it"


def test_every_section_of_the_configuration_is_on_the_page():
    titles = set(re.findall(r"^## (\S+)", page(), re.MULTILINE))
    assert {key for key in MODELS if key} <= titles


def test_no_cell_breaks_its_table():
    rows = [line for line in page().splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {6}


def test_no_angle_bracket_is_taken_for_html():
    outside_code = re.sub(r"`[^`]*`", "", page())
    assert "<" not in outside_code


def test_the_limits_of_a_number_and_the_choices_of_a_word_are_shown():
    text = page()
    assert "| `publicIpCount` | whole number, 1 to 16 | `1` |" in text
    assert "| `sku` | `ErGw1AZ`, `ErGw2AZ`, `ErGw3AZ` | `ErGw1AZ` |" in text
    assert "| `addressSpace` | one or a list: an address range such as 10.20.0.0/16, not" in text


def test_a_setting_of_one_kind_is_shown_by_a_stack_of_that_kind():
    vpn = page().partition("### management.gateway, `kind: vpn`")[2].partition("###")[0]
    assert "[expressroute]" not in vpn
    assert "[vpn](../examples/vpn.yaml)" in vpn
