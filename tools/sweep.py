"""Interrupts every operation of `up` and `destroy` in every way, recovers, and compares.

    python -m tools.sweep [--stack dev] [--command up] [--kind lost] [--report]

Each operation of an undisturbed run is struck by each kind of fault. The documented steps follow:
`recover`, then the same command again. The next operation is struck in that second run, and so on
until nothing is left to strike; then the stack has to be what it is after an undisturbed run: the
same state, the same cloud, nothing to change. Only then do the operations of the chain count as
recovered. Results are lines in `.local/sweep/results.jsonl`, and what is there is not run again
unless the program, the simulator or the recovery has changed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from simulator import timeline
from simulator.azure.automatic import is_automatic
from simulator.azure.cloud import Cloud
from simulator.faults import FAULTS
from simulator.nested import is_list, is_mapping
from simulator.store import JournalStore
from tools import engine as engines
from tools import stackfile
from tools.console import Failure, say
from tools.local import ROOT, SimulatedCloud
from tools.recover import Simulated, recover
from tools.seed import plant, seed_of

STACKS = ("dev", "prod")
COMMANDS = ("up", "destroy")
KINDS = {
    "fails": "InternalServerError",
    "crash": "crash-after",
    "lost": "lost",
    "killed": "hang-after",
    "crash before": "crash",
    "killed before": "hang",
}
"""Kinds of fault and what they are to the simulator. In the last two nothing is done yet."""

DIRECTORY = ROOT / ".local" / "sweep"
RESULTS = DIRECTORY / "results.jsonl"
SOURCES = ("__main__.py", "Pulumi*.yaml", "components", "wiring", "simulator", "tools/reco*.py")
"""What a result depends on."""

HEAD = """# The sweep of interruptions

Written by `make sweep ARGS=--report` from the results of `make sweep`. An operation is struck, the
[documented steps](recovery.md) follow, and the stack has to end as after an undisturbed run: the
same state, the same simulated cloud, nothing to change.

| kind | what happens |
|---|---|
| fails | the operation ends with an error, nothing is done |
| crash | the provider's process dies when the cloud has done it |
| lost | the cloud has done it, the engine is told of an error |
| killed | the cloud has done it, the engine is killed (SIGKILL) before the answer |
| crash before, killed before | the same two, but nothing is done yet |
"""

LIMIT_SECONDS = 300
"""A run that takes longer hangs."""
WORKERS = 2

_VOLATILE = {
    "created",
    "modified",
    "sourcePosition",
    "stackTrace",
    "etag",
    "eTag",
    "id",
    "ciphertext",
    "resourceVersion",
    "uid",
    "creationTimestamp",
}
_RANDOM = (
    re.compile(r"(routing-kv)[0-9a-f]{8}"),
    re.compile(r"(::pulumi:providers:[\w-]+::[\w-]+::)[0-9a-f-]{36}"),
    re.compile(r"(/secrets/[\w-]+/)[0-9a-f]{32}"),
)
"""What is drawn anew in each deployment: the vault's name, and with it
the versions of its secrets; the ids of the engine's providers."""
_VAULT = "/vaults/routing-kv"
_ROLE_ASSIGNMENT = "/providers/Microsoft.Authorization/roleAssignments/"


@dataclass(frozen=True)
class Case:
    """An operation, and the kind of fault that strikes it."""

    stack: str
    command: str
    kind: str
    operation: str
    type: str
    name: str


@dataclass(frozen=True)
class Result:
    """What came of a case."""

    case: Case
    recovered: bool
    why: str
    """What went wrong, else empty."""
    struck_together: int
    """How many operations were struck in the same run."""
    seconds: float
    program: str
    """Fingerprint of what was swept."""


class Broken(Exception):  # noqa: N818 — a finding of the sweep
    """The documented steps did not lead back to where an undisturbed run ends."""


