"""Runs of the engine on a simulated cloud, with and without faults."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Callable, Collection, Mapping

from cli.console import Failure
from cli.simulated.workspace import SimulatedCloud
from dev.fault_injection import processes
from dev.fault_injection.cases import Kind, Operation
from simulator import timeline
from simulator.faults import FAULTS
from support.urns import logical_name

TIMEOUT_SECONDS = 900
"""A run that takes longer hangs."""
QUIET_SECONDS = 1.5
"""When no operation has ended for this long, all faults of a run count as reached."""
CONTINUE = ("--continue-on-error", "--parallel", "64")
"""Lets a run continue after an error, so that it reaches every fault that it can."""

_PROVIDER = re.compile(r"-m simulator\.plugin ([\w-]+)")

_ARGUMENTS = {
    "refresh": ("--yes", "--skip-preview", "--suppress-outputs"),
    "up": ("--yes", "--skip-preview", "--suppress-outputs"),
    "destroy": ("--yes", "--skip-preview", "--suppress-outputs"),
    "preview": ("--expect-no-changes", "--diff", "--suppress-outputs"),
}


class NotRecovered(Exception):  # noqa: N818 - a result, not a defect of this code
    """The documented steps did not lead to the state of the baseline."""


def run(
    cloud: SimulatedCloud, stack: str, command: str, environment: Mapping[str, str], *extra: str
) -> subprocess.CompletedProcess[str]:
    """Run a Pulumi command to its end, whatever its status. Raises `NotRecovered` if it hangs."""
    try:
        return subprocess.run(
            _line(cloud, stack, command, *extra),
            env={**cloud.environment(), **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as expired:
        raise NotRecovered(f"{command} hangs: {(expired.stdout or b'')[-2000:]!r}") from expired


def succeed(cloud: SimulatedCloud, stack: str, command: str, when: str) -> None:
    """Run a command. Raises `NotRecovered` with its output if it fails."""
    result = run(cloud, stack, command, {})
    if result.returncode != 0:
        raise NotRecovered(f"{command} {when} fails: {result.stdout[-3000:]}")


def inject(
    cloud: SimulatedCloud,
    stack: str,
    command: str,
    kind: Kind,
    *,
    targets: Collection[Operation],
    name: str,
) -> set[Operation]:
    """Run a command with faults, under the name `name`; returns the operations that got one."""
    faults = ",".join(f"{item.operation}:{item.type}:{item.name}:{kind.fault}" for item in targets)
    environment = {FAULTS: faults, timeline.RUN: name}
    if kind.killed:
        _kill_while_waiting(cloud, stack, command, kind, environment)
    else:
        run(cloud, stack, command, environment, *CONTINUE)
    return {
        Operation(record.operation, record.type, logical_name(record.urn))
        for record in _records(cloud, name)
        if record.outcome == kind.fault
    }


def _kill_while_waiting(
    cloud: SimulatedCloud, stack: str, command: str, kind: Kind, environment: Mapping[str, str]
) -> None:
    """Kill the engine or its providers while operations have no answer, and wait for the end."""
    process = subprocess.Popen(
        _line(cloud, stack, command, *CONTINUE),
        env={**cloud.environment(), **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )

    def hanging() -> set[str]:
        """The packages whose providers have not answered."""
        records = _records(cloud, environment[timeline.RUN])
        return {item.type.partition(":")[0] for item in records if item.outcome == kind.fault}

    started: list[processes.Process] = []
    try:
        _wait_until_quiet(process, lambda: len(_records(cloud, environment[timeline.RUN])), hanging)
        started = processes.below(process.pid)
        if process.poll() is None and kind.killed == "provider":
            providers = [item.id for item in started if _package(item.command) in hanging()]
            if not providers:
                raise Failure("no process of a provider is found: its command line has changed")
            processes.kill(providers)
            process.wait(TIMEOUT_SECONDS)
    except subprocess.TimeoutExpired as expired:
        raise NotRecovered(f"{command} hangs although its provider was killed") from expired
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        processes.kill(item.id for item in started)


def _package(command: str) -> str:
    """The package whose simulated provider has this command line; empty for other processes."""
    found = _PROVIDER.search(command)
    return found[1] if found else ""


def _wait_until_quiet(
    process: subprocess.Popen[bytes], ended: Callable[[], int], hanging: Callable[[], set[str]]
) -> None:
    """Wait until the process ends, or until operations hang and no other has ended for a while."""
    deadline = time.monotonic() + TIMEOUT_SECONDS
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
