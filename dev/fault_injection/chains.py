"""Chains: faults are injected into one operation after the other until the command has ended."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from cli import stack_file
from cli.console import Failure
from cli.recover.adoption import recover
from cli.recover.simulated import SimulatedAccess
from cli.recover.state import resources
from cli.simulated.workspace import SimulatedCloud
from cli.workspace import export
from dev.fault_injection.baseline import Baseline
from dev.fault_injection.cases import KINDS, Case, Operation
from dev.fault_injection.comparing import differences, snapshot
from dev.fault_injection.results import Program, Result, result
from dev.fault_injection.runs import NotRecovered, inject, run, succeed
from support.repository import ROOT
from support.type_tokens import plain_token
from support.urns import logical_name


@dataclass(frozen=True)
class Round:
    """A run with faults, and its recovery."""

    operations: list[Operation]
    """The operations that got a fault."""
    seconds: float


class Chains:
    """All cases of one stack, command and kind, as one chain after the other.

    After each recovery a copy of the chain goes to `<directory>.checkpoint`. If this process is
    killed, the chain continues from there.
    """

    def __init__(
        self, baseline: Baseline, command: str, kind: str, program: Program, directory: Path
    ) -> None:
        self._baseline, self._command, self._kind = baseline, command, kind
        self._program = program
        self._cloud = SimulatedCloud(directory, baseline.engine)
        self._checkpoint = directory.with_name(f"{directory.name}.checkpoint")

    def run(self, together: int, done: Collection[Case]) -> Iterator[list[Result]]:
        """Run the cases that are not done; yields the results of each chain.

        A run of the engine gets at most `together` faults.
        """
        cases = self._baseline.cases(self._command, self._kind)
        left = [case.operation for case in cases if case not in done]
        while left:
            results = self._chain(left, together)
            if not results:
                raise Failure(f"{left[0]} is never reached: no run contains the operation")
            yield results
            shutil.rmtree(self._checkpoint, ignore_errors=True)
            decided = {item.case.operation for item in results}
            left = [operation for operation in left if operation not in decided]

    def _chain(self, left: Sequence[Operation], together: int) -> list[Result]:
        """Inject faults until the command has ended and the stack is as in the baseline."""
        rounds = self._resume() or self._begin()
        try:
            while targets := self._targets(left, rounds)[:together]:
                started = time.monotonic()
                hit = self._inject(targets)
                if not hit:
                    break  # No run contains the operations any more: the command has ended.
                rounds.append(Round(hit, 0))
                recover(SimulatedAccess(self._cloud, self._baseline.stack))
                rounds[-1] = Round(hit, time.monotonic() - started)
                self._save(rounds)
            self._finish()
        except (NotRecovered, Failure) as error:
            last = rounds[-1] if rounds else Round(list(left[:1]), 0)
            return self._results([last], str(error))
        return self._results(rounds, "")

    def _begin(self) -> list[Round]:
        shutil.rmtree(self._cloud.root, ignore_errors=True)
        shutil.copytree(self._baseline.before(self._command), self._cloud.root, symlinks=True)
        return []

    def _resume(self) -> list[Round]:
        """The rounds of a killed chain, with its cloud restored; empty if there is none."""
        checkpoints = self._checkpoints()
        if not checkpoints:
            return []
        document = json.loads((checkpoints[-1] / "rounds.json").read_text())
        if document["program"] != self._program.fingerprint:
            return []
        shutil.rmtree(self._cloud.root, ignore_errors=True)
        shutil.copytree(checkpoints[-1] / "cloud", self._cloud.root, symlinks=True)
        return [
            Round([Operation(**row) for row in item["operations"]], item["seconds"])
            for item in document["rounds"]
        ]

    def _save(self, rounds: Sequence[Round]) -> None:
        new = self._checkpoint / "new"
        shutil.rmtree(new, ignore_errors=True)
        shutil.copytree(self._cloud.root, new / "cloud", symlinks=True)
        document = {
            "program": self._program.fingerprint,
            "rounds": [asdict(item) for item in rounds],
        }
        (new / "rounds.json").write_text(json.dumps(document))
        earlier = self._checkpoints()
        new.rename(self._checkpoint / f"{time.time_ns()}")
        for directory in earlier:
            shutil.rmtree(directory)

    def _checkpoints(self) -> list[Path]:
        """The copies, oldest first: one, or two if this process was killed while saving."""
        return sorted(self._checkpoint.glob("[0-9]*"))

    def _targets(self, left: Sequence[Operation], rounds: Sequence[Round]) -> list[Operation]:
        """The operations without a fault so far that the command has still to do."""
        hit = {operation for item in rounds for operation in item.operations}
        deployment = export(self._cloud, self._baseline.stack)
        existing = {
            (plain_token(item["type"]), logical_name(item["urn"])) for item in resources(deployment)
        }
        wanted = self._command == "destroy"
        return [
            operation
            for operation in left
            if operation not in hit and ((operation.type, operation.name) in existing) == wanted
        ]

    def _inject(self, targets: Sequence[Operation]) -> list[Operation]:
        """Run the command with faults; returns the operations that got one."""
        stack = self._baseline.stack
        kind = KINDS[self._kind]
        name = f"faults-{time.time_ns()}"
        hit = inject(self._cloud, stack, self._command, kind, targets=targets, name=name)
        # Releases the lock of a killed run, as every `make` does.
        self._cloud.prepare(stack, stack_file.committed_file(stack, ROOT))
        return [operation for operation in targets if operation in hit]

    def _finish(self) -> None:
        stack = self._baseline.stack
        succeed(self._cloud, stack, self._command, "after recovery")
        succeed(self._cloud, stack, "refresh", "after recovery")
        now = snapshot(self._cloud, stack)
        found = list(differences(self._baseline.after(self._command), now))
        if found:
            raise NotRecovered("; ".join(found[:10]))
        if self._command == "up":
            preview = run(self._cloud, stack, "preview", {})
            if preview.returncode != 0:
                raise NotRecovered(f"the next preview shows changes: {preview.stdout[-3000:]}")

    def _results(self, rounds: Sequence[Round], reason: str) -> list[Result]:
        return [
            result(
                Case(self._baseline.stack, self._command, self._kind, operation), reason,
                faults_in_run=len(item.operations), seconds=item.seconds, program=self._program,
            )
            for item in rounds
            for operation in item.operations
        ]  # fmt: skip
