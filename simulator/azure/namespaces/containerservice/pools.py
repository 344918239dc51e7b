"""Node pools, as separate resources and inline in a cluster."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from simulator.azure import identifiers
from simulator.azure.model import Request, ResourceType
from simulator.azure.namespaces.containerservice import local_dns
from simulator.azure.namespaces.containerservice.versions import DEFAULT
from simulator.azure.namespaces.containerservice.view import POOL, Pool, View, view
from simulator.store import Resource

_IMAGES = {
    "Windows2022": "AKSWindows-2022-containerd-20348.3091.250210",
    "Windows2025": "AKSWindows-2025-gen2-26100.33158.260715",
    "Linux": "AKSUbuntu-2204gen2containerd-202602.10.0",
}
_PATH = ("resourceGroupName", "resourceName", "agentPoolName")


def patch_version(version: str | None) -> str:
    """The patch version that AKS runs for an alias such as `1.35`."""
    text = version or DEFAULT
    return text if text.count(".") == 2 else f"{text}.1"


def pool_outputs(cluster: View, pool: Pool, version: str | None) -> dict[str, Any]:
    """What AKS adds to a pool's settings; `version` is that of the control plane."""
    settings = pool.settings
    requested = cluster.version(pool, version or DEFAULT)
    image = cluster.os_sku(pool, requested)
    return {
        "currentOrchestratorVersion": patch_version(requested),
        "orchestratorVersion": requested,
        "nodeImageVersion": _IMAGES.get(image, _IMAGES["Linux"]),
        "osType": settings.get("osType", "Linux"),
        "osSKU": image,
        "type": settings.get("type", "VirtualMachineScaleSets"),
        "mode": settings.get("mode", "User"),
        "powerState": {"code": "Running"},
        "provisioningState": "Succeeded",
        "count": settings.get("count", settings.get("minCount", 1)),
        "maxPods": cluster.max_pods(pool),
        # What Azure chooses depends on the size. An ephemeral disk has the size of its cache.
        "osDiskSizeGB": settings.get("osDiskSizeGB") or 128,
        "osDiskType": settings.get("osDiskType", "Managed"),
        "kubeletDiskType": settings.get("kubeletDiskType", "OS"),
        **local_dns.profile(pool),
    }


def agent_pool_profile(cluster: View, pool: Pool, version: str | None) -> dict[str, Any]:
    """A pool as an item of the cluster's `agentPoolProfiles`."""
    settings = {key: item for key, item in pool.settings.items() if key not in _PATH}
    tag = identifiers.guid(cluster.id, pool.name)
    return {**settings, **pool_outputs(cluster, pool, version), "name": pool.name, "eTag": tag}


def write_pools(request: Request) -> None:
    """Store the pools that a write of the cluster contains as separate resources."""
    cluster = view(request)
    version = request.inputs.get("kubernetesVersion")
    path = {"resourceGroupName": request.group, "resourceName": request.name}
    for pool in cluster.written_pools:
        settings = {key: item for key, item in pool.settings.items() if key != "name"}
        key = f"{cluster.id}/agentPools/{pool.name}"
        inputs = {**settings, **path, "agentPoolName": pool.name}
        outputs = {**settings, **pool_outputs(cluster, pool, version), "id": key, "name": pool.name}
        request.cloud.store.put(Resource(key, POOL, inputs, outputs))


def _outputs(request: Request) -> dict[str, Any]:
    parent = request.parent
    version = parent.outputs.get("kubernetesVersion") if parent else None
    return pool_outputs(view(request), Pool(request.name, request.inputs), version)


def _update_cluster(request: Request) -> None:
    """Update `agentPoolProfiles` of the cluster."""
    parent = request.parent
    if parent is None:
        return
    cluster = replace(view(request), written_pools=())
    version = parent.outputs.get("kubernetesVersion")
    listed = [agent_pool_profile(cluster, pool, version) for pool in cluster.pools]
    outputs = {**parent.outputs, "agentPoolProfiles": listed}
    request.cloud.store.put(replace(parent, outputs=outputs))


TYPES = [
    ResourceType(
        POOL,
        "2025-09-01",
        replaces=("vmSize", "gpuInstanceProfile", "networkProfile.nodePublicIPTags"),
        seconds=240,
        outputs=_outputs,
        after_put=_update_cluster,
        after_delete=_update_cluster,
    ),
]
