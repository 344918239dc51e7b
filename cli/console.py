"""What the user sees of long steps, and the errors that a command reports.

Standard library only: `cli/bootstrap.py` uses it before anything is installed.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

SECONDS_BETWEEN_UPDATES = 5

Progress = Callable[[str], AbstractContextManager[Callable[[float], None]]]
"""Shows the step with this name while it runs; is called with the seconds that have passed."""


class Failure(Exception):  # noqa: N818 - the user's error, not a defect
    """Something that the user has to correct. Its text is what the command prints."""


def say(text: str) -> None:
    """Print a line to standard error; standard output is for results."""
    print(text, file=sys.stderr, flush=True)


@contextmanager
def lines(step: str) -> Generator[Callable[[float], None]]:
    """Progress as lines: when the step begins, every few seconds, and when it is done."""
    started = time.monotonic()
    say(f"{step} …")
    yield lambda elapsed: say(f"{step}, {elapsed:.0f} s")
    say(f"{step}: done in {time.monotonic() - started:.0f} s")


def run_showing_progress(
    command: Sequence[str | Path],
    step: str,
    *,
    cwd: Path,
    environment: Mapping[str, str],
    limit_seconds: float | None = None,
    progress: Progress = lines,
) -> None:
    """Run `command` quietly and show its progress under the name `step`.

    Raises `Failure` with the last lines of its output when it fails or exceeds `limit_seconds`.
    """
    started = time.monotonic()
    with progress(step) as update, tempfile.TemporaryFile() as output:
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
                    status = process.wait(timeout=SECONDS_BETWEEN_UPDATES)
                    break
                except subprocess.TimeoutExpired:
                    elapsed = time.monotonic() - started
                    if limit_seconds is not None and elapsed > limit_seconds:
                        raise Failure(f"{step}: gave up after {elapsed:.0f} s") from None
                    update(elapsed)
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
        if status != 0:
            output.seek(0)
            tail = output.read().decode(errors="replace").splitlines()[-15:]
            raise Failure("\n".join([f"{step}: failed with exit status {status}", *tail]))
