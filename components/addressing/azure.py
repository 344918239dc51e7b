"""Azure's own figures, as tables: subnets, forbidden ranges, limits of the network models.

Sources are named by the page of Microsoft's documentation that states the rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Literal

from components.addressing.request import NetworkModel
from components.addressing.subnet_keys import SubnetKey

RESERVED_PER_SUBNET = 5
"""Addresses that Azure reserves in each subnet: network, gateway, two for DNS, broadcast
(virtual-network/virtual-networks-faq)."""
FIRST_USABLE = 4
"""Offset of a subnet's first usable address."""
SMALLEST_SUBNET = 29
"""virtual-network/virtual-networks-faq."""
LARGEST_VNET = 8
"""aks/concepts-network-ip-address-planning."""
VNET_PRIVATE_ADDRESSES = 65_536
"""Private addresses one virtual network can hold (azure-virtual-network-limits)."""

LARGEST_SERVICE_RANGE = 13
"""The service range must be smaller than a /12 (aks/concepts-network-ip-address-planning)."""
LARGEST_STATIC_BLOCK_SUBNET = 12
"""aks/concepts-network-azure-cni-pod-subnet."""
POD_BATCH = 16
"""Pod addresses a node takes at a time, and the size of a static block (same page)."""
NODE_POD_RANGE = 256
"""Overlay and kubenet give each node a /24 (aks/concepts-network-azure-cni-overlay)."""

FEWEST_MAX_PODS = 10
MOST_MAX_PODS = 250
FEWEST_PODS_PER_POOL = 30
"""`count * maxPods` of a pool (aks/concepts-network-ip-address-planning)."""
WINDOWS_RECOMMENDED_MAX_PODS = 110
RECOMMENDED_SYSTEM_NODES = 2
"""aks/use-system-pools: at least two; the service itself accepts one."""
MOST_POOLS = 100
MOST_POOL_NODES = 1_000
"""Nodes of a pool, an upgrade's surge included (aks/upgrade-aks-node-pools-rolling)."""
NPM_NODES = 250
"""Azure Network Policy Manager (aks/use-network-policies)."""
NPM_PODS = 20_000
API_SERVER_ADDRESSES = 9
"""aks/api-server-vnet-integration."""
TRAFFIC_CONTROLLER_ADDRESSES = 250
"""application-gateway/for-containers quickstarts: a subnet of at least 250 available addresses."""


@dataclass(frozen=True)
class ModelLimits:
    """The limits of a network model. `name` is its name in messages."""

    name: str
    nodes: int
    source: str
    windows: bool = True
    """Windows nodes, with the azure data plane."""
    cilium: bool = True
    """The Cilium data plane, which runs Linux nodes only."""


MODEL_LIMITS: Mapping[NetworkModel, ModelLimits] = {
    NetworkModel.AZURE_CNI: ModelLimits(
        "Azure CNI (node subnet)", 5_000, "aks/quotas-skus-regions"
    ),
    NetworkModel.POD_SUBNET: ModelLimits(
        "Azure CNI (pod subnet)", 5_000, "aks/quotas-skus-regions"
    ),
    NetworkModel.OVERLAY: ModelLimits(
        "Azure CNI overlay", 5_000, "aks/concepts-network-azure-cni-overlay"
    ),
    NetworkModel.KUBENET: ModelLimits(
        "kubenet", 400, "aks/configure-kubenet", windows=False, cilium=False
    ),
}

POD_RANGE_MODELS = frozenset({NetworkModel.OVERLAY, NetworkModel.KUBENET})
"""The models whose pods live in `podCidr`."""


@dataclass(frozen=True)
class SubnetDefinition:
    """What a subnet is for.

    `minimum` is the longest prefix that Azure accepts, and `recommended` the one that its
    documentation recommends. `azure_name` is set where Azure prescribes the subnet's name, and
    `delegation` where the subnet must be delegated to a service.
    """

    key: SubnetKey
    vnet: Literal["cluster", "management"]
    title: str
    minimum: int
    recommended: int
    source: str
    azure_name: str | None = None
    delegation: str | None = None