@dataclass(frozen=True)
class Undisturbed:
    """A stack as runs without faults leave it, and what these do."""

    stack: str
    engine: engines.Engine

    @property
    def directory(self) -> Path:
        return DIRECTORY / self.stack

    def make(self, program: str) -> None:
        """Deploy and destroy once, and keep what is there before and after."""
        mark = self.directory / "program"
        if mark.exists() and mark.read_text() == program:
            return
        shutil.rmtree(self.directory, ignore_errors=True)
        cloud = SimulatedCloud(self.directory / "run", self.engine)
        committed = stackfile.committed_file(self.stack, ROOT)
        cloud.prepare(self.stack, committed)
        plant(Cloud(JournalStore(cloud.state)), seed_of(committed))
        for command in COMMANDS:
            shutil.copytree(cloud.root, self.before(command), symlinks=True)
            run = _run(cloud, self.stack, command, {timeline.RUN: command})
            if run.returncode != 0:
                raise Failure(f"{command} of {self.stack} fails undisturbed:\n{run.stdout[-2000:]}")
            _refresh(cloud, self.stack)
            (self.directory / f"{command}.after.json").write_text(
                json.dumps(picture(cloud, self.stack))
            )
            records = [asdict(item) for item in timeline.read(cloud.state, command)]
            (self.directory / f"{command}.operations.json").write_text(json.dumps(records))
            if command == "up":
                cloud.unprotect(self.stack)
        mark.write_text(program)

    def before(self, command: str) -> Path:
        """The stack before the command."""
        return self.directory / f"before-{command}"

    def after(self, command: str) -> dict[str, Any]:
        return json.loads((self.directory / f"{command}.after.json").read_text())

    def cases(self, command: str, kind: str) -> list[Case]:
        file = self.directory / f"{command}.operations.json"
        records: list[dict[str, Any]] = json.loads(file.read_text())
        return [
            Case(self.stack, command, kind, item["operation"], item["type"], _name(item["urn"]))
            for item in records
            if item["operation"] != "read"
        ]


def picture(cloud: SimulatedCloud, stack: str) -> dict[str, Any]:
    """The state and the cloud, without what differs between any two deployments."""
    export = cloud.command("stack export", stack, "--show-secrets", "--non-interactive")
    answer = subprocess.run(
        export, env=cloud.environment(), capture_output=True, text=True, check=True
    )
    deployment: dict[str, Any] = json.loads(answer.stdout)["deployment"]
    resources: list[dict[str, Any]] = deployment.get("resources") or []
    there = [item for item in JournalStore(cloud.state).all() if not is_automatic(item)]
    found: dict[str, Any] = {
        "pending": deployment.get("pending_operations") or [],
        "state": {item["urn"]: _steady(item) for item in resources},
        "cloud": {item.id: _steady({"inputs": item.inputs}) for item in there},
    }
    return _without_random(found)


def _without_random(found: dict[str, Any]) -> dict[str, Any]:
    """Without what is drawn anew in each deployment, and what is computed from it."""
    text = json.dumps(found)
    for pattern in _RANDOM:
        text = pattern.sub(r"\1", text)
    cloud: dict[str, Any] = json.loads(text)["cloud"]
    for resource_id, resource in cloud.items():
        scope, _, name = resource_id.rpartition(_ROLE_ASSIGNMENT)
        if scope.endswith(_VAULT):
            # Its name is computed of the scope, and that has the vault's name in it.
            inputs = resource["inputs"]
            role = inputs["roleDefinitionId"].rpartition("/")[2]
            text = text.replace(name, f"{role} for {inputs['principalId']}")
    return json.loads(text)


def _steady(value: Any) -> Any:
    if is_mapping(value):
        steady = {key: _steady(item) for key, item in value.items() if key not in _VOLATILE}
        # The engine leaves out what is empty, but not always.
        return {key: item for key, item in steady.items() if item not in (None, False, [], {})}
    if is_list(value):
        steady = [_steady(item) for item in value]
        return sorted(steady) if _is_names(steady) else steady
    return value


def _is_names(value: Any) -> bool:
    """Whether this is a list of URNs, whose order means nothing."""
    return is_list(value) and all(
        isinstance(item, str) and item.startswith("urn:pulumi:") for item in value
    )


