"""What is worked out of the graph is what the engine does."""

from __future__ import annotations

from analysis.dependency_graph import nodes_of
from dev.timeline import virtual_engine
from dev.timeline.comparison import compare
from simulator import timeline
from tests.engine.conftest import Deploy
from tests.helpers.timelines import graph


def test_the_engine_creates_and_deletes_as_was_worked_out(deploy: Deploy):
    deployment = deploy("dev")
    deployment.up(environment={timeline.RUN: "up"})
    nodes = nodes_of(deployment.state())
    assert compare(nodes) == compare(graph("dev"))

    created = timeline.read(deployment.cloud.state, "up")
    worked_out = virtual_engine.create(nodes)
    assert {one.urn for one in created} == {one.urn for one in worked_out}
    assert [one.urn for one in created if one.retries] == []

    # The record has the order in which operations ended: no wave mixes with another.
    deployment.destroy(environment={timeline.RUN: "destroy"})
    left = [one.urn for one in timeline.read(deployment.cloud.state, "destroy")]
    for wave in virtual_engine.waves(nodes, nodes):
        asked = {urn for urn in wave if nodes[urn].takes_time}
        assert set(left[: len(asked)]) == asked
        left = left[len(asked) :]
    assert left == []
