"""Runs the program under the real Pulumi engine; each test has a backend and a cloud of its own."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from cli.simulated.workspace import SimulatedCloud
from simulator.azure.automatic import is_automatic
from simulator.store import JournalStore, Resource
from tests.engine.first_deployment import deployed_once

LIMIT_SECONDS = 600
"""A run that takes longer hangs."""
RENDERED_OBJECTS = "**kubernetes:**"
"""The URNs of a stack's Kubernetes objects, and of their provider."""


def write_program(directory: Path, text: str) -> Path:
    """Write a Pulumi program of the project's name into a new directory, and return that."""
    directory.mkdir()
    (directory / "Pulumi.yaml").write_text("name: aks-network\nruntime: python\n")
    (directory / "__main__.py").write_text(text)
    return directory


@dataclass(frozen=True)
class Run:
    """A run of the engine that has ended."""

    status: int
    stdout: str
    stderr: str

    @property
    def text(self) -> str:
        return f"{self.stdout}\n{self.stderr}"


@dataclass(frozen=True)
class Deployment:
    """A stack of the program on a simulated cloud.

    Every method that runs the engine fails the test, with all that the engine said, when the run
    fails; `refused` is for runs that have to fail.
    """

    cloud: SimulatedCloud
    stack: str
    committed: Path

    def up(self, *arguments: str, environment: Mapping[str, str] | None = None) -> Run:
        if not arguments and environment is None:
            said = deployed_once(self.cloud, self.stack, self.committed, self._first)
            if said is not None:
                return Run(**json.loads(said))
        return self._succeed("up", "--yes", "--skip-preview", *arguments, environment=environment)

    def _first(self, directory: Path) -> str:
        """Deploy the stack in another directory; returns the run as JSON."""
        cloud = replace(self.cloud, root=directory / self.cloud.root.name)
        first = replace(self, cloud=cloud, committed=directory / self.committed.name)
        return json.dumps(asdict(first._succeed("up", "--yes", "--skip-preview")))

    def preview(self, *arguments: str, environment: Mapping[str, str] | None = None) -> Run:
        return self._succeed("preview", *arguments, environment=environment)

    def refresh(self, *arguments: str, environment: Mapping[str, str] | None = None) -> Run:
        arguments = ("--yes", "--skip-preview", *arguments)
        return self._succeed("refresh", *arguments, environment=environment)

    def destroy(self, *arguments: str, environment: Mapping[str, str] | None = None) -> Run:
        arguments = ("--yes", "--skip-preview", *arguments)
        return self._succeed("destroy", *arguments, environment=environment)

    def unprotect(self) -> None:
        """Lift the protection of all resources that have any."""
        if any(item.get("protect") for item in self.state()):
            self.cloud.unprotect(self.stack)

    def refused(
        self, command: str, *arguments: str, environment: Mapping[str, str] | None = None
    ) -> Run:
        """Run a command that the program, the cloud or the engine has to refuse."""
        approval = () if command == "preview" else ("--yes", "--skip-preview")
        run = self.run(command, *approval, *arguments, environment=environment)
        if run.status == 0:
            pytest.fail(f"pulumi {command} succeeded, but had to be refused:\n{run.text}")
        return run

    def expect_no_changes(self) -> None:
        """A preview finds nothing to change."""
        self.preview("--expect-no-changes", "--diff")

    def expect_no_drift(self) -> None:
        """A refresh finds the cloud as the state says; it cannot read rendered objects."""
        rendered = any("renderYamlToDirectory" in item.get("inputs", {}) for item in self.state())
        left_out = ("--exclude", RENDERED_OBJECTS) if rendered else ()
        self.refresh("--expect-no-changes", "--diff", *left_out)

    def steps(self, *arguments: str) -> list[dict[str, Any]]:
        """What a preview finds to do, as `pulumi preview --json` has it, the stack left out."""
        steps = json.loads(self.preview("--json", *arguments).stdout)["steps"]
        return [step for step in steps if "::pulumi:pulumi:Stack::" not in step["urn"]]

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs, with secrets in plain text."""
        return json.loads(self._succeed("stack output", "--json", "--show-secrets").stdout)

    def state(self) -> list[dict[str, Any]]:
        """The resources of the stack's state, the stack itself and the providers included.

        It reads the backend's file, which is faster than `exported`.
        """
        (file,) = (self.cloud.backend / ".pulumi" / "stacks").glob(f"*/{self.stack}.json")
        latest = json.loads(file.read_text())["checkpoint"]["latest"] or {}
        return latest.get("resources", [])

    def exported(self) -> list[dict[str, Any]]:
        """The same resources as `pulumi stack export` has them."""
        deployment = json.loads(self._succeed("stack export").stdout)["deployment"]
        return deployment.get("resources", [])

    def resources(self) -> list[Resource]:
        """What exists in the simulated cloud, Azure's and Kubernetes' resources alike.

        Left out is what Azure makes by itself and never removes, such as Network Watcher.
        """
        return [item for item in JournalStore(self.cloud.state).all() if not is_automatic(item)]

    def change(self, settings: Mapping[str, Any]) -> None:
        """Set top-level settings, such as `{"aks-network:tags": {…}}`, before the next run."""
        document = yaml.safe_load(self.committed.read_text()) or {}
        config = {**document.get("config", {}), **settings}
        self.committed.write_text(yaml.safe_dump({**document, "config": config}, sort_keys=False))

    def run(
        self, command: str, *arguments: str, environment: Mapping[str, str] | None = None
    ) -> Run:
        """Run a Pulumi command on the stack, whatever comes of it."""
        self.cloud.prepare(self.stack, self.committed)
        try:
            answer = subprocess.run(
                self.cloud.command(command, self.stack, "--non-interactive", *arguments),
                env={**self.cloud.environment(), **(environment or {})},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=LIMIT_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as expired:
            output = (expired.stdout or b"").decode(errors="replace")
            pytest.fail(f"pulumi {command} hangs:\n{output}")
        return Run(answer.returncode, answer.stdout, answer.stderr)

    def _succeed(
        self, command: str, *arguments: str, environment: Mapping[str, str] | None = None
    ) -> Run:
        run = self.run(command, *arguments, environment=environment)
        if run.status != 0:
            pytest.fail(f"pulumi {command} ended with exit status {run.status}:\n{run.text}")
        return run
