"""Where the simulated cloud keeps its resources.

`MemoryStore` serves unit tests. `JournalStore` keeps the same in a directory, shared by the
provider processes: one append-only journal, a line for each change, written under a file lock and
synced before the change is answered. A process killed at any moment leaves at worst an incomplete
last line, which readers skip and the next writer cuts off.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from support.arm_ids import ids_in

# A journal with more dead lines than this, and than live ones, is rewritten when it is opened.
_COMPACT_ABOVE = 500


@dataclass(frozen=True)
class Resource:
    """A resource as the cloud holds it: inputs and outputs in the SDK's wire names."""

    id: str
    token: str
    """Type token without the package, such as `network:Subnet`."""
    inputs: dict[str, Any]
    outputs: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def name(self) -> str:
        return self.id.rsplit("/", 1)[-1]


class MemoryStore:
    """Resources by id (without case, as Azure compares), with an index of who refers to whom."""

    def __init__(self) -> None:
        self._resources: dict[str, Resource] = {}
        self._referrers: dict[str, set[str]] = {}

    def get(self, resource_id: str) -> Resource | None:
        self.sync()
        return self._resources.get(resource_id.lower())

    def all(self) -> list[Resource]:
        self.sync()
        return list(self._resources.values())

    def of_type(self, *tokens: str) -> list[Resource]:
        """The resources of these types."""
        return [item for item in self.all() if item.token in tokens]

    def below(self, resource_id: str, *tokens: str) -> list[Resource]:
        """The resources (of these types) whose id continues this one, such as its children."""
        self.sync()
        prefix = resource_id.lower() + "/"
        return [
            item
            # A copy: unit tests write from several threads.
            for key, item in list(self._resources.items())
            if key.startswith(prefix) and (not tokens or item.token in tokens)
        ]

    def referrers(self, resource_id: str) -> list[Resource]:
        """The resources with this id, or that of a part of it, somewhere in their inputs."""
        self.sync()
        keys = self._referrers.get(resource_id.lower(), ())
        return [self._resources[key] for key in sorted(keys)]

    def put(self, resource: Resource) -> None:
        self.sync()
        self._apply_put(resource)

    def delete(self, resource_id: str) -> None:
        self.sync()
        self._apply_delete(resource_id.lower())

    def sync(self) -> None:
        """Take in what other processes have written; nothing to do in memory."""

    def take(self, entry: dict[str, Any]) -> None:
        """Take in one line of a journal."""
        if "put" in entry:
            self._apply_put(
                Resource(entry["put"], entry["token"], entry["inputs"], entry["outputs"])
            )
        else:
            self._apply_delete(entry["delete"].lower())

    def _apply_put(self, resource: Resource) -> None:
        """One resource takes the other's place in one step.

        Unit tests read from other threads: what is written again must not be gone meanwhile.
        """
        key = resource.id.lower()
        old = self._resources.get(key)
        before, after = _targets(old) if old else set[str](), _targets(resource)
        self._resources[key] = resource
        for target in after - before:
            self._referrers.setdefault(target, set()).add(key)
        for target in before - after:
            self._referrers[target].discard(key)

    def _apply_delete(self, key: str) -> None:
        old = self._resources.pop(key, None)
        if old is not None:
            for target in _targets(old):
                self._referrers[target].discard(key)


def _targets(resource: Resource) -> set[str]:
    """Ids in the inputs, and for the id of a part (`…/subnets/s`) those of the whole."""
    targets: set[str] = set()
    for reference in ids_in(resource.inputs):
        key = reference.lower().rstrip("/")
        targets.add(key)
        head, found, _ = key.rpartition("/providers/")
        floor = len(head) + len(found) if found else len(key)
        parts = key[floor:].split("/")
        for end in range(3, len(parts) - 1, 2):
            targets.add(key[:floor] + "/".join(parts[:end]))
    return targets


def snapshot(directory: Path) -> MemoryStore:
    """What a `JournalStore` in `directory` holds now; nothing there is written, not even a lock."""
    store = MemoryStore()
    journal = directory / "journal.jsonl"
    data = journal.read_bytes() if journal.exists() else b""
    for line in data[: data.rfind(b"\n") + 1].splitlines():
        store.take(json.loads(line))
    return store


class JournalStore(MemoryStore):
    """A `MemoryStore` kept in `directory`, safe against kills and shared by processes."""

    def __init__(self, directory: Path) -> None:
        super().__init__()
        directory.mkdir(parents=True, exist_ok=True)
        self._path = directory / "journal.jsonl"
        self._lock_path = directory / "lock"
        self._file = -1
        self._inode = 0
        self._offset = 0
        self._lines = 0
        with self._locked():
            self._reopen()
            self._read_new()
            if self._lines - len(self._resources) > max(_COMPACT_ABOVE, len(self._resources)):
                self._compact()

    def put(self, resource: Resource) -> None:
        entry = {
            "put": resource.id,
            "token": resource.token,
            "inputs": resource.inputs,
            "outputs": resource.outputs,
        }
        self._append(entry)

    def delete(self, resource_id: str) -> None:
        self._append({"delete": resource_id})

    def sync(self) -> None:
        try:
            status = self._path.stat()
        except FileNotFoundError:
            # Someone cleaned the state under a running process: the cloud is empty again.
            status = None
        if status is None or status.st_ino != self._inode or status.st_size < self._offset:
            with self._locked():
                self._reopen()
                self._read_new()
        elif status.st_size > self._offset:
            self._read_new()

    @contextmanager
    def _locked(self) -> Generator[None]:
        self._lock_path.parent.mkdir(parents=True, exist_ok=True)
        lock = os.open(self._lock_path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _reopen(self) -> None:
        if self._file >= 0:
            os.close(self._file)
        self._file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        self._inode = os.fstat(self._file).st_ino
        self._offset = self._lines = 0
        self._resources.clear()
        self._referrers.clear()

    def _read_new(self) -> None:
        size = os.fstat(self._file).st_size
        data = os.pread(self._file, size - self._offset, self._offset)
        complete = data.rfind(b"\n") + 1
        for line in data[:complete].splitlines():
            self._lines += 1
            self.take(json.loads(line))
        self._offset += complete

    def _append(self, entry: dict[str, Any]) -> None:
        line = json.dumps(entry, separators=(",", ":")).encode() + b"\n"
        with self._locked():
            self._sync_locked()
            # What is left beyond the last complete line is a write that a kill interrupted.
            os.ftruncate(self._file, self._offset)
            os.pwrite(self._file, line, self._offset)
            os.fsync(self._file)
            self._read_new()

    def _sync_locked(self) -> None:
        """As `sync`, for a caller that holds the lock already."""
        try:
            inode = self._path.stat().st_ino
        except FileNotFoundError:
            inode = 0
        if inode != self._inode:
            self._reopen()
        self._read_new()

    def _compact(self) -> None:
        scratch = self._path.with_suffix(".new")
        with scratch.open("wb") as file:
            for resource in self._resources.values():
                entry = {
                    "put": resource.id,
                    "token": resource.token,
                    "inputs": resource.inputs,
                    "outputs": resource.outputs,
                }
                file.write(json.dumps(entry, separators=(",", ":")).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        scratch.rename(self._path)
        self._reopen()
        self._read_new()
