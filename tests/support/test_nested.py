"""Reading nested values of unknown shape."""

from support.nested import at, items, mapping, text

ANSWER = {"error": {"code": 404, "details": [{"code": "a"}]}}


def test_a_path_that_breaks_off_reads_as_absent():
    assert at(ANSWER, "error", "code") == 404
    assert at(ANSWER, "error", "code", "deeper") is None
    assert at(None, "error") is None


def test_each_kind_of_value_has_an_empty_form():
    assert text(ANSWER, "error", "code") == "404"
    assert text(ANSWER, "error", "missing") == ""
    assert mapping(ANSWER, "error", "details") == {}
    assert items(ANSWER, "error", "details") == [{"code": "a"}]
    assert items(ANSWER, "error", "code") == []
