"""Subjects for the checks: a stack of the repository on a simulated subscription in memory."""

from __future__ import annotations

import copy
import functools
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from cli import stack_file
from cli.doctor.checks import state as states
from cli.doctor.client import Client, Request, Response, SignIn, Transport
from cli.doctor.context import CommandResult, Context
from cli.doctor.findings import Finding, Lazy, Result
from cli.doctor.planned_resources import Planned, planned
from cli.doctor.sign_in import Options
from cli.doctor.simulated import SimulatedTransport
from cli.simulated.fixture import fixture_of, load_fixture
from components.settings.load import Configuration, configuration
from simulator.azure import identifiers
from simulator.azure.rest import RestApi
from simulator.azure.subscription import Subscription
from simulator.store import MemoryStore
from support.repository import ROOT

SUBSCRIPTION = f"/subscriptions/{identifiers.SUBSCRIPTION}"
ACCOUNT = SignIn(
    "OIDC", identifiers.TENANT, identifiers.SUBSCRIPTION, identifiers.OPERATOR, is_user=False
)
"""A service principal of the simulated subscription."""
Check = Callable[[Context], Iterator[Finding]]


@dataclass
class FakePulumi:
    """Client of the Pulumi CLI by the command's first words; what was run is kept."""

    answers: Mapping[str, CommandResult] = field(default_factory=dict[str, CommandResult])
    deployment: Mapping[str, Any] | None = None
    """The state; None where there is no stack."""
    ran: list[tuple[str, ...]] = field(default_factory=list[tuple[str, ...]])

    def run(self, *command: str, discard: bool = False) -> CommandResult:
        del discard
        self.ran.append(command)
        for words, answer in self.answers.items():
            if " ".join(command).startswith(words):
                return answer
        if command[:2] == ("stack", "export"):
            if self.deployment is None:
                return CommandResult(255, "", "error: no stack named 'dev' found\n")
            return CommandResult(0, json.dumps({"version": 3, "deployment": self.deployment}), "")
        raise AssertionError(command)


@dataclass
class Overruled:
    """A transport that answers some paths in its own way, and leaves the rest to another."""

    below: Transport
    answers: Mapping[str, Response | Exception] = field(
        default_factory=dict[str, "Response | Exception"]
    )
    """By the end of the path."""
    account: SignIn | None = None
    sent: list[Request] = field(default_factory=list[Request])

    def sign_in(self) -> SignIn:
        return self.account or self.below.sign_in()

    def send(self, request: Request) -> Response:
        self.sent.append(request)
        for end, answer in self.answers.items():
            if request.path.endswith(end):
                if isinstance(answer, Exception):
                    raise answer
                return answer
        return self.below.send(request)


@functools.cache
def _of_file(stack: str) -> Configuration:
    file = stack_file.committed_file(stack, ROOT)
    return configuration(stack_file.config_with_placeholders(file))


@functools.cache
def _planned(stack: str) -> list[Planned]:
    return planned(_of_file(stack), identifiers.SUBSCRIPTION, identifiers.TENANT)


def context(
    stack: str = "dev",
    *,
    over: Mapping[str, Any] | None = None,
    edit: Callable[[dict[str, Any]], None] | None = None,
    answers: Mapping[str, Response | Exception] | None = None,
    account: SignIn | None = None,
    pulumi: FakePulumi | None = None,
    simulated: bool = True,
    config: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
    missing: tuple[str, ...] = (),
    store: MemoryStore | None = None,
) -> Context:
    """A stack, with `over` laid over its subscription and `edit` made to its configuration."""
    file = stack_file.committed_file(stack, ROOT)
    checked, resources = _of_file(stack), Lazy(lambda: _planned(stack))
    if edit is not None:
        edited = copy.deepcopy(stack_file.config_with_placeholders(file))
        edit(edited)
        checked = configuration(edited)
        resources = Lazy(lambda: planned(checked, identifiers.SUBSCRIPTION, identifiers.TENANT))
    api = RestApi.of(store or MemoryStore(), Subscription.read([over] if over else []))
    load_fixture(api.cloud, fixture_of(file))
    cli = pulumi or FakePulumi()
    return Context(
        stack=stack,
        simulated=simulated,
        lock_file=ROOT / "requirements-simulator.txt",
        file=file,
        config=config or {},
        missing_secrets=missing,
        options=Options(config or {}, environment or {}),
        checked=Lazy(lambda: checked),
        planned=resources,
        state=Lazy(lambda: states.read(cli)),
        pulumi=cli,
        azure=Client(Overruled(SimulatedTransport(api), answers or {}, account)),
    )


def roles(*roles: dict[str, Any]) -> dict[str, Any]:
    return {"permissions": list(roles)}


def worst(check: Check, about: Context) -> Finding:
    """The finding of a check that says most: a failure before a warning before a good one."""
    order = (Result.FAILED, Result.UNCHECKED, Result.WARNING, Result.OK)
    return min(check(about), key=lambda finding: order.index(finding.result))


def all_ok(check: Check, about: Context) -> str:
    """What a check found where all is well; fails the test where it is not."""
    found = list(check(about))
    assert found
    assert {one.result for one in found} == {Result.OK}, found
    return "\n".join(one.detail for one in found)
