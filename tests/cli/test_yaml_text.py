"""YAML as Pulumi reads it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli import yaml_text

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(categories=["L", "N", "P"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text("abc:-", min_size=1), inner),
    max_leaves=10,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("yes", "yes"),
        ("1:30", "1:30"),
        ("'1.30'", "1.30"),
        ("1.30", 1.3),
        ("08", 8),
        ("true", True),
        ("~", None),
        ("0x1f", 31),
    ],
)
def test_words_and_numbers_are_those_of_version_1_2(text: str, value: Any):
    assert yaml_text.read(f"a: {text}") == {"a": value}


@given(VALUES)
def test_what_is_written_is_read_again(value: Any):
    assert yaml_text.read(yaml_text.write({"config": value})) == {"config": value}


@pytest.mark.parametrize("text", ["08", "1e5", "0o14", "true", "null", "~", "1_000", "2026-01-01"])
def test_text_that_looks_like_another_value_is_quoted(text: str):
    assert f"a: '{text}'" in yaml_text.write({"a": text})


def test_keys_keep_their_order_and_long_text_its_line():
    text = yaml_text.write({"b": "word " * 60, "a": 1})
    assert text.splitlines() == [f"b: '{'word ' * 60}'", "a: 1"]


def test_a_duplicate_key_is_refused_with_its_line():
    with pytest.raises(yaml_text.NotYaml, match=r"^, line 2, column 1: must be YAML: .*one of the"):
        yaml_text.read("a: 1\na: 2\n")


def test_a_refusal_of_a_duplicate_key_shows_none_of_its_values():
    with pytest.raises(yaml_text.NotYaml) as refused:
        yaml_text.read("password: first-secret\npassword: second-secret\n")
    assert "password" in str(refused.value)
    assert "secret" not in str(refused.value)
