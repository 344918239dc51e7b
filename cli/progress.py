"""Runs long steps with their progress: a spinner on a terminal, lines in a log.

`cli/bootstrap.py` shows lines everywhere, because rich is not installed yet there.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from cli.console import lines, run_showing_progress, say


def run(
    command: Sequence[str | Path],
    step: str,
    *,
    cwd: Path,
    environment: Mapping[str, str],
    limit_seconds: float | None = None,
) -> None:
    """Run `command` quietly and show its progress under the name `step`.

    Raises `Failure` with the last lines of its output when it fails or exceeds `limit_seconds`.
    """
    run_showing_progress(
        command,
        step,
        cwd=cwd,
        environment=environment,
        limit_seconds=limit_seconds,
        progress=spinner,
    )


@contextmanager
def spinner(step: str) -> Generator[Callable[[float], None]]:
    """The step with a spinner and the time that has passed; lines where there is no terminal."""
    # Few commands have a long step, and the import takes a tenth of a second.
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    console = Console(stderr=True)
    if not console.is_terminal:
        with lines(step) as update:
            yield update
        return
    started = time.monotonic()
    name = TextColumn("{task.description}", markup=False)
    columns = (SpinnerColumn(), name, TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        progress.add_task(step, total=None)
        yield lambda _: None
    say(f"{step}: done in {time.monotonic() - started:.0f} s")
