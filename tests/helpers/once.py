"""What is made once for all processes of a test run, such as a recording or a deployed stack.

pytest-xdist starts its processes after `open_directory`, so that all of them find the directory by
the same environment variable; the process that opened it removes it at the end.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from cli.console import only_one_at_a_time

VARIABLE = "AKS_NETWORK_TEST_RUN"


def open_directory() -> Callable[[], None]:
    """Make the run's directory unless another process has; returns what removes it again."""
    if VARIABLE in os.environ:
        return lambda: None
    made = tempfile.mkdtemp(prefix="aks-network-tests-")
    os.environ[VARIABLE] = made

    def remove() -> None:
        del os.environ[VARIABLE]
        shutil.rmtree(made, ignore_errors=True)

    return remove


def once(name: str, make: Callable[[Path], object]) -> Path:
    """The file or directory of this name, made by the first process that asks for it.

    `make` gets a path where nothing is yet. The result appears whole or, when it fails, not at all:
    the next one to ask then tries again.
    """
    place = Path(os.environ[VARIABLE]) / name
    if place.exists():
        return place
    with only_one_at_a_time(place.with_name(f"{place.name}.lock"), f"waiting for {name}"):
        if not place.exists():
            scratch = place.with_name(f"{place.name}.new")
            make(scratch)
            scratch.rename(place)
    return place
