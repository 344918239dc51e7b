"""The graphs of all stacks and examples for tests, without the engine."""

from __future__ import annotations

import functools

from tests.stacks import ROOT, run_program
from tools import stackfile
from tools.seed import seed_of
from tools.state_graph import Node, Nodes, nodes_of


@functools.cache
def graph(stack: str) -> Nodes:
    """What a stack registers, as the graph that its state would give; treat it as read-only."""
    file = stackfile.committed_file(stack, ROOT)
    config = stackfile.settings_without_engine(file)
    return nodes_of(run_program(config, seed=seed_of(file)).resources())


def node(stack: str, name: str) -> Node:
    """The resource with this logical name, or `<type>::<name>` where that is not enough."""
    ending = name if "::" in name else f"::{name}"
    found = [one for one in graph(stack).values() if one.urn.endswith(ending) and one.id]
    assert len(found) == 1, f"{len(found)} of {name}"
    return found[0]