def differences(left: Any, right: Any, at: str = "") -> Iterator[str]:
    """Paths at which two documents differ, with both values."""
    if is_mapping(left) and is_mapping(right):
        for key in sorted({*left, *right}):
            yield from differences(left.get(key), right.get(key), f"{at}/{key}")
    elif left != right:
        yield f"{at}: {json.dumps(left)[:200]} became {json.dumps(right)[:200]}"


class Sweep:
    """All cases of one stack, command and kind, a chain after the other."""

    def __init__(self, stack: Undisturbed, command: str, kind: str, program: str) -> None:
        self._undisturbed, self._command, self._kind = stack, command, kind
        self._program = program
        self._together = 1
        slug = f"{stack.stack}-{command}-{kind}".replace(" ", "-")
        self._cloud = SimulatedCloud(DIRECTORY / "work" / slug, stack.engine)
        self._run_number = 0

    def run(self, together: int, done: set[Case]) -> Iterator[list[Result]]:
        """Sweep the cases that are not done; yields the results of each chain.

        At most `together` operations are struck in one run of the engine.
        """
        self._together = together
        cases = self._undisturbed.cases(self._command, self._kind)
        left = [case for case in cases if case not in done]
        while left:
            results = self._chain(left)
            if not results:
                raise Failure(f"{left[0]} is never reached: the operation is not run any more")
            yield results
            decided = {item.case for item in results}
            left = [case for case in left if case not in decided]

    def _chain(self, left: list[Case]) -> list[Result]:
        """Strike operation after operation, until the stack is where the command leads."""
        shutil.rmtree(self._cloud.root, ignore_errors=True)
        shutil.copytree(self._undisturbed.before(self._command), self._cloud.root, symlinks=True)
        started = time.monotonic()
        struck: list[tuple[list[Case], float]] = []
        try:
            while targets := self._targets(left, struck):
                begun = time.monotonic()
                hit = self._strike(targets)
                if not hit:
                    break  # Nothing of it runs any more: the command has led to its end.
                struck.append((hit, 0))
                recover(Simulated(self._cloud, self._undisturbed.stack))
                struck[-1] = (hit, time.monotonic() - begun)
            self._finish()
        except (Broken, Failure) as error:
            last, seconds = struck[-1] if struck else (left[:1], time.monotonic() - started)
            return [self._result(case, len(last), seconds, str(error)) for case in last]
        return [
            self._result(case, len(hit), seconds, "") for hit, seconds in struck for case in hit
        ]

    def _targets(self, left: list[Case], struck: list[tuple[list[Case], float]]) -> list[Case]:
        over = {case for hit, _ in struck for case in hit}
        export = self._export()
        wanted = self._command == "destroy"
        waiting = [
            case
            for case in left
            if case not in over and ((case.type, case.name) in export) == wanted
        ]
        return waiting[: self._together]

    def _export(self) -> set[tuple[str, str]]:
        """Type and logical name of each resource in the state."""
        answer = subprocess.run(
            self._cloud.command("stack export", self._undisturbed.stack),
            env=self._cloud.environment(),
            capture_output=True,
            text=True,
            check=True,
        )
        resources: list[dict[str, Any]] = json.loads(answer.stdout)["deployment"].get(
            "resources", []
        )
        return {(item["type"], _name(item["urn"])) for item in resources}

    def _strike(self, targets: list[Case]) -> list[Case]:
        """Run the command with the faults; returns the cases that were struck."""
        what = KINDS[self._kind]
        self._run_number += 1
        run = f"{time.time_ns()}-{self._run_number}"
        faults = ",".join(f"{case.operation}:{case.type}:{case.name}:{what}" for case in targets)
        stack = self._undisturbed.stack
        hit = strike(self._cloud, stack, self._command, faults, run)
        self._cloud.prepare(stack, stackfile.committed_file(stack, ROOT))
        return [case for case in targets if (case.operation, case.type, case.name) in hit]

    def _finish(self) -> None:
        stack = self._undisturbed.stack
        run = _run(self._cloud, stack, self._command, {})
        if run.returncode != 0:
            raise Broken(f"{self._command} after recovery fails: {run.stdout[-3000:]}")
        _refresh(self._cloud, stack)
        now = picture(self._cloud, stack)
        found = list(differences(self._undisturbed.after(self._command), now))
        if found:
            raise Broken("; ".join(found[:10]))
        if self._command == "up":
            preview = _run(self._cloud, stack, "preview", {})
            if preview.returncode != 0:
                raise Broken(f"the second preview is not clean: {preview.stdout[-3000:]}")

    def _result(self, case: Case, together: int, seconds: float, why: str) -> Result:
        return Result(case, not why, why, together, round(seconds, 1), self._program)


