"""Checks of the node pools that concern addresses: their counts, surge and pods per node."""

from __future__ import annotations

from components.addressing.azure import (
    FEWEST_MAX_PODS,
    FEWEST_PODS_PER_POOL,
    MOST_MAX_PODS,
    MOST_POOL_NODES,
    MOST_POOLS,
    RECOMMENDED_SYSTEM_NODES,
    WINDOWS_RECOMMENDED_MAX_PODS,
)
from components.addressing.findings import Change, Findings
from components.addressing.network_model_rules import (
    check_cluster_size,
    check_pools_against_model,
)
from components.addressing.request import PlanRequest, PoolRequest
from components.addressing.subnet_sizes import Pool, Surge


def check_pools(findings: Findings, request: PlanRequest) -> list[Pool]:
    """The pools with valid figures. Pools with others are reported."""
    pools = [pool for one in request.pools if (pool := _checked(findings, one)) is not None]
    if len(request.pools) > MOST_POOLS:
        findings.refuse(
            request.path_of("nodePools"),
            f"{len(request.pools)} pools",
            f"must be at most {MOST_POOLS} node pools: AKS allows no more in a cluster",
            "merge pools, or use a second cluster",
        )
    if request.knows("model", "dataplane"):
        check_pools_against_model(findings, request)
    if request.knows("model", "pools"):
        check_cluster_size(findings, request, pools)
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
