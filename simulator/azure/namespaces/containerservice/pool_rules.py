"""Node pools: names, sizes, modes and limits of each pool and of a cluster's pools together."""

from __future__ import annotations

import re

from simulator.azure import subscription
from simulator.azure.model import Request
from simulator.azure.namespaces.containerservice.view import CLUSTER, POOL, Pool, view
from simulator.azure.rules import Refusal, advice, rule
from support.nested import at

_POOLS = "Microsoft Learn: azure/aks/use-system-pools#limitations"
_LIMITS = "Microsoft Learn: azure/aks/quotas-skus-regions"
_NAMING = "Microsoft Learn: azure/aks/create-node-pools#limitations, aka.ms/aks-naming-rules"
_NAME = re.compile(r"[a-z][a-z0-9]{0,11}")
_MAX_NODES = 1000
_MAX_POOLS = 100
_MIN_PODS = 30


def _invalid(pool: Pool, parameter: str, why: str) -> Refusal:
    target = f"agentPoolProfile.{parameter}"
    return Refusal(
        f"The value of parameter {target} of pool '{pool.name}' is invalid: {why}", target
    )


@rule("InvalidParameter", CLUSTER, POOL, source=_NAMING)
def pool_names_are_short_and_lower_case(request: Request) -> Refusal | None:
    """A pool name has 1 to 12 lower-case letters and digits, a letter first."""
    for pool in view(request).written_pools:
        if not _NAME.fullmatch(pool.name):
            return _invalid(pool, "name", "use 1-12 lower-case letters and digits, a letter first.")
    return None


@rule("InvalidParameter", CLUSTER, POOL, source=_POOLS)
def windows_pool_names_are_short(request: Request) -> Refusal | None:
    """A Windows pool name has at most 6 characters, since computer names begin with it."""
    for pool in view(request).written_pools:
        if pool.windows and len(pool.name) > 6:
            return _invalid(pool, "name", "a Windows pool name has at most 6 characters.")
    return None


@rule("InvalidParameter", CLUSTER, POOL, source=_LIMITS)
def counts_are_within_limits(request: Request) -> Refusal | None:
    """System pools have 1 to 1000 nodes, user pools 0 to 1000."""
    for pool in view(request).written_pools:
        least = 1 if pool.system else 0
        if not least <= pool.count <= _MAX_NODES:
            return _invalid(
                pool,
                "count",
                f"{pool.count} must be at least {least} and at most {_MAX_NODES}.",
            )
    return None


@rule("InvalidParameter", CLUSTER, POOL, source="github.com/Azure/azure-cli/pull/22442")
def autoscaling_has_bounds_in_order(request: Request) -> Refusal | None:
    """The autoscaler requires minCount and maxCount; without it both must be absent."""
    for pool in view(request).written_pools:
        least, most = pool.settings.get("minCount"), pool.settings.get("maxCount")
        if not pool.settings.get("enableAutoScaling"):
            if least or most:
                return _invalid(pool, "minCount", "it requires enableAutoScaling.")
            continue
        floor = 1 if pool.system else 0
        if least is None or most is None or not floor <= least <= most <= _MAX_NODES:
            return _invalid(
                pool,
                "minCount",
                f"{least} to {most} is not a range between {floor} and {_MAX_NODES}.",
            )
        if request.old is None and not least <= pool.count <= most:
            return _invalid(pool, "count", f"{pool.count} is not between {least} and {most}.")
    return None


@rule("MaxPodsLimitExceeded", CLUSTER, POOL, source=_LIMITS)
def a_node_has_at_most_250_pods(request: Request) -> Refusal | None:
    """A node has at most 250 pods, in every network model."""
    for pool in view(request).written_pools:
        if int(pool.settings.get("maxPods") or 0) > 250:
            return _invalid(pool, "maxPods", "a node has at most 250 pods.")
    return None


@rule(
    "InsufficientMaxPods",
    CLUSTER,
    POOL,
    source="Microsoft Learn: azure/aks/concepts-network-ip-address-planning#maximum-pods-per-node",
)
def a_pool_has_room_for_the_systems_pods(request: Request) -> Refusal | None:
    """A node has at least 10 pods, and the nodes of a system pool together at least 30."""
    cluster = view(request)
    for pool in cluster.written_pools:
        pods = cluster.max_pods(pool)
        if pods < 10:
            return _invalid(pool, "maxPods", "a node must allow at least 10 pods.")
        if pool.system and pods * pool.count < _MIN_PODS:
            return _invalid(
                pool,
                "maxPods",
                f"{pool.count} nodes with {pods} pods each allow fewer than {_MIN_PODS} pods.",
            )
    return None


@rule("MustDefineAtLeastOneSystemPool", CLUSTER, source="github.com/Azure/AKS/issues/1568")
def a_cluster_has_a_system_pool(request: Request) -> str | None:
    """A cluster needs a pool with mode System."""
    pools = view(request).pools
    return None if any(pool.system for pool in pools) else "Must define at least one system pool."


@rule("SystemPoolMustBeLinux", CLUSTER, POOL, source=_POOLS)
def system_pools_run_linux(request: Request) -> str | None:
    """System pools must run Linux, as the pods of kube-system do."""
    for pool in view(request).written_pools:
        if pool.system and pool.windows:
            return f"System pool '{pool.name}' must have osType Linux."
    return None


