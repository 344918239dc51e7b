"""What the engine makes of a graph, on a clock that nobody waits for.

The simulated services take part themselves (durations, locks, request limits, the client's
retries), so that a schedule is that of a run in simulated time, found out in milliseconds. What is
left out is whether the cloud accepts the contents of a request.

How Pulumi orders: a creation starts as soon as all that it waits for has ended. Deletions go in
waves (pulumi/pkg/resource/deploy, `ScheduleDeletes` and `deploymentExecutor`): a resource's depth
is the longest way down to what waits for nothing, all resources of the greatest depth are deleted
side by side, and the next wave begins when the last of them has ended.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace

from analysis.dependency_graph import Node, Nodes, ancestors, component_of
from cli.two_step_destroy import SLOW_DELETIONS
from dev.timeline.replay import given
from simulator.azure.client import AzCore
from simulator.azure.service import AzureService
from simulator.azure.throttling import Throttling
from simulator.errors import Refused
from simulator.kubernetes.service import ClientGo, KubernetesService
from simulator.operations import Client, Operation, Service
from simulator.timeline import SUCCEEDED, Kind, Record, Retry

_END, _ATTEMPT = 0, 1
"""What happens at one instant, in this order: an end frees what others are refused for."""


def created(nodes: Nodes) -> list[Record]:
    """The record of a creation of everything."""
    return _Run("create").carry_out(nodes.values(), {u: set(n.waits) for u, n in nodes.items()})


def deleted(nodes: Nodes, targets: Iterable[str] | None = None) -> list[Record]:
    """The record of a deletion of everything, or of the `targets`, in Pulumi's waves."""
    run = _Run("delete")
    records: list[Record] = []
    for wave in waves(nodes, nodes if targets is None else targets):
        begin = end_of(records)
        records += run.carry_out([nodes[urn] for urn in wave], {}, begin)
    return records


def deleted_at_once(nodes: Nodes) -> list[Record]:
    """The record of a deletion of everything without waves: each as soon as nothing needs it."""
    waits: dict[str, set[str]] = {urn: set() for urn in nodes}
    for urn, node in nodes.items():
        for other in node.waits:
            waits[other].add(urn)
    kept = [node for node in nodes.values() if node.deleted_with not in nodes]
    return _Run("delete").carry_out(kept, waits)


def deleted_in_two_steps(nodes: Nodes) -> list[Record]:
    """The record of a deletion of what takes long, with all that waits for it, then of the rest.

    By itself what takes long is of one depth or two, and goes side by side.
    """
    long = {urn for urn, node in nodes.items() if node.type in SLOW_DELETIONS}
    first = {urn for urn in nodes if urn in long or ancestors(nodes, urn) & long}
    records = deleted(nodes, first)
    rest = {urn: node for urn, node in nodes.items() if urn not in first}
    begin = end_of(records)
    return records + [
        replace(record, start=(record.start or 0) + begin, end=(record.end or 0) + begin)
        for record in deleted(rest)
    ]


def end_of(records: Iterable[Record]) -> float:
    """The instant at which the last operation ended, 0 without any."""
    return max((record.end or 0 for record in records), default=0.0)


def waves(nodes: Nodes, targets: Iterable[str]) -> list[list[str]]:
    """The URNs that Pulumi deletes side by side, in the order of the waves.

    What is `deleted_with` another target is in none: the engine asks nothing of the cloud for it.
    """
    condemned = set(targets)
    depth: dict[str, int] = {}
    for urn in (urn for urn in nodes if urn in condemned):
        below = (depth[other] for other in _held_by(nodes, urn) if other in depth)
        depth[urn] = 1 + max(below, default=0)
    found: dict[int, list[str]] = {}
    for urn, level in depth.items():
        if nodes[urn].custom and nodes[urn].deleted_with not in condemned:
            found.setdefault(level, []).append(urn)
    return [found[level] for level in sorted(found, reverse=True)]


def _held_by(nodes: Nodes, urn: str) -> set[str]:
    """What must outlive a resource; a component stands for all that is in it."""
    node = nodes[urn]
    held = {*node.waits, *([node.deleted_with] if node.deleted_with else [])}
    for other in list(held):
        if other in nodes and not nodes[other].custom and other != node.parent:
            held |= _inside(nodes, other)
    return held - {urn}


def _inside(nodes: Nodes, component: str) -> set[str]:
    inside = {component}
    for urn, node in nodes.items():
        if node.parent in inside:
            inside.add(urn)
    return inside - {component}


