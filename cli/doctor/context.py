"""What a run of the checks is about: one stack, and those who can be asked about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

from cli.doctor.client import Answers
from cli.doctor.findings import Once
from cli.doctor.planned_resources import Planned
from cli.doctor.sign_in import Options
from components.settings.load import Configuration
from components.settings.stack import Settings
from support.arm_ids import AZURE


@dataclass(frozen=True)
class Ran:
    """A command that has ended."""

    status: int
    stdout: str
    stderr: str

    @property
    def complaint(self) -> str:
        """The last line that it said; Pulumi says there what was wrong."""
        lines = (self.stderr.strip() or self.stdout.strip()).splitlines()
        return lines[-1].removeprefix("error: ") if lines else f"exit status {self.status}"


class Pulumi(Protocol):
    """Reading commands of the Pulumi CLI on the stack's backend."""

    def run(self, *command: str, discard: bool = False) -> Ran:
        """Run one of `state.READING`; `discard` keeps its output from being read.

        Raises `Unanswered` where there is no CLI.
        """
        ...


@dataclass(frozen=True)
class State:
    """A stack's state, as the backend holds it."""

    resources: tuple[Mapping[str, Any], ...]
    pending: tuple[str, ...]
    """What an interrupted run was doing: `creating <logical name>`."""
    secrets_provider: str
    """`passphrase`, `cloud`, `service`; empty for a stack that was never deployed."""

    @cached_property
    def ids(self) -> frozenset[str]:
        """Ids of all that the stack holds already, in lower case."""
        return frozenset(str(item.get("id", "")).lower() for item in self.resources)

    def of_type(self, token: str) -> list[Mapping[str, Any]]:
        """The resources of one of azure-native's types, such as `network:Subnet`."""
        return [item for item in self.resources if item.get("type") == AZURE + token]


@dataclass(frozen=True)
class Subject:
    """A stack, and whom to ask."""

    stack: str
    simulated: bool
    lock_file: Path
    """The requirements that the Python environment is made of."""
    file: Path
    """The stack file."""
    config: Mapping[str, Any]
    """Its `config`, secrets encrypted or missing."""
    missing_secrets: tuple[str, ...]
    """Paths of the settings that the stack needs and its file does not have."""
    options: Options
    checked: Once[Configuration]
    planned: Once[list[Planned]]
    state: Once[State | None]
    """None where the stack does not exist yet."""
    pulumi: Pulumi
    answers: Answers

    @property
    def settings(self) -> Settings:
        """Raises `Unanswered` where the configuration has problems."""
        return self.checked.get().settings

    @property
    def subscription(self) -> str:
        """Path of the subscription. Raises `Unanswered` where nobody is signed in."""
        return f"/subscriptions/{self.answers.sign_in().subscription}"

    @property
    def new(self) -> list[Planned]:
        """What is planned and not in the state yet: told by type and logical name.

        Raises `Unanswered` where the state can't be read: what is the stack's own would be taken
        for another's.
        """
        planned, state = self.planned.get(), self.state.get()
        if state is None:
            return planned
        held = {(str(item.get("type")), _name(str(item.get("urn")))) for item in state.resources}
        return [one for one in planned if (AZURE + one.token, one.name) not in held]


def _name(urn: str) -> str:
    return urn.split("::", 3)[-1]
