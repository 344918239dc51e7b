"""Simulated time.

`AZURE_SIM_TIME_SCALE` is the number of real seconds that a simulated second takes. With 0, the
default, nothing waits. With 0.02 ten minutes take twelve seconds.

The engine's own work takes no simulated time: no operation ends while the engine sends requests.
An operation therefore starts at the simulated instant at which the previous one ended, however
long the engine took to request it, and ends its typical duration later to the second. The
real waiting only keeps the order: an operation that ends later in simulated time is answered
later. With scale 0 nothing shows which operations could have run in parallel. Instants then have
no meaning; only the order has.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable

from simulator.errors import BadSetting
from simulator.processes import Processes

SCALE = "AZURE_SIM_TIME_SCALE"

OVERLAP_SECONDS = 0.004
"""Real duration, at scale 0, of an operation that locks others out.

It is long enough for two simultaneous requests to overlap, and does not slow a deployment down
noticeably."""

PAUSE_SCALE = 0.001
"""Real seconds per simulated second, at scale 0, of the pauses between two attempts.

Every pause then outlasts `OVERLAP_SECONDS`, as Azure's pauses outlast most of its operations."""

IDLE_SECONDS = 0.2
"""Real time without a request after which the engine has requested everything that it can."""


class EngineActivity:
    """When the engine last sent a request to any process of this run."""

    def __init__(self) -> None:
        self.processes: Processes | None = None
        """The other processes; None while time does not pass."""
        self._last = 0.0

    def record_request(self) -> None:
        """The engine sends a request now."""
        self._last = time.monotonic()
        if self.processes:
            self.processes.record_activity()

    def seconds_until_idle(self) -> float:
        """Real seconds until the engine counts as idle."""
        passed = time.monotonic() - self._last
        if self.processes:
            passed = min(passed, self.processes.seconds_since_activity())
        return IDLE_SECONDS - passed


engine_activity = EngineActivity()
"""Activity of the engine that started this process, as long as time passes."""


def scale_from_environment() -> float:
    """The scale; raises `BadSetting` where it is not a number or is negative."""
    text = os.environ.get(SCALE) or "0"
    try:
        scale = float(text)
    except ValueError:
        scale = -1
    if not 0 <= scale < float("inf"):
        raise BadSetting(SCALE, text, "use real seconds per simulated second, such as 0 or 0.02")
    return scale


class Clock:
    """The clock of one provider process. Instants are simulated seconds since the run began.

    An operation that ends later is answered later, whichever process it is in. `latest_end` returns
    the latest end of an operation, in any process of the run.
    """

    def __init__(self, scale: float, latest_end: Callable[[], float], processes: Processes) -> None:
        self.scale = scale
        self._latest_end = latest_end
        self._processes = processes
        engine_activity.processes = processes if self.time_passes else None
        self._zero: float | None = None
        self._latest_instant = 0.0
        self._awaited: list[float] = []

    @property
    def time_passes(self) -> bool:
        """Whether operations take time at all."""
        return self.scale > 0

    def start(self) -> float:
        """The instant at which an operation that is requested now starts."""
        if not self.time_passes:
            return self._latest_instant
        engine_activity.record_request()
        instant = self._latest_end()
        zero = time.monotonic() - instant * self.scale
        # The time that the engine took for itself delays all operations in progress.
        self._zero = zero if self._zero is None else max(self._zero, zero)
        self._processes.tell(zero=self._zero)
        return instant

    async def wait_until(self, instant: float, *, exclusive: bool = False) -> None:
        """Wait until an instant; at scale 0 only if `exclusive`, and briefly.

        `exclusive`: the operation locks others out.
        """
        if not self.time_passes:
            self._latest_instant = max(self._latest_instant, instant)
            if exclusive:
                await asyncio.sleep(OVERLAP_SECONDS)
            return
        engine_activity.record_request()  # The provider's own work takes no time either.
        self._awaited.append(instant)
        self._processes.tell(awaited=min(self._awaited))
        try:
            await asyncio.sleep(0)  # All that is requested at once starts at once.
            while (left := self._left(instant)) > 0:  # noqa: ASYNC110 - other operations may delay it
                await asyncio.sleep(left)
        finally:
            self._awaited.remove(instant)
            self._processes.tell(awaited=min(self._awaited, default=None))
        self._latest_instant = max(self._latest_instant, instant)
        engine_activity.record_request()

    def _left(self, instant: float) -> float:
        """Real seconds to wait at least; 0 or less once the instant is reached."""
        if instant <= self._latest_instant:
            return 0
        if min([*self._awaited, *self._elsewhere("awaited")]) < instant:
            return IDLE_SECONDS
        zero = max([self._zero or 0, *self._elsewhere("zero")])
        due = zero + instant * self.scale - time.monotonic()
        return max(due, engine_activity.seconds_until_idle())

    def _elsewhere(self, key: str) -> list[float]:
        """The values of the run's other processes."""
        heard = self._processes.heard(key, of_this_run=True)
        return [value for value in heard if value is not None]

    async def pause(self, instant: float, seconds: float) -> float:
        """Wait between two attempts; returns the instant at which the pause ends."""
        if not self.time_passes:
            await asyncio.sleep(seconds * PAUSE_SCALE)
        await self.wait_until(instant + seconds)
        return instant + seconds
