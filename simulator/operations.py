"""Runs every operation of the simulated cloud.

Here an operation takes its time, locks others out, is throttled, retried and recorded, and fails if
a fault is injected. The provider supplies the service (durations, locks, limits) and the client
(retries).

A resource exists from the start of its creation until the end of its deletion. A provider that is
killed in between has therefore, as with Azure, created a resource that it never reported.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn, Protocol, TypeVar

from simulator.clock import Clock, scale_from_environment
from simulator.errors import Refused
from simulator.faults import Fault, Faults
from simulator.processes import Processes
from simulator.timeline import SUCCEEDED, Kind, Record, Retry, Timeline, run_id
from support.urns import logical_name

T = TypeVar("T")


@dataclass(frozen=True)
class Operation:
    """One operation that the engine requests."""

    kind: Kind
    urn: str
    token: str
    """Full type token."""
    id: str
    """ARM id or Kubernetes name."""
    inputs: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @property
    def name(self) -> str:
        """Logical name."""
        return logical_name(self.urn)


class Service(Protocol):
    """How the services of one cloud run operations."""

    def seconds(self, operation: Operation) -> float:
        """Typical duration in seconds."""
        ...

    def admit(self, operation: Operation, instant: float) -> AbstractContextManager[bool]:
        """Accept a request at a simulated instant; raises `Refused` where it is not accepted.

        The context is open while the operation is in progress. Its value says whether the operation
        locks others out.
        """
        ...


class Client(Protocol):
    """How a provider's own client retries requests."""

    def delay(self, error: Refused, attempt: int, operation: Operation) -> float | None:
        """Seconds until the next attempt, or None to give up. The first attempt has number 0."""
        ...


class Operations:
    """All operations of one provider process."""

    def __init__(
        self, directory: Path, service: Service, client: Client, processes: Processes
    ) -> None:
        self._timeline = Timeline(directory, run_id())
        self._clock = Clock(scale_from_environment(), self._timeline.latest_end, processes)
        self._faults = Faults.from_environment()
        self._service = service
        self._client = client

    async def run(
        self,
        operation: Operation,
        work: Callable[[], T],
        check: Callable[[], object] | None = None,
    ) -> T:
        """Run one operation and return the result of `work`.

        `work` checks the rules and changes the state. It raises `Refused` where a rule refuses the
        request. `check` checks the rules of a deletion before the deletion starts.
        """
        fault = self._faults.take(operation.kind, operation.token, operation.name)
        run = _Run(operation, fault)
        run.start = run.instant = self._clock.start()
        try:
            while True:
                try:
                    result = await self._attempt(run, work, check)
                except Refused as error:
                    await self._wait_or_give_up(run, error)
                else:
                    self._record(run, SUCCEEDED)
                    return result
        except Refused as error:
            self._record(run, _outcome(error))
            raise

    async def _attempt(
        self, run: _Run, work: Callable[[], T], check: Callable[[], object] | None
    ) -> T:
        operation, fault = run.operation, run.fault
        if fault:
            if fault.stops_provider and not fault.stops_provider_after:
                await self._end(run, fault)
            fault.raise_before(len(run.retries))
        with self._service.admit(operation, run.instant) as exclusive:
            end = run.instant + self._service.seconds(operation)
            if operation.kind == "delete":
                if check:
                    check()
                await self._clock.wait_until(end, exclusive=exclusive)
                run.instant = end
                if fault and fault.what == "failed":
                    fault.raise_after()
                result = work()
                if fault and fault.stops_provider:
                    await self._end(run, fault)
            else:
                result = work()
                if fault and fault.stops_provider:
                    await self._end(run, fault)
                await self._clock.wait_until(end, exclusive=exclusive)
                run.instant = end
        if fault:
            fault.raise_after()
        return result

    async def _wait_or_give_up(self, run: _Run, error: Refused) -> None:
        delay = self._client.delay(error, len(run.retries), run.operation)
        if delay is None:
            raise error
        run.retries.append(Retry(_outcome(error), round(delay, 1)))
        run.instant = await self._clock.pause(run.instant, delay)

    async def _end(self, run: _Run, fault: Fault) -> NoReturn:
        self._record(run, fault.what)
        await fault.stop_provider()

    def _record(self, run: _Run, outcome: str) -> None:
        operation = run.operation
        if operation.kind == "read" and outcome == SUCCEEDED and not run.retries:
            return
        if run.fault and outcome != SUCCEEDED:
            outcome = run.fault.what
        times = (
            (round(run.start, 3), round(run.instant, 3))
            if self._clock.time_passes
            else (None, None)
        )
        self._timeline.append(
            Record(
                operation.kind,
                operation.token,
                operation.urn,
                operation.id,
                *times,
                outcome,
                tuple(run.retries),
            )
        )


@dataclass
class _Run:
    """An operation in progress, at a simulated instant."""

    operation: Operation
    fault: Fault | None
    start: float = 0
    instant: float = 0
    retries: list[Retry] = field(default_factory=list[Retry])


def _outcome(error: Refused) -> str:
    return error.code or type(error).__name__


def admit_without_conditions() -> AbstractContextManager[bool]:
    """The admission of a service that neither locks nor throttles."""
    return nullcontext(enter_result=False)
