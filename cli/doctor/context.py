"""What the checks work on: one stack, and the clients to ask about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

from cli.doctor.client import Client
from cli.doctor.findings import Lazy
from cli.doctor.planned_resources import Planned
from cli.doctor.sign_in import Options
from components.settings.load import Configuration
from components.settings.stack import Settings
from support.arm_ids import AZURE
from support.type_tokens import plain_token
from support.urns import logical_name


@dataclass(frozen=True)
class CommandResult:
    """A command that has ended."""

    status: int
    stdout: str
    stderr: str

    @property
    def error(self) -> str:
        """The last line of its output, where Pulumi says what was wrong."""
        lines = (self.stderr.strip() or self.stdout.strip()).splitlines()
        return lines[-1].removeprefix("error: ") if lines else f"exit status {self.status}"


class Pulumi(Protocol):
    """Reading commands of the Pulumi CLI on the stack's backend."""

    def run(self, *command: str, discard: bool = False) -> CommandResult:
        """Run one of `state.READING`; `discard` drops its output unread.

        Raises `CheckUnavailable` where there is no CLI.
        """
        ...


@dataclass(frozen=True)
class State:
    """A stack's state in the backend."""

    resources: tuple[Mapping[str, Any], ...]
    pending: tuple[str, ...]
    """The operations of an interrupted run: `creating <logical name>`."""

    @cached_property
    def ids(self) -> frozenset[str]:
        """Ids of all resources of the stack, in lower case."""
        return frozenset(str(item.get("id", "")).lower() for item in self.resources)

    def of_type(self, token: str) -> list[Mapping[str, Any]]:
        """The resources of one of azure-native's types, such as `network:Subnet`."""
        return [
            item for item in self.resources if plain_token(str(item.get("type"))) == AZURE + token
        ]


@dataclass(frozen=True)
class Context:
    """A stack, and the clients to ask about it."""

    stack: str
    simulated: bool
    lock_file: Path
    """The requirements that the Python environment is installed from."""
    file: Path
    """The stack file."""
    config: Mapping[str, Any]
    """Its `config`, with secrets encrypted or missing."""
    missing_secrets: tuple[str, ...]
    """Paths of the settings that the stack needs and its file does not have."""
    options: Options
    checked: Lazy[Configuration]
    planned: Lazy[list[Planned]]
    state: Lazy[State | None]
    """None where the stack does not exist yet."""
    pulumi: Pulumi
    azure: Client

    @property
    def settings(self) -> Settings:
        """Raises `CheckUnavailable` where the configuration has problems."""
        return self.checked.get().settings

    @property
    def subscription(self) -> str:
        """Path of the subscription. Raises `CheckUnavailable` where nobody is signed in."""
        return f"/subscriptions/{self.azure.sign_in().subscription}"

    @property
    def new(self) -> list[Planned]:
        """The planned resources that the state does not list, by type and logical name.

        Raises `CheckUnavailable` where the state can't be read: without it the stack's own
        resources would look like those of others.
        """
        planned, state = self.planned.get(), self.state.get()
        if state is None:
            return planned
        existing = {
            (plain_token(str(item.get("type"))), logical_name(str(item.get("urn"))))
            for item in state.resources
        }
        return [item for item in planned if (AZURE + item.token, item.name) not in existing]
