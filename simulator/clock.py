"""Simulated time.

`AZURE_SIM_TIME_SCALE` is the number of real seconds that a simulated second takes: 0 (the default)
waits for nothing, 0.02 lets ten minutes pass in twelve seconds.

The engine's own work takes no simulated time: while it asks for something, nothing ends. An
operation therefore starts at the simulated instant at which the last one before it ended, however
long the engine took to ask for it, and ends its typical duration later to the second. Real
waiting only keeps the order: what ends later in simulated time is answered later. With scale 0
nothing tells what could have run side by side, so instants mean nothing then and only the order
counts.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable

from simulator.errors import BadSetting

SCALE = "AZURE_SIM_TIME_SCALE"

OVERLAP_SECONDS = 0.004
"""Real time that an operation which locks others out takes at scale 0: two that the engine asks for
at once are seen to overlap, and a deployment is not slowed noticeably."""

PAUSE_SCALE = 0.001
"""Real seconds of a simulated second for pauses between attempts at scale 0: each then outlasts
`OVERLAP_SECONDS`, as Azure's pauses outlast most of its operations."""


QUIET_SECONDS = 0.2
"""Real time without a request after which the engine has asked for all that it can ask for."""


class Activity:
    """When the engine last asked for something."""

    def __init__(self) -> None:
        self._last = 0.0

    def note(self) -> None:
        """It asks now."""
        self._last = time.monotonic()

    def quiet_in(self) -> float:
        """Real seconds until it has been quiet for long enough."""
        return self._last + QUIET_SECONDS - time.monotonic()


engine = Activity()
"""That of the engine that this process serves."""


def scale_from_environment() -> float:
    """The scale; raises `BadSetting` where it is no number, or below zero."""
    text = os.environ.get(SCALE) or "0"
    try:
        scale = float(text)
    except ValueError:
        scale = -1
    if not 0 <= scale < float("inf"):
        raise BadSetting(SCALE, text, "give real seconds per simulated second, such as 0 or 0.02")
    return scale


class Clock:
    """The clock of one provider process. Instants are simulated seconds since the run began.

    `latest_end` tells when the last operation that has ended did so, in any process of the run.
    """

    def __init__(self, scale: float, latest_end: Callable[[], float]) -> None:
        self.scale = scale
        self._latest_end = latest_end
        self._zero: float | None = None
        self._reached = 0.0
        self._awaited: list[float] = []

    @property
    def runs(self) -> bool:
        """Whether time passes at all."""
        return self.scale > 0

    def start(self) -> float:
        """The instant at which an operation asked for now starts."""
        if not self.runs:
            return self._reached
        engine.note()
        instant = self._latest_end()
        zero = time.monotonic() - instant * self.scale
        # What the engine has taken on top puts off all that is under way.
        self._zero = zero if self._zero is None else max(self._zero, zero)
        return instant

    async def reach(self, instant: float, *, exclusive: bool = False) -> None:
        """Wait until an operation's instant; at scale 0 only for one that locks, and shortly."""
        if not self.runs:
            self._reached = max(self._reached, instant)
            if exclusive:
                await asyncio.sleep(OVERLAP_SECONDS)
            return
        engine.note()  # Nor does the provider's own work take any time.
        self._awaited.append(instant)
        try:
            while (left := self._left(instant)) > 0:  # noqa: ASYNC110 - others may put it off
                await asyncio.sleep(left)
        finally:
            self._awaited.remove(instant)
        self._reached = max(self._reached, instant)
        engine.note()

    def _left(self, instant: float) -> float:
        """Real seconds to wait at least, not above 0 when the instant is there."""
        if instant <= self._reached:
            return 0
        if min(self._awaited) < instant:
            return QUIET_SECONDS
        due = (self._zero or 0) + instant * self.scale - time.monotonic()
        return max(due, engine.quiet_in())

    async def pause(self, instant: float, seconds: float) -> float:
        """Wait between two attempts; returns the instant after it."""
        if not self.runs:
            await asyncio.sleep(seconds * PAUSE_SCALE)
        await self.reach(instant + seconds)
        return instant + seconds
