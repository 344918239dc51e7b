"""A stack as runs without faults leave it."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cli import stack_file
from cli.console import Failure
from cli.pulumi_cli import Engine
from cli.recover.state import logical_name
from cli.simulated.workspace import SimulatedCloud
from dev.fault_injection.cases import COMMANDS, Case, Operation
from dev.fault_injection.comparing import picture
from dev.fault_injection.runs import run, succeed
from simulator import timeline
from support.repository import ROOT


@dataclass(frozen=True)
class Undisturbed:
    """What each command finds, what it does, and what it leaves, all below `directory`."""

    stack: str
    engine: Engine
    directory: Path

    def make(self, fingerprint: str) -> None:
        """Deploy and destroy once, and keep what is there before and after.

        Nothing is run if it is there already. Raises `Failure` if a command fails.
        """
        mark = self.directory / "program"
        if mark.exists() and mark.read_text() == fingerprint:
            return
        shutil.rmtree(self.directory, ignore_errors=True)
        cloud = SimulatedCloud(self.directory / "run", self.engine)
        committed = stack_file.committed_file(self.stack, ROOT)
        cloud.prepare(self.stack, committed)
        for command in COMMANDS:
            shutil.copytree(cloud.root, self.before(command), symlinks=True)
            answer = run(cloud, self.stack, command, {timeline.RUN: command})
            if answer.returncode != 0:
                said = answer.stdout[-2000:]
                raise Failure(f"{command} of {self.stack} fails undisturbed:\n{said}")
            # Brings outputs up to date that others change, such as a peering's state.
            succeed(cloud, self.stack, "refresh", f"after {command}")
            records = [asdict(item) for item in timeline.read(cloud.state, command)]
            self._write(f"{command}.after", picture(cloud, self.stack))
            self._write(f"{command}.operations", records)
            if command == "up":
                cloud.unprotect(self.stack)
        mark.write_text(fingerprint)

    def before(self, command: str) -> Path:
        """The directory of the simulated cloud before the command."""
        return self.directory / f"before-{command}"

    def after(self, command: str) -> dict[str, Any]:
        """The picture after the command."""
        return self._read(f"{command}.after")

    def cases(self, command: str, kind: str) -> list[Case]:
        """All that the command does, to be struck by a kind of fault."""
        return [Case(self.stack, command, kind, one) for one in operations(self.directory, command)]

    def _write(self, name: str, value: Any) -> None:
        (self.directory / f"{name}.json").write_text(json.dumps(value))

    def _read(self, name: str) -> Any:
        return json.loads((self.directory / f"{name}.json").read_text())


def operations(directory: Path, command: str) -> list[Operation]:
    """What an undisturbed run of the command did; nothing where none has been made yet."""
    file = directory / f"{command}.operations.json"
    if not file.exists():
        return []
    records: list[dict[str, Any]] = json.loads(file.read_text())
    return [
        Operation(one["operation"], one["type"], logical_name(one["urn"]))
        for one in records
        if one["operation"] != "read"
    ]
