"""What a node pool may be: its name, size, mode and limits, and the pools of a cluster together."""

from __future__ import annotations

import re

from simulator.azure.model import Request
from simulator.azure.namespaces.containerservice.view import CLUSTER, POOL, Pool, view
from simulator.azure.rules import Refusal, advice, rule
from support.nested import at

_POOLS = "Microsoft Learn: azure/aks/use-system-pools#limitations"
_LIMITS = "Microsoft Learn: azure/aks/quotas-skus-regions"
_NAMING = "Microsoft Learn: azure/aks/create-node-pools#limitations, aka.ms/aks-naming-rules"
_NAME = re.compile(r"[a-z][a-z0-9]{0,11}")
_MOST_NODES = 1000
_MOST_POOLS = 100
_LEAST_PODS = 30


def _invalid(pool: Pool, parameter: str, why: str) -> Refusal:
    target = f"agentPoolProfile.{parameter}"
    return Refusal(
        f"The value of parameter {target} of pool '{pool.name}' is invalid: {why}", target
    )


@rule("InvalidParameter", CLUSTER, POOL, source=_NAMING)
def pool_names_are_short_and_lower_case(request: Request) -> Refusal | None:
    """1 to 12 lower-case letters and digits, the first a letter; 6 for Windows."""
    for pool in view(request).written:
        if not _NAME.fullmatch(pool.name):
            return _invalid(pool, "name", "1-12 lower-case letters and digits, a letter first.")
    return None


@rule("InvalidParameter", CLUSTER, POOL, source=_POOLS)
def windows_pool_names_are_short(request: Request) -> Refusal | None:
    """At most six characters, since they begin the nodes' computer names."""
    for pool in view(request).written:
        if pool.windows and len(pool.name) > 6:
            return _invalid(pool, "name", "Windows pools have at most 6 characters.")
    return None


@rule("InvalidParameter", CLUSTER, POOL, source=_LIMITS)
def counts_are_within_limits(request: Request) -> Refusal | None:
    """System pools have 1 to 1000 nodes, user pools 0 to 1000."""
    for pool in view(request).written:
        least = 1 if pool.system else 0
        if not least <= pool.count <= _MOST_NODES:
            return _invalid(
                pool,
                "count",
                f"{pool.count} must be at least {least} and at most {_MOST_NODES}.",
            )
    return None


@rule("InvalidParameter", CLUSTER, POOL, source="github.com/Azure/azure-cli/pull/22442")
def autoscaling_has_bounds_in_order(request: Request) -> Refusal | None:
    """With the autoscaler on both bounds are given, minimum first; without it neither is."""
    for pool in view(request).written:
        least, most = pool.settings.get("minCount"), pool.settings.get("maxCount")
        if not pool.settings.get("enableAutoScaling"):
            if least or most:
                return _invalid(pool, "minCount", "the autoscaler is off.")
            continue
        floor = 1 if pool.system else 0
        if least is None or most is None or not floor <= least <= most <= _MOST_NODES:
            return _invalid(
                pool,
                "minCount",
                f"{least} to {most} are no bounds between {floor} and {_MOST_NODES}.",
            )
        if request.old is None and not least <= pool.count <= most:
            return _invalid(pool, "count", f"{pool.count} is not between {least} and {most}.")
    return None


@rule("MaxPodsLimitExceeded", CLUSTER, POOL, source=_LIMITS)
def a_node_has_at_most_250_pods(request: Request) -> Refusal | None:
    """250 in every network model."""
    for pool in view(request).written:
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
    """10 pods a node, and 30 in a system pool's nodes together."""
    cluster = view(request)
    for pool in cluster.written:
        pods = cluster.max_pods(pool)
        if pods < 10:
            return _invalid(pool, "maxPods", "a node has room for at least 10 pods.")
        if pool.system and pods * pool.count < _LEAST_PODS:
            return _invalid(
                pool,
                "maxPods",
                f"{pool.count} nodes with {pods} pods have room for fewer than {_LEAST_PODS}.",
            )
    return None


