"""The purpose of each edge of a dependency graph, from requests to the simulated cloud.

An edge says that one resource waits for another, its dependency. For each edge, the cloud gets
everything else that the resource waits for, and then: the resource without the dependency; the
dependency after the resource; both at once; and the deletion of the dependency while the resource
exists. A refusal shows what the edge is for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path

from analysis.dependency_graph import KUBERNETES, PARENT, PROPERTY, PROVIDER, Node, Nodes, ancestors
from dev.timeline import virtual_engine
from dev.timeline.references import References
from dev.timeline.replay import Replay, request_inputs
from dev.timeline.schedule import TOLERANCE
from simulator.azure.locks import LOCKS, Ongoing
from simulator.errors import Refused
from simulator.operations import Operation


class Purpose(Enum):
    """What an edge is for."""

    REFERENCE = "reference"
    RULE = "rule"
    LOCK = "lock"
    DELETION = "deletion"
    IMPLIED = "implied"
    HARMLESS = "harmless"
    LENGTHENS = "lengthens"


@dataclass(frozen=True)
class Edge:
    """The resource `dependent` waits for `dependency`."""

    dependent: Node
    dependency: Node
    declared_by: frozenset[str]
    """How the program declares it: `depends_on`, `property`, `provider`."""
    purpose: Purpose
    reason: str
    """The kind of reference, the error code of the refusal, the lock, or what the edge costs."""


def edges(nodes: Nodes, fixture: Path | None = None) -> list[Edge]:
    """All edges between custom resources, with their purposes.

    `fixture` is the file of what other teams own in the cloud.
    """
    analysis = _Analysis(nodes, References(nodes), fixture)
    return [
        analysis.edge(dependent, nodes[urn], declared_by)
        for dependent in nodes.values()
        for urn, declared_by in dependent.waits.items()
        if dependent.custom and nodes[urn].custom and PARENT not in declared_by
        # Objects that are rendered to files are in no cluster.
        if dependent.takes_time or not dependent.type.startswith(KUBERNETES)
    ]


def missing_edges(nodes: Nodes, fixture: Path | None = None) -> list[str]:
    """The resources that can't be created with only what they wait for, with the refusal."""
    found: list[str] = []
    for urn, node in nodes.items():
        try:
            _cloud_with(nodes, ancestors(nodes, urn), fixture).create([node])
        except Refused as error:
            found.append(f"{node.logical_name}: {error}")
    return found


def lock_conflicts(nodes: Nodes) -> list[tuple[Node, Node, str]]:
    """Pairs that may run at the same time and lock each other out, with the lock."""
    above = {urn: ancestors(nodes, urn) for urn in nodes}
    timed = [node for node in nodes.values() if node.is_azure]
    return [
        (left, right, lock)
        for index, left in enumerate(timed)
        for right in timed[index + 1 :]
        if left.urn not in above[right.urn] and right.urn not in above[left.urn]
        for lock in [lock_between(left, right)]
        if lock
    ]


def ongoing_creation(node: Node) -> Ongoing:
    """The resource's creation, as locks see it."""
    return Ongoing.of(Operation("create", node.urn, node.type, node.id, request_inputs(node)))


def lock_between(left: Node, right: Node) -> str:
    """Name of the lock that keeps two creations from running at the same time; else empty."""
    first, second = ongoing_creation(left), ongoing_creation(right)
    for lock in LOCKS:
        if lock.applies(first, second) or lock.applies(second, first):
            return lock.name
    return ""


def _cloud_with(nodes: Nodes, wanted: set[str], fixture: Path | None) -> Replay:
    """A cloud with these resources, created in the order of the state."""
    replay = Replay(fixture)
    replay.create(node for urn, node in nodes.items() if urn in wanted)
    return replay


@dataclass(frozen=True)
class _Analysis:
    nodes: Nodes
    references: References
    fixture: Path | None

    def edge(self, dependent: Node, dependency: Node, declared_by: frozenset[str]) -> Edge:
        purpose, reason = self._purpose(dependent, dependency, declared_by)
        return Edge(dependent, dependency, declared_by, purpose, reason)

    def _purpose(
        self, dependent: Node, dependency: Node, declared_by: frozenset[str]
    ) -> tuple[Purpose, str]:
        if reference := self._reference(dependent, dependency, declared_by):
            return Purpose.REFERENCE, reference
        others = ancestors(self.nodes, dependent.urn, without=(dependent.urn, dependency.urn))
        if dependency.urn in others:
            return Purpose.IMPLIED, "by the other edges of the resource"
        return self._imposed(dependent, dependency, others) or self._cost(dependent, dependency)

    def _reference(self, dependent: Node, dependency: Node, declared_by: frozenset[str]) -> str:
        if reference := self.references.of(dependent).get(dependency.urn):
            return reference
        if PROVIDER in declared_by:
            return "its provider"
        return "an input is computed from its output" if PROPERTY in declared_by else ""

    def _imposed(
        self, dependent: Node, dependency: Node, others: set[str]
    ) -> tuple[Purpose, str] | None:
        if code := self._refusal_without(dependent, others):
            return Purpose.RULE, code
        if code := self._refusal_afterwards(dependent, dependency, others):
            return Purpose.RULE, f"{code} if created afterwards"
        if lock := lock_between(dependent, dependency):
            return Purpose.LOCK, lock
        if code := self._refusal_of_deletion(dependent, dependency):
            return Purpose.DELETION, code
        return None

    def _cost(self, dependent: Node, dependency: Node) -> tuple[Purpose, str]:
        seconds = _makespan(self.nodes) - _makespan(self._without(dependent, dependency))
        if seconds > TOLERANCE:
            return Purpose.LENGTHENS, f"by {seconds:.0f} s"
        return Purpose.HARMLESS, "costs nothing"

    def _refusal_without(self, dependent: Node, others: set[str]) -> str:
        """The refusal of a resource in a cloud without the dependency."""
        replay = _cloud_with(self.nodes, others, self.fixture)
        return _refusal(lambda: replay.create([dependent]))

    def _refusal_afterwards(self, dependent: Node, dependency: Node, others: set[str]) -> str:
        """The refusal of the dependency once the resource exists."""
        wanted = others | ancestors(self.nodes, dependency.urn)
        replay = _cloud_with(self.nodes, wanted, self.fixture)
        replay.create([dependent])
        return _refusal(lambda: replay.create([dependency]))

    def _refusal_of_deletion(self, dependent: Node, dependency: Node) -> str:
        """The refusal of the dependency's deletion while the resource exists."""
        wanted = ancestors(self.nodes, dependent.urn) | {dependent.urn}
        replay = _cloud_with(self.nodes, wanted, self.fixture)
        return _refusal(lambda: replay.check_delete(dependency))

    def _without(self, dependent: Node, dependency: Node) -> Nodes:
        waits = {urn: how for urn, how in dependent.waits.items() if urn != dependency.urn}
        return {**self.nodes, dependent.urn: replace(dependent, waits=waits)}


def _refusal(request: Callable[[], object]) -> str:
    """The error code of the refusal; empty where there is none."""
    try:
        request()
    except Refused as error:
        return error.code or type(error).__name__
    return ""


def _makespan(nodes: Nodes) -> float:
    return virtual_engine.end_of(virtual_engine.create(nodes))
