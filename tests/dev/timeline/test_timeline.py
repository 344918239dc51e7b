"""The schedule of a deployment and its chart."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

import pytest

from dev.timeline import chart
from dev.timeline.schedule import Schedule, dependencies, reversed_graph
from simulator.timeline import SUCCEEDED, Record, Retry
from tests.helpers.loops import each

URN = "urn:pulumi:dev::shop::"
NETWORK, CLUSTER = "azure-native:network:VirtualNetwork", "azure-native:containerservice:Cluster"


def urn(name: str) -> str:
    return f"{URN}{NETWORK}::{name}"


def record(name: str, start: float, end: float, *, outcome: str = SUCCEEDED, paused: float = 0):
    retries = (Retry("AnotherOperationInProgress", paused),) if paused else ()
    return Record("create", NETWORK, urn(name), f"/{name}", start, end, outcome, retries)


def graph(**waits: str) -> dict[str, frozenset[str]]:
    return {
        urn(name): frozenset(urn(item) for item in items.split()) for name, items in waits.items()
    }


@pytest.fixture
def diamond() -> Schedule:
    """a, then b and c side by side, then d."""
    records = [record("a", 0, 2), record("b", 2, 12), record("c", 2, 5), record("d", 12, 13)]
    return Schedule.of(records, graph(a="", b="a", c="a", d="b c"))


def names(bars: Any) -> list[str]:
    return [bar.name for bar in bars]


def test_the_critical_chain_is_that_which_ends_last(diamond):
    assert names(diamond.critical) == ["a", "b", "d"]
    assert diamond.makespan == 13


def test_a_run_without_idle_time_takes_as_long_as_its_longest_chain(diamond):
    assert names(diamond.longest_chain) == ["a", "b", "d"]
    assert (diamond.shortest_possible, diamond.excess) == (13, 0)
    assert diamond.serial == 16


def test_a_late_start_and_a_pause_are_no_part_of_the_longest_chain():
    records = [record("a", 0, 2), record("b", 5, 40, paused=25)]
    schedule = Schedule.of(records, graph(a="", b="a"))
    assert schedule.shortest_possible == 12
    assert schedule.excess == pytest.approx(40 / 12 - 1)
    assert [schedule.idle(bar) for bar in schedule.bars] == [0, 3]


def test_the_longest_chain_need_not_be_the_critical_one():
    records = [record("a", 0, 10), record("b", 10, 20), record("late", 19, 22)]
    schedule = Schedule.of(records, graph(a="", b="a", late=""))
    assert names(schedule.longest_chain) == ["a", "b"]
    assert names(schedule.critical) == ["late"]
    assert schedule.idle(schedule.critical[0]) == 19


def test_what_a_component_waits_for_is_waited_for_by_its_users():
    records = [record("a", 0, 2), record("d", 2, 3)]
    schedule = Schedule.of(records, graph(a="", component="a", d="component"))
    assert names(schedule.critical) == ["a", "d"]


def test_dependencies_come_from_all_that_a_state_says():
    provider = f"{URN}pulumi:providers:kubernetes::k"
    resources: list[dict[str, Any]] = [
        {"urn": urn("component"), "custom": False, "parent": urn("other")},
        {"urn": urn("a"), "custom": True, "parent": urn("component")},
        {"urn": provider, "custom": True, "propertyDependencies": {"kubeconfig": [urn("a")]}},
        {
            "urn": urn("b"),
            "custom": True,
            "provider": f"{provider}::some-id",
            "dependencies": [urn("a"), urn("elsewhere")],
            "propertyDependencies": {"name": None},
        },
    ]
    assert dependencies(resources) == {
        urn("component"): frozenset(),
        urn("a"): {urn("component")},
        provider: {urn("a")},
        urn("b"): {urn("a"), provider},
    }


def test_a_deletion_waits_the_other_way_round():
    assert reversed_graph(graph(a="", b="a", c="a b")) == graph(a="b c", b="c", c="")


def test_the_text_marks_the_critical_chain_and_tells_the_figures(diamond):
    text = chart.text(diamond)
    rows = dict(line.split(maxsplit=1) for line in text.splitlines()[:4])
    assert "█" in rows["b"]
    assert "█" not in rows["c"]
    assert rows["c"].endswith("2 to    5 s")
    assert "4 operations in 13 s" in text
    assert "The longest chain of typical durations takes 13 s; the run took 0.0 % longer." in text
    assert "Critical chain: a 2 → b 10 → d 1." in text


def test_the_text_tells_what_held_the_run_up():
    records = [
        record("a", 0, 2),
        record("b", 5, 40, paused=25),
        record("c", 0, 0, outcome="SubnetIsFull"),
    ]
    text = chart.text(Schedule.of(records, graph(a="", b="a", c="")))
    assert "b started 3 s after all that it waits for" in text
    assert "b paused 25 s between refused attempts" in text
    assert "c did not succeed: SubnetIsFull." in text


def test_a_run_without_operations_has_a_chart_too():
    empty = Schedule.of([], {})
    assert chart.text(empty) == "The run had no operations."
    assert (empty.excess, empty.critical) == (0, [])
    ET.fromstring(chart.svg(empty, "nothing"))  # noqa: S314 - it is our own


def test_the_picture_has_a_bar_for_each_operation_and_a_line_for_each_wait(diamond):
    picture = ET.fromstring(chart.svg(diamond, "a & b"))  # noqa: S314 - it is our own
    space = "{http://www.w3.org/2000/svg}"
    titled = [
        item for item in picture.iter(f"{space}rect") if item.find(f"{space}title") is not None
    ]
    assert len(titled) == 4
    assert len(picture.findall(f"{space}path")) == 3
    assert "a & b" in [item.text for item in picture.iter(f"{space}text")]


def test_nothing_is_drawn_outside_the_picture(diamond):
    picture = ET.fromstring(chart.svg(diamond, "t"))  # noqa: S314 - it is our own
    width, height = float(picture.attrib["width"]), float(picture.attrib["height"])
    for item in each(picture.iter("{http://www.w3.org/2000/svg}rect")):
        x, y = float(item.get("x", 0)), float(item.get("y", 0))
        assert x >= 0
        assert x + float(item.attrib["width"]) <= width
        assert y + float(item.attrib["height"]) <= height


def test_a_note_stands_behind_the_figures(diamond):
    assert "0.0 % longer. Lower bound: 12 s.</text>" in chart.svg(
        diamond, "t", "Lower bound: 12 s."
    )
