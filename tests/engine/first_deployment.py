"""The first deployment of a stack, run once for all tests that begin with the same one.

Each test gets a copy of the workspace as that run left it, with paths of its own in it.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from cli.simulated.workspace import SimulatedCloud
from support.repository import ROOT
from tests.engine.warm.start import WarmCloud
from tests.helpers.once import once

PARTS = ("local", "rendered")
"""The directories below a test's own that a deployment fills."""


def deployed_once(
    cloud: SimulatedCloud, stack: str, committed: Path, run: Callable[[Path], str]
) -> str | None:
    """What `run` said, here or in an earlier test; the cloud is then as it left it.

    `run` gets a copy of the test's own directory. None where the stack was deployed before, the
    program is not this project's, or the cloud is not warm.
    """
    own = committed.parent
    if not isinstance(cloud, WarmCloud) or cloud.program != ROOT or cloud.backend.exists():
        return None
    text = committed.read_text().replace(str(own), "")
    given = {
        str(file.relative_to(own)): file.read_text()
        for file in sorted(cloud.root.rglob("*"))
        if file.is_file()
    }
    variables = {name: value for name, value in os.environ.items() if name.startswith("AZURE_SIM_")}
    key = json.dumps([stack, text, given, variables, cloud.checkpoints])

    def make(place: Path) -> None:
        shutil.copytree(own, place, symlinks=True)
        _replace(place, str(own), str(place))
        said = run(place)
        (place / "said").write_text(said)
        (place / "origin").write_text(str(place))

    kept = once(f"deployed-{hashlib.sha256(key.encode()).hexdigest()[:16]}", make)
    for part in PARTS:
        if (kept / part).exists():
            shutil.rmtree(own / part, ignore_errors=True)
            shutil.copytree(kept / part, own / part, symlinks=True)
            _replace(own / part, (kept / "origin").read_text(), str(own))
    return (kept / "said").read_text()


def _replace(directory: Path, old: str, new: str) -> None:
    """Replace a path in all files below `directory`."""
    for file in directory.rglob("*"):
        if file.is_file() and not file.is_symlink():
            text = file.read_text()
            if old in text:
                file.write_text(text.replace(old, new))