SUBNET_DEFINITIONS: Mapping[str, SubnetDefinition] = {
    definition.key: definition
    for definition in (
        SubnetDefinition(
            SubnetKey.NODES, "cluster", "nodes", 29, 29, "virtual-network/virtual-networks-faq"
        ),
        SubnetDefinition(
            SubnetKey.PODS, "cluster", "pods", 28, 28, "aks/concepts-network-azure-cni-pod-subnet"
        ),
        SubnetDefinition(
            SubnetKey.APPLICATION_GATEWAY,
            "cluster",
            "Application Gateway",
            29,
            24,
            "application-gateway/configuration-infrastructure",
            delegation="Microsoft.Network/applicationGateways",
        ),
        SubnetDefinition(
            SubnetKey.INGRESS, "cluster", "internal ingress", 29, 29, "aks/internal-lb"
        ),
        SubnetDefinition(
            SubnetKey.PRIVATE_ENDPOINTS,
            "cluster",
            "private endpoints",
            29,
            29,
            "private-link/private-endpoint-overview",
        ),
        SubnetDefinition(
            SubnetKey.API_SERVER,
            "cluster",
            "API server",
            28,
            28,
            "aks/api-server-vnet-integration",
            delegation="Microsoft.ContainerService/managedClusters",
        ),
        SubnetDefinition(
            SubnetKey.TRAFFIC_CONTROLLER,
            "cluster",
            "Application Gateway for Containers",
            24,
            24,
            "application-gateway/for-containers",
            delegation="Microsoft.ServiceNetworking/trafficControllers",
        ),
        SubnetDefinition(
            SubnetKey.BASTION,
            "management",
            "Azure Bastion",
            26,
            26,
            "bastion/configuration-settings",
            azure_name="AzureBastionSubnet",
        ),
        SubnetDefinition(
            SubnetKey.JUMP_BOX,
            "management",
            "jump box",
            29,
            29,
            "virtual-network/virtual-networks-faq",
        ),
        SubnetDefinition(
            SubnetKey.GATEWAY,
            "management",
            "VPN or ExpressRoute gateway",
            29,
            27,
            "vpn-gateway/vpn-gateway-about-vpn-gateway-settings",
            azure_name="GatewaySubnet",
        ),
        SubnetDefinition(
            SubnetKey.FIREWALL,
            "management",
            "Azure Firewall",
            26,
            26,
            "firewall/firewall-faq",
            azure_name="AzureFirewallSubnet",
        ),
        SubnetDefinition(
            SubnetKey.FIREWALL_MANAGEMENT,
            "management",
            "Azure Firewall management",
            26,
            26,
            "firewall/forced-tunneling",
            azure_name="AzureFirewallManagementSubnet",
        ),
        SubnetDefinition(
            SubnetKey.DNS_RESOLVER,
            "management",
            "DNS private resolver",
            28,
            28,
            "dns/dns-private-resolver-overview",
            delegation="Microsoft.Network/dnsResolvers",
        ),
    )
}

FORBIDDEN_RANGES: Mapping[IPv4Network, str] = {
    IPv4Network("127.0.0.0/8"): "loopback",
    IPv4Network("168.63.129.16/32"): "Azure's own DNS and health probes",
    IPv4Network("169.254.0.0/16"): "link-local, used by AKS",
    IPv4Network("172.30.0.0/16"): "used by AKS",
    IPv4Network("172.31.0.0/16"): "used by AKS",
    IPv4Network("192.0.2.0/24"): "used by AKS",
    IPv4Network("224.0.0.0/4"): "multicast",
    IPv4Network("255.255.255.255/32"): "broadcast",
}
"""Ranges no virtual network, pod or service range may touch (aks/concepts-network-cni-overview,
virtual-network/virtual-networks-faq)."""

PRIVATE_RANGES: tuple[IPv4Network, ...] = (
    IPv4Network("10.0.0.0/8"),
    IPv4Network("172.16.0.0/12"),
    IPv4Network("192.168.0.0/16"),
    IPv4Network("100.64.0.0/10"),
)
"""RFC 1918 and RFC 6598: the ranges that AKS supports."""


def usable_addresses(network: IPv4Network) -> int:
    """Addresses of a subnet that resources can have: `2^(32-p) - 5`, never below 0."""
    return max(0, network.num_addresses - RESERVED_PER_SUBNET)


def smallest_subnet(addresses: int) -> int:
    """The longest prefix whose subnet has room for so many addresses, at most /29."""
    total = addresses + RESERVED_PER_SUBNET
    return min(SMALLEST_SUBNET, 32 - (total - 1).bit_length())
