"""Faults on request: `AZURE_SIM_FAULTS`, a comma-separated list.

    operation:type:which:what

    create:azure-native:containerservice:ManagedCluster:1:InternalServerError
    create:azure-native:network:Subnet:network-nodes:crash-after
    delete:*:*:429
    update:kubernetes:core/v1:Namespace:shop:lost

operation  `create`, `update`, `delete`, `read`, or `*` for any of them
type       a type token with its package, or `*`
which      a number: the n-th such operation of this provider process, counted from 1;
           `*`: every one; anything else: those of the resource with this logical name
what       how it fails:

    | what           | in the cloud       | what the engine sees                                  |
    |----------------|--------------------|-------------------------------------------------------|
    | a status, 429  | nothing is done    | nothing, if the provider's client retries the status: |
    |                |                    | it strikes the first attempt only, with `*` as which  |
    |                |                    | every attempt, until the client gives up              |
    | an error code  | nothing is done    | the error, at once: it is the operation's result      |
    | `failed`       | done, then Failed  | created, but failed to initialise (partial failure)   |
    | `lost`         | done               | an error: the answer never came                       |
    | `crash`        | nothing is done    | the provider's process dies                           |
    | `crash-after`  | done               | the provider's process dies                           |
    | `hang`         | nothing is done    | no answer, ever                                       |
    | `hang-after`   | done               | no answer, ever                                       |

For a deletion `failed` leaves the resource there. A number counts afresh in every process, that is
in every run, so a lasting setting strikes again in the next run. Every fault that strikes is in the
timeline with its `what` as the outcome, before a process hangs or dies.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NoReturn

from simulator.errors import BadSetting, Refused
from simulator.timeline import Kind

FAULTS = "AZURE_SIM_FAULTS"

_OPERATIONS = ("create", "update", "delete", "read")
_SPECIAL = ("failed", "lost", "crash", "crash-after", "hang", "hang-after")
_CODE = re.compile(r"[A-Z][A-Za-z0-9]+")
_GRAMMAR = (
    "write operation:type:which:what, such as"
    " create:azure-native:containerservice:ManagedCluster:1:InternalServerError"
)
_CODES = {
    408: "RequestTimeout",
    409: "AnotherOperationInProgress",
    429: "TooManyRequests",
    500: "InternalServerError",
    502: "BadGateway",
    503: "ServiceUnavailable",
    504: "GatewayTimeout",
}
_RETRY_AFTER = {429: 10.0, 503: 10.0}
"""Seconds that a service asks a client to wait with these statuses."""


class Injected(Refused):
    """A refusal that was asked for."""


class OperationFailed(Injected):
    """What was asked for is there, but the operation that made it ended as Failed."""


@dataclass(frozen=True)
class Fault:
    """One entry of the list."""

    operation: str
    type: str
    which: str
    what: str

    def strikes(self, kind: Kind, token: str, name: str, occurrence: int) -> bool:
        """Whether it strikes an operation that is the `occurrence`-th that it matches."""
        return self.matches(kind, token) and self.which in {"*", str(occurrence), name}

    def matches(self, kind: Kind, token: str) -> bool:
        """Whether an operation is of its kind and type."""
        return self.operation in {"*", kind} and self.type in {"*", token}

    @property
    def status(self) -> int | None:
        """The HTTP status that it answers with, if it is one."""
        return int(self.what) if self.what.isdigit() else None

    def before(self, attempt: int) -> None:
        """Raise what it answers instead of doing anything in this attempt (counted from 0)."""
        status = self.status
        if status is not None and (attempt == 0 or self.which == "*"):
            code = _CODES.get(status, "Refused")
            raise Injected(
                f"a fault that was asked for ({FAULTS})",
                status=status,
                code=code,
                retry_after=_RETRY_AFTER.get(status),
            )
        if status is None and self.what not in _SPECIAL:
            raise Injected(f"a fault that was asked for ({FAULTS})", code=self.what)

    def after(self) -> None:
        """Raise what it answers although all has been done."""
        if self.what == "failed":
            raise OperationFailed(
                f"the operation ended as Failed: a fault that was asked for ({FAULTS})",
                code="InternalOperationError",
            )
        if self.what == "lost":
            raise Injected(f"context deadline exceeded: a fault that was asked for ({FAULTS})")

    @property
    def ends(self) -> bool:
        """Whether no answer comes at all."""
        return self.what.partition("-")[0] in {"crash", "hang"}

    @property
    def ends_after(self) -> bool:
        return self.ends and self.what.endswith("-after")

    async def end(self) -> NoReturn:
        """Die, or never come back."""
        if self.what.startswith("crash"):
            os.kill(os.getpid(), signal.SIGKILL)
        await asyncio.Event().wait()
        raise AssertionError


def parse(text: str) -> list[Fault]:
    """The faults of a list; raises `BadSetting` that names the entry and what is wrong with it."""
    return [_parse(entry.strip()) for entry in text.split(",") if entry.strip()]


def _parse(entry: str) -> Fault:
    operation, _, rest = entry.partition(":")
    if operation not in {"*", *_OPERATIONS}:
        known = ", ".join(_OPERATIONS)
        raise BadSetting(FAULTS, entry, f"{operation!r} is none of {known}, *; {_GRAMMAR}")
    token, rest = _type(entry, rest)
    which, _, what = rest.rpartition(":")
    if not which or which == "0":
        wanted = "a number from 1, a logical name, or *"
        raise BadSetting(FAULTS, entry, f"which {token} is missing: {wanted}; {_GRAMMAR}")
    if what not in _SPECIAL and not re.fullmatch(r"[45]\d\d", what) and not _CODE.fullmatch(what):
        known = ", ".join(_SPECIAL)
        raise BadSetting(
            FAULTS, entry, f"{what!r} is no HTTP status from 400, no error code and none of {known}"
        )
    return Fault(operation, token, which, what)


def _type(entry: str, rest: str) -> tuple[str, str]:
    """The type token at the beginning of `rest`, and what follows it."""
    parts = rest.split(":")
    length = 1 if parts[0] == "*" else 3
    if len(parts) < length + 1 or not all(parts[:length]):
        wanted = "a type token of three parts, or *"
        raise BadSetting(FAULTS, entry, f"the type is missing: {wanted}; {_GRAMMAR}")
    return ":".join(parts[:length]), ":".join(parts[length:])


class Faults:
    """The faults of one provider process, with the count of what they have met."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._faults = tuple(faults)
        self._met: Counter[Fault] = Counter()

    @staticmethod
    def from_environment() -> Faults:
        """Those of `AZURE_SIM_FAULTS`."""
        return Faults(parse(os.environ.get(FAULTS, "")))

    def take(self, kind: Kind, token: str, name: str) -> Fault | None:
        """The fault that strikes this operation, the first in the list where there are several."""
        found: Fault | None = None
        for fault in self._faults:
            if fault.matches(kind, token):
                self._met[fault] += 1
                if found is None and fault.strikes(kind, token, name, self._met[fault]):
                    found = fault
        return found
