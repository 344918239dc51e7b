"""Checks of the node pools that concern addresses: their counts, surge and pods per node."""

from __future__ import annotations

from components.addressing.azure import (
    FEWEST_MAX_PODS,
    FEWEST_PODS_PER_POOL,
    MODEL_LIMITS,
    MOST_MAX_PODS,
    MOST_POOL_NODES,
    MOST_POOLS,
    NPM_NODES,
    NPM_PODS,
    RECOMMENDED_SYSTEM_NODES,
    SUBNET_DEFINITIONS,
    WINDOWS_RECOMMENDED_MAX_PODS,
)
from components.addressing.demand import Pool, Surge
from components.addressing.findings import Change, Findings
from components.addressing.remedies import lower_largest
from components.addressing.request import NetworkModel, PlanRequest, PoolRequest
from components.addressing.subnet_keys import SubnetKey


def check_pools(findings: Findings, request: PlanRequest) -> list[Pool]:
    """The pools whose figures make sense; what does not is noted."""
    pools = [pool for one in request.pools if (pool := _checked(findings, one)) is not None]
    if len(request.pools) > MOST_POOLS:
        findings.refuse(
            request.path_of("nodePools"),
            f"{len(request.pools)} pools",
            f"must be at most {MOST_POOLS} node pools: AKS allows no more in a cluster",
            "merge pools, or use a second cluster",
        )
    if request.knows("model", "dataplane"):
        _check_model(findings, request)
    if request.knows("model", "pools"):
        _check_cluster_size(findings, request, pools)
    return pools


def _checked(findings: Findings, pool: PoolRequest) -> Pool | None:
    counts = ("min_count", "max_count")
    surge = _surge(findings, pool) if pool.knows("max_surge", "spot") else None
    counts_fit = pool.knows("mode", *counts) and _check_counts(findings, pool)
    pods_fit = pool.knows("max_pods", *counts) and _check_max_pods(findings, pool)
    if surge is None or not counts_fit or not pods_fit:
        return None
    checked = Pool(pool, surge)
    if checked.nodes_upgrading > MOST_POOL_NODES:
        most = surge.most_nodes(MOST_POOL_NODES)
        findings.refuse(
            f"{pool.path}.maxCount",
            pool.max_count,
            f"must leave room for an upgrade: {surge.nodes(pool.max_count)} surge nodes make it "
            f"{checked.nodes_upgrading}, and a pool has at most {MOST_POOL_NODES}",
            f"use {most} or less, or add a second pool",
            [Change(f"{pool.path}.maxCount", most)],
        )
    _advise(findings, pool)
    return checked


def _surge(findings: Findings, pool: PoolRequest) -> Surge | None:
    if pool.spot:
        return Surge.none()
    try:
        return Surge.parse(pool.max_surge)
    except ValueError:
        findings.refuse(
            f"{pool.path}.maxSurge",
            pool.max_surge,
            "must be a number of nodes, at least 1, or a percentage from 1% to 100%",
            "use 33%, which Azure recommends for production",
            [Change(f"{pool.path}.maxSurge", "33%")],
        )
        return None


def _check_counts(findings: Findings, pool: PoolRequest) -> bool:
    least = 1 if pool.mode == "System" else 0
    recommended = RECOMMENDED_SYSTEM_NODES if pool.mode == "System" else 0
    if pool.min_count < least:
        findings.refuse(
            f"{pool.path}.minCount",
            pool.min_count,
            f"must be at least {least}: mode is {pool.mode}",
            f"use {recommended} or more",
            [Change(f"{pool.path}.minCount", recommended)],
        )
        return False
    least = max(1, pool.min_count)
    if pool.max_count < least:
        findings.refuse(
            f"{pool.path}.maxCount",
            pool.max_count,
            f"must be at least minCount, {pool.min_count}"
            if pool.min_count
            else "must be at least 1: the pool could never have a node",
            f"use {least} or more",
            [Change(f"{pool.path}.maxCount", least)],
        )
        return False
    return True


