"""How Azure's services run operations: durations, limits on requests, locks."""

from __future__ import annotations

from contextlib import AbstractContextManager

from simulator.azure import durations
from simulator.azure.locks import Locks
from simulator.azure.throttling import Throttling
from simulator.clock import scale_from_environment
from simulator.operations import Operation, admitted_at_once


class AzureService:
    """The services as one provider process meets them; by default as the environment says."""

    def __init__(self, throttling: Throttling | None = None) -> None:
        self._throttling = throttling or Throttling.from_environment(
            time_passes=scale_from_environment() > 0
        )
        self._locks = Locks()

    def seconds(self, asked: Operation) -> float:
        """Documented duration of an operation."""
        return durations.seconds(asked.kind, asked.token.removeprefix("azure-native:"))

    def admit(self, asked: Operation, instant: float) -> AbstractContextManager[bool]:
        """Count the request and take the locks; a read needs none."""
        self._throttling.take(asked, instant)
        return admitted_at_once() if asked.kind == "read" else self._locks.held(asked)
