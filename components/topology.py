"""Which subnets there are, in which order they are made, and who may reach what: pure data.

Made from the settings and the address plan; the network components turn it into resources.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from components import security_rules
from components.addressing import AddressPlan, NetworkModel, PlannedSubnet
from components.naming import Names
from components.security_rules import Rule
from components.settings.ingress import ExternalWaf, GatewayWaf, IngressSettings

PrivateEndpointPolicies = Literal["Disabled", "NetworkSecurityGroupEnabled"]

_MADE_FIRST = ("nodes", "bastion")
"""The longest paths run through these: the cluster waits for one, Bastion for the other."""

_WAY_OUT = frozenset({"nodes", "pods", "jumpBox"})
"""Families of subnets whose machines open connections to the Internet, through the NAT gateway."""


@dataclass(frozen=True)
class SubnetSpec:
    """A subnet as it is to be made."""

    key: str
    azure_name: str
    prefix: str
    rules: tuple[Rule, ...]
    """Of its security group; empty for the subnets that may not have one."""
    nat: bool
    delegation: str | None = None
    private_endpoint_policies: PrivateEndpointPolicies = "Disabled"


def cluster_subnets(
    plan: AddressPlan, ingress: IngressSettings, names: Names
) -> tuple[SubnetSpec, ...]:
    """The subnets of the cluster's network, in the order in which they are made."""
    return _specs(plan, "cluster", names, _cluster_rules(plan, ingress))


def management_subnets(plan: AddressPlan, names: Names) -> tuple[SubnetSpec, ...]:
    """The subnets of the management network, in the order in which they are made."""
    rules = {
        "bastion": security_rules.bastion(),
        "jumpBox": security_rules.jump_box(sources=[plan.subnet("bastion").prefix]),
    }
    return _specs(plan, "management", names, rules)


def ingress_sources(plan: AddressPlan, ingress: IngressSettings) -> tuple[str, ...]:
    """Who speaks to the ingress controller: the firewall in front of it, or the networks' own."""
    if isinstance(ingress.waf, GatewayWaf):
        return (plan.subnet("applicationGateway").prefix,)
    if isinstance(ingress.waf, ExternalWaf):
        return ingress.waf.external.source_ranges
    return ("Internet",) if ingress.exposure == "external" else ("VirtualNetwork",)


def _specs(
    plan: AddressPlan, vnet: str, names: Names, rules: dict[str, tuple[Rule, ...]]
) -> tuple[SubnetSpec, ...]:
    planned = sorted(
        plan.vnet(vnet).subnets,
        key=lambda subnet: (subnet.role not in _MADE_FIRST, subnet.network),
    )
    return tuple(
        SubnetSpec(
            key=subnet.role,
            azure_name=subnet.azure_name or names.of("snet", subnet.role),
            prefix=subnet.prefix,
            rules=rules.get(subnet.role, ()),
            nat=subnet.demand.family in _WAY_OUT,
            delegation=subnet.definition.delegation,
            private_endpoint_policies=(
                "NetworkSecurityGroupEnabled" if subnet.role == "privateEndpoints" else "Disabled"
            ),
        )
        for subnet in planned
    )


def _cluster_rules(plan: AddressPlan, ingress: IngressSettings) -> dict[str, tuple[Rule, ...]]:
    sources = ingress_sources(plan, ingress)
    operators = [plan.subnet(role).prefix for role in ("bastion", "jumpBox")]
    machines = [s for s in plan.vnet("cluster").subnets if s.demand.family in {"nodes", "pods"}]
    node_rules = security_rules.nodes(
        cluster_ranges=_cluster_ranges(plan, machines),
        operator_ranges=operators,
        ingress_sources=sources,
    )
    clients = [*(s.prefix for s in machines), plan.subnet("jumpBox").prefix]
    rules = {subnet.role: node_rules for subnet in machines}
    rules["ingress"] = security_rules.ingress(ingress_sources=sources)
    rules["applicationGateway"] = security_rules.application_gateway()
    gateways = [plan.subnet("applicationGateway").prefix] if plan.has("applicationGateway") else []
    rules["privateEndpoints"] = security_rules.private_endpoints(
        client_ranges=[*clients, *gateways]
    )
    rules["apiServer"] = security_rules.api_server(client_ranges=clients)
    return rules


def _cluster_ranges(plan: AddressPlan, machines: Sequence[PlannedSubnet]) -> list[str]:
    """Where the cluster's own traffic comes from: nodes, and pods wherever their addresses are."""
    ranges = [subnet.prefix for subnet in machines]
    if plan.model in {NetworkModel.OVERLAY, NetworkModel.KUBENET} and plan.pod_range:
        ranges.append(plan.pod_range.prefix)
    return ranges
