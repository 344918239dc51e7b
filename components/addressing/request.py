"""The planner's input: which features are on, and how large they may grow.

Every part has the path of its setting, which problems name. Nothing is checked here: `plan` reports
all problems at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from components.addressing.subnet_keys import SubnetKey

PodAllocation = Literal["dynamic", "staticBlock"]


class NetworkModel(StrEnum):
    """How pods get their addresses."""

    AZURE_CNI = "azure-cni"
    """Pods hold addresses of the node subnet, all of them set aside when a node starts."""
    POD_SUBNET = "azure-cni-pod-subnet"
    """Pods hold addresses of a subnet of their own."""
    OVERLAY = "azure-cni-overlay"
    """Pods live in a range outside the virtual network, a /24 of it for each node."""
    KUBENET = "kubenet"
    """As overlay, with a route in a route table for each node; see `components.retirements`."""


@dataclass(frozen=True)
class PoolRequest:
    """A node pool: `min_count` to `max_count` nodes of `max_pods` pods each.

    `max_surge` is what an upgrade adds: a number of nodes, or a percentage rounded up (`"33%"`).
    It adds none to a pool of spot machines (aks/spot-node-pool, "Upgrade a Spot node pool").
    `subnet` is the subnet of its nodes. In the pod-subnet model, its pods have addresses of
    `pod_subnet`, by default the one that belongs to its node subnet.
    """

    name: str
    max_pods: int
    min_count: int
    max_count: int
    path: str
    os: Literal["Linux", "Windows"] = "Linux"
    max_surge: int | str = 1
    spot: bool = False
    zones: tuple[str, ...] = ()
    mode: Literal["System", "User"] = "User"
    subnet: str = SubnetKey.NODES
    pod_subnet: str | None = None
    unknown: frozenset[str] = frozenset()
    """Fields without their value, because the setting can't be read."""

    def knows(self, *fields: str) -> bool:
        """Whether each of these fields holds what it should."""
        return self.unknown.isdisjoint(fields)


@dataclass(frozen=True)
class RangeRequest:
    """A range outside the stack: on-premises, a peered network, another team's subnet."""

    name: str
    cidr: str
    path: str


@dataclass(frozen=True)
class VnetRequest:
    """A virtual network.

    `fixed` has the prefixes that the settings fix, by key, and `occupied` those of other teams'
    subnets. With `existing` the network belongs to another team: no subnet is placed in it, so
    `fixed` must have every subnet that is needed.
    """

    name: Literal["cluster", "management"]
    address_space: tuple[str, ...]
    path: str
    fixed: Mapping[str, str] = field(default_factory=dict[str, str])
    existing: bool = False
    occupied: tuple[RangeRequest, ...] = ()
    address_space_path: str | None = None
    """The path of the address space, by default `{path}.addressSpace`."""
    subnets_path: str | None = None
    """The path of the fixed prefixes, by default `{path}.subnets`."""


@dataclass(frozen=True)
class PlanRequest:
    """The whole network: its ranges, its pools, and which features need addresses.

    `paths` overrides the paths of the features' settings (`DEFAULT_PATHS` has the keys and the
    defaults).
    """

    model: NetworkModel
    cluster: VnetRequest
    service_cidr: str
    dns_service_ip: str
    pools: tuple[PoolRequest, ...]
    dataplane: Literal["azure", "cilium"] = "azure"
    policy: Literal["azure", "calico", "cilium"] | None = None
    management: VnetRequest | None = None
    pod_cidr: str | None = None
    pod_allocation: PodAllocation = "dynamic"
    reserved: tuple[RangeRequest, ...] = ()
    private_cluster: bool = False
    api_server_vnet_integration: bool = False
    internal_load_balancers: int = 0
    """Frontends of internal load balancers in the node subnet."""
    ingress_frontends: int = 0
    """Frontends of internal ingress controllers in the subnet kept for them."""
    reserved_ingress_addresses: int = 0
    """Addresses of that subnet before the last frontend's that are for other controllers."""
    private_endpoints: int = 0
    application_gateway_max_capacity: int | None = None
    application_gateway_private_frontend: bool = False
    traffic_controller: bool = False
    """Application Gateway for Containers."""
    bastion_scale_units: int | None = None
    jump_boxes: int = 0
    vpn_gateway: bool = False
    express_route_gateway: bool = False
    firewall: bool = False
    firewall_management: bool = False
    """The firewall's management subnet: forced tunnelling, or the Basic SKU."""
    dns_resolver: bool = False
    """Inbound endpoint of a DNS private resolver, by which on-premises resolves private names."""
    paths: Mapping[str, str] = field(default_factory=dict[str, str])
    unknown: frozenset[str] = frozenset()
    """Fields without a value, or with a part of it, because settings can't be read.

    `pools` stands for the pools' figures, `pool_subnets` for the subnets that they name, and
    `features` for all others. If there are any, there is no plan, and what depends on them is not
    checked.
    """

    def knows(self, *fields: str) -> bool:
        """Whether each of these fields holds what it should."""
        return self.unknown.isdisjoint(fields)

    def path_of(self, key: str) -> str:
        """The path of a feature's or range's setting; `key` is one of `DEFAULT_PATHS`."""
        return self.paths.get(key, DEFAULT_PATHS[key])


DEFAULT_PATHS: Mapping[str, str] = {
    "model": "aks-network:network.model",
    "dataplane": "aks-network:network.dataplane",
    "podCidr": "aks-network:network.podCidr",
    "podAllocation": "aks-network:network.podAllocation",
    "serviceCidr": "aks-network:network.serviceCidr",
    "dnsServiceIp": "aks-network:network.dnsServiceIp",
    "nodePools": "aks-network:cluster.nodePools",
    "management": "aks-network:management",
    SubnetKey.INGRESS: "aks-network:ingress.exposure",
    SubnetKey.APPLICATION_GATEWAY: "aks-network:ingress.waf.maxCapacity",
    SubnetKey.TRAFFIC_CONTROLLER: "aks-network:ingress.controller",
    SubnetKey.PRIVATE_ENDPOINTS: "aks-network:network.privateEndpoints",
    SubnetKey.API_SERVER: "aks-network:cluster.apiServerVnetIntegration",
    SubnetKey.BASTION: "aks-network:management.bastion.scaleUnits",
    SubnetKey.JUMP_BOX: "aks-network:management.jumpBox",
    SubnetKey.GATEWAY: "aks-network:management.gateway.kind",
    SubnetKey.FIREWALL: "aks-network:network.egress",
    SubnetKey.FIREWALL_MANAGEMENT: "aks-network:network.egress",
    SubnetKey.DNS_RESOLVER: "aks-network:management.dnsResolver",
}
