"""Where Pulumi commands run on a stack: the CLI, its working directory and its environment."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from cli.console import Failure
from cli.pulumi_cli import Engine
from support.repository import ROOT


class Workspace(Protocol):
    """Runs Pulumi commands on the stacks of one backend."""

    def command(self, command: str, stack: str, *arguments: str) -> list[str]:
        """The command line of a Pulumi command on a stack, such as `up` or `stack export`."""
        ...

    def environment(self) -> dict[str, str]:
        """The environment of the command."""
        ...

    def has_stacks(self) -> bool:
        """Whether a stack can exist at all: not before the first run on a simulated cloud."""
        ...


@dataclass(frozen=True)
class AzureWorkspace:
    """The user's own stacks: the user's backend, sign-in and stack files."""

    engine: Engine

    def command(self, command: str, stack: str, *arguments: str) -> list[str]:
        return [str(self.engine.pulumi), *command.split(), "--stack", stack, *arguments]

    def environment(self) -> dict[str, str]:
        """The user's environment; only the CLI and this Python environment come first on PATH."""
        path = [self.engine.directory, Path(sys.executable).parent, os.environ.get("PATH", "")]
        return {
            **os.environ,
            "PATH": os.pathsep.join(str(entry) for entry in path if str(entry)),
            "VIRTUAL_ENV": sys.prefix,
        }

    def has_stacks(self) -> bool:
        return True


def capture(
    workspace: Workspace, command: str, stack: str, *arguments: str
) -> subprocess.CompletedProcess[str]:
    """Run a Pulumi command on a stack and return its exit status and output, whatever they are."""
    return subprocess.run(
        workspace.command(command, stack, *arguments),
        env=workspace.environment(),
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def export(workspace: Workspace, stack: str, *arguments: str) -> dict[str, Any]:
    """The deployment in the stack's state, as `pulumi stack export` prints it.

    Raises `Failure` with Pulumi's message when Pulumi can't read the state.
    """
    return _json(workspace, "stack export", stack, *arguments)["deployment"]


def outputs(workspace: Workspace, stack: str) -> Mapping[str, Any]:
    """The stack's outputs; the values of secrets are masked.

    Raises `Failure` with Pulumi's message when Pulumi can't read the state.
    """
    return _json(workspace, "stack output", stack, "--json")


def _json(workspace: Workspace, command: str, stack: str, *arguments: str) -> Any:
    result = capture(workspace, command, stack, *arguments)
    if result.returncode != 0:
        raise Failure(f"pulumi {command}: {result.stderr.strip() or result.stdout.strip()}")
    return json.loads(result.stdout)