def strike(
    cloud: SimulatedCloud, stack: str, command: str, faults: str, run: str
) -> set[tuple[str, str, str]]:
    """Run a command with faults, as `AZURE_SIM_FAULTS` takes them, under the name `run`.

    A run that hangs is killed. Returns kind, type and logical name of the operations struck.
    """
    environment = {FAULTS: faults, timeline.RUN: run}
    if "hang" in faults:
        _kill_when_it_hangs(cloud, stack, command, environment)
    else:
        _run(cloud, stack, command, environment)
    if run not in timeline.runs(cloud.state):
        return set()
    return {
        (item.operation, item.type, _name(item.urn))
        for item in timeline.read(cloud.state, run)
        if item.outcome in faults
    }


def _refresh(cloud: SimulatedCloud, stack: str) -> None:
    """Bring outputs up to date that others change, such as the state of a peering's first side."""
    run = _run(cloud, stack, "refresh", {})
    if run.returncode != 0:
        raise Broken(f"refresh fails: {run.stdout[-3000:]}")


_ARGUMENTS = {
    "refresh": ("--yes", "--skip-preview", "--suppress-outputs"),
    "up": ("--yes", "--skip-preview", "--suppress-outputs"),
    "destroy": ("--yes", "--skip-preview", "--suppress-outputs"),
    "preview": ("--expect-no-changes", "--diff", "--suppress-outputs"),
}


