"""How fast a deployment could be at best: what Azure itself imposes, whatever the program says.

Three things hold an operation up, and no other:

- references: a parent, an id or a value among the inputs is there before;
- rules: what a service looks up elsewhere before it starts (`ordering.ORDER`);
- locks (`simulator/azure/locks.py`): operations that keep each other out run one after the other.
  A lock may only matter when one of two starts; but the only order that can be asked of an engine
  is "after it has ended".

From these follows a lower bound: the longest chain of references and rules, or the operations that
share a lock, one after the other, with what must come before the first and after the last.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from analysis.dependency_graph import Node, Nodes
from dev.timeline.edges import lock_between, ongoing_of
from dev.timeline.ordering import CLUSTER, POOL, Deployment, needs


@dataclass(frozen=True)
class Bound:
    """The seconds that a deployment takes at least, and the operations that make them up."""

    seconds: float
    steps: tuple[tuple[str, float], ...]
    """Logical names with durations, in their order."""
    lock: str = ""
    """The virtual network whose lock makes some of them wait for each other, if one does."""


def bound(nodes: Nodes) -> Bound:
    """The lower bound of a deployment."""
    return _Bounds(Deployment(nodes)).best()


@dataclass(frozen=True)
class _Job:
    node: Node
    head: float
    """When it can start at the earliest."""
    seconds: float
    tail: float
    """What must follow it."""


@dataclass
class _Bounds:
    made: Deployment
    _heads: dict[str, float] = field(default_factory=dict[str, float])
    _tails: dict[str, float] = field(default_factory=dict[str, float])

    @cached_property
    def _needs(self) -> dict[str, list[list[Node]]]:
        return {urn: needs(self.made, node) for urn, node in self.made.nodes.items() if node.custom}

    @cached_property
    def _needed_by(self) -> dict[str, list[Node]]:
        """Only where there is no choice."""
        found: dict[str, list[Node]] = {}
        for urn, choices in self._needs.items():
            for choice in choices:
                if len(choice) == 1:
                    found.setdefault(choice[0].urn, []).append(self.made.nodes[urn])
        return found

    def _ready(self, node: Node) -> float:
        return self._head(node) + self.made.seconds(node)

    def _head(self, node: Node) -> float:
        if node.urn not in self._heads:
            choices = self._needs.get(node.urn, [])
            earliest = (min(self._ready(one) for one in choice) for choice in choices)
            self._heads[node.urn] = max(earliest, default=0.0)
        return self._heads[node.urn]

    def _tail(self, node: Node) -> float:
        if node.urn not in self._tails:
            users = self._needed_by.get(node.urn, [])
            after = (self.made.seconds(one) + self._tail(one) for one in users)
            self._tails[node.urn] = max(after, default=0.0)
        return self._tails[node.urn]

    def _job(self, node: Node) -> _Job:
        return _Job(node, self._head(node), self.made.seconds(node), self._tail(node))

    def best(self) -> Bound:
        """The greatest of the bounds."""
        custom = [node for node in self.made.nodes.values() if node.custom]
        if not custom:
            return Bound(0, ())
        last = max(custom, key=self._ready)
        found = [Bound(self._ready(last), self._steps([*self._way_to(last), last]))]
        found += [self._one_after_the_other(*group) for group in self._groups()]
        return max(found, key=lambda one: one.seconds)

    def _way_to(self, node: Node) -> list[Node]:
        """What makes it wait longest, first operation first."""
        choices = self._needs.get(node.urn, [])
        if not choices:
            return []
        latest = max((min(choice, key=self._ready) for choice in choices), key=self._ready)
        return [*self._way_to(latest), latest]

    def _way_from(self, node: Node) -> list[Node]:
        users = self._needed_by.get(node.urn, [])
        if not users:
            return []
        longest = max(users, key=lambda one: self.made.seconds(one) + self._tail(one))
        return [longest, *self._way_from(longest)]

    def _groups(self) -> Iterator[tuple[str, list[Node]]]:
        """Operations of which each keeps every other out, by their virtual network.

        They are its writes, the cluster in it, and a pool: pools of one cluster are written side by
        side, so that each is in a group of its own.
        """
        timed = [node for node in self.made.nodes.values() if node.is_azure]
        ongoing = {node.urn: ongoing_of(node) for node in timed}
        networks = {one for item in ongoing.values() for one in item.networks}
        for network in sorted(networks):
            writers = [node for node in timed if network in ongoing[node.urn].networks]
            joining = [
                node
                for node in timed
                if node.token in {CLUSTER, POOL} and network in ongoing[node.urn].subnet_networks
            ]
            pools: list[Node | None] = [None, *(one for one in joining if one.token == POOL)]
            clusters = [node for node in joining if node.token == CLUSTER]
            for pool in pools:
                yield network, self._excluding([*writers, *clusters, *([pool] if pool else [])])

    def _excluding(self, nodes: Iterable[Node]) -> list[Node]:
        kept: list[Node] = []
        for node in nodes:
            if all(lock_between(node, other) or self._ordered(node, other) for other in kept):
                kept.append(node)
        return kept

    def _ordered(self, one: Node, other: Node) -> bool:
        return one in self._way_back(other) or other in self._way_back(one)

    def _way_back(self, node: Node) -> list[Node]:
        """What it needs, however indirectly, where there is no choice."""
        found: list[Node] = []
        waiting = [node]
        while waiting:
            for choice in self._needs.get(waiting.pop().urn, []):
                if len(choice) == 1 and choice[0] not in found:
                    found.append(choice[0])
                    waiting.append(choice[0])
        return found

    def _one_after_the_other(self, network: str, group: list[Node]) -> Bound:
        """The bound of operations that run one at a time (Jackson's preemptive schedule).

        At each instant the one works of those that can start that is followed by most; what was
        begun may be put off. No order of whole operations ends earlier.
        """
        jobs = sorted((self._job(node) for node in group), key=lambda job: job.head)
        left = {job.node.urn: job.seconds for job in jobs}
        open_: list[tuple[float, int]] = []
        instant, index, best, worked = 0.0, 0, Bound(0, ()), list[_Job]()
        while index < len(jobs) or open_:
            if not open_ and jobs[index].head > instant:
                instant, worked = jobs[index].head, []
            while index < len(jobs) and jobs[index].head <= instant:
                heapq.heappush(open_, (-jobs[index].tail, index))
                index += 1
            job = jobs[open_[0][1]]
            until = jobs[index].head if index < len(jobs) else float("inf")
            step = min(left[job.node.urn], until - instant)
            instant += step
            left[job.node.urn] -= step
            worked += [] if job in worked else [job]
            if left[job.node.urn] <= 0:
                heapq.heappop(open_)
                if instant + job.tail > best.seconds:
                    best = self._block(network, instant + job.tail, worked, job)
        return best

    def _block(self, network: str, seconds: float, worked: list[_Job], last: _Job) -> Bound:
        first = worked[0].node
        chain = [*self._way_to(first), *(job.node for job in worked), *self._way_from(last.node)]
        return Bound(seconds, self._steps(chain), network.rsplit("/", 1)[-1])

    def _steps(self, chain: list[Node]) -> tuple[tuple[str, float], ...]:
        return tuple((node.logical_name, self.made.seconds(node)) for node in chain)
