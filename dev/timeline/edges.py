"""Why each edge of a deployment's graph is there, found out on the simulated cloud.

An edge says that one resource waits for another. For each, the resource is asked for in a cloud
that holds all that it waits for otherwise, but not that other one; then that other one afterwards;
then both at once; then the other one's deletion, while the resource is still there. What Azure
refuses, it imposes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path

from analysis.dependency_graph import KUBERNETES, PARENT, PROPERTY, PROVIDER, Node, Nodes, ancestors
from dev.timeline import virtual_engine
from dev.timeline.references import References
from dev.timeline.replay import Replay, given
from dev.timeline.schedule import TOLERANCE
from simulator.azure.locks import LOCKS, Ongoing
from simulator.errors import Refused
from simulator.operations import Operation


class Verdict(Enum):
    """What an edge is for."""

    REFERENCE = "a reference"
    RULE = "a rule"
    LOCK = "a lock"
    DELETION = "the deletion"
    IMPLIED = "implied"
    HARMLESS = "harmless"
    LENGTHENS = "lengthens"


@dataclass(frozen=True)
class Edge:
    """`waiting` waits for `before`."""

    waiting: Node
    before: Node
    said: frozenset[str]
    """How the program says so: `depends_on`, `property`, `provider`."""
    verdict: Verdict
    reason: str
    """How it refers to it, the code of the refusal, the lock, or what the edge costs."""


def edges(nodes: Nodes, seed: Path | None = None) -> list[Edge]:
    """All edges between custom resources, and what each is for.

    `seed` is the file of what others own in the cloud.
    """
    judge = _Judge(nodes, References(nodes), seed)
    return [
        judge.edge(waiting, nodes[urn], said)
        for waiting in nodes.values()
        for urn, said in waiting.waits.items()
        if waiting.custom and nodes[urn].custom and PARENT not in said
        # What is rendered to files has an order there that no cloud looks at.
        if waiting.takes_time or not waiting.type.startswith(KUBERNETES)
    ]


def missing(nodes: Nodes, seed: Path | None = None) -> list[str]:
    """What can't be made with nothing but what it waits for: an edge is missing."""
    found: list[str] = []
    for urn, node in nodes.items():
        try:
            _with_all(nodes, ancestors(nodes, urn), seed).make([node])
        except Refused as error:
            found.append(f"{node.logical_name}: {error}")
    return found


def collisions(nodes: Nodes) -> list[tuple[Node, Node, str]]:
    """Pairs of which neither waits for the other, and which lock each other out, with the lock."""
    above = {urn: ancestors(nodes, urn) for urn in nodes}
    timed = [node for node in nodes.values() if node.is_azure]
    return [
        (one, other, lock)
        for index, one in enumerate(timed)
        for other in timed[index + 1 :]
        if one.urn not in above[other.urn] and other.urn not in above[one.urn]
        for lock in [lock_between(one, other)]
        if lock
    ]


def ongoing_of(node: Node) -> Ongoing:
    """Its creation, as locks see it."""
    return Ongoing.of(Operation("create", node.urn, node.type, node.id, given(node)))


def lock_between(one: Node, other: Node) -> str:
    """Name of the lock by which one's creation keeps the other's out, empty without one."""
    asked, under_way = ongoing_of(one), ongoing_of(other)
    for lock in LOCKS:
        if lock.applies(asked, under_way) or lock.applies(under_way, asked):
            return lock.name
    return ""


def _with_all(nodes: Nodes, wanted: set[str], seed: Path | None) -> Replay:
    """A cloud that holds these, made in the order of the state."""
    replay = Replay(seed)
    replay.make(node for urn, node in nodes.items() if urn in wanted)
    return replay


@dataclass(frozen=True)
class _Judge:
    nodes: Nodes
    references: References
    seed: Path | None

    def edge(self, waiting: Node, before: Node, said: frozenset[str]) -> Edge:
        verdict, reason = self._verdict(waiting, before, said)
        return Edge(waiting, before, said, verdict, reason)

    def _verdict(self, waiting: Node, before: Node, said: frozenset[str]) -> tuple[Verdict, str]:
        if how := self._reference(waiting, before, said):
            return Verdict.REFERENCE, how
        others = ancestors(self.nodes, waiting.urn, without=(waiting.urn, before.urn))
        if before.urn in others:
            return Verdict.IMPLIED, "by what it waits for otherwise"
        return self._imposed(waiting, before, others) or self._cost(waiting, before)

    def _reference(self, waiting: Node, before: Node, said: frozenset[str]) -> str:
        if how := self.references.of(waiting).get(before.urn):
            return how
        if PROVIDER in said:
            return "its provider"
        return "an input is made of its output" if PROPERTY in said else ""

    def _imposed(self, waiting: Node, before: Node, others: set[str]) -> tuple[Verdict, str] | None:
        if refused := self._refused_without(waiting, others):
            return Verdict.RULE, refused
        if refused := self._refused_afterwards(waiting, before, others):
            return Verdict.RULE, f"{refused} if made afterwards"
        if lock := lock_between(waiting, before):
            return Verdict.LOCK, lock
        if refused := self._refused_to_go(waiting, before):
            return Verdict.DELETION, refused
        return None

    def _cost(self, waiting: Node, before: Node) -> tuple[Verdict, str]:
        seconds = _makespan(self.nodes) - _makespan(self._without(waiting, before))
        if seconds > TOLERANCE:
            return Verdict.LENGTHENS, f"by {seconds:.0f} s"
        return Verdict.HARMLESS, "costs nothing"

    def _refused_without(self, waiting: Node, others: set[str]) -> str:
        """The refusal of a resource in a cloud with all that it waits for but one."""
        replay = _with_all(self.nodes, others, self.seed)
        return _refusal(lambda: replay.make([waiting]))

    def _refused_afterwards(self, waiting: Node, before: Node, others: set[str]) -> str:
        """The refusal of the other one, once the resource is there."""
        replay = _with_all(self.nodes, others | ancestors(self.nodes, before.urn), self.seed)
        replay.make([waiting])
        return _refusal(lambda: replay.make([before]))

    def _refused_to_go(self, waiting: Node, before: Node) -> str:
        """The refusal of a deletion while the resource is there that waits for it."""
        wanted = ancestors(self.nodes, waiting.urn) | {waiting.urn}
        replay = _with_all(self.nodes, wanted, self.seed)
        return _refusal(lambda: replay.check_delete(before))

    def _without(self, waiting: Node, before: Node) -> Nodes:
        left = {urn: how for urn, how in waiting.waits.items() if urn != before.urn}
        return {**self.nodes, waiting.urn: replace(waiting, waits=left)}


def _refusal(work: Callable[[], object]) -> str:
    try:
        work()
    except Refused as error:
        return error.code or type(error).__name__
    return ""


def _makespan(nodes: Nodes) -> float:
    return virtual_engine.end_of(virtual_engine.created(nodes))
