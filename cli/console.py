"""What the user sees of long steps.

Standard library only: it also serves before the Python environment exists.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator

SECONDS_BETWEEN_LINES = 5


class Failure(Exception):  # noqa: N818 — the user's affair, not a defect
    """Something that the user has to mend; its text is the one line to print."""


def say(text: str) -> None:
    """Print a line to standard error, which keeps standard output for results."""
    print(text, file=sys.stderr, flush=True)


def run_showing_progress(
    command: Sequence[str | Path],
    doing: str,
    *,
    cwd: Path,
    environment: Mapping[str, str],
    limit_seconds: float | None = None,
) -> None:
    """Run `command` quietly and say every few seconds that it still runs, and for how long.

    Raises `Failure` with the last lines of its output when it fails or exceeds `limit_seconds`.
    """
    started = time.monotonic()
    say(f"{doing} …")
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            while True:
                try:
                    status = process.wait(timeout=SECONDS_BETWEEN_LINES)
                    break
                except subprocess.TimeoutExpired:
                    elapsed = time.monotonic() - started
                    if limit_seconds is not None and elapsed > limit_seconds:
                        raise Failure(f"{doing}: gave up after {elapsed:.0f} s") from None
                    say(f"{doing}, {elapsed:.0f} s")
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
        if status != 0:
            output.seek(0)
            tail = output.read().decode(errors="replace").splitlines()[-15:]
            raise Failure("\n".join([f"{doing}: failed with exit status {status}", *tail]))
    say(f"{doing}: done in {time.monotonic() - started:.0f} s")


@contextmanager
def only_one_at_a_time(lock: Path, waiting: str) -> Generator[None]:
    """Hold `lock` (a file, made if missing); say `waiting` when another process holds it.

    The kernel releases it when the holder ends, however it ends.
    """
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as file:
        try:
            flock(file, LOCK_EX | LOCK_NB)
        except OSError:
            say(waiting)
            flock(file, LOCK_EX)
        yield
