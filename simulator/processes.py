"""What the provider processes of one simulated cloud know of each other.

The engine starts a process for each provider: for azure-native's default one, for each explicit
one, for each parameterised package, and for Kubernetes. Azure behind them is one service. A lock
that one of them takes, a request that it sends and the time that it waits therefore count in all.

Each process has a file in `processes/` of the state directory, with a JSON object. It holds a file
lock on its file as long as it lives. The file of a process that died is ignored, and removed.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
import uuid
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from simulator.timeline import run_id


class Processes:
    """This process among the others; without a directory there are no others."""

    def __init__(self, directory: Path | None = None) -> None:
        self._directory = directory / "processes" if directory else None
        self._run = run_id().replace("/", "-")
        self._name = f"{os.getpid()}-{uuid.uuid4().hex[:8]}.json"
        self._told: dict[str, Any] = {"run": self._run}
        self._file = -1
        self._depth = 0

    @contextmanager
    def exclusive(self) -> Generator[None]:
        """No other process is in such a context meanwhile; contexts of one process may nest."""
        if self._directory is None or self._depth:
            yield
            return
        self._directory.mkdir(parents=True, exist_ok=True)
        lock = os.open(self._directory / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        self._depth += 1
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            self._depth -= 1
            os.close(lock)

    def tell(self, **values: Any) -> None:
        """Let the others know these values; they stay until others take their place."""
        self._told |= values
        if self._directory is None:
            return
        with self.exclusive():
            data = json.dumps(self._told, separators=(",", ":")).encode()
            file = self._own_file(self._directory)
            os.ftruncate(file, 0)
            os.pwrite(file, data, 0)

    def heard(self, key: str, *, of_this_run: bool = False) -> list[Any]:
        """What each of the others that live has told under a key."""
        if self._directory is None:
            return []
        with self.exclusive():
            files = [file for file in self._directory.glob("*.json") if file.name != self._name]
            found = [_read(file) for file in files]
        return [
            told[key]
            for told in found
            if told and key in told and (not of_this_run or told["run"] == self._run)
        ]

    def table(self, name: str) -> dict[str, Any]:
        """A table that all processes of this run share; use it in the context `exclusive`."""
        file = self._table(name)
        return json.loads(file.read_bytes()) if file and file.exists() else {}

    def write_table(self, name: str, values: dict[str, Any]) -> None:
        """Replace the table; use it in the context in which the table was read."""
        file = self._table(name)
        if file:
            file.write_text(json.dumps(values, separators=(",", ":")))

    def _table(self, name: str) -> Path | None:
        return self._directory / f"{name}-{self._run}.table" if self._directory else None

    def record_activity(self) -> None:
        """Something happens in this run now."""
        if self._directory is not None:
            self._directory.mkdir(parents=True, exist_ok=True)
            (self._directory / f"{self._run}.active").touch()

    def seconds_since_activity(self) -> float:
        """Real seconds since something last happened in any process of this run."""
        if self._directory is None:
            return float("inf")
        try:
            last = (self._directory / f"{self._run}.active").stat().st_mtime
        except FileNotFoundError:
            return float("inf")
        return time.time() - last

    def _own_file(self, directory: Path) -> int:
        path = directory / self._name
        if self._file >= 0 and not path.exists():
            # The state was deleted while this process runs.
            os.close(self._file)
            self._file = -1
        if self._file < 0:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(self._file, fcntl.LOCK_EX)
        return self._file


def _read(path: Path) -> dict[str, Any] | None:
    """What the process of a file has told; None where it no longer lives."""
    file = os.open(path, os.O_RDWR)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return json.loads(os.pread(file, os.fstat(file).st_size, 0))
    else:
        path.unlink()
        return None
    finally:
        os.close(file)
