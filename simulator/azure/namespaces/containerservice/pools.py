"""Node pools, as resources of their own and inside a cluster."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulator.azure.catalog import ResourceType
from simulator.azure.request import Request
from simulator.azure.rules import Refusal, rule
from simulator.nested import items

_IMAGES = {
    "windows": "AKSWindows-2022-containerd-20348.3091.250210",
    "linux": "AKSUbuntu-2204gen2containerd-202602.10.0",
}


def patch_version(version: str | None) -> str:
    """The full version that AKS runs for an alias such as `1.35`."""
    text = version or "1.35"
    return text if text.count(".") == 2 else f"{text}.1"


def pool_outputs(pool: Mapping[str, Any], control_plane_version: str | None) -> dict[str, Any]:
    """What AKS adds to a pool's settings."""
    wanted = pool.get("orchestratorVersion") or control_plane_version
    windows = str(pool.get("osType", "Linux")).lower() == "windows"
    return {
        "currentOrchestratorVersion": patch_version(wanted),
        "orchestratorVersion": wanted or "1.35",
        "nodeImageVersion": _IMAGES["windows" if windows else "linux"],
        "osType": pool.get("osType", "Linux"),
        "osSKU": pool.get("osSKU", "Windows2022" if windows else "Ubuntu"),
        "type": pool.get("type", "VirtualMachineScaleSets"),
        "mode": pool.get("mode", "User"),
        "powerState": {"code": "Running"},
        "provisioningState": "Succeeded",
        "count": pool.get("count", pool.get("minCount", 1)),
        "maxPods": pool.get("maxPods", 110),
    }


@rule(
    "InvalidParameter",
    "containerservice:ManagedCluster",
    "containerservice:AgentPool",
    source="Microsoft Learn: azure/aks/use-system-pools#limitations",
)
def windows_pool_names_are_short(request: Request) -> str | Refusal | None:
    """At most six characters, since they begin the nodes' computer names."""
    for name, pool in pools_of(request):
        if str(pool.get("osType", "Linux")).lower() == "windows" and len(name) > 6:
            return Refusal(
                f"The name of Windows pool '{name}' is longer than 6 characters.",
                "agentPoolProfile.name",
            )
    return None


def pools_of(request: Request) -> list[tuple[str, Mapping[str, Any]]]:
    """(name, settings) of the pools that a request for a cluster or a pool is about."""
    if "agentPoolName" in request.inputs:
        return [(request.name, request.inputs)]
    return [(str(pool.get("name")), pool) for pool in items(request.inputs, "agentPoolProfiles")]


def _outputs(request: Request) -> dict[str, Any]:
    parent = request.parent
    version = parent.outputs.get("kubernetesVersion") if parent else None
    return pool_outputs(request.inputs, version)


TYPES = [
    ResourceType(
        "containerservice:AgentPool",
        "Microsoft.ContainerService/managedClusters/{resourceName}/agentPools/{agentPoolName}",
        "2025-09-01",
        replaces=("vmSize", "gpuInstanceProfile", "networkProfile.nodePublicIPTags"),
        seconds=240,
        outputs=_outputs,
    ),
]
