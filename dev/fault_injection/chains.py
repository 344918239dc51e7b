"""Chains: an operation after the other is struck and recovered, until the command has ended."""

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
from cli.recover.state import logical_name, resources
from cli.simulated.workspace import SimulatedCloud
from dev.fault_injection.cases import KINDS, Case, Operation
from dev.fault_injection.comparing import differences, picture
from dev.fault_injection.results import Program, Result, result
from dev.fault_injection.runs import Broken, export, run, strike, succeed
from dev.fault_injection.undisturbed import Undisturbed
from support.repository import ROOT


@dataclass(frozen=True)
class Round:
    """A run in which operations were struck, and its recovery."""

    operations: list[Operation]
    seconds: float


class Chains:
    """All cases of one stack, command and kind, a chain after the other.

    After each recovery the chain is kept in `<directory>.kept`; killed, it goes on from there.
    """

    def __init__(
        self, undisturbed: Undisturbed, command: str, kind: str, program: Program, directory: Path
    ) -> None:
        self._undisturbed, self._command, self._kind = undisturbed, command, kind
        self._program = program
        self._cloud = SimulatedCloud(directory, undisturbed.engine)
        self._kept = directory.with_name(f"{directory.name}.kept")

    def run(self, together: int, done: Collection[Case]) -> Iterator[list[Result]]:
        """Sweep the cases that are not done; yields the results of each chain.

        At most `together` operations are struck in one run of the engine.
        """
        cases = self._undisturbed.cases(self._command, self._kind)
        left = [case.operation for case in cases if case not in done]
        while left:
            results = self._chain(left, together)
            if not results:
                raise Failure(f"{left[0]} is never reached: the operation is not run any more")
            yield results
            self._forget()
            decided = {item.case.operation for item in results}
            left = [one for one in left if one not in decided]

    def _chain(self, left: Sequence[Operation], together: int) -> list[Result]:
        """Strike operation after operation, until the stack is where the command leads."""
        rounds = self._take_up() or self._begin()
        try:
            while targets := self._targets(left, rounds)[:together]:
                begun = time.monotonic()
                hit = self._strike(targets)
                if not hit:
                    break  # Nothing of it runs any more: the command has led to its end.
                rounds.append(Round(hit, 0))
                recover(SimulatedAccess(self._cloud, self._undisturbed.stack))
                rounds[-1] = Round(hit, time.monotonic() - begun)
                self._keep(rounds)
            self._finish()
        except (Broken, Failure) as error:
            last = rounds[-1] if rounds else Round(list(left[:1]), 0)
            return self._results([last], str(error))
        return self._results(rounds, "")

    def _begin(self) -> list[Round]:
        shutil.rmtree(self._cloud.root, ignore_errors=True)
        shutil.copytree(self._undisturbed.before(self._command), self._cloud.root, symlinks=True)
        return []

    def _take_up(self) -> list[Round]:
        """The rounds of a chain that was killed, with its cloud in place; else nothing."""
        kept = self._kept_rounds()
        if not kept:
            return []
        document = json.loads((kept[-1] / "rounds.json").read_text())
        if document["program"] != self._program.fingerprint:
            return []
        shutil.rmtree(self._cloud.root, ignore_errors=True)
        shutil.copytree(kept[-1] / "cloud", self._cloud.root, symlinks=True)
        return [
            Round([Operation(**one) for one in item["operations"]], item["seconds"])
            for item in document["rounds"]
        ]

    def _keep(self, rounds: Sequence[Round]) -> None:
        new = self._kept / "new"
        shutil.rmtree(new, ignore_errors=True)
        shutil.copytree(self._cloud.root, new / "cloud", symlinks=True)
        document = {
            "program": self._program.fingerprint,
            "rounds": [asdict(item) for item in rounds],
        }
        (new / "rounds.json").write_text(json.dumps(document))
        earlier = self._kept_rounds()
        new.rename(self._kept / f"{time.time_ns()}")
        for directory in earlier:
            shutil.rmtree(directory)

    def _kept_rounds(self) -> list[Path]:
        """What was kept, oldest first; that is one, unless this was killed while keeping."""
        return sorted(self._kept.glob("[0-9]*"))

    def _forget(self) -> None:
        shutil.rmtree(self._kept, ignore_errors=True)

    def _targets(self, left: Sequence[Operation], rounds: Sequence[Round]) -> list[Operation]:
        """What has not been struck yet and is still to be done."""
        struck = {one for item in rounds for one in item.operations}
        deployment = export(self._cloud, self._undisturbed.stack)
        there = {(item["type"], logical_name(item["urn"])) for item in resources(deployment)}
        wanted = self._command == "destroy"
        return [
            one for one in left if one not in struck and ((one.type, one.name) in there) == wanted
        ]

    def _strike(self, targets: Sequence[Operation]) -> list[Operation]:
        """Run the command with the faults; returns the operations that were struck."""
        stack = self._undisturbed.stack
        kind = KINDS[self._kind]
        name = f"struck-{time.time_ns()}"
        hit = strike(self._cloud, stack, self._command, kind, targets=targets, name=name)
        # Releases the lock of a run that was killed, as every `make` does.
        self._cloud.prepare(stack, stack_file.committed_file(stack, ROOT))
        return [one for one in targets if one in hit]

    def _finish(self) -> None:
        stack = self._undisturbed.stack
        succeed(self._cloud, stack, self._command, "after recovery")
        succeed(self._cloud, stack, "refresh", "after recovery")
        now = picture(self._cloud, stack)
        found = list(differences(self._undisturbed.after(self._command), now))
        if found:
            raise Broken("; ".join(found[:10]))
        if self._command == "up":
            preview = run(self._cloud, stack, "preview", {})
            if preview.returncode != 0:
                raise Broken(f"the second preview is not clean: {preview.stdout[-3000:]}")

    def _results(self, rounds: Sequence[Round], why: str) -> list[Result]:
        return [
            result(
                Case(self._undisturbed.stack, self._command, self._kind, one), why,
                struck_together=len(item.operations), seconds=item.seconds, program=self._program,
            )
            for item in rounds
            for one in item.operations
        ]  # fmt: skip
