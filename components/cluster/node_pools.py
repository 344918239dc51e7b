"""Node pools as Azure wants them, for the pool inside the cluster and for those of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi_azure_native import containerservice

from components.addressing import pod_subnet_of
from components.cluster.network_profile import PodAllocationMode
from components.settings.cluster import ClusterSettings, NodePool

_OS_SKU = {"Linux": "Ubuntu", "Windows": "Windows2022"}


def pool_properties(
    pool: NodePool,
    subnet_ids: Mapping[str, pulumi.Input[str]],
    kubernetes_version: str,
    pod_allocation: PodAllocationMode | None = None,
) -> dict[str, Any]:
    """The properties that a pool has wherever it is declared, as keyword arguments.

    Nothing is left to a default of the service that a later run could see as a change. Between
    minimum and maximum the autoscaler sets the count; the first one is the minimum.
    """
    scales = pool.max_count > pool.min_count
    return {
        "type": "VirtualMachineScaleSets",
        "mode": pool.mode,
        "os_type": pool.os,
        "os_sku": pool.os_sku or _OS_SKU[pool.os],
        "vm_size": pool.vm_size,
        "orchestrator_version": kubernetes_version,
        "enable_auto_scaling": scales,
        "count": pool.min_count,
        "min_count": pool.min_count if scales else None,
        "max_count": pool.max_count if scales else None,
        "max_pods": pool.max_pods,
        "availability_zones": list(pool.zones) or None,
        "vnet_subnet_id": subnet_ids[pool.subnet],
        "pod_subnet_id": subnet_ids.get(pod_subnet_of(pool.subnet)),
        "pod_ip_allocation_mode": pod_allocation,
        "node_taints": list(pool.taints) or None,
        "node_labels": dict(pool.labels) or None,
        "enable_node_public_ip": False,
        "scale_set_priority": "Spot" if pool.spot else "Regular",
        "scale_set_eviction_policy": "Delete" if pool.spot else None,
        "spot_max_price": -1.0 if pool.spot else None,
        # Azure refuses a surge for spot machines: "Spot pools can't set max surge".
        "upgrade_settings": None
        if pool.spot
        else containerservice.AgentPoolUpgradeSettingsArgs(
            max_surge=pool.max_surge, drain_timeout_in_minutes=30
        ),
    }


def ignored_count(pool: NodePool, property_path: str) -> list[str]:
    """What later runs must not set back: the count, where the autoscaler owns it."""
    return [property_path] if pool.max_count > pool.min_count else []


def ignored_password(settings: ClusterSettings) -> list[str]:
    """What Azure changes in place and azure-native 3.29 replaces the cluster for."""
    return ["windowsProfile.adminPassword"] if settings.windows else []


def ignored_versions(settings: ClusterSettings) -> list[str]:
    """Where an upgrade channel raises the version, it is Azure's, and no run may set it back.

    The channel `patch` leaves a minor version as it is, and a write of `1.35` to a cluster that
    runs 1.35.4 changes nothing (REST: ManagedClusterProperties.kubernetesVersion).
    """
    channel, names_patch = settings.upgrade_channel, settings.kubernetes_version.count(".") > 1
    if channel in {"none", "node-image"} or (channel == "patch" and not names_patch):
        return []
    return ["kubernetesVersion", "agentPoolProfiles[0].orchestratorVersion"]
