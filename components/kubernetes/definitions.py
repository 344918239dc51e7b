"""Retries for objects whose definitions an add-on of the cluster installs.

Azure reports the cluster as ready, and AKS and the add-on's operator install the definitions
meanwhile. aks/istio-gateway-api speaks of up to five minutes for what comes with them.
pulumi-kubernetes tries for about a minute and then fails. Waiting helps, so that one run is enough.
"""

from __future__ import annotations

import asyncio
import functools

import pulumi

DEFINED_LATER = frozenset({"Gateway", "ClusterExternalDNS", "NginxIngressController"})
"""The first kinds of each group of definitions; the routes wait for the Gateway."""

_MESSAGES = ("no matches for kind", "failed calling webhook")
"""What an API server answers without the definition, and before the add-on's webhook answers."""

DELAYS = (15, *[30] * 9)
"""Seconds to wait before each attempt, besides the minute that each attempt takes."""


async def retry(args: pulumi.ErrorHookArgs, *, delays: tuple[float, ...] = DELAYS) -> bool:
    """Whether to repeat the operation, after a wait."""
    latest = args.errors[0] if args.errors else ""
    attempt = len(args.errors)
    missing = any(text in latest for text in _MESSAGES)
    if not missing or args.failed_operation == "delete" or attempt > len(delays):
        return False
    delay = delays[attempt - 1]
    pulumi.log.warn(
        f"{args.name}: the cluster does not know the kind yet: AKS may still be installing it; "
        f"trying again in {delay:.0f} seconds"
    )
    await asyncio.sleep(delay)
    return True


def definition_retries(
    logical_name: str, *, delays: tuple[float, ...] = DELAYS
) -> pulumi.ResourceHookBinding:
    """Hooks for the options of an object whose definition may come after the cluster."""
    hook = pulumi.ErrorHook(f"{logical_name}-definition", functools.partial(retry, delays=delays))
    return pulumi.ResourceHookBinding(on_error=[hook])
