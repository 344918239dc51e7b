"""Runs of the engine on a simulated cloud: undisturbed ones, and those with faults."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Callable, Collection, Mapping
from typing import Any

from cli import workspace
from cli.console import Failure
from cli.recover.state import logical_name
from cli.simulated.workspace import SimulatedCloud
from dev.fault_injection import processes
from dev.fault_injection.cases import Kind, Operation
from simulator import timeline
from simulator.faults import FAULTS

LIMIT_SECONDS = 900
"""A run that takes longer hangs."""
QUIET_SECONDS = 1.5
"""When nothing has ended for so long, all that is struck in a run is taken to be so."""
STRUCK = ("--continue-on-error", "--parallel", "64")
"""Lets a run go on where it is not held up, so that it meets all that it can be struck in."""

_PROVIDER = re.compile(r"-m simulator\.plugin ([\w-]+)")

_ARGUMENTS = {
    "refresh": ("--yes", "--skip-preview", "--suppress-outputs"),
    "up": ("--yes", "--skip-preview", "--suppress-outputs"),
    "destroy": ("--yes", "--skip-preview", "--suppress-outputs"),
    "preview": ("--expect-no-changes", "--diff", "--suppress-outputs"),
}


class Broken(Exception):  # noqa: N818 — a finding of the sweep
    """The documented steps did not lead back to where an undisturbed run ends."""


def run(
    cloud: SimulatedCloud, stack: str, command: str, environment: Mapping[str, str], *extra: str
) -> subprocess.CompletedProcess[str]:
    """Run a command of Pulumi to its end, whatever comes of it; raises `Broken` if it has none."""
    try:
        return subprocess.run(
            _line(cloud, stack, command, *extra),
            env={**cloud.environment(), **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=LIMIT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as expired:
        raise Broken(f"{command} hangs: {(expired.stdout or b'')[-2000:]!r}") from expired


def succeed(cloud: SimulatedCloud, stack: str, command: str, when: str) -> None:
    """Run a command; raises `Broken` with what it said if it fails."""
    answer = run(cloud, stack, command, {})
    if answer.returncode != 0:
        raise Broken(f"{command} {when} fails: {answer.stdout[-3000:]}")


def strike(
    cloud: SimulatedCloud,
    stack: str,
    command: str,
    kind: Kind,
    *,
    targets: Collection[Operation],
    name: str,
) -> set[Operation]:
    """Run a command under the name `name`, with faults; returns the operations that were struck."""
    faults = ",".join(f"{one.operation}:{one.type}:{one.name}:{kind.fault}" for one in targets)
    environment = {FAULTS: faults, timeline.RUN: name}
    if kind.killed:
        _kill_what_hangs(cloud, stack, command, kind, environment)
    else:
        run(cloud, stack, command, environment, *STRUCK)
    return {
        Operation(item.operation, item.type, logical_name(item.urn))
        for item in _records(cloud, name)
        if item.outcome == kind.fault
    }


def _kill_what_hangs(
    cloud: SimulatedCloud, stack: str, command: str, kind: Kind, environment: Mapping[str, str]
) -> None:
    """Kill the engine or its providers while operations have no answer, and wait for the end."""
    process = subprocess.Popen(
        _line(cloud, stack, command, *STRUCK),
        env={**cloud.environment(), **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )

    def hanging() -> set[str]:
        """Packages whose providers owe an answer."""
        records = _records(cloud, environment[timeline.RUN])
        return {one.type.partition(":")[0] for one in records if one.outcome == kind.fault}

    started: list[processes.Process] = []
    try:
        _wait_until_quiet(process, lambda: len(_records(cloud, environment[timeline.RUN])), hanging)
        started = processes.below(process.pid)
        if process.poll() is None and kind.killed == "provider":
            providers = [one.id for one in started if _package(one.command) in hanging()]
            if not providers:
                raise Failure("no provider's process is found: its command has changed")
            processes.kill(providers)
            process.wait(LIMIT_SECONDS)
    except subprocess.TimeoutExpired as expired:
        raise Broken(f"{command} hangs although its provider was killed") from expired
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        processes.kill(one.id for one in started)


def _package(command: str) -> str:
    """The package whose simulated provider runs as this command; empty if it is another's."""
    found = _PROVIDER.search(command)
    return found[1] if found else ""


def _wait_until_quiet(
    process: subprocess.Popen[bytes], ended: Callable[[], int], hanging: Callable[[], set[str]]
) -> None:
    """Until the process ends, or owes answers and nothing more has ended for a while."""
    deadline = time.monotonic() + LIMIT_SECONDS
    count, since = 0, time.monotonic()
    while process.poll() is None and time.monotonic() < deadline:
        now = ended()
        if now != count:
            count, since = now, time.monotonic()
        if time.monotonic() - since > QUIET_SECONDS and hanging():
            return
        time.sleep(0.2)


def _records(cloud: SimulatedCloud, name: str) -> list[timeline.Record]:
    return timeline.read(cloud.state, name) if name in timeline.runs(cloud.state) else []


def _line(cloud: SimulatedCloud, stack: str, command: str, *extra: str) -> list[str]:
    return cloud.command(command, stack, "--non-interactive", *_ARGUMENTS[command], *extra)


def export(cloud: SimulatedCloud, stack: str, *extra: str) -> dict[str, Any]:
    """The stack's state, as `pulumi stack export` has it."""
    return workspace.export(cloud, stack, "--non-interactive", *extra)
