"""Which subnets a network has, in which order they are created, and their security rules.

Pure data, computed from the settings and the address plan. `virtual_network.subnets` turns it into
resources. The rules themselves are in `security_rules`; this module fills in the ranges.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from components.addressing import AddressPlan, NetworkModel, PlannedSubnet, SubnetKey
from components.azure.naming import Names
from components.network import security_rules
from components.network.egress_rules import route_table
from components.network.security_rules import Rule
from components.settings.ingress import IngressSettings
from components.settings.management import Gateway, ManagementSettings
from components.settings.network import NetworkSettings
from components.settings.waf import FRONT_DOOR_TAG, ExternalWaf

AKS_DELEGATION = "Microsoft.ContainerService/managedClusters"
"""AKS delegates pod subnets to itself at their first use. Declared here, the delegation is no
change in a later run."""

PrivateEndpointPolicies = Literal["Disabled", "NetworkSecurityGroupEnabled"]

_CREATION_ORDER = (
    SubnetKey.NODES,
    SubnetKey.PODS,
    SubnetKey.API_SERVER,
    SubnetKey.INGRESS,
    SubnetKey.GATEWAY,
    SubnetKey.FIREWALL,
    SubnetKey.BASTION,
)
"""Keys and families of the subnets that are created first, in this order, because the longest paths
of a deployment run through them. The cluster waits for role assignments on the subnets that it
uses, and for the firewall where its egress goes through one. A gateway takes longer to create than
either, and Bastion less."""

_EGRESS_SUBNETS = frozenset({SubnetKey.NODES, SubnetKey.PODS, SubnetKey.JUMP_BOX})
"""Keys and families of the subnets whose machines open outbound connections."""


@dataclass(frozen=True)
class SubnetSpec:
    """A subnet to create."""

    key: str
    azure_name: str
    prefix: str
    """Range in CIDR notation."""
    rules: tuple[Rule, ...]
    """Rules of its security group; empty for a subnet that gets no group."""
    uses_egress: bool
    """Whether its machines open outbound connections: the NAT gateway or route table applies."""
    delegation: str | None = None
    """Service that the subnet is delegated to, such as `Microsoft.Network/applicationGateways`."""
    private_endpoint_policies: PrivateEndpointPolicies = "Disabled"


@dataclass(frozen=True)
class ExpectedSubnet:
    """What an existing subnet, owned by another team, must have."""

    id: str
    prefix: str
    path: str
    """Path of the setting that names the subnet."""
    nat_gateway: bool = False
    """Whether it must have a NAT gateway, for egress."""
    route_table: bool = False
    """Whether it must have a route table: for an appliance, or for kubenet."""
    delegation: str | None = None
    """The only service to which it may be delegated."""
    must_be_delegated: bool = False
    """Whether the subnet must be delegated to that service before the service uses it."""


def cluster_subnets(
    plan: AddressPlan,
    ingress: IngressSettings,
    management: ManagementSettings,
    names: Names,
    exposed_ports: Collection[int] = (),
    *,
    private_api_server: bool,
) -> tuple[SubnetSpec, ...]:
    """The subnets of the cluster's network, in the order of their creation.

    `exposed_ports` are the ports of pods that a gateway outside the cluster connects to.
    """
    tunnels = private_api_server and _has_tunnels(management)
    rules = _cluster_rules(plan, ingress, management, exposed_ports, tunnels=tunnels)
    return _specs(plan, "cluster", names, rules)


def management_subnets(
    plan: AddressPlan,
    management: ManagementSettings,
    names: Names,
    *,
    private_api_server: bool,
    cluster_asks_resolver: bool = False,
) -> tuple[SubnetSpec, ...]:
    """The subnets of the management network, in the order of their creation.

    `cluster_asks_resolver` says that the DNS private resolver is a DNS server of the cluster's
    network.
    """
    on_premises = management.gateway.on_premises
    tunnels = private_api_server and _has_tunnels(management)
    rules: dict[str, tuple[Rule, ...]] = {
        SubnetKey.BASTION: security_rules.bastion(
            api_server_ranges=_api_server_ranges(plan) if tunnels else ()
        ),
        SubnetKey.JUMP_BOX: security_rules.jump_box(
            sources=[plan.subnet(SubnetKey.BASTION).prefix],
            on_premises=on_premises if management.own_jump_box.from_on_premises else (),
        ),
        SubnetKey.DNS_RESOLVER: security_rules.dns_resolver(
            on_premises=on_premises,
            cluster_ranges=plan.vnet("cluster").address_space if cluster_asks_resolver else (),
        ),
    }
    return _specs(plan, "management", names, rules)


def ingress_sources(
    plan: AddressPlan, ingress: IngressSettings, management: ManagementSettings
) -> tuple[str, ...]:
    """The ranges or the service tag that may connect to the ingress controller's load balancer.

    That is the web application firewall in front of it, or the clients themselves. Empty where
    there is no load balancer, or where a gateway connects to the pods directly. On-premises is
    included only where the settings allow it. With a gateway to on-premises Azure counts the ranges
    there as `VirtualNetwork`, so the networks are then named by their ranges.
    """
    gateway = management.gateway
    allowed = (
        gateway.on_premises if isinstance(gateway, Gateway) and gateway.reaches_ingress else ()
    )
    if not ingress.has_load_balancer and ingress.controller_namespace is None:
        return ()
    if ingress.has_application_gateway:
        return (plan.subnet(SubnetKey.APPLICATION_GATEWAY).prefix, *allowed)
    if isinstance(ingress.waf, ExternalWaf):
        return ingress.waf.external.sources
    if ingress.exposure == "external":
        return ("Internet",)
    return internal_sources(plan, management)


def internal_sources(plan: AddressPlan, management: ManagementSettings) -> tuple[str, ...]:
    """The ranges or the service tag of clients inside the networks.

    On-premises is included where the settings allow it to reach the ingress controller.
    """
    gateway = management.gateway
    if not gateway.on_premises:
        return ("VirtualNetwork",)
    own = (*plan.vnet("cluster").address_space, *plan.vnet("management").address_space)
    reaches_ingress = isinstance(gateway, Gateway) and gateway.reaches_ingress
    return (*own, *gateway.on_premises) if reaches_ingress else own


def pod_gateway(plan: AddressPlan, ingress: IngressSettings) -> str | None:
    """The range of the gateway that connects to pods directly; None without one."""
    keys = {
        "agic": SubnetKey.APPLICATION_GATEWAY,
        "application-gateway-for-containers": SubnetKey.TRAFFIC_CONTROLLER,
    }
    key = keys.get(ingress.controller)
    return plan.subnet(key).prefix if key else None


def cluster_ranges(plan: AddressPlan) -> list[str]:
    """The source ranges of the cluster's own traffic: nodes and pods, in CIDR notation."""
    ranges = [subnet.prefix for subnet in _node_and_pod_subnets(plan)]
    if plan.model in {NetworkModel.OVERLAY, NetworkModel.KUBENET} and plan.pod_range:
        ranges.append(plan.pod_range.prefix)
    return ranges


