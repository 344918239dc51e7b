"""Pulumi's backend, the stack, its secrets, and the operations of an interrupted run."""

from __future__ import annotations

import json
from collections.abc import Iterator

from cli.doctor.context import Context, Pulumi, State
from cli.doctor.findings import CheckUnavailable, Finding, failed, ok, warning
from support.nested import at, items
from support.urns import logical_name

READING = (
    ("whoami",),
    ("plugin", "ls"),
    ("stack", "export"),
    ("config",),
)
"""The first words of the commands that the checks run; each only reads."""

LOG_IN = "pulumi login <state backend>, see docs/day-one.md"

NO_STACK = "no stack named"
"""The CLI's message for a stack that does not exist."""


def read(pulumi: Pulumi) -> State | None:
    """The stack's state, None where there is no such stack. Raises `CheckUnavailable`."""
    result = pulumi.run("stack", "export")
    if result.status != 0:
        if NO_STACK in result.stderr:
            return None
        raise CheckUnavailable(result.error, LOG_IN)
    deployment = at(json.loads(result.stdout), "deployment")
    pending = items(deployment, "pending_operations")
    return State(
        resources=tuple(items(deployment, "resources")),
        pending=tuple(
            f"{item['type']} {logical_name(item['resource']['urn'])}" for item in pending
        ),
    )


def backend(context: Context) -> Iterator[Finding]:
    """The CLI is logged in to a state backend."""
    name = "State backend"
    if context.simulated and context.state.get() is None:
        yield ok(name, "a directory on this machine, which make up creates")
        return
    result = context.pulumi.run("whoami", "--verbose", "--json")
    if result.status != 0:
        yield failed(name, result.error, LOG_IN)
        return
    found = json.loads(result.stdout)
    url = str(found.get("url", "")).partition("?")[0]
    if url.startswith("file://") and not context.simulated:
        yield warning(
            name,
            f"{url} is on this machine: nobody else can deploy",
            "for a team: pulumi login azblob://… or Pulumi Cloud, see docs/day-one.md",
        )
    else:
        yield ok(name, f"{url} as {found.get('user')}")


def stack(context: Context) -> Iterator[Finding]:
    """The stack exists, and no run on it was interrupted."""
    name, state = "Stack", context.state.get()
    if state is None:
        if context.simulated:
            yield ok(name, f"{context.stack} is new: make up creates it")
        else:
            yield failed(
                name, f"there is no stack {context.stack}", f"pulumi stack init {context.stack}"
            )
        return
    count = f"{len(state.resources)} resources" if state.resources else "not deployed yet"
    yield ok(name, f"{context.stack}, {count}")
    if state.pending:
        shown = ", ".join(state.pending[:3]) + (" …" if len(state.pending) > 3 else "")  # noqa: PLR2004
        cloud = "" if context.simulated else " CLOUD=azure"
        yield failed(
            "Pending operations",
            f"{len(state.pending)} from an interrupted run: {shown}",
            f"make recover STACK={context.stack}{cloud}, see docs/recovery.md",
        )
    else:
        yield ok("Pending operations", "none")


def secrets(context: Context) -> Iterator[Finding]:
    """Pulumi can decrypt the stack file's secrets. The check discards what it decrypts."""
    name = "Secrets provider"
    if context.state.get() is None:
        yield ok(name, "not checked: the stack does not exist yet")
        return
    if not _has_secrets(context.config):
        yield ok(name, "not checked: the stack file has no secrets")
        return
    result = context.pulumi.run("config", "--show-secrets", "--json", discard=True)
    if result.status == 0:
        yield ok(name, "decrypts the stack file's secrets")
    else:
        yield failed(
            name,
            result.error,
            "with a passphrase set PULUMI_CONFIG_PASSPHRASE; with a Key Vault key get the role Key"
            " Vault Crypto User on it",
        )


def missing(context: Context) -> Iterator[Finding]:
    """The values that the stack needs and that its file leaves out are set."""
    name = "Secrets and keys"
    if not context.missing_secrets:
        yield ok(name, "all values that the stack needs are set")
    elif context.simulated:
        count = len(context.missing_secrets)
        yield ok(name, f"{count} missing; make up sets placeholder values")
    for path in () if context.simulated else context.missing_secrets:
        kind = "" if path.endswith("PublicKey") else "--secret "
        yield failed(
            name,
            f"{path} is missing",
            f"pulumi config set --stack {context.stack} {kind}--path '{path}'",
        )


def _has_secrets(value: object) -> bool:
    """Whether a value of a stack file contains anything encrypted: `{secure: …}`."""
    match value:
        case dict():
            return "secure" in value or any(map(_has_secrets, value.values()))  # pyright: ignore[reportUnknownArgumentType, reportUnknownMemberType]
        case list():
            return any(map(_has_secrets, value))  # pyright: ignore[reportUnknownArgumentType]
        case _:
            return False
