"""The baseline: what a stack's commands do, and what they leave, without faults."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cli import stack_file
from cli.console import Failure
from cli.pulumi_cli import Engine
from cli.simulated.workspace import SimulatedCloud
from dev.fault_injection.cases import COMMANDS, Case, Operation
from dev.fault_injection.comparing import snapshot
from dev.fault_injection.runs import run, succeed
from simulator import timeline
from support.repository import ROOT
from support.urns import logical_name


@dataclass(frozen=True)
class Baseline:
    """A stack before, during and after each command, in files below `directory`."""

    stack: str
    engine: Engine
    directory: Path

    def record(self, fingerprint: str) -> None:
        """Deploy and destroy the stack, and keep a copy of it before and after each command.

        Does nothing if the files are of this `fingerprint` of the program. Raises `Failure` if a
        command fails.
        """
        mark = self.directory / "program"
        if mark.exists() and mark.read_text() == fingerprint:
            return
        shutil.rmtree(self.directory, ignore_errors=True)
        cloud = SimulatedCloud(self.directory / "run", self.engine)
        cloud.prepare(self.stack, stack_file.committed_file(self.stack, ROOT))
        for command in COMMANDS:
            shutil.copytree(cloud.root, self.before(command), symlinks=True)
            result = run(cloud, self.stack, command, {timeline.RUN: command})
            if result.returncode != 0:
                output = result.stdout[-2000:]
                raise Failure(f"{command} of {self.stack} fails without faults:\n{output}")
            # Updates outputs that other resources change, such as a peering's state.
            succeed(cloud, self.stack, "refresh", f"after {command}")
            records = [asdict(item) for item in timeline.read(cloud.state, command)]
            self._write(f"{command}.after", snapshot(cloud, self.stack))
            self._write(f"{command}.operations", records)
            if command == "up":
                cloud.unprotect(self.stack)
        mark.write_text(fingerprint)

    def before(self, command: str) -> Path:
        """The directory of the simulated cloud before the command."""
        return self.directory / f"before-{command}"

    def after(self, command: str) -> dict[str, Any]:
        """The snapshot after the command."""
        return json.loads((self.directory / f"{command}.after.json").read_text())

    def cases(self, command: str, kind: str) -> list[Case]:
        """The cases of a kind of fault: every operation of the command."""
        return [
            Case(self.stack, command, kind, operation)
            for operation in operations(self.directory, command)
        ]

    def _write(self, name: str, value: Any) -> None:
        (self.directory / f"{name}.json").write_text(json.dumps(value))


def operations(directory: Path, command: str) -> list[Operation]:
    """The operations of the command in the baseline; empty where there is none yet."""
    file = directory / f"{command}.operations.json"
    if not file.exists():
        return []
    records: list[dict[str, Any]] = json.loads(file.read_text())
    return [
        Operation(record["operation"], record["type"], logical_name(record["urn"]))
        for record in records
        if record["operation"] != "read"
    ]
