"""The graphs of all stacks and examples for tests, without the engine."""

from __future__ import annotations

import functools

from analysis.dependency_graph import Node, Nodes, nodes_of
from cli import stack_file
from tests.helpers.stacks import ROOT, recorded_file


@functools.cache
def graph(stack: str) -> Nodes:
    """What a stack registers, as the graph that its state would give; treat it as read-only."""
    return nodes_of(recorded_file(stack_file.committed_file(stack, ROOT)).resources())


def node(stack: str, name: str) -> Node:
    """The resource with this logical name, or `<type>::<name>` where that is not enough."""
    ending = name if "::" in name else f"::{name}"
    found = [one for one in graph(stack).values() if one.urn.endswith(ending) and one.id]
    assert len(found) == 1, f"{len(found)} of {name}"
    return found[0]
