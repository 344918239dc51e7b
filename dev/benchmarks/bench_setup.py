"""Measures the steps from a fresh clone to a deployment: `python -m dev.benchmarks setup`.

Runs `make up` in a clone of the last commit four times: from nothing, without `.local/`, with only
its cache, and without changes. The differences are the durations of the steps. `--tests` also runs
the clone's fast tests and those under the engine.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dev.benchmarks.tables import Section, Table
from support.repository import ROOT

_BEGINS = re.compile(r"(.*) …")
_CACHE = "cache"
"""The folder of `.local/` with the schemas that the simulated cloud derives from the SDK."""

TESTS = {
    "`make test-unit`": ("test-unit",),
    "the tests under the engine": ("test", "ARGS=-m engine"),
}


@dataclass
class Run:
    """The seconds of a command, and of the steps that it printed."""

    wall: float = 0
    cpu: float = 0
    steps: dict[str, float] = field(default_factory=dict[str, float])

    @property
    def rest(self) -> float:
        """The seconds outside the printed steps."""
        return self.wall - sum(self.steps.values())


def main(*, tests: bool) -> Section:
    """Measure; needs git, make and what `make up` needs, including the network."""
    section = Section("Set-up", "python -m dev.benchmarks setup")
    section.parts.append(
        "The steps of a first `make up` in a fresh clone, with the pip and Go caches of this "
        "machine. A Pulumi CLI on PATH or from an earlier run is used; otherwise, installing one "
        "is a step of its own."
    )
    with tempfile.TemporaryDirectory() as directory:
        clone = Path(directory, "clone")
        subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)
        first = _make(clone, "up")
        _make(clone, "clean")
        again = _make(clone, "up")
        for path in (clone / ".local").iterdir():
            if path.is_dir() and path.name != _CACHE:
                shutil.rmtree(path)
        warm = _make(clone, "up")
        unchanged = _make(clone, "up")
        table = Table(("step", "wall, s"))
        steps = {
            **first.steps,
            "compiling the imported modules, once": first.rest - again.wall,
            "deriving the schemas from the SDK, once": again.wall - warm.wall,
            "deploying `dev`": warm.wall,
            "**the first `make up`**": first.wall,
            "a second one, without changes": unchanged.wall,
        }
        table.rows += [(step, f"{seconds:.1f}") for step, seconds in steps.items()]
        section.parts.append(table)
        if tests:
            section.parts.append(_tests(clone))
    return section


def _tests(clone: Path) -> Table:
    _make(clone, ".venv/.development")
    table = Table(("tests", "wall, s", "CPU, s"))
    for name, arguments in TESTS.items():
        run = _make(clone, *arguments)
        table.rows.append((name, f"{run.wall:.0f}", f"{run.cpu:.0f}"))
    return table


def _make(clone: Path, *arguments: str) -> Run:
    """Run make in the clone. Raises `CalledProcessError` when it fails."""
    return _follow(["make", "-C", str(clone), *arguments])


def _follow(command: Sequence[str]) -> Run:
    """Run a command and time the steps that `cli.console` prints."""
    # The arguments of `make bench ARGS=…` are not for the clone's make.
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AZURE_SIM_", "MAKE", "MFLAGS")) and name != "ARGS"
    }
    run, said, begun = Run(), list[str](), dict[str, float]()
    before = os.times()
    start = time.perf_counter()
    with subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        for line in process.stdout or ():
            said.append(line)
            now = time.perf_counter()
            if found := _BEGINS.fullmatch(line.rstrip()):
                begun[found[1]] = now
            for step in [step for step in begun if line.startswith(f"{step}: done")]:
                run.steps[step] = now - begun.pop(step)
    after = os.times()
    run.wall = time.perf_counter() - start
    run.cpu = (after.children_user - before.children_user) + (
        after.children_system - before.children_system
    )
    if process.returncode != 0:
        sys.stderr.writelines(said[-30:])
        raise subprocess.CalledProcessError(process.returncode, command)
    return run
