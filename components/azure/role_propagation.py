"""Retries for clusters and pools whose identity has just got its roles.

A new role assignment can take up to ten minutes to become effective
(role-based-access-control/troubleshooting, "Role assignment changes are not being detected"). Until
then, Azure refuses resources that need the role, although the assignment exists. Waiting helps, so
the operation is repeated. Any other error fails at once.
"""

from __future__ import annotations

import pulumi

from components.azure import error_hooks

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
    latest = error_hooks.latest_error(args)
    code = next((code for code in CODES if code in latest), None)
    if code is None:
        return False
    why = f"{code}: the roles of its identity may not be effective yet"
    if await error_hooks.wait(args, delays, why):
        return True
    pulumi.log.error(
        f"{args.name}: {code} after {sum(delays):.0f} seconds of waiting for the roles of its "
        "identity: check in the activity log that they still exist, wait some minutes, and run "
        "it again; the run continues where this one ended"
    )
    return False


def retries(logical_name: str, *, delays: tuple[float, ...] = DELAYS) -> pulumi.ResourceHookBinding:
    """Hooks for the options of a resource whose identity needs roles of this deployment."""
    return error_hooks.on_error(f"{logical_name}-roles", retry, delays)
