"""Azure's request limits: token buckets that refill with time.

`AZURE_SIM_THROTTLING` is `on`, `off`, or the share of the limits that is available to this run,
such as 0.05 if others use the same subscription. The default is `on` if simulated time passes,
otherwise `off`, since buckets do not refill without time.

The buckets are those of the run: all its provider processes take from them. A write or a deletion
counts as one request. A creation also counts as a read, since azure-native
first checks whether the resource exists. Polling for the end of an operation does not count.
"""

from __future__ import annotations

import math
import os
from collections.abc import Collection
from dataclasses import dataclass

from simulator.errors import AzureError, BadSetting
from simulator.operations import Operation
from simulator.processes import Processes

THROTTLING = "AZURE_SIM_THROTTLING"

_ARM = "Microsoft Learn: azure-resource-manager/management/request-limits-and-throttling"
_AKS = "Microsoft Learn: azure/aks/quotas-skus-regions, throttling limits of the AKS APIs"


@dataclass(frozen=True)
class Limit:
    """A bucket of `burst` requests that refills at `per_second`."""

    name: str
    code: str
    requests: Collection[str]
    """`read`, `write`, `delete`."""
    types: str
    """Beginning of the type tokens that it counts; empty: all."""
    burst: float
    per_second: float
    source: str


_WRITES = frozenset({"write"})
_ALL = frozenset({"write", "delete"})
LIMITS = (
    Limit("reads", "SubscriptionRequestsThrottled", {"read"}, "", 250, 25, _ARM),
    Limit("writes", "SubscriptionRequestsThrottled", _WRITES, "", 200, 10, _ARM),
    Limit("deletions", "SubscriptionRequestsThrottled", {"delete"}, "", 200, 10, _ARM),
    Limit("network writes", "TooManyRequests", _ALL, "network:", 1000, 1000 / 300, _ARM),
    Limit("network reads", "TooManyRequests", {"read"}, "network:", 10000, 10000 / 300, _ARM),
    Limit("private DNS reads", "TooManyRequests", {"read"}, "privatedns:", 500, 500 / 300, _ARM),
    Limit("clusters", "Throttled", _WRITES, "containerservice:ManagedCluster", 20, 1 / 60, _AKS),
    Limit("node pools", "Throttled", _WRITES, "containerservice:AgentPool", 20, 1 / 60, _AKS),
    Limit("other AKS", "Throttled", {"read", "delete"}, "containerservice:", 60, 1, _AKS),
)
_REQUESTS = {
    "create": ("read", "write"),
    "update": ("write",),
    "delete": ("delete",),
    "read": ("read",),
}

_TABLE = "request-limits"


@dataclass
class _Bucket:
    limit: Limit
    capacity: float
    left: float
    since: float = 0

    def wait(self, instant: float) -> float:
        """Refill the bucket; returns the seconds until a token is available, or 0."""
        if instant > self.since:
            gained = (instant - self.since) * self.limit.per_second
            self.left = min(self.capacity, self.left + gained)
            self.since = instant
        return 0 if self.left >= 1 else (1 - self.left) / self.limit.per_second


class Throttling:
    """The buckets of one run; `share` of the limits is available to it, None: all requests pass."""

    def __init__(self, share: float | None, processes: Processes) -> None:
        self._processes = processes
        self._buckets: list[_Bucket] = []
        if share is not None:
            for limit in LIMITS:
                capacity = max(1, limit.burst * share)
                self._buckets.append(_Bucket(limit, capacity, capacity))

    @staticmethod
    def from_environment(processes: Processes, *, time_passes: bool) -> Throttling:
        """The buckets that `AZURE_SIM_THROTTLING` sets; raises `BadSetting`."""
        text = os.environ.get(THROTTLING) or ("on" if time_passes else "off")
        if text in {"on", "off"}:
            return Throttling(1 if text == "on" else None, processes)
        try:
            share = float(text)
        except ValueError:
            share = 0
        if not 0 < share <= 1:
            raise BadSetting(THROTTLING, text, "use on, off, or a share of the limits such as 0.05")
        return Throttling(share, processes)

    def count(self, operation: Operation, instant: float) -> None:
        """Count an operation's requests; raises `AzureError` (429) if a bucket is empty."""
        if not self._buckets:
            return
        with self._processes.exclusive():
            self._read()
            try:
                self._count(operation, instant)
            finally:
                self._write()

    def _count(self, operation: Operation, instant: float) -> None:
        token = operation.token.removeprefix("azure-native:")
        for request in _REQUESTS[operation.kind]:
            matching = [
                bucket
                for bucket in self._buckets
                if request in bucket.limit.requests and token.startswith(bucket.limit.types)
            ]
            for bucket in matching:
                wait = bucket.wait(instant)
                if wait:
                    raise AzureError(
                        429,
                        bucket.limit.code,
                        f"Too many requests ({bucket.limit.name}); try again in"
                        f" {math.ceil(wait)} seconds.",
                        retry_after=math.ceil(wait),
                    )
            for bucket in matching:
                bucket.left -= 1

    def _read(self) -> None:
        for name, (left, since) in self._processes.table(_TABLE).items():
            bucket = next(item for item in self._buckets if item.limit.name == name)
            bucket.left, bucket.since = left, since

    def _write(self) -> None:
        values = {item.limit.name: (item.left, item.since) for item in self._buckets}
        self._processes.write_table(_TABLE, values)
