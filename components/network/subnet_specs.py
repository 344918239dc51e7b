"""Which subnets there are, in which order they are made, and who may reach what: pure data.

Made from the settings and the address plan; the network components turn it into resources.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from components.addressing import AddressPlan, NetworkModel, PlannedSubnet
from components.azure.naming import Names
from components.network import security_rules
from components.network.egress_rules import route_table
from components.network.security_rules import Rule
from components.settings.ingress import IngressSettings
from components.settings.management import Gateway, ManagementSettings
from components.settings.network import NetworkSettings
from components.settings.waf import ExternalWaf

AKS_DELEGATION = "Microsoft.ContainerService/managedClusters"
"""AKS delegates pod subnets to itself when it first uses them; declared, it is no change later."""

GATEWAY_DELEGATION = "Microsoft.Network/applicationGateways"
"""AGIC reaches pods on an overlay from a subnet so delegated only ("Container networking and
AGIC", application-gateway/ingress-controller-overview)."""

PrivateEndpointPolicies = Literal["Disabled", "NetworkSecurityGroupEnabled"]

_MADE_FIRST = ("nodes", "pods", "apiServer", "ingress", "gateway", "firewall", "bastion")
"""Keys and families whose subnets come first, in this order, since the longest paths run through
them: the cluster waits for a role on each that it uses, and for the firewall where its way out
leads through one; a gateway takes longer than either, and Bastion less."""

_MACHINES = frozenset({"nodes", "pods", "jumpBox"})
"""Subnets whose machines open connections to the outside, by key or family."""


@dataclass(frozen=True)
class SubnetSpec:
    """A subnet as it is to be made."""

    key: str
    azure_name: str
    prefix: str
    rules: tuple[Rule, ...]
    """Of its security group; empty for the subnets that may not have one."""
    machines: bool
    """Whether it holds machines that open connections to the outside: egress applies to it."""
    delegation: str | None = None
    private_endpoint_policies: PrivateEndpointPolicies = "Disabled"


@dataclass(frozen=True)
class ExpectedSubnet:
    """What a subnet of theirs must be like."""

    id: str
    prefix: str
    path: str
    """The setting that names it."""
    nat_gateway: bool = False
    """Egress leaves by a NAT gateway, which must be on it."""
    route_table: bool = False
    """Egress leaves by an appliance, so a route table must be on it."""
    delegation: str | None = None


def cluster_subnets(
    plan: AddressPlan,
    ingress: IngressSettings,
    management: ManagementSettings,
    names: Names,
    exposed_ports: Collection[int] = (),
) -> tuple[SubnetSpec, ...]:
    """The subnets of the cluster's network, in the order in which they are made.

    `exposed_ports` are the pods' ports that are reached from outside the cluster, for gateways
    that speak to pods directly.
    """
    rules = _cluster_rules(plan, ingress, management, exposed_ports)
    return _specs(plan, "cluster", names, rules, ingress)


def management_subnets(
    plan: AddressPlan, management: ManagementSettings, names: Names
) -> tuple[SubnetSpec, ...]:
    """The subnets of the management network, in the order in which they are made."""
    on_premises = management.gateway.on_premises
    rules = {
        "bastion": security_rules.bastion(),
        "jumpBox": security_rules.jump_box(
            sources=[plan.subnet("bastion").prefix],
            on_premises=on_premises if management.own_jump_box.from_on_premises else (),
        ),
        "dnsResolver": security_rules.dns_resolver(client_ranges=on_premises),
    }
    return _specs(plan, "management", names, rules)


def ingress_sources(
    plan: AddressPlan, ingress: IngressSettings, management: ManagementSettings
) -> tuple[str, ...]:
    """Who speaks to the ingress controller: the firewall in front of it, or the networks' own.

    No one, where there is no controller, or where a gateway speaks to the pods themselves.
    On-premises only where the settings say so. Azure counts it among `VirtualNetwork` as soon as
    there is a gateway, so that from then on the networks are named by their ranges.
    """
    gateway = management.gateway
    allowed = (
        gateway.on_premises if isinstance(gateway, Gateway) and gateway.reaches_ingress else ()
    )
    if not ingress.has_load_balancer and ingress.controller_namespace is None:
        return ()
    if ingress.has_application_gateway:
        return (plan.subnet("applicationGateway").prefix, *allowed)
    if isinstance(ingress.waf, ExternalWaf):
        return ingress.waf.external.source_ranges
    if ingress.exposure == "external":
        return ("Internet",)
    return inside_sources(plan, management)


def inside_sources(plan: AddressPlan, management: ManagementSettings) -> tuple[str, ...]:
    """Clients inside the networks, and on-premises where the settings let it to the ingress."""
    gateway = management.gateway
    if not gateway.on_premises:
        return ("VirtualNetwork",)
    own = (*plan.vnet("cluster").address_space, *plan.vnet("management").address_space)
    reaches = isinstance(gateway, Gateway) and gateway.reaches_ingress
    return (*own, *gateway.on_premises) if reaches else own


def pod_gateway(plan: AddressPlan, ingress: IngressSettings) -> str | None:
    """The range of the gateway that speaks to the pods themselves, where there is one."""
    keys = {
        "agic": "applicationGateway",
        "application-gateway-for-containers": "trafficController",
    }
    key = keys.get(ingress.controller)
    return plan.subnet(key).prefix if key else None


def _specs(
    plan: AddressPlan,
    vnet: str,
    names: Names,
    rules: dict[str, tuple[Rule, ...]],
    ingress: IngressSettings | None = None,
) -> tuple[SubnetSpec, ...]:
    planned = sorted(
        plan.vnet(vnet).subnets,
        key=lambda subnet: (_turn(subnet), subnet.network),
    )
    return tuple(
        SubnetSpec(
            key=subnet.key,
            azure_name=subnet.azure_name or names.of("snet", subnet.key),
            prefix=subnet.prefix,
            rules=rules.get(subnet.key, ()),
            machines=bool({subnet.key, subnet.demand.family} & _MACHINES),
            delegation=_delegation(subnet, plan, ingress),
            private_endpoint_policies=(
                "NetworkSecurityGroupEnabled" if subnet.key == "privateEndpoints" else "Disabled"
            ),
        )
        for subnet in planned
    )


def _turn(subnet: PlannedSubnet) -> int:
    for name in (subnet.demand.family, subnet.key):
        if name in _MADE_FIRST:
            return _MADE_FIRST.index(name)
    return len(_MADE_FIRST)


def _cluster_rules(
    plan: AddressPlan,
    ingress: IngressSettings,
    management: ManagementSettings,
    exposed_ports: Collection[int],
) -> dict[str, tuple[Rule, ...]]:
    sources = ingress_sources(plan, ingress, management)
    inside = inside_sources(plan, management)
    internal_addresses = (
        [f"{plan.address('ingress', ingress.internal_addresses)}/32"]
        if ingress.app_routing.internal_class
        else []
    )
    operators = [plan.subnet(key).prefix for key in ("bastion", "jumpBox")]
    machines = _machines(plan)
    node_rules = security_rules.nodes(
        node_ranges=[s.prefix for s in machines if s.demand.family == "nodes"],
        cluster_ranges=cluster_ranges(plan),
        operator_ranges=operators,
        api_server_ranges=[plan.subnet("apiServer").prefix] if plan.has("apiServer") else [],
        ingress_sources=sources,
        ingress_destinations=[plan.subnet("ingress").prefix]
        if ingress.exposure == "internal" and plan.has("ingress")
        else ["*"],
        internal_sources=inside,
        internal_addresses=internal_addresses,
        pod_gateway=pod_gateway(plan, ingress),
        exposed_ports=sorted(exposed_ports),
    )
    clients = [*(s.prefix for s in machines), plan.subnet("jumpBox").prefix]
    rules = {subnet.key: node_rules for subnet in machines}
    rules["ingress"] = security_rules.ingress(
        ingress_sources=sources if ingress.exposure == "internal" else (),
        internal_sources=inside,
        internal_addresses=internal_addresses,
    )
    rules["applicationGateway"] = security_rules.application_gateway()
    gateways = [plan.subnet("applicationGateway").prefix] if plan.has("applicationGateway") else []
    rules["privateEndpoints"] = security_rules.private_endpoints(
        client_ranges=[*clients, *gateways]
    )
    rules["apiServer"] = security_rules.api_server(
        client_ranges=[*clients, *management.gateway.on_premises]
    )
    return rules


def cluster_ranges(plan: AddressPlan) -> list[str]:
    """Where the cluster's own traffic comes from: nodes, and pods wherever their addresses are."""
    ranges = [subnet.prefix for subnet in _machines(plan)]
    if plan.model in {NetworkModel.OVERLAY, NetworkModel.KUBENET} and plan.pod_range:
        ranges.append(plan.pod_range.prefix)
    return ranges


def expected_subnets(
    settings: NetworkSettings, plan: AddressPlan, ingress: IngressSettings | None = None
) -> dict[str, ExpectedSubnet]:
    """What another team's subnets must be like, by key; only those that the plan uses."""
    existing = settings.existing
    if existing is None:
        return {}
    routed = route_table(settings, plan) is not None
    machines = {subnet.key for subnet in _machines(plan)}
    return {
        subnet.key: ExpectedSubnet(
            id=existing.subnets[subnet.key],
            prefix=subnet.prefix,
            path=f"aks-network:network.existing.subnets.{subnet.key}",
            nat_gateway=settings.egress == "nat-gateway" and subnet.key in machines,
            route_table=routed and subnet.key in machines,
            delegation=_delegation(subnet, plan, ingress),
        )
        for subnet in plan.vnet("cluster").subnets
    }


def _delegation(
    subnet: PlannedSubnet, plan: AddressPlan, ingress: IngressSettings | None
) -> str | None:
    agic = ingress is not None and ingress.controller == "agic"
    if subnet.key == "applicationGateway" and agic and plan.model == NetworkModel.OVERLAY:
        return GATEWAY_DELEGATION
    if subnet.demand.family == "pods":
        return AKS_DELEGATION
    return subnet.definition.delegation


def _machines(plan: AddressPlan) -> list[PlannedSubnet]:
    """The subnets of the cluster's network that hold nodes or pods."""
    return [s for s in plan.vnet("cluster").subnets if s.demand.family in {"nodes", "pods"}]
