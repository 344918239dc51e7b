"""Injected faults: `AZURE_SIM_FAULTS`, a comma-separated list.

    operation:type:which:what

    create:azure-native:containerservice:ManagedCluster:1:InternalServerError
    create:azure-native:network:Subnet:network-nodes:crash-after
    delete:*:*:429
    update:kubernetes:core/v1:Namespace:shop:lost

operation  `create`, `update`, `delete`, `read`, or `*` for any of them
type       a type token with its package, or `*`; the package of an API version is the same
which      a number: the n-th matching operation of this provider process, counted from 1;
           `*`: every operation; otherwise: the operations on the resource with this logical name
what       the effect:

    | what           | in the cloud       | what the engine sees                                  |
    |----------------|--------------------|-------------------------------------------------------|
    | a status, 429  | nothing is done    | nothing, if the provider's client retries the status: |
    |                |                    | only the first attempt fails; with `*` as which every |
    |                |                    | attempt fails, until the client gives up              |
    | an error code  | nothing is done    | the error, at once: it is the operation's result      |
    | `failed`       | done, then Failed  | created, but failed to initialise (partial failure)   |
    | `lost`         | done               | an error: the response never arrived                  |
    | `crash`        | nothing is done    | the provider's process dies                           |
    | `crash-after`  | done               | the provider's process dies                           |
    | `hang`         | nothing is done    | no response, ever                                     |
    | `hang-after`   | done               | no response, ever                                     |

A deletion that `failed` leaves the resource in place. Every process, and so every run, counts from
1 again: a setting that is kept applies again in the next run. The timeline records every injected
fault, with its `what` as the outcome, before the process hangs or dies.
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
from support.type_tokens import plain_token

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
"""Seconds that a service asks the client to wait, by status."""


class InjectedError(Refused):
    """An error that a fault caused."""


class OperationFailed(InjectedError):
    """The resource exists, but the operation that created or changed it ended as Failed."""


@dataclass(frozen=True)
class Fault:
    """One entry of the list."""

    operation: str
    type: str
    which: str
    what: str

    def applies(self, kind: Kind, token: str, name: str, occurrence: int) -> bool:
        """Whether it applies to an operation that is the `occurrence`-th that it matches."""
        return self.matches(kind, token) and self.which in {"*", str(occurrence), name}

    def matches(self, kind: Kind, token: str) -> bool:
        """Whether an operation has its kind and type."""
        return self.operation in {"*", kind} and self.type in {"*", token}

    @property
    def status(self) -> int | None:
        """The HTTP status that it causes, if any."""
        return int(self.what) if self.what.isdigit() else None

    def raise_before(self, attempt: int) -> None:
        """Raise the error that it causes before anything is done in an attempt, counted from 0."""
        status = self.status
        if status is not None and (attempt == 0 or self.which == "*"):
            code = _CODES.get(status, "Refused")
            raise InjectedError(
                f"injected fault ({FAULTS})",
                status=status,
                code=code,
                retry_after=_RETRY_AFTER.get(status),
            )
        if status is None and self.what not in _SPECIAL:
            raise InjectedError(f"injected fault ({FAULTS})", code=self.what)

    def raise_after(self) -> None:
        """Raise the error that it causes after everything is done."""
        if self.what == "failed":
            raise OperationFailed(
                f"the operation ended as Failed: injected fault ({FAULTS})",
                code="InternalOperationError",
            )
        if self.what == "lost":
            raise InjectedError(f"context deadline exceeded: injected fault ({FAULTS})")

    @property
    def stops_provider(self) -> bool:
        """Whether the provider dies or hangs."""
        return self.what.partition("-")[0] in {"crash", "hang"}

    @property
    def stops_provider_after(self) -> bool:
        """Whether the provider dies or hangs after the operation is done."""
        return self.stops_provider and self.what.endswith("-after")

    async def stop_provider(self) -> NoReturn:
        """Kill this process, or wait forever."""
        if self.what.startswith("crash"):
            os.kill(os.getpid(), signal.SIGKILL)
        await asyncio.Event().wait()
        raise AssertionError


def parse(text: str) -> list[Fault]:
    """The faults of a list; raises `BadSetting` with the entry and what is wrong with it."""
    return [_parse(entry.strip()) for entry in text.split(",") if entry.strip()]


def _parse(entry: str) -> Fault:
    operation, _, rest = entry.partition(":")
    if operation not in {"*", *_OPERATIONS}:
        known = ", ".join(_OPERATIONS)
        raise BadSetting(
            FAULTS, entry, f"the operation must be one of {known}, *, not {operation!r}; {_GRAMMAR}"
        )
    token, rest = _type(entry, rest)
    which, _, what = rest.rpartition(":")
    if not which or which == "0":
        raise BadSetting(
            FAULTS,
            entry,
            f"which must be a number from 1, a logical name, or *, and follow {token}; {_GRAMMAR}",
        )
    if what not in _SPECIAL and not re.fullmatch(r"[45]\d\d", what) and not _CODE.fullmatch(what):
        known = ", ".join(_SPECIAL)
        raise BadSetting(
            FAULTS,
            entry,
            f"what must be an HTTP status from 400, an error code, or one of {known}, not {what!r}",
        )
    return Fault(operation, plain_token(token), which, what)


def _type(entry: str, rest: str) -> tuple[str, str]:
    """The type token at the beginning of `rest`, and what follows it."""
    parts = rest.split(":")
    length = 1 if parts[0] == "*" else 3
    if len(parts) < length + 1 or not all(parts[:length]):
        raise BadSetting(
            FAULTS, entry, f"the type must be a type token of three parts, or *; {_GRAMMAR}"
        )
    return ":".join(parts[:length]), ":".join(parts[length:])


class Faults:
    """The faults of one provider process, and how many operations each has matched."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._faults = tuple(faults)
        self._matched: Counter[Fault] = Counter()

    @staticmethod
    def from_environment() -> Faults:
        """The faults in `AZURE_SIM_FAULTS`."""
        return Faults(parse(os.environ.get(FAULTS, "")))

    def take(self, kind: Kind, token: str, name: str) -> Fault | None:
        """The fault that applies to this operation; the first in the list if there are several."""
        applying: Fault | None = None
        for fault in self._faults:
            if fault.matches(kind, token):
                self._matched[fault] += 1
                if applying is None and fault.applies(kind, token, name, self._matched[fault]):
                    applying = fault
        return applying
