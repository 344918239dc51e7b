"""Runs a dependency graph in simulated time, as the engine would run it, without waiting.

The simulated services take part themselves, with their durations, locks, request limits and the
client's retries. So a schedule is that of a run in simulated time, computed in milliseconds. What
is left out is whether the cloud accepts the contents of a request.

How Pulumi orders: a creation starts as soon as everything that it waits for has ended. Deletions
run in waves (pulumi/pkg/resource/deploy, `ScheduleDeletes` and `deploymentExecutor`). A resource's
depth is the length of the longest path from it to a resource that waits for nothing. All resources
of the greatest depth are deleted side by side, and the next wave starts when the last has ended.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace

from analysis.dependency_graph import Node, Nodes, ancestors, component_of
from cli.two_step_destroy import SLOW_DELETIONS
from dev.timeline.replay import request_inputs
from simulator.azure.client import AzCore
from simulator.azure.service import AzureService
from simulator.azure.throttling import Throttling
from simulator.errors import Refused
from simulator.kubernetes.service import ClientGo, KubernetesService
from simulator.operations import Client, Operation, Service
from simulator.processes import Processes
from simulator.timeline import SUCCEEDED, Kind, Record, Retry

_END, _ATTEMPT = 0, 1
"""Events at the same instant run in this order: an end releases locks that refuse others."""


def create(nodes: Nodes) -> list[Record]:
    """The record of a creation of all resources."""
    return _Run("create").execute(nodes.values(), {u: set(n.waits) for u, n in nodes.items()})


def delete(nodes: Nodes, targets: Iterable[str] | None = None) -> list[Record]:
    """The record of a deletion of all resources, or of the `targets`, in Pulumi's waves."""
    run = _Run("delete")
    records: list[Record] = []
    for wave in waves(nodes, nodes if targets is None else targets):
        start = end_of(records)
        records += run.execute([nodes[urn] for urn in wave], {}, start)
    return records


def delete_without_waves(nodes: Nodes) -> list[Record]:
    """The record of a deletion where each resource goes as soon as nothing needs it."""
    waits: dict[str, set[str]] = {urn: set() for urn in nodes}
    for urn, node in nodes.items():
        for other in node.waits:
            waits[other].add(urn)
    requested = [node for node in nodes.values() if node.deleted_with not in nodes]
    return _Run("delete").execute(requested, waits)


def delete_in_two_steps(nodes: Nodes) -> list[Record]:
    """The record of a deletion of what takes long, with what waits for it, and then of the rest.

    Without the rest, the resources that take long have one or two depths, and run side by side.
    """
    slow = {urn for urn, node in nodes.items() if node.type in SLOW_DELETIONS}
    first = {urn for urn in nodes if urn in slow or ancestors(nodes, urn) & slow}
    records = delete(nodes, first)
    rest = {urn: node for urn, node in nodes.items() if urn not in first}
    start = end_of(records)
    return records + [
        replace(record, start=(record.start or 0) + start, end=(record.end or 0) + start)
        for record in delete(rest)
    ]


def create_by_component(nodes: Nodes) -> list[Record]:
    """The record of a creation in which each component waits for the whole one before it.

    The components run in the order in which their first operations could start. Components that
    need each other take several turns, such as one that grants roles to an identity of another.
    """
    run = _Run("create")
    records: list[Record] = []
    done: set[str] = set()
    home = {urn: component_of(nodes, urn) for urn in nodes}
    starts: dict[str, float] = {}
    for record in create(nodes):
        first = starts.get(home[record.urn], float("inf"))
        starts[home[record.urn]] = min(first, record.start or 0)
    order = sorted(set(home.values()), key=lambda urn: (starts.get(urn, 0), urn))
    while len(done) < len(nodes):
        before = len(done)
        for component in order:
            inside = [urn for urn in nodes if home[urn] == component and urn not in done]
            turn = _possible(nodes, inside, done)
            start = end_of(records)
            waits = {urn: set(nodes[urn].waits) & set(turn) for urn in turn}
            records += run.execute([nodes[urn] for urn in turn], waits, start)
            done |= set(turn)
        if len(done) == before:
            raise ValueError("resources wait for each other in a circle")
    return records


def end_of(records: Iterable[Record]) -> float:
    """The instant at which the last operation ended, 0 without any."""
    return max((record.end or 0 for record in records), default=0.0)


