"""What recovery needs of a stack and its cloud, and its implementation on Azure."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from typing import Any, Protocol

from cli.console import Failure
from cli.workspace import AzureWorkspace, capture
from support.arm_ids import AZURE


class Access(Protocol):
    """A stack, and the questions about its cloud that Pulumi can't answer."""

    def pulumi(self, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a Pulumi command on the stack and return its result, whatever it is."""
        ...

    def subscription(self) -> str:
        """Id of the subscription that the stack is deployed to."""
        ...

    def names(self, group: str, arm_type: str) -> list[str]:
        """Names of the resources of a type in a resource group."""
        ...


@dataclass(frozen=True)
class AzureAccess:
    """On Azure, with the user's sign-in; the Azure CLI answers what Pulumi can't."""

    workspace: AzureWorkspace
    stack: str

    def pulumi(self, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return capture(self.workspace, command, self.stack, "--non-interactive", *arguments)

    def subscription(self) -> str:
        configured = self.pulumi("config get", f"{AZURE}subscriptionId")
        found = configured.stdout.strip() or os.environ.get("ARM_SUBSCRIPTION_ID")
        return found or _az("account", "show", "--query", "id", "--output", "tsv").strip()

    def names(self, group: str, arm_type: str) -> list[str]:
        scope = ("--resource-group", group, "--resource-type", arm_type)
        query = ("--query", "[].name", "--output", "json")
        return json.loads(_az("resource", "list", *scope, *query))


def export(access: Access) -> dict[str, Any]:
    """The stack's state as `pulumi stack export` prints it. Raises `Failure` when that fails."""
    return json.loads(succeed(access, "stack export").stdout)


def succeed(access: Access, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a Pulumi command. Raises `Failure` with the end of its output when it fails."""
    result = access.pulumi(command, *arguments)
    if result.returncode != 0:
        output = f"{result.stdout}\n{result.stderr}"
        raise Failure(f"pulumi {command}: {last_lines(output)}")
    return result


def last_lines(output: str) -> str:
    """The end of a command's output."""
    return "\n".join(output.strip().splitlines()[-20:])


def _az(*arguments: str) -> str:
    try:
        return subprocess.run(["az", *arguments], capture_output=True, text=True, check=True).stdout
    except FileNotFoundError:
        raise Failure("recovery on Azure needs the Azure CLI: install `az`") from None
    except subprocess.CalledProcessError as error:
        raise Failure(f"az {arguments[0]} {arguments[1]}: {error.stderr.strip()}") from error
