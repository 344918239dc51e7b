"""docs/options.md names every setting, with a description, as the models have it."""

from __future__ import annotations

import re

import pytest

from components.settings.descriptions import described
from components.settings.stack import MODELS
from dev.docs import options
from tests.helpers.loops import each

FIELDS = [
    (f"{path}.{name}", model, name)
    for path, model in options.models()
    for name in model.model_fields
]


def test_the_page_is_the_one_made_of_the_models():
    assert options.PAGE.read_text() == options.page(), "run make docs"


SENTENCES = r"(The|A|An|Whether|How) [^.]+(\. [A-Z`][^.]*)*\."
"""One or several sentences, the first of which says what the setting sets."""


@pytest.mark.parametrize(
    ("model", "name"),
    [(model, name) for _, model, name in FIELDS],
    ids=[path for path, _, _ in FIELDS],
)
def test_a_setting_is_described_in_full_sentences(model, name):
    field = model.model_fields[name]
    text = described(field)
    need, _, said = text.partition(" ")
    assert need == ("Required." if field.is_required() else "Optional.")
    said = said.partition(" Defaults to ")[0]
    without_code = re.sub(r"`[^`]*`|\d\.\d+|\([^)]*\)", "X", said)
    assert re.fullmatch(SENTENCES, without_code), text
    assert len(said.split()) >= 6, text


@pytest.mark.parametrize("text", ["Of the nodes.", "the name of the pool", "The name.", "None."])
def test_a_fragment_is_no_description(text):
    assert not (re.fullmatch(SENTENCES, text) and len(text.split()) >= 6)


def test_no_two_settings_of_a_section_are_described_alike():
    for path, model in each(options.models()):
        texts = [field.description for field in model.model_fields.values()]
        assert len(set(texts)) == len(texts), path


def test_the_schema_of_the_settings_has_the_descriptions_of_the_page():
    definitions = MODELS["network"].model_json_schema()["$defs"]
    timeout = definitions["NatGatewaySettings"]["properties"]["idleTimeoutMinutes"]["description"]
    assert timeout == (
        "Optional. The number of minutes after which an idle connection is dropped. "
        "Defaults to `4`."
    )
    assert f"| {timeout} |" in options.page()


def test_every_section_of_the_configuration_is_on_the_page():
    titles = set(re.findall(r"^## (\S+)", options.page(), re.MULTILINE))
    assert {key for key in MODELS if key} <= titles


def test_no_cell_breaks_its_table():
    rows = [line for line in options.page().splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {5}


def test_no_angle_bracket_is_taken_for_html():
    outside_code = re.sub(r"`[^`]*`", "", options.page())
    assert "<" not in outside_code


def test_the_limits_of_a_number_and_the_choices_of_a_word_are_shown():
    page = options.page()
    assert "| `publicIpCount` | whole number, 1 to 16 | Optional. The number of public IP" in page
    assert "| `sku` | `ErGw1AZ`, `ErGw2AZ`, `ErGw3AZ` | Optional. The SKU" in page
    assert "| `addressSpace` | one or a list: an address range such as 10.20.0.0/16, not" in page
    assert "| `vmSize` | a virtual machine size, such as Standard_D4ds_v5 |" in page


def test_a_setting_of_one_kind_is_shown_by_a_stack_of_that_kind():
    vpn = options.page().partition("### management.gateway, `kind: vpn`")[2].partition("###")[0]
    assert "[expressroute]" not in vpn
    assert "[vpn](../examples/vpn.yaml)" in vpn
