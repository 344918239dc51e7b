"""How Azure's services run operations: durations, limits on requests, locks."""

from __future__ import annotations

from contextlib import AbstractContextManager

from simulator.azure import durations
from simulator.azure.locks import Locks
from simulator.azure.throttling import Throttling
from simulator.clock import scale_from_environment
from simulator.operations import Operation, admit_without_conditions
from simulator.processes import Processes


class AzureService:
    """The services as all provider processes meet them; the environment sets the defaults."""

    def __init__(
        self, processes: Processes | None = None, throttling: Throttling | None = None
    ) -> None:
        processes = processes or Processes()
        self._throttling = throttling or Throttling.from_environment(
            processes, time_passes=scale_from_environment() > 0
        )
        self._locks = Locks(processes)

    def seconds(self, operation: Operation) -> float:
        """Typical duration of an operation."""
        return durations.seconds(operation.kind, operation.token.removeprefix("azure-native:"))

    def admit(self, operation: Operation, instant: float) -> AbstractContextManager[bool]:
        """Count the request and take the locks; a read takes none."""
        self._throttling.count(operation, instant)
        return (
            admit_without_conditions()
            if operation.kind == "read"
            else self._locks.acquire(operation)
        )
