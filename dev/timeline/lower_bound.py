"""The lower bound of a deployment: what Azure itself imposes, whatever order the program declares.

Only three things delay an operation:

- references: a parent, an id or a value among the inputs must exist first;
- rules: what a service looks up elsewhere before it starts (`ordering.RULES`);
- locks (`simulator/azure/locks.py`): operations that lock each other out run one after the other.
  A lock may matter only while one of the two starts, but "after the other has ended" is the only
  order that an engine can be asked for.

The bound is the longest chain of references and rules. Where the operations that share a lock take
longer, it is their sum, with what must precede the first and follow the last of them.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from analysis.dependency_graph import Node, Nodes
from dev.timeline.edges import lock_between, ongoing_creation
from dev.timeline.ordering import CLUSTER, POOL, Deployment, prerequisites


@dataclass(frozen=True)
class LowerBound:
    """The seconds that a deployment takes at least, and the operations that add up to them."""

    seconds: float
    steps: tuple[tuple[str, float], ...]
    """Logical names with durations, in their order."""
    lock: str = ""
    """The virtual network whose lock makes some of the operations wait for each other, if any."""


def lower_bound(nodes: Nodes) -> LowerBound:
    """The lower bound of a deployment of these resources."""
    return _Bounds(Deployment(nodes)).greatest()


@dataclass(frozen=True)
class _Job:
    """An operation in the terms of scheduling theory."""

    node: Node
    head: float
    """Its earliest start."""
    seconds: float
    tail: float
    """The time that must follow it."""


@dataclass
class _Bounds:
    deployment: Deployment
    _heads: dict[str, float] = field(default_factory=dict[str, float])
    _tails: dict[str, float] = field(default_factory=dict[str, float])

    @cached_property
    def _prerequisites(self) -> dict[str, list[list[Node]]]:
        return {
            urn: prerequisites(self.deployment, node)
            for urn, node in self.deployment.nodes.items()
            if node.custom
        }

    @cached_property
    def _dependents(self) -> dict[str, list[Node]]:
        """The nodes that need a node and have no choice."""
        found: dict[str, list[Node]] = {}
        for urn, choices in self._prerequisites.items():
            for choice in choices:
                if len(choice) == 1:
                    found.setdefault(choice[0].urn, []).append(self.deployment.nodes[urn])
        return found

    def _earliest_end(self, node: Node) -> float:
        return self._head(node) + self.deployment.seconds(node)

    def _head(self, node: Node) -> float:
        if node.urn not in self._heads:
            choices = self._prerequisites.get(node.urn, [])
            earliest = (min(self._earliest_end(item) for item in choice) for choice in choices)
            self._heads[node.urn] = max(earliest, default=0.0)
        return self._heads[node.urn]

    def _tail(self, node: Node) -> float:
        if node.urn not in self._tails:
            dependents = self._dependents.get(node.urn, [])
            after = (self.deployment.seconds(item) + self._tail(item) for item in dependents)
            self._tails[node.urn] = max(after, default=0.0)
        return self._tails[node.urn]

    def _job(self, node: Node) -> _Job:
        return _Job(node, self._head(node), self.deployment.seconds(node), self._tail(node))

    def greatest(self) -> LowerBound:
        """The greatest of the bounds."""
        custom = [node for node in self.deployment.nodes.values() if node.custom]
        if not custom:
            return LowerBound(0, ())
        last = max(custom, key=self._earliest_end)
        chain = [*self._chain_before(last), last]
        bounds = [LowerBound(self._earliest_end(last), self._steps(chain))]
        bounds += [self._one_at_a_time(*group) for group in self._groups()]
        return max(bounds, key=lambda item: item.seconds)

    def _chain_before(self, node: Node) -> list[Node]:
        """The longest chain of prerequisites, first operation first."""
        choices = self._prerequisites.get(node.urn, [])
        if not choices:
            return []
        latest = max(
            (min(choice, key=self._earliest_end) for choice in choices), key=self._earliest_end
        )
        return [*self._chain_before(latest), latest]

    def _chain_after(self, node: Node) -> list[Node]:
        """The longest chain of dependents, first operation first."""
        dependents = self._dependents.get(node.urn, [])
        if not dependents:
            return []
        longest = max(dependents, key=lambda item: self.deployment.seconds(item) + self._tail(item))
        return [longest, *self._chain_after(longest)]

    def _groups(self) -> Iterator[tuple[str, list[Node]]]:
        """Operations that all lock each other out, with their virtual network.

        They are the writes to the network, its cluster, and a pool. Pools of one cluster are
        written side by side, so each is in a group of its own.
        """
        timed = [node for node in self.deployment.nodes.values() if node.is_azure]
        ongoing = {node.urn: ongoing_creation(node) for node in timed}
        networks = {name for item in ongoing.values() for name in item.networks}
        for network in sorted(networks):
            writers = [node for node in timed if network in ongoing[node.urn].networks]
            joining = [
                node
                for node in timed
                if node.token in {CLUSTER, POOL} and network in ongoing[node.urn].subnet_networks
            ]
            pools: list[Node | None] = [None, *(node for node in joining if node.token == POOL)]
            clusters = [node for node in joining if node.token == CLUSTER]
            for pool in pools:
                group = [*writers, *clusters, *([pool] if pool else [])]
                yield network, self._mutually_exclusive(group)

    def _mutually_exclusive(self, nodes: Iterable[Node]) -> list[Node]:
        """Those of the nodes of which no two can run at the same time."""
        chosen: list[Node] = []
        for node in nodes:
            if all(lock_between(node, other) or self._ordered(node, other) for other in chosen):
                chosen.append(node)
        return chosen

    def _ordered(self, left: Node, right: Node) -> bool:
        return left in self._all_before(right) or right in self._all_before(left)

    def _all_before(self, node: Node) -> list[Node]:
        """What a node needs, directly or not, where it has no choice."""
        found: list[Node] = []
        waiting = [node]
        while waiting:
            for choice in self._prerequisites.get(waiting.pop().urn, []):
                if len(choice) == 1 and choice[0] not in found:
                    found.append(choice[0])
                    waiting.append(choice[0])
        return found

    def _one_at_a_time(self, network: str, group: list[Node]) -> LowerBound:
        """The bound of operations that run one at a time: Jackson's preemptive schedule.

        At each instant it runs, of the operations that can start, the one with the longest tail,
        and may interrupt it. No schedule without interruptions ends earlier.
        """
        jobs = sorted((self._job(node) for node in group), key=lambda job: job.head)
        left = {job.node.urn: job.seconds for job in jobs}
        ready: list[tuple[float, int]] = []
        instant, index, best, worked = 0.0, 0, LowerBound(0, ()), list[_Job]()
        while index < len(jobs) or ready:
            if not ready and jobs[index].head > instant:
                instant, worked = jobs[index].head, []
            while index < len(jobs) and jobs[index].head <= instant:
                heapq.heappush(ready, (-jobs[index].tail, index))
                index += 1
            job = jobs[ready[0][1]]
            until = jobs[index].head if index < len(jobs) else float("inf")
            step = min(left[job.node.urn], until - instant)
            instant += step
            left[job.node.urn] -= step
            worked += [] if job in worked else [job]
            if left[job.node.urn] <= 0:
                heapq.heappop(ready)
                if instant + job.tail > best.seconds:
                    best = self._bound_of(network, instant + job.tail, worked, job)
        return best

    def _bound_of(self, network: str, seconds: float, worked: list[_Job], last: _Job) -> LowerBound:
        chain = [
            *self._chain_before(worked[0].node),
            *(job.node for job in worked),
            *self._chain_after(last.node),
        ]
        return LowerBound(seconds, self._steps(chain), network.rsplit("/", 1)[-1])

    def _steps(self, chain: list[Node]) -> tuple[tuple[str, float], ...]:
        return tuple((node.logical_name, self.deployment.seconds(node)) for node in chain)
