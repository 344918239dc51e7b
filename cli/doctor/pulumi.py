"""The Pulumi CLI for reading commands on one stack."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cli.doctor.checks import state
from cli.doctor.context import CommandResult
from cli.doctor.findings import CheckUnavailable
from cli.pulumi_cli import Engine
from support.repository import ROOT

TIMEOUT_SECONDS = 120
"""A reading command that takes longer waits for a backend that does not answer."""


@dataclass(frozen=True)
class PulumiCli:
    """Runs reading commands of the Pulumi CLI, and refuses all others."""

    engine: Engine | None
    stack: str
    environment: Mapping[str, str]
    directory: Path | None
    """The project's directory; None where no stack can exist yet."""

    def run(self, *command: str, discard: bool = False) -> CommandResult:
        if not any(command[: len(words)] == words for words in state.READING):
            message = f"pulumi {' '.join(command)} is not among the commands that only read"
            raise ValueError(message)
        if self.engine is None:
            raise CheckUnavailable("there is no Pulumi CLI", "see Pulumi CLI above")
        needs_stack = command[0] in {"stack", "config"}
        if self.directory is None and needs_stack:
            return CommandResult(1, "", f"error: {state.NO_STACK} '{self.stack}' found")
        line = [str(self.engine.pulumi), "--non-interactive", *command]
        line += ["--cwd", str(self.directory or ROOT)]
        line += ["--stack", self.stack] if needs_stack else []
        try:
            result = subprocess.run(
                line,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL if discard else subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                timeout=TIMEOUT_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise CheckUnavailable(
                f"pulumi {command[0]} did not end within {TIMEOUT_SECONDS} s",
                "check the state backend",
            ) from None
        return CommandResult(result.returncode, result.stdout or "", result.stderr)
