"""The single way by which every operation of the simulated cloud goes.

Here an operation takes its time, locks others out, is throttled, retried and recorded, and fails
where a fault was asked for. What a service makes of it (durations, locks, limits) and what its
client retries are given by the provider.

What is created or updated is there from the operation's start, and what is deleted goes at its end:
a provider that is killed in between has, as with Azure, created what it cannot tell of any more.
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
from simulator.timeline import SUCCEEDED, Kind, Record, Retry, Timeline, run_id

T = TypeVar("T")


@dataclass(frozen=True)
class Operation:
    """What is asked of the cloud."""

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
        return self.urn.split("::", 3)[-1]


class Service(Protocol):
    """How the services of one cloud run operations."""

    def seconds(self, asked: Operation) -> float:
        """Documented duration."""
        ...

    def admit(self, asked: Operation, instant: float) -> AbstractContextManager[bool]:
        """Take a request at a simulated instant; raises `Refused` where it is not taken.

        Stays entered while the operation is under way, and tells whether it locks others out.
        """
        ...


class Client(Protocol):
    """How a provider's own client deals with refusals."""

    def delay(self, error: Refused, attempt: int, asked: Operation) -> float | None:
        """Seconds until the next attempt; None: it gives up. The first attempt is number 0."""
        ...


class Operations:
    """All operations of one provider process."""

    def __init__(self, directory: Path, service: Service, client: Client) -> None:
        self._timeline = Timeline(directory, run_id())
        self._clock = Clock(scale_from_environment(), self._timeline.latest_end)
        self._faults = Faults.from_environment()
        self._service = service
        self._client = client

    async def carry_out(
        self,
        asked: Operation,
        work: Callable[[], T],
        check: Callable[[], object] | None = None,
    ) -> T:
        """Carry out one operation and return the result of `work`.

        `work` checks the rules and changes the state; it raises `Refused` where the cloud refuses.
        `check` holds the rules of a deletion against the state before it starts.
        """
        run = _Run(asked, self._faults.take(asked.kind, asked.token, asked.name))
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
        asked, fault = run.asked, run.fault
        if fault:
            if fault.ends and not fault.ends_after:
                await self._end(run, fault)
            fault.before(len(run.retries))
        with self._admitted(asked, run.instant) as exclusive:
            end = run.instant + self._service.seconds(asked)
            if asked.kind == "delete":
                if check:
                    check()
                await self._clock.reach(end, exclusive=exclusive)
                run.instant = end
                if fault and fault.what == "failed":
                    fault.after()
                result = work()
                if fault and fault.ends:
                    await self._end(run, fault)
            else:
                result = work()
                if fault and fault.ends:
                    await self._end(run, fault)
                await self._clock.reach(end, exclusive=exclusive)
                run.instant = end
        if fault:
            fault.after()
        return result

    def _admitted(self, asked: Operation, instant: float) -> AbstractContextManager[bool]:
        return self._service.admit(asked, instant)

    async def _wait_or_give_up(self, run: _Run, error: Refused) -> None:
        delay = self._client.delay(error, len(run.retries), run.asked)
        if delay is None:
            raise error
        run.retries.append(Retry(_outcome(error), round(delay, 1)))
        run.instant = await self._clock.pause(run.instant, delay)

    async def _end(self, run: _Run, fault: Fault) -> NoReturn:
        self._record(run, fault.what)
        await fault.end()

    def _record(self, run: _Run, outcome: str) -> None:
        asked = run.asked
        if asked.kind == "read" and outcome == SUCCEEDED and not run.retries:
            return
        if run.fault and outcome != SUCCEEDED:
            outcome = run.fault.what
        times = (round(run.start, 3), round(run.instant, 3)) if self._clock.runs else (None, None)
        self._timeline.append(
            Record(
                asked.kind, asked.token, asked.urn, asked.id, *times, outcome, tuple(run.retries)
            )
        )


@dataclass
class _Run:
    """An operation under way, at a simulated instant."""

    asked: Operation
    fault: Fault | None
    start: float = 0
    instant: float = 0
    retries: list[Retry] = field(default_factory=list[Retry])


def _outcome(error: Refused) -> str:
    return error.code or type(error).__name__


def admitted_at_once() -> AbstractContextManager[bool]:
    """For a service that neither locks nor throttles."""
    return nullcontext(enter_result=False)
