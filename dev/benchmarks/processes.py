"""Runs a command, and measures it and every process that it starts from outside.

The figures of the whole command are the operating system's own. The split by process is read from
Linux's /proc every few milliseconds, so a process's last milliseconds are missing. On other systems
there is no split.
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
"""Names of a Pulumi run's processes, by a part of their command line; the first match counts."""


@dataclass
class Part:
    """All processes of one name: seconds since the command's start, CPU seconds, MiB."""

    start: float
    end: float = 0
    cpu: dict[int, float] = field(default_factory=dict[int, float])
    peak: float = 0

    @property
    def seconds(self) -> float:
        """CPU seconds of all of them."""
        return sum(self.cpu.values())


@dataclass(frozen=True)
class Usage:
    """The resources that a command used."""

    started: float
    """Time of day."""
    wall: float
    cpu: float
    """CPU seconds of all its processes, user and system."""
    output: str
    parts: dict[str, Part]

    def cpu_of(self, part: str) -> float:
        """CPU seconds of a part, 0 where it did not run or is not visible."""
        return self.parts[part].seconds if part in self.parts else 0

    def peak_of(self, part: str) -> float:
        """The peak memory of a process of the part, in MiB."""
        return self.parts[part].peak if part in self.parts else 0


def run(command: Sequence[str], environment: Mapping[str, str]) -> Usage:
    """Run `command` to its end. Raises `CalledProcessError` with its output when it fails."""
    parts: dict[str, Part] = {}
    with tempfile.TemporaryFile() as file:
        started, start, booted = time.time(), time.perf_counter(), _since_boot()
        process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
        )
        while os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            _sample(process.pid, booted, parts)
            time.sleep(_PERIOD_SECONDS)
        wall = time.perf_counter() - start
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        file.seek(0)
        output = file.read().decode(errors="replace")
    if process.returncode != 0:
        raise subprocess.CalledProcessError(process.returncode, command, output)
    return Usage(started, wall, used.ru_utime + used.ru_stime, output, parts)


def _sample(root: int, booted: float, parts: dict[str, Part]) -> None:
    """Record what `root` and all processes below it have used so far."""
    waiting = [root]
    while waiting:
        process = waiting.pop()
        directory = _PROC / str(process)
        try:
            line = (directory / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            waiting += _children(directory)
            name = next((name for part, name in NAMES.items() if part in line), None)
            if name is not None:
                _record(process, directory, booted, parts, name)
        except OSError:
            continue  # It has ended since.


def _record(
    process: int, directory: Path, booted: float, parts: dict[str, Part], name: str
) -> None:
    tick = os.sysconf("SC_CLK_TCK")
    # The name of the executable, in brackets, may contain spaces.
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
    """Seconds on the clock of Linux's process start times."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if sys.platform == "linux" else 0
