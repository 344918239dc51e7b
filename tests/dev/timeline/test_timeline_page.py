"""docs/timeline.md has the duration of every stack, and none is much above its lower bound."""

from __future__ import annotations

import pytest

from dev.timeline import __main__ as timeline
from dev.timeline import timeline_page, virtual_engine
from dev.timeline.comparison import compare, summary
from tests.helpers.timelines import graph

STACKS = timeline.stacks()
MAX_RATIO = 1.03
"""The makespan as a multiple of the lower bound."""
WAITS_FOR_HUB = {"byo-hub": 1.07}
"""There the cluster waits for the peering with another team's hub, which may have its DNS servers
or its way out. The lower bound knows only what Azure itself requires."""


def test_the_page_has_a_row_for_every_stack_and_example_and_nothing_else_of_its_own():
    written = timeline.PAGE.read_text()
    rows = [line for line in written.splitlines() if line.startswith("| `")]
    assert [row.split("`")[1] for row in rows] == STACKS
    before, after = timeline_page.page({}).split(timeline_page.table({}))
    assert written.startswith(before)
    assert written.endswith(after)


@pytest.mark.parametrize("stack", STACKS)
def test_a_stack_takes_what_the_page_says_and_hardly_more_than_azure_imposes(stack: str):
    found = compare(graph(stack))
    assert timeline_page.row(stack, found) in timeline.PAGE.read_text().splitlines()
    assert 1 <= found.ratio <= WAITS_FOR_HUB.get(stack, MAX_RATIO)
    assert found.makespan < found.by_component <= found.serial
    assert found.destroy_without_waves <= found.destroy_in_two_steps <= found.destroy + 60
    records = [
        *virtual_engine.create(graph(stack)),
        *virtual_engine.delete(graph(stack)),
        *virtual_engine.delete_in_two_steps(graph(stack)),
    ]
    assert {(record.outcome, record.retries) for record in records} == {("succeeded", ())}


def test_the_summary_names_the_lower_bound_and_its_chain():
    text = "\n".join(summary(compare(graph("dev"))))
    assert "Lower bound: 613 s: management-rg 1 → management-vnet 6" in text
    assert "1.000 times that" in text


def test_the_page_is_written_of_all_stacks_or_not_at_all(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        timeline.main(["--write"])
    assert "needs --all" in capsys.readouterr().err
