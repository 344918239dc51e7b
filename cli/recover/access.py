"""A stack and its cloud, as recovery sees them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from cli import pulumi_cli as engines
from cli.console import Failure
from cli.run import SimulatedCloud
from simulator.azure import identifiers
from simulator.store import JournalStore
from support.arm_ids import AZURE
from support.repository import ROOT


class Access(Protocol):
    """A stack, and what recovery asks about the cloud besides the engine."""

    def pulumi(self, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a Pulumi command on the stack, whatever comes of it."""
        ...

    def subscription(self) -> str:
        """Id of the subscription that the stack is deployed to."""
        ...

    def names(self, group: str, arm_type: str) -> list[str]:
        """Names of the resources of a type in a resource group."""
        ...


@dataclass(frozen=True)
class Simulated:
    """On the simulated cloud."""

    cloud: SimulatedCloud
    stack: str

    def pulumi(self, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        line = self.cloud.command(command, self.stack, "--non-interactive", *arguments)
        return _run(line, self.cloud.environment())

    def subscription(self) -> str:
        return identifiers.SUBSCRIPTION

    def names(self, group: str, arm_type: str) -> list[str]:
        parent = f"/resourceGroups/{group}/providers/{arm_type}"
        resources = JournalStore(self.cloud.state).all()
        return [item.name for item in resources if item.id.rpartition("/")[0].endswith(parent)]


@dataclass(frozen=True)
class Azure:
    """On Azure, with the user's sign-in; `az` answers what the engine cannot."""

    stack: str

    def pulumi(self, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        pulumi = engines.obtain().pulumi
        path = [pulumi.parent, Path(sys.executable).parent, os.environ.get("PATH", os.defpath)]
        environment = {
            **os.environ,
            "PATH": os.pathsep.join(map(str, path)),
            "VIRTUAL_ENV": sys.prefix,
        }
        line = [str(pulumi), *command.split(), "--stack", self.stack, "--cwd", str(ROOT)]
        return _run([*line, "--non-interactive", *arguments], environment)

    def subscription(self) -> str:
        configured = self.pulumi("config get", f"{AZURE}subscriptionId")
        found = configured.stdout.strip() or os.environ.get("ARM_SUBSCRIPTION_ID")
        return found or _az("account", "show", "--query", "id", "--output", "tsv").strip()

    def names(self, group: str, arm_type: str) -> list[str]:
        scope = ("--resource-group", group, "--resource-type", arm_type)
        query = ("--query", "[].name", "--output", "json")
        return json.loads(_az("resource", "list", *scope, *query))


def export(access: Access) -> dict[str, Any]:
    """The stack's state in the form of `pulumi stack export`; raises `Failure` if Pulumi does."""
    return json.loads(succeed(access, "stack export").stdout)


def succeed(access: Access, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a Pulumi command; raises `Failure` with the end of what it said if it fails."""
    run = access.pulumi(command, *arguments)
    if run.returncode != 0:
        said = f"{run.stdout}\n{run.stderr}"
        raise Failure(f"pulumi {command}: {last_lines(said)}")
    return run


def last_lines(said: str) -> str:
    """The end of what a command said."""
    return "\n".join(said.strip().splitlines()[-20:])


def _run(line: Sequence[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        line, env=environment, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        check=False,
    )  # fmt: skip


def _az(*arguments: str) -> str:
    try:
        return subprocess.run(["az", *arguments], capture_output=True, text=True, check=True).stdout
    except FileNotFoundError:
        raise Failure(
            "the Azure CLI `az` is needed to look for what Azure has: install it"
        ) from None
    except subprocess.CalledProcessError as error:
        raise Failure(f"az {arguments[0]} {arguments[1]}: {error.stderr.strip()}") from error
