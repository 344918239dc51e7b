"""Reading nested values of unknown shape."""

from support.nested import at, items, mapping, text, values_at

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


def test_values_are_found_at_a_path_through_lists():
    pools = {"pools": [{"name": "a"}, {}, {"name": "b", "zones": ["1", "2"]}]}
    assert list(values_at(pools, "pools[].name")) == [
        ("pools[0].name", "a"),
        ("pools[2].name", "b"),
    ]
    assert list(values_at(pools, "pools[].zones[]")) == [
        ("pools[2].zones[0]", "1"),
        ("pools[2].zones[1]", "2"),
    ]
    assert list(values_at(pools, "pools.name")) == []
    assert list(values_at(ANSWER, "error.code")) == [("error.code", 404)]
