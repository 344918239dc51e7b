"""The single way by which every create, update and delete of the simulated cloud goes.

Time, locks, throttling, faults and the recorded timeline belong here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeVar

Kind = Literal["create", "update", "delete"]
T = TypeVar("T")


async def operation(kind: Kind, token: str, resource_id: str, work: Callable[[], T]) -> T:
    """Carry out one operation of the control plane and return its result.

    `token` is the full type token, `resource_id` the ARM id or Kubernetes name. `work` checks the
    rules and changes the state; it raises `Refused` where the cloud refuses.
    """
    del kind, token, resource_id
    return work()
