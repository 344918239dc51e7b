"""What-if: how far each pool can still grow, and which limit stops it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from components.addressing.azure import (
    MODEL_LIMITS,
    MOST_POOL_NODES,
    NODE_POD_RANGE,
    NPM_NODES,
    POD_RANGE_MODELS,
    VNET_PRIVATE_ADDRESSES,
)
from components.addressing.plan import AddressPlan
from components.addressing.request import NetworkModel, PlanRequest, PoolRequest
from components.addressing.subnet_sizes import Pool, SubnetDemand, pod_subnet, vnet_addresses


@dataclass(frozen=True)
class Ceiling:
    """The maximum size of a pool under one limit, with the other pools at their maximum."""

    limit: str
    nodes: int


@dataclass(frozen=True)
class PoolOutlook:
    """How far a pool can grow: `most_nodes` is the largest maxCount for which there is a plan.

    The other pools stay at their own maximum. `most_pods` is the number of pods on those nodes.
    `upgrade_nodes_today` and `upgrade_addresses_today` are what an upgrade adds while the pool is
    at its minimum size.
    """

    pool: str
    max_count: int
    most_nodes: int
    most_pods: int
    stopped_by: str
    ceilings: tuple[Ceiling, ...]
    """Every limit, the one that stops the pool first."""
    upgrade_nodes_today: int
    upgrade_addresses_today: int


@dataclass(frozen=True)
class _Budget:
    """A shared limit: `left` remains when all pools are at their maximum with their surge."""

    limit: str
    left: int
    weight: Callable[[PoolRequest], int]
    with_surge: bool = True

    def ceiling(self, pool: Pool) -> Ceiling:
        weight = self.weight(pool.request)
        if self.with_surge:
            most = pool.surge.most_nodes(self.left // weight + pool.nodes_upgrading)
        else:
            most = self.left // weight + pool.nodes_at_most
        return Ceiling(self.limit, max(0, most))


def what_if(plan: AddressPlan) -> tuple[PoolOutlook, ...]:
    """The outlook of every pool, in the request's order."""
    shared = _shared_budgets(plan)
    subnets = {
        subnet.key: _subnet_budget(subnet.key, subnet.demand, subnet.usable)
        for subnet in plan.subnets
        if subnet.demand.per_node is not None
    }
    return tuple(_outlook(plan, pool, shared, subnets) for pool in plan.pools)


def _outlook(
    plan: AddressPlan, pool: Pool, shared: list[_Budget], subnets: dict[str, _Budget]
) -> PoolOutlook:
    budgets = [*shared, subnets[pool.request.subnet]]
    pods_in = pod_subnet(pool.request)
    if plan.model is NetworkModel.POD_SUBNET:
        budgets.append(subnets[pods_in])
    ceilings = sorted(
        [
            *(budget.ceiling(pool) for budget in budgets),
            Ceiling(
                f"{MOST_POOL_NODES} nodes a pool",
                pool.surge.most_nodes(MOST_POOL_NODES),
            ),
        ],
        key=lambda ceiling: ceiling.nodes,
    )
    most = ceilings[0].nodes
    pods = most * pool.request.max_pods
    if plan.model is NetworkModel.POD_SUBNET and plan.request.pod_allocation == "dynamic":
        subnet = plan.subnet(pods_in)
        own = pool.nodes_upgrading * subnets[pods_in].weight(pool.request)
        pods = min(pods, max(0, subnet.usable - (subnet.upgrade_required - own)))
    surge = pool.surge.nodes(pool.request.min_count)
    return PoolOutlook(
        pool.request.name,
        pool.request.max_count,
        most,
        pods,
        ceilings[0].limit,
        tuple(ceilings),
        surge,
        surge * vnet_addresses(plan.request, pool.request),
    )


def _subnet_budget(key: str, demand: SubnetDemand, usable: int) -> _Budget:
    return _Budget(f"subnet {key}", usable - demand.upgrade_required, demand.per_node or _one)


def _shared_budgets(plan: AddressPlan) -> list[_Budget]:
    request = plan.request
    nodes = sum(pool.nodes_at_most for pool in plan.pools)
    upgrading = sum(pool.nodes_upgrading for pool in plan.pools)
    routes = request.model is NetworkModel.KUBENET
    limits = MODEL_LIMITS[request.model]
    budgets = [
        _Budget(
            f"{limits.nodes} nodes a cluster",
            limits.nodes - (upgrading if routes else nodes),
            _one,
            with_surge=routes,
        ),
        _Budget(
            f"{VNET_PRIVATE_ADDRESSES} addresses a network",
            VNET_PRIVATE_ADDRESSES - _vnet_total(plan),
            _vnet_weight(request),
        ),
    ]
    if request.policy == "azure":
        limit = f"{NPM_NODES} nodes of Azure policies"
        budgets.append(_Budget(limit, NPM_NODES - nodes, _one, with_surge=False))
    if plan.pod_range is not None and request.model in POD_RANGE_MODELS:
        left = plan.pod_range.usable - plan.pod_range.upgrade_required
        budgets.append(_Budget("pod range", left, _pod_range))
    return budgets


def _vnet_total(plan: AddressPlan) -> int:
    others = sum(subnet.demand.other_required for subnet in plan.vnet("cluster").subnets)
    weight = _vnet_weight(plan.request)
    return others + sum(pool.nodes_upgrading * weight(pool.request) for pool in plan.pools)


def _vnet_weight(request: PlanRequest) -> Callable[[PoolRequest], int]:
    return lambda pool: vnet_addresses(request, pool)


def _one(_: PoolRequest) -> int:
    return 1


def _pod_range(_: PoolRequest) -> int:
    return NODE_POD_RANGE
