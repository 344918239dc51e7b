"""The record of a run: its operations in the simulated cloud, and when they ran.

Each run has a file in `timeline/` of the state directory, with one JSON object per line. A line is
written when its operation has ended:

    {"operation": "create", "type": "azure-native:network:Subnet", "urn": …, "id": …,
     "start": 12.0, "end": 18.0, "outcome": "succeeded", "retries": [{"code": …, "seconds": 20.0}]}

`start` and `end` are simulated seconds since the run began. They are null at time scale 0, where
only the order of the lines counts. `outcome` is `succeeded`, an error code, or a fault's `what`.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

Kind = Literal["create", "update", "delete", "read"]
SUCCEEDED = "succeeded"
RUN = "AZURE_SIM_RUN"


@dataclass(frozen=True)
class Retry:
    """An attempt that was refused, and the pause before the next one (simulated seconds)."""

    code: str
    seconds: float


@dataclass(frozen=True)
class Record:
    """An operation that has ended."""

    operation: Kind
    type: str
    urn: str
    id: str
    start: float | None
    end: float | None
    outcome: str
    retries: tuple[Retry, ...] = ()

    @staticmethod
    def parse(line: bytes) -> Record:
        """The record of a line."""
        values: dict[str, Any] = json.loads(line)
        values["retries"] = tuple(Retry(**item) for item in values["retries"])
        return Record(**values)


def run_id() -> str:
    """Name of the run that this process belongs to: `AZURE_SIM_RUN`, or derived from the engine."""
    engine = next((item for item in sys.argv[1:] if not item.startswith("-")), "")
    return os.environ.get(RUN) or f"{os.getppid()}-{engine.rpartition(':')[2]}"


class Timeline:
    """The record of one run, which the provider processes of the run share."""

    def __init__(self, directory: Path, run: str) -> None:
        self.path = directory / "timeline" / f"{run}.jsonl"
        self._offset = 0
        self._latest = 0.0

    def append(self, record: Record) -> None:
        """Add a record in a single write, so that the lines of several processes do not mix."""
        line = json.dumps(asdict(record), separators=(",", ":")).encode() + b"\n"
        self.path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(file, line)
        finally:
            os.close(file)

    def latest_end(self) -> float:
        """The latest `end` in the record; 0 if there is none."""
        for record in self._new():
            self._latest = max(self._latest, record.end or 0)
        return self._latest

    def _new(self) -> list[Record]:
        try:
            with self.path.open("rb") as file:
                file.seek(self._offset)
                data = file.read()
        except FileNotFoundError:
            return []
        complete = data.rfind(b"\n") + 1
        self._offset += complete
        return [Record.parse(line) for line in data[:complete].splitlines()]


def runs(directory: Path) -> list[str]:
    """Names of the runs with a record, oldest first."""
    files = sorted((directory / "timeline").glob("*.jsonl"), key=lambda file: file.stat().st_mtime)
    return [file.stem for file in files]


def read(directory: Path, run: str) -> list[Record]:
    """All records of a run, in the order in which the operations ended."""
    data = (directory / "timeline" / f"{run}.jsonl").read_bytes()
    return [Record.parse(line) for line in data[: data.rfind(b"\n") + 1].splitlines()]
