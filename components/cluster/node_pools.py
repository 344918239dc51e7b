"""Node pools: their properties, and the properties that Azure changes and later runs must ignore.

The first System pool is part of the cluster resource; every other pool is a separate resource.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi_azure_native import containerservice

from components.addressing import pod_subnet_of
from components.cluster.network_profile import PodAllocationMode
from components.settings import windows_versions
from components.settings.cluster import ClusterSettings, NodePool


def pool_properties(
    settings: ClusterSettings,
    pool: NodePool,
    subnet_ids: Mapping[str, pulumi.Input[str]],
    kubernetes_version: str | None,
    pod_allocation: PodAllocationMode | None = None,
) -> dict[str, Any]:
    """The properties of a pool, inside the cluster or separate, as keyword arguments.

    Every property is set that a later run would otherwise see as changed by a default of the
    service. The pool starts with its minimum count; the autoscaler then sets it up to the maximum.

    `kubernetes_version` is None for the pool inside the cluster. AKS refuses a write of the cluster
    that names the version of one pool while other pools are separate resources
    (NotAllAgentPoolOrchestratorVersionSpecifiedAndUnchanged, Azure/AKS issue 4765). Without a name,
    a new pool takes the control plane's version, and an existing pool keeps its own.
    """
    autoscaled = _autoscaled(pool)
    os_sku = settings.os_sku_of(pool)
    windows = windows_versions.WINDOWS_VERSIONS.get(os_sku)
    return {
        "type": "VirtualMachineScaleSets",
        "mode": pool.mode,
        "os_type": pool.os,
        "os_sku": os_sku,
        "enable_fips": True if windows and windows.fips else None,
        "vm_size": pool.vm_size,
        "orchestrator_version": kubernetes_version,
        "enable_auto_scaling": autoscaled,
        "count": pool.min_count,
        "min_count": pool.min_count if autoscaled else None,
        "max_count": pool.max_count if autoscaled else None,
        "max_pods": pool.max_pods,
        "availability_zones": list(pool.zones) or None,
        "vnet_subnet_id": subnet_ids[pool.subnet],
        "pod_subnet_id": subnet_ids.get(pod_subnet_of(pool.subnet)),
        "pod_ip_allocation_mode": pod_allocation,
        "node_taints": list(pool.taints) or None,
        "node_labels": dict(pool.labels) or None,
        # Written out because AKS turns LocalDNS on by itself, in some clusters. Not `Preferred`:
        # it reimages the nodes, and turns nothing on (aks/localdns-custom).
        "local_dns_profile": containerservice.LocalDNSProfileArgs(
            mode=containerservice.LocalDNSMode.REQUIRED
            if settings.has_local_dns(pool)
            else containerservice.LocalDNSMode.DISABLED
        )
        if pool.os == "Linux"
        else None,
        "enable_node_public_ip": False,
        "scale_set_priority": "Spot" if pool.spot else "Regular",
        "scale_set_eviction_policy": "Delete" if pool.spot else None,
        "spot_max_price": -1.0 if pool.spot else None,
        # Azure refuses it for spot pools: "Spot pools can't set max surge".
        "upgrade_settings": None
        if pool.spot
        else containerservice.AgentPoolUpgradeSettingsArgs(
            max_surge=pool.max_surge, drain_timeout_in_minutes=30
        ),
    }


def ignored_by_cluster(
    settings: ClusterSettings, system_pool: NodePool, *, last_version: str | None
) -> list[str]:
    """Paths of a cluster's properties that Azure changes and that later runs must ignore.

    They are the node count of the pool inside the cluster, the Kubernetes versions, and the Windows
    password: Azure changes it in place, but azure-native 3.29 would replace the cluster.

    A refresh writes the version of the pool inside the cluster into the state. It is ignored only
    while the settings keep their version: the write that upgrades the control plane must not have
    it (see `pool_properties`).
    """
    version = settings.kubernetes_version
    return [
        *(["agentPoolProfiles[0].count"] if _autoscaled(system_pool) else []),
        *(["agentPoolProfiles[0].orchestratorVersion"] if last_version == version else []),
        *(["kubernetesVersion"] if _upgraded_by_azure(settings, last_version) else []),
        *(["windowsProfile.adminPassword"] if settings.windows else []),
    ]


def ignored_by_pool(
    settings: ClusterSettings, pool: NodePool, *, last_version: str | None
) -> list[str]:
    """Paths of a separate pool's properties that Azure changes and that later runs must ignore."""
    return [
        *(["count"] if _autoscaled(pool) else []),
        *(["orchestratorVersion"] if _upgraded_by_azure(settings, last_version) else []),
    ]


def _autoscaled(pool: NodePool) -> bool:
    return pool.max_count > pool.min_count


def _upgraded_by_azure(settings: ClusterSettings, last_version: str | None) -> bool:
    """Whether another version than that of the settings is due to an upgrade channel.

    With `patch`, too, Azure then reports 1.35.4 for a cluster that was created with 1.35
    (terraform-provider-azurerm issue 26946). A version that was edited since the last run is sent.
    """
    edited = last_version not in {None, settings.kubernetes_version}
    return settings.upgrade_channel not in {"none", "node-image"} and not edited