def expected_subnets(settings: NetworkSettings, plan: AddressPlan) -> dict[str, ExpectedSubnet]:
    """What the existing subnets must have, by key; only those that the plan uses.

    Empty where the cluster's network is not an existing one.
    """
    existing = settings.existing
    if existing is None:
        return {}
    has_routes = route_table(settings, plan) is not None
    node_and_pod_keys = {subnet.key for subnet in _node_and_pod_subnets(plan)}
    return {
        subnet.key: ExpectedSubnet(
            id=existing.subnets[subnet.key],
            prefix=subnet.prefix,
            path=f"aks-network:network.existing.subnets.{subnet.key}",
            nat_gateway=settings.egress == "nat-gateway" and subnet.key in node_and_pod_keys,
            route_table=has_routes and subnet.key in node_and_pod_keys,
            delegation=_delegation(subnet),
            must_be_delegated=subnet.definition.delegation is not None,
        )
        for subnet in plan.vnet("cluster").subnets
    }


def _specs(
    plan: AddressPlan,
    vnet: str,
    names: Names,
    rules: dict[str, tuple[Rule, ...]],
) -> tuple[SubnetSpec, ...]:
    in_order = sorted(
        plan.vnet(vnet).subnets,
        key=lambda subnet: (_creation_rank(subnet), subnet.network),
    )
    return tuple(
        SubnetSpec(
            key=subnet.key,
            azure_name=subnet.azure_name or names.of("snet", subnet.key),
            prefix=subnet.prefix,
            rules=rules.get(subnet.key, ()),
            uses_egress=bool({subnet.key, subnet.demand.family} & _EGRESS_SUBNETS),
            delegation=_delegation(subnet),
            private_endpoint_policies=(
                "NetworkSecurityGroupEnabled"
                if subnet.key == SubnetKey.PRIVATE_ENDPOINTS
                else "Disabled"
            ),
        )
        for subnet in in_order
    )


def _creation_rank(subnet: PlannedSubnet) -> int:
    for key in (subnet.demand.family, subnet.key):
        if key in _CREATION_ORDER:
            return _CREATION_ORDER.index(SubnetKey(key))
    return len(_CREATION_ORDER)