def _run(
    cloud: SimulatedCloud, stack: str, command: str, environment: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            cloud.command(command, stack, "--non-interactive", *_ARGUMENTS[command]),
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


def _kill_when_it_hangs(
    cloud: SimulatedCloud, stack: str, command: str, environment: dict[str, str]
) -> None:
    """Kill the engine and all that it started as soon as an operation has no answer."""
    record = cloud.state / "timeline" / f"{environment[timeline.RUN]}.jsonl"
    process = subprocess.Popen(
        cloud.command(command, stack, "--non-interactive", *_ARGUMENTS[command]),
        env={**cloud.environment(), **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    deadline = time.monotonic() + LIMIT_SECONDS
    try:
        while process.poll() is None and time.monotonic() < deadline:
            if record.exists() and '"outcome":"hang' in record.read_text():
                break
            time.sleep(0.1)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _name(urn: str) -> str:
    return urn.split("::", 3)[3]


def fingerprint() -> str:
    """Of all files that a result depends on."""
    digest = hashlib.sha256()
    for pattern in SOURCES:
        for path in sorted(ROOT.glob(pattern)):
            files = sorted(path.rglob("*.py")) if path.is_dir() else [path]
            for file in files:
                digest.update(file.relative_to(ROOT).as_posix().encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def results(program: str | None = None) -> list[Result]:
    """All results so far, or those of one program; the last of each case."""
    if not RESULTS.exists():
        return []
    found: dict[Case, Result] = {}
    for line in RESULTS.read_text().splitlines():
        row = json.loads(line)
        result = Result(case=Case(**row.pop("case")), **row)
        if program in (None, result.program):
            found[result.case] = result
    return list(found.values())


def sweep(
    stacks: Sequence[str], commands: Sequence[str], kinds: Sequence[str], together: int,
    workers: int,
) -> int:  # fmt: skip
    """Sweep what has no result yet; returns how many cases were not recovered."""
    engine, program = engines.obtain(), fingerprint()
    DIRECTORY.mkdir(parents=True, exist_ok=True)
    lock = threading.Lock()
    failures = 0

    def job(undisturbed: Undisturbed, command: str, kind: str) -> None:
        nonlocal failures
        done = {item.case for item in results(program) if item.recovered}
        for chain in Sweep(undisturbed, command, kind, program).run(together, done):
            with lock, RESULTS.open("a") as file:
                for result in chain:
                    file.write(json.dumps(asdict(result)) + "\n")
                bad = [item for item in chain if not item.recovered]
                failures += len(bad)
                say(
                    f"{undisturbed.stack} {command}, {kind}: {len(chain) - len(bad)} recovered"
                    + "".join(f"; NOT {item.case.name}: {item.why[:600]}" for item in bad)
                )

    with ThreadPoolExecutor(workers) as pool:
        for stack in stacks:
            undisturbed = Undisturbed(stack, engine)
            undisturbed.make(program)
            jobs = [
                pool.submit(job, undisturbed, command, kind)
                for command in commands
                for kind in kinds
            ]
            for item in jobs:
                item.result()
    return failures


def report(program: str) -> str:
    """docs/sweep.md: what was swept, what was recovered, what is left."""
    found = results(program)
    lines = [HEAD, "| stack | command | operations | " + " | ".join(KINDS) + " |"]
    lines.append("|---|---|---|" + "---|" * len(KINDS))
    for stack in STACKS:
        for command in COMMANDS:
            row = [
                item for item in found if (item.case.stack, item.case.command) == (stack, command)
            ]
            file = DIRECTORY / stack / f"{command}.operations.json"
            total = len(json.loads(file.read_text())) if file.exists() else None
            cells = [
                _cell([item for item in row if item.case.kind == kind], total) for kind in KINDS
            ]
            lines.append(
                f"| {stack} | {command} | {total or 'not counted'} | {' | '.join(cells)} |"
            )
    recovered = [item for item in found if item.recovered]
    in_turn = sum(item.struck_together == 1 for item in recovered)
    seconds = sum(item.seconds / item.struck_together for item in found)
    lines.append(
        f"\nIn all {len(recovered)} of {len(found)} swept cases are recovered, {in_turn} of them "
        "with one operation struck in a run, the others with several in one (`--together`). "
        f"Striking and recovering took {seconds / 60:.0f} minutes of the workers' time."
    )
    for item in found:
        if not item.recovered:
            case = item.case
            why = " ".join(item.why.split())[:300]
            lines.append(f"- not recovered: {case.stack} {case.command}, {case.kind}: "
                         f"{case.operation} {case.type} `{case.name}`: {why}")  # fmt: skip
    return "\n".join(lines) + "\n"


def _cell(found: list[Result], total: int | None) -> str:
    if not found:
        return "not swept"
    recovered = sum(item.recovered for item in found)
    left = (total or 0) - len(found)
    return f"{recovered} recovered" + (
        f", {len(found) - recovered} not" if recovered < len(found) else ""
    ) + (f", {left} not swept" if left > 0 else "")  # fmt: skip


def main(arguments: Sequence[str]) -> int:
    """Entry point; returns 1 where something was not recovered."""
    parser = argparse.ArgumentParser(prog="python -m tools.sweep", description=__doc__)
    parser.add_argument("--stack", choices=STACKS, action="append")
    parser.add_argument("--command", choices=COMMANDS, action="append")
    parser.add_argument("--kind", choices=[*KINDS], action="append")
    parser.add_argument("--together", type=int, default=1, help="operations struck in one run")
    parser.add_argument("--workers", type=int, default=WORKERS)
    parser.add_argument("--report", action="store_true", help="write docs/sweep.md, run nothing")
    options = parser.parse_args(arguments)
    if options.report:
        (ROOT / "docs" / "sweep.md").write_text(report(fingerprint()))
        return 0
    try:
        failures = sweep(
            options.stack or STACKS,
            options.command or COMMANDS,
            options.kind or [*KINDS],
            options.together,
            options.workers,
        )
    except Failure as failure:
        say(f"error: {failure}")
        return 1
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