@rule("MustDefineAtLeastOneSystemPool", CLUSTER, source="github.com/Azure/AKS/issues/1568")
def a_cluster_has_a_system_pool(request: Request) -> str | None:
    """At least one pool has mode System, which must be given."""
    pools = view(request).pools
    return None if any(pool.system for pool in pools) else "Must define at least one system pool."


@rule("SystemPoolMustBeLinux", CLUSTER, POOL, source=_POOLS)
def system_pools_run_linux(request: Request) -> str | None:
    """The pods of kube-system do."""
    for pool in view(request).written:
        if pool.system and pool.windows:
            return f"System pool '{pool.name}' must have osType Linux."
    return None


@rule("SystemPoolMustBeRegular", CLUSTER, POOL, source="Microsoft Learn: azure/aks/spot-node-pool")
def system_pools_are_not_spot(request: Request) -> str | None:
    """Spot nodes may go at any moment."""
    for pool in view(request).written:
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
    """There are no surge nodes in the upgrade of a spot pool."""
    for pool in view(request).written:
        surge = at(pool.settings, "upgradeSettings", "maxSurge")
        if pool.spot and surge:
            return _invalid(pool, "upgradeSettings.maxSurge", "Spot pools can't set max surge.")
    return None


@rule("BadRequest", CLUSTER, source="github.com/pulumi/pulumi-azure-native/issues/579")
def pools_are_added_one_by_one(request: Request) -> Refusal | None:
    """Once a cluster is there, a write of it introduces no pool."""
    cluster = view(request)
    if request.old is None:
        return None
    new = [pool.name for pool in cluster.written if pool.name not in cluster.stored]
    if not new:
        return None
    return Refusal(
        f"A new agent pool was introduced: '{new[0]}'. Adding agent pools to an existing cluster is"
        " not allowed through managed cluster operations; use an agent pool of its own.",
        "agentPoolProfiles",
    )


@rule("QuotaExceeded", POOL, source=_LIMITS)
def a_cluster_has_at_most_100_pools(request: Request) -> str | None:
    """100 node pools in a cluster with a standard load balancer."""
    count = len(view(request).pools)
    return f"{count} node pools are more than {_MOST_POOLS}." if count > _MOST_POOLS else None


@rule("BadRequest", POOL, on="delete", source=_POOLS)
def the_last_system_pool_stays(request: Request) -> str | None:
    """It goes with its cluster only."""
    cluster = view(request)
    if cluster.id.lower() in request.deleted_ids or not Pool(request.name, request.inputs).system:
        return None
    if any(Pool(name, item.inputs).system for name, item in cluster.stored.items()):
        return None
    return "There has to be at least one system agent pool."


@advice(CLUSTER, POOL, source="Microsoft Learn: azure/aks/use-system-pools")
def system_pools_have_two_nodes(request: Request) -> str | None:
    """Documented as a must, but one node is accepted."""
    for pool in view(request).written:
        if pool.system and pool.count == 1:
            return f"System pool '{pool.name}' should have at least two nodes, better three."
    return None


@advice(CLUSTER, POOL, source="Microsoft Learn: azure/aks/use-system-pools#limitations")
def system_pools_are_not_burstable(request: Request) -> str | None:
    """B-series sizes are documented as unsupported for system pools, but are accepted."""
    for pool in view(request).written:
        size = str(pool.settings.get("vmSize", "")).lower()
        if pool.system and size.startswith("standard_b"):
            return f"System pool '{pool.name}' should not have the burstable size {size}."
    return None


@advice(CLUSTER, POOL, source="Microsoft Learn: azure/aks/quotas-skus-regions")
def windows_nodes_have_at_most_110_pods(request: Request) -> str | None:
    """More are possible, but not recommended."""
    cluster = view(request)
    for pool in cluster.written:
        if pool.windows and cluster.max_pods(pool) > 110:
            return f"Windows pool '{pool.name}' should have at most 110 pods a node."
    return None


TYPES = ()
