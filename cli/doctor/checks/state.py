"""Pulumi's side: the backend, the stack, its secrets, and what an interrupted run left behind."""

from __future__ import annotations

import json
from collections.abc import Iterator

from cli.doctor.context import Pulumi, State, Subject
from cli.doctor.findings import Finding, Unanswered, failed, ok, warning
from support.nested import at, items, text

READING = (
    ("whoami",),
    ("plugin", "ls"),
    ("stack", "export"),
    ("config",),
)
"""The commands that are run, by their first words; each only reads."""

LOG_IN = "pulumi login <state backend>, see docs/day-one.md"

NO_STACK = "no stack named"
"""What the CLI says of a stack that is not there."""


def read(pulumi: Pulumi) -> State | None:
    """The stack's state, None where there is no such stack. Raises `Unanswered`."""
    answer = pulumi.run("stack", "export")
    if answer.status != 0:
        if NO_STACK in answer.stderr:
            return None
        raise Unanswered(answer.complaint, LOG_IN)
    deployment = at(json.loads(answer.stdout), "deployment")
    pending = items(deployment, "pending_operations")
    return State(
        resources=tuple(items(deployment, "resources")),
        pending=tuple(f"{one['type']} {_name(one['resource']['urn'])}" for one in pending),
        secrets_provider=text(deployment, "secrets_providers", "type"),
    )


def _name(urn: str) -> str:
    return urn.split("::", 3)[-1]


def backend(subject: Subject) -> Iterator[Finding]:
    """Someone is logged in to a state backend."""
    name = "State backend"
    if subject.simulated and subject.state.get() is None:
        yield ok(name, "a directory on this machine, made by make up")
        return
    answer = subject.pulumi.run("whoami", "--verbose", "--json")
    if answer.status != 0:
        yield failed(name, answer.complaint, LOG_IN)
        return
    found = json.loads(answer.stdout)
    url = str(found.get("url", "")).partition("?")[0]
    if url.startswith("file://") and not subject.simulated:
        yield warning(
            name,
            f"{url}: on this machine only, nobody else can deploy",
            "for a team: pulumi login azblob://… or Pulumi Cloud, see docs/day-one.md",
        )
    else:
        yield ok(name, f"{url} as {found.get('user')}")


def stack(subject: Subject) -> Iterator[Finding]:
    """The stack exists, and nobody was interrupted while changing it."""
    name, state = "Stack", subject.state.get()
    if state is None:
        if subject.simulated:
            yield ok(name, f"{subject.stack} is new: make up makes it")
        else:
            yield failed(
                name, f"there is no stack {subject.stack}", f"pulumi stack init {subject.stack}"
            )
        return
    count = f"{len(state.resources)} resources" if state.resources else "never deployed"
    yield ok(name, f"{subject.stack}, {count}")
    if state.pending:
        shown = ", ".join(state.pending[:3]) + (" …" if len(state.pending) > 3 else "")  # noqa: PLR2004
        cloud = "" if subject.simulated else " CLOUD=azure"
        yield failed(
            "Pending operations",
            f"{len(state.pending)} from an interrupted run: {shown}",
            f"make recover STACK={subject.stack}{cloud}, see docs/recovery.md",
        )
    else:
        yield ok("Pending operations", "none")


def secrets(subject: Subject) -> Iterator[Finding]:
    """What is encrypted can be decrypted here. Nothing that is decrypted is looked at."""
    name = "Secrets provider"
    if subject.state.get() is None:
        yield ok(name, "no stack, no secrets yet")
        return
    if not _has_secrets(subject.config):
        yield ok(name, "not asked: the stack file holds no secret")
        return
    answer = subject.pulumi.run("config", "--show-secrets", "--json", discard=True)
    if answer.status == 0:
        yield ok(name, "decrypts the stack file's secrets")
    else:
        yield failed(
            name,
            answer.complaint,
            "set PULUMI_CONFIG_PASSPHRASE, or get the role Key Vault Crypto User on the vault's"
            " key, whichever the stack file names",
        )


def missing(subject: Subject) -> Iterator[Finding]:
    """Values that the stack needs and that no file that is committed can hold."""
    name = "Secrets and keys"
    if not subject.missing_secrets:
        yield ok(name, "all that the stack needs are set")
    elif subject.simulated:
        made = len(subject.missing_secrets)
        yield ok(name, f"{made} missing; make up makes up throwaway ones")
    for path in () if subject.simulated else subject.missing_secrets:
        kind = "" if path.endswith("PublicKey") else "--secret "
        yield failed(
            name,
            f"{path} is missing",
            f"pulumi config set --stack {subject.stack} {kind}--path '{path}'",
        )


def _has_secrets(value: object) -> bool:
    """Whether a stack file's value holds anything encrypted: `{secure: …}`."""
    match value:
        case dict():
            return "secure" in value or any(map(_has_secrets, value.values()))  # pyright: ignore[reportUnknownArgumentType, reportUnknownMemberType]
        case list():
            return any(map(_has_secrets, value))  # pyright: ignore[reportUnknownArgumentType]
        case _:
            return False