def _check_max_pods(findings: Findings, pool: PoolRequest) -> bool:
    path = f"{pool.path}.maxPods"
    if not FEWEST_MAX_PODS <= pool.max_pods <= MOST_MAX_PODS:
        nearest = min(max(pool.max_pods, FEWEST_MAX_PODS), MOST_MAX_PODS)
        findings.refuse(
            path,
            pool.max_pods,
            f"must be {FEWEST_MAX_PODS} to {MOST_MAX_PODS}: AKS allows so many pods on a node",
            f"use {nearest}",
            [Change(path, nearest)],
        )
        return False
    # A user pool may start empty; what it can grow to must still reach the minimum.
    count = pool.min_count or pool.max_count
    if 0 < count * pool.max_pods < FEWEST_PODS_PER_POOL:
        needed = -(-FEWEST_PODS_PER_POOL // count)
        nodes = -(-FEWEST_PODS_PER_POOL // pool.max_pods)
        name = "minCount" if pool.min_count else "maxCount"
        findings.refuse(
            path,
            pool.max_pods,
            f"must leave the pool room for {FEWEST_PODS_PER_POOL} pods: {count} nodes of "
            f"{pool.max_pods} pods have room for {count * pool.max_pods}",
            f"use {needed} or more, or {name}: {nodes} or more",
            [Change(path, needed)],
        )
        return False
    return True


def _advise(findings: Findings, pool: PoolRequest) -> None:
    if pool.os == "Windows" and pool.max_pods > WINDOWS_RECOMMENDED_MAX_PODS:
        findings.advise(
            f"{pool.path}.maxPods",
            pool.max_pods,
            f"should be at most {WINDOWS_RECOMMENDED_MAX_PODS} on Windows nodes",
            f"use {WINDOWS_RECOMMENDED_MAX_PODS} or less",
        )
    if pool.mode == "System" and pool.min_count < RECOMMENDED_SYSTEM_NODES:
        findings.advise(
            f"{pool.path}.minCount",
            pool.min_count,
            "should be at least 2 in a System pool, and 3 in production",
            "use 2 or 3",
        )
    if 0 < pool.min_count < len(pool.zones):
        findings.advise(
            f"{pool.path}.minCount",
            pool.min_count,
            f"should be at least {len(pool.zones)}: otherwise a zone of the pool has no node",
            f"use {len(pool.zones)} or more",
        )


def _check_model(findings: Findings, request: PlanRequest) -> None:
    limits = MODEL_LIMITS[request.model]
    cilium = request.dataplane == "cilium"
    if cilium and not limits.cilium:
        findings.refuse(
            request.path_of("dataplane"),
            request.dataplane,
            f"must be azure: {limits.name} does not support the Cilium data plane",
            "use dataplane: azure, or another model",
        )
    for pool in request.pools:
        if pool.knows("os") and pool.os == "Windows" and (cilium or not limits.windows):
            culprit = "the Cilium data plane" if cilium else limits.name
            findings.refuse(
                f"{pool.path}.os",
                pool.os,
                f"must be Linux: {culprit} supports no Windows nodes",
                "use os: Linux, or a model and a data plane that support Windows",
            )
        if (
            pool.knows("subnet")
            and pool.subnet in SUBNET_DEFINITIONS
            and pool.subnet != SubnetKey.NODES
        ):
            findings.refuse(
                f"{pool.path}.subnet",
                pool.subnet,
                "must be a subnet for nodes: this one is for "
                f"{SUBNET_DEFINITIONS[pool.subnet].title}",
                "use nodes, or a further node subnet such as nodes-2",
                [Change(f"{pool.path}.subnet", str(SubnetKey.NODES))],
            )
        if request.model is NetworkModel.POD_SUBNET and pool.pod_subnet == pool.subnet:
            findings.refuse(
                f"{pool.path}.podSubnet",
                pool.pod_subnet,
                "must not be the pool's node subnet: nodes and pods need different ones",
                "use another subnet, or remove podSubnet",
            )


def _check_cluster_size(findings: Findings, request: PlanRequest, pools: list[Pool]) -> None:
    limits = MODEL_LIMITS[request.model]
    nodes = sum(pool.nodes_at_most for pool in pools)
    upgrading = sum(pool.nodes_upgrading for pool in pools)
    path = request.path_of("nodePools")
    # kubenet keeps a route for every node, the surge nodes of an upgrade included.
    counted = upgrading if request.model is NetworkModel.KUBENET else nodes
    if counted > limits.nodes:
        text, changes = lower_largest(pools, lambda _: 1, limits.nodes) or (
            f"lower maxCount of the pools by {counted - limits.nodes} nodes in all",
            [],
        )
        other = "use azure-cni-overlay" if limits.nodes < MOST_POOL_NODES else "add a cluster"
        findings.refuse(
            path,
            f"{nodes} nodes at most, {upgrading} in an upgrade",
            f"must be at most {limits.nodes} nodes with {limits.name} ({limits.source})",
            f"{text}, or {other}",
            changes,
        )
    pods = sum(pool.nodes_at_most * pool.request.max_pods for pool in pools)
    if request.policy == "azure" and (nodes > NPM_NODES or pods > NPM_PODS):
        findings.advise(
            path,
            f"{nodes} nodes and {pods} pods at most",
            f"should be at most {NPM_NODES} nodes and {NPM_PODS} pods with Azure Network Policy "
            "Manager",
            "use the Cilium data plane, or policy: calico",
        )
