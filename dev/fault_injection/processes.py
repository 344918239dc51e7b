"""Finds and kills the descendants of a process."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Process:
    """A process that runs."""

    id: int
    parent: int
    command: str


def below(root: int) -> list[Process]:
    """The descendants of the process `root`."""
    # Without -ww, ps cuts a command line at the width of a terminal.
    table = subprocess.run(
        ["ps", "-A", "-ww", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True
    ).stdout
    return descendants(root, [parse(line) for line in table.splitlines()])


def parse(line: str) -> Process:
    """A line of `ps -o pid=,ppid=,args=`."""
    number, parent, *command = line.split(maxsplit=2)
    return Process(int(number), int(parent), "".join(command))


def descendants(root: int, table: Iterable[Process]) -> list[Process]:
    """The processes of the table that descend from `root`, without `root` itself."""
    children: dict[int, list[Process]] = {}
    for process in table:
        children.setdefault(process.parent, []).append(process)
    found: list[Process] = []
    waiting = [root]
    while waiting:
        started = children.get(waiting.pop(), [])
        found += started
        waiting += [process.id for process in started]
    return found


def kill(ids: Iterable[int]) -> None:
    """Kill the processes without a chance to clean up (SIGKILL); some may have ended already."""
    for number in ids:
        try:
            os.kill(number, signal.SIGKILL)
        except ProcessLookupError:
            continue
