"""Retries for clusters and pools whose identity has just got its roles.

A new role assignment can take up to ten minutes to become effective
(role-based-access-control/troubleshooting, "Role assignment changes are not being detected"). Until
then, Azure refuses resources that need the role, although the assignment exists. Waiting helps, so
the operation is repeated. Any other error fails at once.
"""

from __future__ import annotations

import asyncio
import functools

import pulumi

CODES = (
    "LinkedAuthorizationFailed",
    "CustomPrivateDNSZoneMissingPermissionError",
    "CustomRouteTableMissingPermission",
    "CustomKubeletIdentityMissingPermissionError",
)
"""Azure's error codes for a cluster or pool whose identity lacks a role, or whose role is not
effective yet. Azure returns them before it creates anything, so the creation can be repeated."""

DELAYS = (10, 20, 30, *[60] * 9)
"""Seconds to wait before each attempt: ten minutes in all."""


async def retry(args: pulumi.ErrorHookArgs, *, delays: tuple[float, ...] = DELAYS) -> bool:
    """Whether to repeat the operation, after a wait."""
    latest = args.errors[0] if args.errors else ""
    code = next((code for code in CODES if code in latest), None)
    if code is None or args.failed_operation == "delete":
        return False
    attempt = len(args.errors)
    if attempt > len(delays):
        pulumi.log.error(
            f"{args.name}: {code} after {sum(delays):.0f} seconds of waiting for the roles of its "
            "identity: check in the activity log that they still exist, wait some minutes, and run "
            "it again; the run continues where this one ended"
        )
        return False
    delay = delays[attempt - 1]
    pulumi.log.warn(
        f"{args.name}: {code}: the roles of its identity may not be effective yet; trying again in "
        f"{delay:.0f} seconds"
    )
    await asyncio.sleep(delay)
    return True


def retries(logical_name: str, *, delays: tuple[float, ...] = DELAYS) -> pulumi.ResourceHookBinding:
    """Hooks for the options of a resource whose identity needs roles of this deployment."""
    hook = pulumi.ErrorHook(f"{logical_name}-roles", functools.partial(retry, delays=delays))
    return pulumi.ResourceHookBinding(on_error=[hook])
