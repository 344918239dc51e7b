"""Runs a command and measures it, and every process that it starts, from outside.

The whole command's figures are the operating system's own for it and all that it waited for. The
split by process is read from Linux's /proc every few milliseconds, so that a process's last
milliseconds are missing from it; on other systems there is none.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_PERIOD_SECONDS = 0.01
_KIB = 1024
_PROC = Path("/proc")

NAMES = {
    "pulumi-language-python-exec": "program",
    "-m pip list": "pip list",
    "simulator.plugin azure-native": "simulated Azure",
    "simulator.plugin kubernetes": "simulated Kubernetes",
    "pulumi-language-python": "language host",
    "/pulumi ": "engine",
}
"""What the parts of a Pulumi run are called here, by what their command lines hold; the first one
that fits."""


@dataclass
class Part:
    """All processes of one name: seconds since the command's start, processor seconds, MiB."""

    start: float
    end: float = 0
    cpu: dict[int, float] = field(default_factory=dict[int, float])
    peak: float = 0

    @property
    def seconds(self) -> float:
        """Processor seconds of all of them."""
        return sum(self.cpu.values())


@dataclass(frozen=True)
class Usage:
    """What a command took."""

    started: float
    """Time of day."""
    wall: float
    cpu: float
    """Processor seconds of the whole tree, user and system."""
    output: str
    parts: dict[str, Part]

    def cpu_of(self, part: str) -> float:
        """Processor seconds of a part, 0 where it did not run or can't be seen."""
        return self.parts[part].seconds if part in self.parts else 0

    def peak_of(self, part: str) -> float:
        """The most memory that a process of the part had, in MiB."""
        return self.parts[part].peak if part in self.parts else 0


def run(command: Sequence[str], environment: Mapping[str, str]) -> Usage:
    """Run `command` to its end. Raises CalledProcessError, with what it said, where it fails."""
    parts: dict[str, Part] = {}
    with tempfile.TemporaryFile() as said:
        started, start, booted = time.time(), time.perf_counter(), _since_boot()
        process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
        )
        while os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            _look(process.pid, booted, parts)
            time.sleep(_PERIOD_SECONDS)
        wall = time.perf_counter() - start
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        output = said.read().decode(errors="replace")
    if process.returncode != 0:
        raise subprocess.CalledProcessError(process.returncode, command, output)
    return Usage(started, wall, used.ru_utime + used.ru_stime, output, parts)


def _look(root: int, booted: float, parts: dict[str, Part]) -> None:
    """Note what every process below `root`, itself included, has used by now."""
    waiting = [root]
    while waiting:
        process = waiting.pop()
        directory = _PROC / str(process)
        try:
            line = (directory / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            waiting += _children(directory)
            name = next((name for part, name in NAMES.items() if part in line), None)
            if name is not None:
                _note(process, directory, booted, parts, name)
        except OSError:
            continue  # It has ended since.


def _note(process: int, directory: Path, booted: float, parts: dict[str, Part], name: str) -> None:
    tick = os.sysconf("SC_CLK_TCK")
    # The name of the executable, in brackets, may hold blanks.
    fields = (directory / "stat").read_text().rpartition(")")[2].split()
    part = parts.setdefault(name, Part(int(fields[19]) / tick - booted))
    part.end = _since_boot() - booted
    part.cpu[process] = (int(fields[11]) + int(fields[12])) / tick
    for row in (directory / "status").read_text().splitlines():
        if row.startswith("VmHWM:"):
            part.peak = max(part.peak, int(row.split()[1]) / _KIB)


def _children(directory: Path) -> list[int]:
    found: list[int] = []
    for task in (directory / "task").iterdir():
        found += map(int, (task / "children").read_text().split())
    return found


def _since_boot() -> float:
    """The clock that Linux gives processes' start times in."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if sys.platform == "linux" else 0
