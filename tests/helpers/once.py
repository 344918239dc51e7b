"""What is made once for all processes of a test run, such as a recording or a deployed stack.

tests/conftest.py calls `open_directory` before pytest-xdist starts its processes, so that all of
them find the directory by the same environment variable.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from cli.locks import exclusive

VARIABLE = "AKS_NETWORK_TEST_RUN"


def open_directory() -> Path:
    """The run's directory, made by the first process of the run, which removes it at its end."""
    if VARIABLE not in os.environ:
        os.environ[VARIABLE] = tempfile.mkdtemp(prefix="aks-network-tests-")
        atexit.register(shutil.rmtree, os.environ[VARIABLE], ignore_errors=True)
    return Path(os.environ[VARIABLE])


def once(name: str, make: Callable[[Path], object]) -> Path:
    """The file or directory of this name, made by the first process that asks for it.

    `make` gets a path where nothing is yet. The result appears whole or, when it fails, not at all:
    the next one to ask then tries again.
    """
    place = open_directory() / name
    if place.exists():
        return place
    with exclusive(place.with_name(f"{place.name}.lock"), f"waiting for {name}"):
        if not place.exists():
            scratch = place.with_name(f"{place.name}.new")
            make(scratch)
            scratch.rename(place)
    return place
