"""Tables and paragraphs for the terminal."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support import tables
from support.tables import Column, Terminal, grid, paragraph, table, terminal

COLUMNS = (Column("name", whole=True), Column("what it says"), Column("figure", right=True))
ROW = ("nodes", "the limit of nodes in a cluster", "1,581")


def test_a_table_has_aligned_columns_below_a_rule():
    text = table(COLUMNS, [ROW, ("applicationGateway", "nothing", "7")])
    assert text.splitlines() == [
        "name                what it says                     figure",
        "─────────────────── ──────────────────────────────── ──────",
        "nodes               the limit of nodes in a cluster   1,581",
        "applicationGateway  nothing                               7",
    ]


def test_text_wraps_and_names_do_not():
    text = table(COLUMNS, [ROW], Terminal(30))
    assert max(map(len, text.splitlines())) <= 30
    assert "nodes  the limit of" in text
    assert len(text.splitlines()) > 3


def test_spaced_rows_have_an_empty_line_between_them():
    lines = table(COLUMNS, [ROW, ROW], spaced=True).splitlines()
    assert lines[2] == lines[4]
    assert lines[3] == ""


WORDS = st.text("abc/-[]", min_size=1, max_size=90)


@given(st.lists(st.tuples(WORDS, st.lists(WORDS, min_size=1).map(" ".join), WORDS), min_size=1))
def test_no_word_and_no_whole_cell_is_ever_cut(rows: list[tuple[str, str, str]]):
    text = table(COLUMNS, rows, Terminal(40))
    for name, words, figure in rows:
        assert name in text
        assert figure in text
        for word in words.split():
            assert word in text


def test_a_grid_is_as_wide_as_its_values():
    value = "/subscriptions/" + "x" * 200
    assert grid([("a", "1"), ("long", value)]) == f"a     1\nlong  {value}"


def test_a_grid_aligns_figures_below_a_title_to_the_right():
    text = grid([("vnet", "usable"), ("cluster", "251")], figures=True)
    assert text.splitlines()[1] == "cluster     251"


def test_a_paragraph_breaks_no_path():
    path = "/subscriptions/" + "x-" * 40
    lines = paragraph(f"see {path} now", Terminal(40), indent="  ", hanging="    ").splitlines()
    assert lines == ["  see", f"    {path}", "    now"]


def test_colours_are_drawn_only_where_the_terminal_has_them():
    coloured = table(COLUMNS, [ROW], Terminal(80, colours=True))
    assert "\033[1m" in coloured
    plain = "\n".join(line.rstrip() for line in re.sub(r"\033\[[\d;]*m", "", coloured).splitlines())
    assert plain == table(COLUMNS, [ROW])


@pytest.mark.parametrize(
    ("environment", "colours"),
    [
        ({"FORCE_COLOR": "1"}, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ({}, False),
    ],
)
def test_no_color_and_a_pipe_take_the_colours_away(
    environment: dict[str, str], *, colours: bool, monkeypatch: pytest.MonkeyPatch
):
    for name in ("FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert terminal().colours is colours


@pytest.mark.parametrize(("columns", "width"), [("20", 60), ("100", 100), ("400", 120)])
def test_the_width_is_the_terminals_within_what_can_be_read(
    columns: str, width: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("COLUMNS", columns)
    assert (tables.MIN_WIDTH, tables.MAX_WIDTH) == (60, 120)
    assert terminal().width == width
