"""The sizes of subnets: what each must hold, by network model, node pools and features.

There are two figures. `azure` is what Azure counts when it creates or scales a pool
(`InsufficientSubnetSize`): every autoscaled pool at its maximum, without surge. `upgrade` adds the
surge nodes of an upgrade and all other addresses of the subnet (`SubnetIsFull` without them).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Network
from typing import Literal

from components.addressing.azure import (
    API_SERVER_ADDRESSES,
    NODE_POD_RANGE,
    POD_BATCH,
    SUBNET_DEFINITIONS,
    TRAFFIC_CONTROLLER_ADDRESSES,
    usable_addresses,
)
from components.addressing.request import NetworkModel, PlanRequest, PodAllocation, PoolRequest
from components.addressing.subnet_keys import SubnetKey
from components.addressing.subnet_layout import pod_subnet_of

_ALL_PERCENT = 100


@dataclass(frozen=True)
class Surge:
    """How many nodes an upgrade adds to a pool: a number, or a percentage rounded up."""

    amount: int
    percent: bool

    @classmethod
    def parse(cls, value: int | str) -> Surge:
        """Reads `2`, `"2"` or `"33%"`.

        Raises ValueError for anything else, for 0 (an upgrade needs a surge node while
        maxUnavailable is 0) and for more than 100 %.
        """
        match = re.fullmatch(r"([1-9]\d{0,3})(%?)", str(value).strip())
        if match is None or (match[2] and int(match[1]) > _ALL_PERCENT):
            raise ValueError(value)
        return cls(int(match[1]), bool(match[2]))

    @classmethod
    def none(cls) -> Surge:
        """The surge of a pool to which an upgrade adds no node."""
        return cls(0, percent=False)

    def nodes(self, count: int) -> int:
        """Surge nodes for a pool of so many nodes; none for an empty pool."""
        if count <= 0:
            return 0
        return -(-count * self.amount // _ALL_PERCENT) if self.percent else self.amount

    def most_nodes(self, budget: int) -> int:
        """The largest pool that, with its surge, is at most `budget` nodes."""
        low, high = 0, max(0, budget)
        while low < high:
            middle = (low + high + 1) // 2
            if middle + self.nodes(middle) <= budget:
                low = middle
            else:
                high = middle - 1
        return low


@dataclass(frozen=True)
class Pool:
    """A pool whose figures have been checked."""

    request: PoolRequest
    surge: Surge

    @cached_property
    def nodes_at_most(self) -> int:
        return self.request.max_count

    @cached_property
    def nodes_upgrading(self) -> int:
        return self.request.max_count + self.surge.nodes(self.request.max_count)

    @cached_property
    def nodes_upgrading_today(self) -> int:
        """The number of nodes during an upgrade of the pool at its minimum size."""
        return self.request.min_count + self.surge.nodes(self.request.min_count)


@dataclass(frozen=True)
class Need:
    """The addresses that one consumer needs in a subnet; see the module for the two figures."""

    label: str
    azure: int
    upgrade: int


def static_blocks(max_pods: int) -> int:
    """The number of blocks of 16 addresses for a node with so many pods; one is the node's own."""
    return -(-(max_pods + 1) // POD_BATCH)


def node_addresses(model: NetworkModel, max_pods: int) -> int:
    """Addresses of the node subnet that one node takes."""
    return max_pods + 1 if model is NetworkModel.AZURE_CNI else 1


def pod_addresses(model: NetworkModel, max_pods: int, allocation: PodAllocation = "dynamic") -> int:
    """Addresses of the pod subnet (pod-subnet model) or of `podCidr` that one node takes."""
    if model is NetworkModel.AZURE_CNI:
        return 0
    if model is not NetworkModel.POD_SUBNET:
        return NODE_POD_RANGE
    return POD_BATCH * static_blocks(max_pods) if allocation == "staticBlock" else POD_BATCH


def vnet_addresses(request: PlanRequest, pool: PoolRequest) -> int:
    """What one node counts against the private addresses that a virtual network can hold.

    Of static blocks each block counts as one (REST: PodIPAllocationMode).
    """
    nodes = node_addresses(request.model, pool.max_pods)
    if request.model is not NetworkModel.POD_SUBNET:
        return nodes
    if request.pod_allocation == "staticBlock":
        return nodes + static_blocks(pool.max_pods)
    return nodes + pod_addresses(request.model, pool.max_pods)


def pod_subnet(pool: PoolRequest) -> str:
    """The pod subnet of a pool in the pod-subnet model."""
    return pool.pod_subnet or pod_subnet_of(pool.subnet)


def first_node_subnet(request: PlanRequest) -> str:
    """Where internal load balancers and a private cluster's endpoint take their addresses."""
    system = next((pool for pool in request.pools if pool.mode == "System"), None)
    first = system or next(iter(request.pools), None)
    return first.subnet if first else SubnetKey.NODES


@dataclass(frozen=True)
class SubnetDemand:
    """A subnet that has to exist, and what it must hold."""

    key: str
    path: str
    """The setting that calls for the subnet."""
    needs: tuple[Need, ...]
    pools: tuple[Pool, ...] = ()
    per_node: Callable[[PoolRequest], int] | None = None
    """Addresses that a node of a pool takes here, for node and pod subnets."""
    family: Literal["nodes", "pods", "feature"] = "feature"

    @cached_property
    def azure_required(self) -> int:
        return sum(need.azure for need in self.needs)

    @cached_property
    def upgrade_required(self) -> int:
        return sum(need.upgrade for need in self.needs)

    @cached_property
    def today_required(self) -> int:
        """The addresses that an upgrade needs while every pool is at its minimum size."""
        if self.per_node is None:
            return self.upgrade_required
        per_node = self.per_node
        return self.other_required + sum(
            pool.nodes_upgrading_today * per_node(pool.request) for pool in self.pools
        )

    @cached_property
    def other_required(self) -> int:
        """The addresses that anything but the pools' nodes and pods needs."""
        if self.per_node is None:
            return self.upgrade_required
        per_node = self.per_node
        return self.upgrade_required - sum(
            pool.nodes_upgrading * per_node(pool.request) for pool in self.pools
        )


def pool_needs(pools: Iterable[Pool], per_node: Callable[[PoolRequest], int]) -> tuple[Need, ...]:
    """A need for each pool: its nodes times the addresses of a node."""
    return tuple(
        Need(
            f"pool {pool.request.name}",
            pool.nodes_at_most * per_node(pool.request),
            pool.nodes_upgrading * per_node(pool.request),
        )
        for pool in pools
    )


def cluster_demand(request: PlanRequest, pools: Sequence[Pool]) -> list[SubnetDemand]:
    """The subnets of the cluster's network, the node subnet first."""
    demands = [_node_demand(request, name, group) for name, group in _grouped(request, pools)]
    if request.model is NetworkModel.POD_SUBNET:
        by_pod_subnet: dict[str, list[Pool]] = {}
        for pool in pools:
            by_pod_subnet.setdefault(pod_subnet(pool.request), []).append(pool)
        demands += [_pod_demand(request, name, group) for name, group in by_pod_subnet.items()]
    demands += [demand for demand in _cluster_features(request) if demand.needs]
    return demands


def management_demand(request: PlanRequest) -> list[SubnetDemand]:
    """The subnets of the management network that the features in use call for."""
    gateways = 2 * request.vpn_gateway + 2 * request.express_route_gateway
    features = {
        SubnetKey.BASTION: ("instances", request.bastion_scale_units or 0),
        SubnetKey.JUMP_BOX: ("jump boxes", request.jump_boxes),
        SubnetKey.GATEWAY: ("gateway instances", gateways),
        SubnetKey.FIREWALL: (
            "size that Azure prescribes",
            _prescribed(SubnetKey.FIREWALL) * request.firewall,
        ),
        SubnetKey.FIREWALL_MANAGEMENT: (
            "size that Azure prescribes",
            _prescribed(SubnetKey.FIREWALL_MANAGEMENT) * request.firewall_management,
        ),
        SubnetKey.DNS_RESOLVER: (
            "size that Azure prescribes",
            _prescribed(SubnetKey.DNS_RESOLVER) * request.dns_resolver,
        ),
    }
    return [
        SubnetDemand(key, request.path_of(key), (Need(label, count, count),))
        for key, (label, count) in features.items()
        if count
    ]


def _prescribed(key: str) -> int:
    """The usable addresses of the smallest subnet Azure accepts, where it names only a size."""
    return usable_addresses(IPv4Network((0, SUBNET_DEFINITIONS[key].minimum)))


def _grouped(request: PlanRequest, pools: Sequence[Pool]) -> list[tuple[str, list[Pool]]]:
    """Pools by node subnet; the one that load balancers use always exists."""
    groups: dict[str, list[Pool]] = {first_node_subnet(request): []}
    for pool in pools:
        groups.setdefault(pool.request.subnet, []).append(pool)
    return list(groups.items())


def _node_demand(request: PlanRequest, name: str, pools: Sequence[Pool]) -> SubnetDemand:
    def per_node(pool: PoolRequest) -> int:
        return node_addresses(request.model, pool.max_pods)

    needs = list(pool_needs(pools, per_node))
    if name == first_node_subnet(request):
        if request.internal_load_balancers:
            count = request.internal_load_balancers
            needs.append(Need("internal load balancers", 0, count))
        if request.private_cluster and not request.api_server_vnet_integration:
            needs.append(Need("private endpoint of the API server", 0, 1))
    return SubnetDemand(
        name, request.path_of("nodePools"), tuple(needs), tuple(pools), per_node, "nodes"
    )


def _pod_demand(request: PlanRequest, name: str, pools: Sequence[Pool]) -> SubnetDemand:
    def per_node(pool: PoolRequest) -> int:
        return pod_addresses(request.model, pool.max_pods, request.pod_allocation)

    needs = pool_needs(pools, per_node)
    return SubnetDemand(name, request.path_of("nodePools"), needs, tuple(pools), per_node, "pods")


def _cluster_features(request: PlanRequest) -> Iterable[SubnetDemand]:
    gateway: list[Need] = []
    if request.application_gateway_max_capacity is not None:
        instances = request.application_gateway_max_capacity
        gateway.append(Need("gateway instances", instances, instances))
        if request.application_gateway_private_frontend:
            gateway.append(Need("private frontend", 1, 1))
    features: Mapping[str, list[Need]] = {
        SubnetKey.APPLICATION_GATEWAY: gateway,
        SubnetKey.TRAFFIC_CONTROLLER: _one_need(
            "addresses that Azure prescribes",
            TRAFFIC_CONTROLLER_ADDRESSES * request.traffic_controller,
        ),
        SubnetKey.INGRESS: [
            *_one_need("ingress frontends", request.ingress_frontends),
            *_one_need("reserved ingress addresses", request.reserved_ingress_addresses),
        ],
        SubnetKey.PRIVATE_ENDPOINTS: _one_need("private endpoints", request.private_endpoints),
        SubnetKey.API_SERVER: _one_need(
            "API server", API_SERVER_ADDRESSES * request.api_server_vnet_integration
        ),
    }
    for key, needs in features.items():
        yield SubnetDemand(key, request.path_of(key), tuple(needs))


def _one_need(label: str, count: int) -> list[Need]:
    return [Need(label, count, count)] if count else []
