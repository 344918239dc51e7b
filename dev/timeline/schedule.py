"""The schedule of a deployment: when its operations ran, and which of them waited for which.

Pure: computed from the simulated cloud's record of a run and the resources in the stack's state.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from simulator.timeline import Record
from support.urns import logical_name, provider_urn

TOLERANCE = 0.01
"""Simulated seconds within which two instants count as the same."""

Graph = Mapping[str, frozenset[str]]
"""Each URN with the URNs that it waits for."""


@dataclass(frozen=True)
class Bar:
    """One operation. Instants are simulated seconds since the run began."""

    urn: str
    type: str
    start: float
    end: float
    outcome: str
    paused: float
    """Seconds between refused attempts."""

    @property
    def name(self) -> str:
        """Logical name."""
        return logical_name(self.urn)

    @property
    def kind(self) -> str:
        """Last part of the type token."""
        return self.type.rsplit(":", 1)[-1]

    @property
    def seconds(self) -> float:
        return self.end - self.start


def dependencies(resources: Iterable[Mapping[str, Any]]) -> Graph:
    """The graph of a creation, from the resources in a state (`pulumi stack export`).

    It contains components: they take no time and pass on what they wait for.
    """
    graph: dict[str, frozenset[str]] = {}
    for resource in resources:
        targets = {*resource.get("dependencies", ())}
        for urns in resource.get("propertyDependencies", {}).values():
            targets |= set(urns or ())
        if provider := resource.get("provider"):
            targets.add(provider_urn(provider))
        if (parent := resource.get("parent")) and resource.get("custom"):
            targets.add(parent)
        graph[resource["urn"]] = frozenset(targets - {resource["urn"]})
    return {urn: frozenset(targets & graph.keys()) for urn, targets in graph.items()}


def reversed_graph(graph: Graph) -> Graph:
    """The graph of a deletion: each resource waits for those that wait for it in a creation."""
    result: dict[str, set[str]] = {urn: set() for urn in graph}
    for urn, targets in graph.items():
        for target in targets:
            result[target].add(urn)
    return {urn: frozenset(targets) for urn, targets in result.items()}


@dataclass(frozen=True)
class Schedule:
    """A run, with the graph of what waits for what."""

    bars: tuple[Bar, ...]
    """Sorted by start, then by end."""
    graph: Graph

    @staticmethod
    def of(records: Iterable[Record], graph: Graph) -> Schedule:
        """From the record of a run with a time scale above 0, which has instants."""
        bars = [
            Bar(
                record.urn,
                record.type,
                record.start or 0,
                record.end or 0,
                record.outcome,
                sum(retry.seconds for retry in record.retries),
            )
            for record in records
        ]
        return Schedule(tuple(sorted(bars, key=lambda bar: (bar.start, bar.end))), graph)

    @property
    def makespan(self) -> float:
        """Seconds from the first start to the last end."""
        if not self.bars:
            return 0
        return max(bar.end for bar in self.bars) - min(bar.start for bar in self.bars)

    @cached_property
    def waits_for(self) -> dict[str, list[Bar]]:
        """The URN of each bar with the bars that it waits for, through components too."""
        by_urn = {bar.urn: bar for bar in self.bars}
        found: dict[str, list[Bar]] = {}
        for bar in self.bars:
            seen: set[str] = set()
            waiting = list(self.graph.get(bar.urn, ()))
            nearest: list[Bar] = []
            while waiting:
                urn = waiting.pop()
                if urn in seen:
                    continue
                seen.add(urn)
                if urn in by_urn:
                    nearest.append(by_urn[urn])
                else:
                    waiting.extend(self.graph.get(urn, ()))
            found[bar.urn] = nearest
        return found

    def last_waited_for(self, bar: Bar) -> Bar | None:
        """The bar that ended last among those that a bar waits for."""
        return max(self.waits_for[bar.urn], key=lambda item: item.end, default=None)

    def idle(self, bar: Bar) -> float:
        """Seconds between the end of all that a bar waits for and its start."""
        before = self.last_waited_for(bar)
        ready = before.end if before else min(item.start for item in self.bars)
        return max(0.0, bar.start - ready)

    @cached_property
    def critical(self) -> list[Bar]:
        """The chain of operations that ends last, first operation first."""
        chain: list[Bar] = []
        bar = max(self.bars, key=lambda item: item.end, default=None)
        while bar is not None:
            chain.append(bar)
            bar = self.last_waited_for(bar)
        return chain[::-1]

    @cached_property
    def longest_chain(self) -> list[Bar]:
        """The dependency chain with the greatest sum of durations, without pauses."""
        best: dict[str, tuple[float, list[Bar]]] = {}
        none: tuple[float, list[Bar]] = (0.0, [])
        for bar in sorted(self.bars, key=lambda item: (item.end, item.start)):
            longest = max(
                (best[item.urn] for item in self.waits_for[bar.urn] if item.urn in best),
                key=lambda found: found[0],
                default=none,
            )
            best[bar.urn] = (longest[0] + bar.seconds - bar.paused, [*longest[1], bar])
        return max(best.values(), key=lambda found: found[0], default=none)[1]

    @property
    def shortest_possible(self) -> float:
        """Sum of the typical durations on the longest chain."""
        return sum(bar.seconds - bar.paused for bar in self.longest_chain)

    @property
    def serial(self) -> float:
        """Seconds of a run with one operation after the other."""
        return sum(bar.seconds - bar.paused for bar in self.bars)

    @property
    def excess(self) -> float:
        """How much longer than its longest chain the run took; 0.03 is 3 %."""
        return self.makespan / self.shortest_possible - 1 if self.shortest_possible else 0
