"""What LocalDNS requires of a node pool. No page says how AKS refuses it."""

from __future__ import annotations

from typing import Any

from simulator.azure import subscription
from simulator.azure.model import Request
from simulator.azure.namespaces.containerservice.view import CLUSTER, POOL, Pool, view
from simulator.azure.rules import Refusal, rule
from support.nested import at

_LEARN = "Microsoft Learn: azure/aks/localdns-custom#prerequisites"
_TARGET = "agentPoolProfile.localDNSProfile"
LEAST_VCPUS = 4


def _required(pool: Pool) -> bool:
    return bool(at(pool.settings, "localDNSProfile", "mode") == "Required")


@rule("BadRequest", CLUSTER, POOL, source=_LEARN)
def local_dns_runs_on_linux(request: Request) -> Refusal | None:
    """LocalDNS cannot be required in a Windows pool."""
    for pool in view(request).written_pools:
        if pool.windows and _required(pool):
            return Refusal(f"LocalDNS is not supported in the Windows pool '{pool.name}'.", _TARGET)
    return None


@rule("BadRequest", CLUSTER, POOL, source=_LEARN)
def local_dns_needs_four_vcpus(request: Request) -> Refusal | None:
    """LocalDNS cannot be required on nodes with fewer than 4 vCPUs."""
    for pool in view(request).written_pools:
        size = subscription.current().size(str(pool.settings.get("vmSize") or ""))
        if _required(pool) and size is not None and size.vcpus < LEAST_VCPUS:
            text = f"LocalDNS needs {LEAST_VCPUS} vCPUs: pool '{pool.name}' has {size.vcpus}."
            return Refusal(text, _TARGET)
    return None


def profile(pool: Pool) -> dict[str, Any]:
    """The profile as AKS returns it: with the state that follows from the mode.

    `Preferred` only validates, for now.
    """
    written: dict[str, Any] | None = pool.settings.get("localDNSProfile")
    if not written:
        return {}
    return {"localDNSProfile": {**written, "state": "Enabled" if _required(pool) else "Disabled"}}


TYPES = ()
