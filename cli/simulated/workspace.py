"""The workspace of the simulated cloud: everything that Pulumi reads and writes, in one directory.

It holds a home and a backend for Pulumi, the cloud's state, and a copy of each stack file. Nothing
of the user's accounts reaches Pulumi, and nothing outside the directory is changed.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from cli import stack_file
from cli.console import Failure, say
from cli.locks import exclusive
from cli.pulumi_cli import PROVIDER_PACKAGES, Engine
from cli.simulated import placeholder_values
from cli.simulated.fixture import fixture_of, load_fixture
from cli.workspace import outputs
from simulator.azure import identifiers
from simulator.azure.cloud import Cloud
from simulator.store import JournalStore
from support.repository import ROOT

PROJECT = "aks-network"

PASSPHRASE = "simulated"  # noqa: S105
"""Not a secret: it encrypts placeholder values."""

PROGRAM_COMMANDS = frozenset({"up", "preview", "refresh", "destroy"})
"""Pulumi commands that run in the program's directory; the others only need the project's name."""


@dataclass(frozen=True)
class SimulatedCloud:
    """A simulated Azure and its Pulumi workspace in the directory `root`."""

    root: Path
    engine: Engine
    program: Path = ROOT
    """The directory of the `Pulumi.yaml` that is run."""

    @property
    def home(self) -> Path:
        return self.root / "home"

    @property
    def backend(self) -> Path:
        return self.root / "backend"

    @property
    def state(self) -> Path:
        """The simulator's directory: what exists in the cloud."""
        return self.root / "cloud"

    @property
    def stacks(self) -> Path:
        return self.root / "stacks"

    @property
    def subscription(self) -> str:
        """Id of the simulated subscription."""
        return identifiers.SUBSCRIPTION

    def has_stacks(self) -> bool:
        return (self.stacks / "Pulumi.yaml").exists()

    def stack_file(self, stack: str) -> Path:
        return self.stacks / f"Pulumi.{stack}.yaml"

    def environment(self) -> dict[str, str]:
        """The environment of Pulumi's processes, without the user's accounts."""
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("ARM_", "AZURE_", "PULUMI_")) or name.startswith("AZURE_SIM_")
        }
        # Without bytecode Python compiles the Azure SDK at every start, which takes 2 seconds.
        inherited.pop("PYTHONDONTWRITEBYTECODE", None)
        path = [self.engine.directory, Path(sys.executable).parent]
        return {
            **inherited,
            # A language host that is built from source finds the program's Python on PATH only.
            "PATH": os.pathsep.join([*map(str, path), inherited.get("PATH", os.defpath)]),
            "AKS_NETWORK_PYTHON": sys.executable,
            "AZURE_SIM_STATE": str(self.state),
            "KUBECONFIG": os.devnull,
            # Otherwise Pulumi writes a file of attributes beside each checkpoint, and not
            # atomically: a kill at the wrong moment leaves it empty and the stack unreadable.
            "PULUMI_BACKEND_URL": f"{self.backend.as_uri()}?metadata=skip",
            "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "1",
            "PULUMI_HOME": str(self.home),
            "PULUMI_SKIP_UPDATE_CHECK": "1",
        }

    def prepare(self, stack: str, committed: Path) -> None:
        """Create the stack with a complete copy of its stack file, and what its fixture lists.

        Raises `Failure` as `stack_file.refresh` and `load_fixture` do, and when Pulumi fails.
        """
        waiting = "another run prepares the local stack; waiting for it"
        with exclusive(self.root / "prepare.lock", waiting):
            for directory in (self.home, self.backend, self.state, self.stacks):
                directory.mkdir(parents=True, exist_ok=True)
            self._install_plugins()
            missing = stack_file.refresh(committed, self.stack_file(stack))
            # `stack init` writes the salt into the stack file of the project that it runs in. A
            # project of this name beside the copies keeps it out of the committed file.
            (self.stacks / "Pulumi.yaml").write_text(f"name: {PROJECT}\nruntime: python\n")
            if not (self.backend / ".pulumi" / "stacks" / PROJECT / f"{stack}.json").exists():
                self._pulumi("stack", "init", stack, "--no-select")
            if missing:
                config = stack_file.read(self.stack_file(stack))["config"]
                arguments = placeholder_values.arguments(missing, config)
                self._pulumi("config", "set-all", "--stack", stack, *arguments)
            self._release_locks_of_killed_runs(stack)
        if (fixture := fixture_of(committed)).exists():
            load_fixture(self.cloud(), fixture)

    def command(self, command: str, stack: str, *arguments: str) -> list[str]:
        """The command line of a Pulumi command on a stack, such as `up` or `stack export`."""
        line = [str(self.engine.pulumi), *command.split(), "--stack", stack]
        if command in PROGRAM_COMMANDS:
            line += ["--cwd", str(self.program), "--config-file", str(self.stack_file(stack))]
        else:
            line += ["--cwd", str(self.stacks)]
        return [*line, *arguments]

    def unprotect(self, stack: str) -> None:
        """Lift the protection of all resources, so that they can be destroyed."""
        self._pulumi("state", "unprotect", "--all", "--yes", "--stack", stack)

    def outputs(self, stack: str) -> Mapping[str, Any]:
        """The stack's outputs; the values of secrets are masked."""
        return outputs(self, stack)

    def cloud(self) -> Cloud:
        """The simulated Azure itself."""
        return Cloud(JournalStore(self.state))

    def names(self, group: str, arm_type: str) -> list[str]:
        """Names of the resources of a type in a resource group."""
        parent = f"/resourceGroups/{group}/providers/{arm_type}"
        resources = JournalStore(self.state).all()
        return [item.name for item in resources if item.id.rpartition("/")[0].endswith(parent)]

    def _pulumi(self, *arguments: str) -> None:
        command = [self.engine.pulumi, "-C", self.stacks, "--non-interactive", *arguments]
        result = subprocess.run(
            command, env=self.environment(), capture_output=True, text=True, check=False
        )
        if result.returncode != 0:
            message = result.stderr.strip() or result.stdout.strip()
            raise Failure(f"pulumi {' '.join(arguments[:2])}: {message}")

    def _install_plugins(self) -> None:
        """Link the simulator's executables where Pulumi keeps its installed plugins.

        On PATH they would work too, but Pulumi then warns of each of them in every step.
        """
        for plugin, package in PROVIDER_PACKAGES.items():
            name = f"pulumi-resource-{plugin}"
            target = ROOT / "simulator" / "bin" / name
            link = self.home / "plugins" / f"resource-{plugin}-v{version(package)}" / name
            if not link.is_symlink() or link.readlink() != target:
                link.parent.mkdir(parents=True, exist_ok=True)
                link.unlink(missing_ok=True)
                link.symlink_to(target)

    def _release_locks_of_killed_runs(self, stack: str) -> None:
        """Remove the backend's locks of runs that were killed; a live run keeps its lock."""
        locks = self.backend / ".pulumi" / "locks" / "organization" / PROJECT / stack
        for lock in locks.glob("*.json"):
            holder = json.loads(lock.read_text())
            if holder["hostname"] == socket.gethostname() and not is_alive(holder["pid"]):
                say(f"the previous run was killed; releasing its lock on the stack {stack}")
                lock.unlink()


def is_alive(process: int) -> bool:
    """Whether a process runs; one that was killed and not waited for does not."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    # A zombie still takes signals, and in a container it may stay for good.
    try:
        status = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return True
    return status.rpartition(")")[2].split()[0] != "Z"