def _cluster_rules(
    plan: AddressPlan,
    ingress: IngressSettings,
    management: ManagementSettings,
    exposed_ports: Collection[int],
    *,
    tunnels: bool,
) -> dict[str, tuple[Rule, ...]]:
    """The rules of each subnet of the cluster's network, by key.

    With `tunnels`, operators reach the API server through Bastion.
    """
    internal = ingress.exposure == "internal"
    sources = ingress_sources(plan, ingress, management)
    internal_class = {
        "internal_sources": internal_sources(plan, management),
        "internal_addresses": _internal_class_addresses(plan, ingress),
    }
    web_clients = FRONT_DOOR_TAG if ingress.front_door_id else "Internet"
    node_and_pod_subnets = _node_and_pod_subnets(plan)
    node_rules = security_rules.nodes(
        node_ranges=_node_ranges(plan),
        cluster_ranges=cluster_ranges(plan),
        operator_ranges=_prefixes(plan, SubnetKey.BASTION, SubnetKey.JUMP_BOX),
        api_server_ranges=_prefixes(plan, SubnetKey.API_SERVER),
        ingress_sources=sources,
        ingress_destinations=(_prefixes(plan, SubnetKey.INGRESS) if internal else []) or ["*"],
        **internal_class,
        pod_gateway=pod_gateway(plan, ingress),
        exposed_ports=sorted(exposed_ports),
    )
    clients = [
        *(subnet.prefix for subnet in node_and_pod_subnets),
        plan.subnet(SubnetKey.JUMP_BOX).prefix,
    ]
    return {
        **{subnet.key: node_rules for subnet in node_and_pod_subnets},
        SubnetKey.INGRESS: security_rules.ingress(
            ingress_sources=sources if internal else (), **internal_class
        ),
        SubnetKey.APPLICATION_GATEWAY: security_rules.application_gateway(clients=web_clients),
        SubnetKey.TRAFFIC_CONTROLLER: security_rules.traffic_controller(
            own_ranges=_prefixes(plan, SubnetKey.TRAFFIC_CONTROLLER),
            cluster_ranges=cluster_ranges(plan),
            clients=web_clients,
        ),
        SubnetKey.PRIVATE_ENDPOINTS: security_rules.private_endpoints(
            client_ranges=[*clients, *_prefixes(plan, SubnetKey.APPLICATION_GATEWAY)]
        ),
        SubnetKey.API_SERVER: security_rules.api_server(
            client_ranges=[
                *clients,
                *(_prefixes(plan, SubnetKey.BASTION) if tunnels else ()),
                *management.gateway.on_premises,
            ]
        ),
    }


def _has_tunnels(management: ManagementSettings) -> bool:
    """Whether Bastion may open tunnels. The settings do not say it of another team's."""
    return management.existing is not None or management.bastion.tunneling


def _api_server_ranges(plan: AddressPlan) -> list[str]:
    """The ranges in which a private API server has its address.

    With API Server VNet Integration it has a subnet. Otherwise AKS creates a private endpoint in
    the node subnet of a pool.
    """
    return _prefixes(plan, SubnetKey.API_SERVER) or _node_ranges(plan)


def _internal_class_addresses(plan: AddressPlan, ingress: IngressSettings) -> list[str]:
    """The ranges with the one address of each internal Gateway or ingress class."""
    if not ingress.app_routing.internal_class:
        return []
    numbers = [
        ingress.numbers_of(gateway=gateway)[-1]
        for gateway, runs in ((False, ingress.runs_nginx), (True, ingress.runs_gateway))
        if runs
    ]
    return [f"{plan.address(SubnetKey.INGRESS, number)}/32" for number in numbers]


def _node_ranges(plan: AddressPlan) -> list[str]:
    return [s.prefix for s in plan.vnet("cluster").subnets if s.demand.family == "nodes"]


def _prefixes(plan: AddressPlan, *keys: SubnetKey) -> list[str]:
    """The prefixes of those of the subnets that the plan has."""
    return [plan.subnet(key).prefix for key in keys if plan.has(key)]


def _delegation(subnet: PlannedSubnet) -> str | None:
    if subnet.demand.family == "pods":
        return AKS_DELEGATION
    return subnet.definition.delegation


def _node_and_pod_subnets(plan: AddressPlan) -> list[PlannedSubnet]:
    subnets = plan.vnet("cluster").subnets
    return [subnet for subnet in subnets if subnet.demand.family in {"nodes", "pods"}]