def component_by_component(nodes: Nodes) -> list[Record]:
    """The record of a creation in which each component waits for the whole one before it.

    They come in the order in which their first operations could begin. Components that need each
    other, such as one that grants roles to an identity which another brings forth, take several
    turns.
    """
    run = _Run("create")
    records: list[Record] = []
    done: set[str] = set()
    home = {urn: component_of(nodes, urn) for urn in nodes}
    begins: dict[str, float] = {}
    for record in created(nodes):
        first = begins.get(home[record.urn], float("inf"))
        begins[home[record.urn]] = min(first, record.start or 0)
    order = sorted(set(home.values()), key=lambda urn: (begins.get(urn, 0), urn))
    while len(done) < len(nodes):
        before = len(done)
        for component in order:
            inside = [urn for urn in nodes if home[urn] == component and urn not in done]
            turn = _possible(nodes, inside, done)
            begin = end_of(records)
            waits = {urn: set(nodes[urn].waits) & set(turn) for urn in turn}
            records += run.carry_out([nodes[urn] for urn in turn], waits, begin)
            done |= set(turn)
        if len(done) == before:
            raise ValueError("resources wait for each other in a circle")
    return records


def _possible(nodes: Nodes, wanted: Sequence[str], done: set[str]) -> list[str]:
    """Those of the `wanted` that wait only for what is done, or for each other."""
    possible: list[str] = []
    reached = set(done)
    for urn in wanted:  # In the order of the state, so that one pass is enough.
        if set(nodes[urn].waits) <= reached:
            possible.append(urn)
            reached.add(urn)
    return possible


@dataclass
class _Task:
    node: Node
    asked: Operation
    waits: set[str]
    """What has not ended yet of all that it waits for."""
    start: float = -1
    retries: list[Retry] = field(default_factory=list[Retry])
    under_way: AbstractContextManager[bool] | None = None


class _Run:
    """One run of the engine, over one stretch of time after the other."""

    def __init__(self, kind: Kind) -> None:
        self._kind: Kind = kind
        self._azure: tuple[Service, Client] = AzureService(Throttling(1)), AzCore()
        self._kubernetes: tuple[Service, Client] = KubernetesService(), ClientGo()
        self._events: list[tuple[float, int, int, str]] = []
        self._turns = 0

    def carry_out(
        self, nodes: Iterable[Node], waits: Mapping[str, set[str]], begin: float = 0
    ) -> list[Record]:
        """Run the operations from the instant `begin`; those without a record never started."""
        wanted = {node.urn: node for node in nodes}
        tasks = {
            urn: self._task(node, waits.get(urn, set()) & wanted.keys())
            for urn, node in wanted.items()
        }
        for urn, task in tasks.items():
            if not task.waits:
                self._plan(begin, _ATTEMPT, urn)
        records: list[Record] = []
        while self._events:
            instant, what, _, urn = heapq.heappop(self._events)
            outcome = self._step(tasks[urn], instant, what)
            if outcome and tasks[urn].node.takes_time:
                records.append(_record(tasks[urn], instant, outcome))
            if outcome == SUCCEEDED:
                self._ended(tasks, urn, instant)
        return records

    def _task(self, node: Node, waits: set[str]) -> _Task:
        asked = Operation(self._kind, node.urn, node.type, node.id, given(node))
        return _Task(node, asked, waits)

    def _plan(self, instant: float, what: int, urn: str) -> None:
        self._turns += 1
        heapq.heappush(self._events, (instant, what, self._turns, urn))

    def _ended(self, tasks: Mapping[str, _Task], urn: str, instant: float) -> None:
        for other, task in tasks.items():
            if urn in task.waits:
                task.waits.remove(urn)
                if not task.waits:
                    self._plan(instant, _ATTEMPT, other)

    def _step(self, task: _Task, instant: float, what: int) -> str:
        """Let an operation end, or ask for it; its outcome, empty while there is none."""
        if not task.node.takes_time:
            return SUCCEEDED
        if what == _ATTEMPT:
            return self._ask(task, instant)
        if task.under_way:
            task.under_way.__exit__(None, None, None)
        return SUCCEEDED

    def _ask(self, task: _Task, instant: float) -> str:
        """Ask once; the code of a refusal with which the client gives up, else empty."""
        service, client = self._azure if task.node.is_azure else self._kubernetes
        if task.start < 0:
            task.start = instant
        admitted = service.admit(task.asked, instant)
        try:
            admitted.__enter__()
        except Refused as error:
            code = error.code or type(error).__name__
            delay = client.delay(error, len(task.retries), task.asked)
            if delay is None:
                return code
            task.retries.append(Retry(code, round(delay, 1)))
            self._plan(instant + delay, _ATTEMPT, task.asked.urn)
        else:
            task.under_way = admitted
            self._plan(instant + service.seconds(task.asked), _END, task.asked.urn)
        return ""


def _record(task: _Task, end: float, outcome: str) -> Record:
    asked = task.asked
    return Record(
        asked.kind,
        asked.token,
        asked.urn,
        asked.id,
        round(task.start, 3),
        round(end, 3),
        outcome,
        tuple(task.retries),
    )