def waves(nodes: Nodes, targets: Iterable[str]) -> list[list[str]]:
    """The URNs that Pulumi deletes side by side, in the order of the waves.

    A resource that is `deleted_with` another target is in none: the engine does not request its
    deletion.
    """
    deleted = set(targets)
    depth: dict[str, int] = {}
    for urn in (urn for urn in nodes if urn in deleted):
        below = (depth[other] for other in _required(nodes, urn) if other in depth)
        depth[urn] = 1 + max(below, default=0)
    found: dict[int, list[str]] = {}
    for urn, level in depth.items():
        if nodes[urn].custom and nodes[urn].deleted_with not in deleted:
            found.setdefault(level, []).append(urn)
    return [found[level] for level in sorted(found, reverse=True)]


def _required(nodes: Nodes, urn: str) -> set[str]:
    """What is deleted only after a resource; a component stands for all resources in it."""
    node = nodes[urn]
    required = {*node.waits, *([node.deleted_with] if node.deleted_with else [])}
    for other in list(required):
        if other in nodes and not nodes[other].custom and other != node.parent:
            required |= _inside(nodes, other)
    return required - {urn}


def _inside(nodes: Nodes, component: str) -> set[str]:
    inside = {component}
    for urn, node in nodes.items():
        if node.parent in inside:
            inside.add(urn)
    return inside - {component}


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
    operation: Operation
    waits: set[str]
    """The URNs that it waits for and that have not ended yet."""
    start: float = -1
    retries: list[Retry] = field(default_factory=list[Retry])
    admitted: AbstractContextManager[bool] | None = None
    """What the service holds while the operation runs."""


class _Run:
    """One run of the engine, in one or more stretches of time."""

    def __init__(self, kind: Kind) -> None:
        self._kind: Kind = kind
        self._azure: tuple[Service, Client] = _azure_service(), AzCore()
        self._kubernetes: tuple[Service, Client] = KubernetesService(), ClientGo()
        self._events: list[tuple[float, int, int, str]] = []
        self._count = 0

    def execute(
        self, nodes: Iterable[Node], waits: Mapping[str, set[str]], start: float = 0
    ) -> list[Record]:
        """Run the operations from the instant `start`; those without a record never started."""
        wanted = {node.urn: node for node in nodes}
        tasks = {
            urn: self._task(node, waits.get(urn, set()) & wanted.keys())
            for urn, node in wanted.items()
        }
        for urn, task in tasks.items():
            if not task.waits:
                self._schedule(start, _ATTEMPT, urn)
        records: list[Record] = []
        while self._events:
            instant, event, _, urn = heapq.heappop(self._events)
            outcome = self._handle(tasks[urn], instant, event)
            if outcome and tasks[urn].node.takes_time:
                records.append(_record(tasks[urn], instant, outcome))
            if outcome == SUCCEEDED:
                self._release(tasks, urn, instant)
        return records

    def _task(self, node: Node, waits: set[str]) -> _Task:
        operation = Operation(self._kind, node.urn, node.type, node.id, request_inputs(node))
        return _Task(node, operation, waits)

    def _schedule(self, instant: float, event: int, urn: str) -> None:
        self._count += 1
        heapq.heappush(self._events, (instant, event, self._count, urn))

    def _release(self, tasks: Mapping[str, _Task], urn: str, instant: float) -> None:
        """Let the tasks start that waited only for this one."""
        for other, task in tasks.items():
            if urn in task.waits:
                task.waits.remove(urn)
                if not task.waits:
                    self._schedule(instant, _ATTEMPT, other)

    def _handle(self, task: _Task, instant: float, event: int) -> str:
        """End an operation, or attempt it; its outcome, empty while there is none."""
        if not task.node.takes_time:
            return SUCCEEDED
        if event == _ATTEMPT:
            return self._attempt(task, instant)
        if task.admitted:
            task.admitted.__exit__(None, None, None)
        return SUCCEEDED

    def _attempt(self, task: _Task, instant: float) -> str:
        """Attempt an operation; the error code with which the client gives up, else empty."""
        service, client = self._azure if task.node.is_azure else self._kubernetes
        if task.start < 0:
            task.start = instant
        admitted = service.admit(task.operation, instant)
        try:
            admitted.__enter__()
        except Refused as error:
            code = error.code or type(error).__name__
            delay = client.delay(error, len(task.retries), task.operation)
            if delay is None:
                return code
            task.retries.append(Retry(code, round(delay, 1)))
            self._schedule(instant + delay, _ATTEMPT, task.operation.urn)
        else:
            task.admitted = admitted
            self._schedule(instant + service.seconds(task.operation), _END, task.operation.urn)
        return ""


def _azure_service() -> AzureService:
    processes = Processes()
    return AzureService(processes, Throttling(1, processes))


def _record(task: _Task, end: float, outcome: str) -> Record:
    operation = task.operation
    return Record(
        operation.kind,
        operation.token,
        operation.urn,
        operation.id,
        round(task.start, 3),
        round(end, 3),
        outcome,
        tuple(task.retries),
    )