def _vcpus(pool: Pool) -> int | None:
    """The vCPUs of a node; None for a pool without a size."""
    size = subscription.current().size(str(pool.settings.get("vmSize") or ""))
    return size.vcpus if size else None


@rule(
    "SystemPoolSkuTooLow",
    CLUSTER,
    POOL,
    source="github.com/MicrosoftDocs/azure-dev-docs/issues/216",
)
def system_pools_have_two_vcpus(request: Request) -> Refusal | None:
    """System pools need a size with at least 2 vCPUs.

    AKS chooses a size for a pool that has none (Microsoft Learn: azure/aks/quotas-skus-regions).
    """
    for pool in view(request).written_pools:
        if pool.system and _vcpus(pool) == 1:
            return _invalid(pool, "vmSize", "a system pool needs more than 1 vCPU and 4 GB memory.")
    return None


@rule("SystemPoolMustBeRegular", CLUSTER, POOL, source="Microsoft Learn: azure/aks/spot-node-pool")
def system_pools_are_not_spot(request: Request) -> str | None:
    """System pools cannot be spot pools, whose nodes Azure can evict at any time."""
    for pool in view(request).written_pools:
        if pool.system and pool.spot:
            return f"System pool '{pool.name}' must have scaleSetPriority Regular."
    return None


@rule(
    "InvalidParameter",
    CLUSTER,
    POOL,
    source="github.com/XenitAB/terraform-modules/pull/755",
)
def spot_pools_do_not_surge(request: Request) -> Refusal | None:
    """Spot pools cannot have a max surge."""
    for pool in view(request).written_pools:
        surge = at(pool.settings, "upgradeSettings", "maxSurge")
        if pool.spot and surge:
            return _invalid(pool, "upgradeSettings.maxSurge", "spot pools cannot set max surge.")
    return None


@rule("BadRequest", CLUSTER, source="github.com/pulumi/pulumi-azure-native/issues/579")
def pools_are_added_one_by_one(request: Request) -> Refusal | None:
    """A pool is added to an existing cluster as a resource, not by a write of the cluster."""
    cluster = view(request)
    if request.old is None:
        return None
    new = [pool.name for pool in cluster.written_pools if pool.name not in cluster.stored_pools]
    if not new:
        return None
    return Refusal(
        f"A new agent pool was introduced: '{new[0]}'. Adding agent pools to an existing cluster is"
        " not allowed through managed cluster operations; use an AgentPool resource.",
        "agentPoolProfiles",
    )


@rule("QuotaExceeded", POOL, source=_LIMITS)
def a_cluster_has_at_most_100_pools(request: Request) -> str | None:
    """A cluster with a standard load balancer has at most 100 pools."""
    count = len(view(request).pools)
    return (
        f"A cluster has at most {_MAX_POOLS} node pools, not {count}."
        if count > _MAX_POOLS
        else None
    )


@rule("BadRequest", POOL, on="delete", source=_POOLS)
def the_last_system_pool_stays(request: Request) -> str | None:
    """The last system pool can be deleted only together with its cluster."""
    cluster = view(request)
    if cluster.id.lower() in request.deleted_ids or not Pool(request.name, request.inputs).system:
        return None
    if any(Pool(name, item.inputs).system for name, item in cluster.stored_pools.items()):
        return None
    return "There has to be at least one system agent pool."


@advice(CLUSTER, POOL, source="Microsoft Learn: azure/aks/use-system-pools")
def system_pools_have_two_nodes(request: Request) -> str | None:
    """The documentation requires two nodes, but the service accepts one."""
    for pool in view(request).written_pools:
        if pool.system and pool.count == 1:
            return f"System pool '{pool.name}' should have at least two nodes, better three."
    return None


@advice(CLUSTER, POOL, source=_POOLS)
def system_pools_have_four_vcpus(request: Request) -> str | None:
    """The documentation requires 4 vCPUs, but the service accepts 2."""
    for pool in view(request).written_pools:
        count = _vcpus(pool)
        if pool.system and count is not None and count < 4:
            return f"System pool '{pool.name}' should have a size with at least 4 vCPUs."
    return None


@advice(CLUSTER, POOL, source="Microsoft Learn: azure/aks/use-system-pools#limitations")
def system_pools_are_not_burstable(request: Request) -> str | None:
    """The documentation excludes B-series sizes for system pools, but the service accepts them."""
    for pool in view(request).written_pools:
        size = str(pool.settings.get("vmSize", "")).lower()
        if pool.system and size.startswith("standard_b"):
            return f"System pool '{pool.name}' should not have the burstable size {size}."
    return None


@advice(CLUSTER, POOL, source="Microsoft Learn: azure/aks/quotas-skus-regions")
def windows_nodes_have_at_most_110_pods(request: Request) -> str | None:
    """More than 110 pods per Windows node are possible, but not recommended."""
    cluster = view(request)
    for pool in cluster.written_pools:
        if pool.windows and cluster.max_pods(pool) > 110:
            return f"Windows pool '{pool.name}' should have at most 110 pods per node."
    return None


TYPES = ()
