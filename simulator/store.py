"""Stores the resources of the simulated cloud.

`MemoryStore` is for unit tests. `JournalStore` keeps its resources in a directory that the provider
processes share: an append-only journal with a line for each change. Each line is written under a
file lock and synced to disk before the change is answered. A process that is killed leaves at worst
an incomplete last line, which readers skip and the next writer removes.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from support.arm_ids import ids_in

# A journal with more superseded lines than this, and than current ones, is compacted when opened.
_COMPACT_ABOVE = 500


@dataclass(frozen=True)
class Resource:
    """A resource of the cloud: its inputs and outputs, in the SDK's wire names."""

    id: str
    token: str
    """Type token without the package, such as `network:Subnet`."""
    inputs: dict[str, Any]
    outputs: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def name(self) -> str:
        return self.id.rsplit("/", 1)[-1]


class MemoryStore:
    """Resources by id (ignoring case, as Azure does), with an index of the references to each."""

    def __init__(self) -> None:
        self._created_at: dict[str, float] = {}
        self._resources: dict[str, Resource] = {}
        self._referrers: dict[str, set[str]] = {}

    def get(self, resource_id: str) -> Resource | None:
        self.sync()
        return self._resources.get(resource_id.lower())

    def seconds_since_creation(self, resource_id: str) -> float:
        """Real seconds since any process created the resource, which exists."""
        self.sync()
        return time.time() - self._created_at[resource_id.lower()]

    def all(self) -> list[Resource]:
        self.sync()
        return list(self._resources.values())

    def of_type(self, *tokens: str) -> list[Resource]:
        """The resources of these types."""
        return [item for item in self.all() if item.token in tokens]

    def below(self, resource_id: str, *tokens: str) -> list[Resource]:
        """The resources (of these types, if any are given) whose id continues this one."""
        self.sync()
        prefix = resource_id.lower() + "/"
        return [
            item
            # A copy, since unit tests write from several threads.
            for key, item in list(self._resources.items())
            if key.startswith(prefix) and (not tokens or item.token in tokens)
        ]

    def referrers(self, resource_id: str) -> list[Resource]:
        """The resources that refer to this one, or to a part of it, anywhere in their inputs."""
        self.sync()
        keys = self._referrers.get(resource_id.lower(), ())
        return [self._resources[key] for key in sorted(keys)]

    def put(self, resource: Resource) -> None:
        self.sync()
        self._apply_put(resource, time.time())

    def delete(self, resource_id: str) -> None:
        self.sync()
        self._apply_delete(resource_id.lower())

    def sync(self) -> None:
        """Read what other processes have written; in memory there is nothing to do."""

    def apply_entry(self, entry: dict[str, Any]) -> None:
        """Apply one entry of a journal."""
        if "put" in entry:
            self._apply_put(
                Resource(entry["put"], entry["token"], entry["inputs"], entry["outputs"]),
                entry.get("at", 0),
            )
        else:
            self._apply_delete(entry["delete"].lower())

    def _apply_put(self, resource: Resource, instant: float) -> None:
        """Replace the old resource in one step; `instant` counts for a new one.

        Unit tests read from other threads: a resource that is written again must never be absent.
        """
        key = resource.id.lower()
        old = self._resources.get(key)
        old_targets = _targets(old) if old else set[str]()
        new_targets = _targets(resource)
        self._created_at.setdefault(key, instant)
        self._resources[key] = resource
        for target in new_targets - old_targets:
            self._referrers.setdefault(target, set()).add(key)
        for target in old_targets - new_targets:
            self._referrers[target].discard(key)

    def _apply_delete(self, key: str) -> None:
        old = self._resources.pop(key, None)
        if old is not None:
            del self._created_at[key]
            for target in _targets(old):
                self._referrers[target].discard(key)


def _targets(resource: Resource) -> set[str]:
    """Ids in the inputs; for the id of a part (`…/subnets/s`) also those of its ancestors."""
    targets: set[str] = set()
    for reference in ids_in(resource.inputs):
        key = reference.lower().rstrip("/")
        targets.add(key)
        head, separator, _ = key.rpartition("/providers/")
        floor = len(head) + len(separator) if separator else len(key)
        parts = key[floor:].split("/")
        for end in range(3, len(parts) - 1, 2):
            targets.add(key[:floor] + "/".join(parts[:end]))
    return targets


def _entry(resource: Resource, instant: float) -> dict[str, Any]:
    """The journal's entry for a write."""
    return {
        "put": resource.id,
        "token": resource.token,
        "inputs": resource.inputs,
        "outputs": resource.outputs,
        "at": round(instant, 3),
    }


def snapshot(directory: Path) -> MemoryStore:
    """The resources of the `JournalStore` in `directory`; nothing is written, not even a lock."""
    store = MemoryStore()
    journal = directory / "journal.jsonl"
    data = journal.read_bytes() if journal.exists() else b""
    for line in data[: data.rfind(b"\n") + 1].splitlines():
        store.apply_entry(json.loads(line))
    return store


class JournalStore(MemoryStore):
    """A `MemoryStore` on disk, in `directory`: processes share it, and a kill loses nothing."""

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
        self._append(_entry(resource, time.time()))

    def delete(self, resource_id: str) -> None:
        self._append({"delete": resource_id})

    def sync(self) -> None:
        try:
            status = self._path.stat()
        except FileNotFoundError:
            # The state was deleted while this process runs: the cloud is empty again.
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
        self._created_at.clear()
        self._referrers.clear()

    def _read_new(self) -> None:
        size = os.fstat(self._file).st_size
        data = os.pread(self._file, size - self._offset, self._offset)
        complete = data.rfind(b"\n") + 1
        for line in data[:complete].splitlines():
            self._lines += 1
            self.apply_entry(json.loads(line))
        self._offset += complete

    def _append(self, entry: dict[str, Any]) -> None:
        line = json.dumps(entry, separators=(",", ":")).encode() + b"\n"
        with self._locked():
            self._sync_locked()
            # Anything beyond the last complete line is a write that a kill interrupted.
            os.ftruncate(self._file, self._offset)
            os.pwrite(self._file, line, self._offset)
            os.fsync(self._file)
            self._read_new()

    def _sync_locked(self) -> None:
        """`sync` for a caller that holds the lock already."""
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
            for key, resource in self._resources.items():
                entry = _entry(resource, self._created_at[key])
                file.write(json.dumps(entry, separators=(",", ":")).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        scratch.rename(self._path)
        self._reopen()
        self._read_new()
