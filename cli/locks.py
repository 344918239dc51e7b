"""Locks between commands that run at the same time, by the library filelock."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from cli.console import say


@contextmanager
def exclusive(file: Path, waiting: str) -> Generator[None]:
    """Hold the lock `file`, which is created; print `waiting` while another process holds it.

    The kernel releases the lock when its holder ends, in whatever way.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(file)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        say(waiting)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()
