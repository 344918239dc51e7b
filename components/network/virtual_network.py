"""The resources of a virtual network: subnets, security groups, route table, public address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import network

from components.azure.common import CommonArgs, reference
from components.network.egress_rules import RouteSpec
from components.network.security_rules import Rule
from components.network.subnet_specs import SubnetSpec


@dataclass(frozen=True)
class SubnetResources:
    """The subnets of one virtual network, by key, in the order of their creation."""

    by_key: Mapping[str, network.Subnet]

    @property
    def ids(self) -> Mapping[str, pulumi.Output[str]]:
        return {key: subnet.id for key, subnet in self.by_key.items()}

    @property
    def last(self) -> network.Subnet:
        """The last subnet of the chain. What depends on it waits for all writes to the network."""
        return list(self.by_key.values())[-1]


def virtual_network(
    logical_name: str,
    *,
    common: CommonArgs,
    azure_name: str,
    resource_group_name: pulumi.Input[str],
    address_space: Sequence[str],
    dns_servers: Sequence[str],
    ddos_protection_plan_id: str | None,
    parent: pulumi.Resource,
) -> network.VirtualNetwork:
    """A virtual network without a `subnets` property: its subnets are separate resources.

    Without `dns_servers`, Azure resolves names.
    """
    plan_id = ddos_protection_plan_id
    return network.VirtualNetwork(
        logical_name,
        virtual_network_name=azure_name,
        resource_group_name=resource_group_name,
        location=common.location,
        address_space=network.AddressSpaceArgs(address_prefixes=list(address_space)),
        dhcp_options=network.DhcpOptionsArgs(dns_servers=dns_servers) if dns_servers else None,
        enable_ddos_protection=plan_id is not None,
        ddos_protection_plan=reference(plan_id) if plan_id else None,
        tags=common.tags,
        opts=pulumi.ResourceOptions(parent=parent, protect=common.protect),
    )


def subnets(
    prefix: str,
    *,
    common: CommonArgs,
    resource_group_name: pulumi.Input[str],
    virtual_network_name: pulumi.Input[str],
    specs: Sequence[SubnetSpec],
    nat_gateway_id: pulumi.Input[str] | None,
    route_table_id: pulumi.Input[str] | None = None,
    parent: pulumi.Resource,
) -> SubnetResources:
    """The subnets of one network, each with its own security group, in the given order.

    Each subnet waits for the previous one: Azure serialises the writes to a virtual network and
    refuses concurrent ones (AnotherOperationInProgress). List the subnet on the longest path
    first.
    """
    created: dict[str, network.Subnet] = {}
    previous: list[pulumi.Resource] = []
    for spec in specs:
        group = None
        if spec.rules:
            group = security_group(
                f"{prefix}-{spec.key}-nsg",
                common=common,
                azure_name=common.names.of("nsg", spec.key),
                resource_group_name=resource_group_name,
                rules=spec.rules,
                parent=parent,
            )
        subnet = network.Subnet(
            f"{prefix}-{spec.key}",
            subnet_name=spec.azure_name,
            resource_group_name=resource_group_name,
            virtual_network_name=virtual_network_name,
            address_prefix=spec.prefix,
            default_outbound_access=False,
            network_security_group=reference(group.id) if group else None,
            nat_gateway=reference(nat_gateway_id) if spec.uses_egress and nat_gateway_id else None,
            route_table=reference(route_table_id) if spec.uses_egress and route_table_id else None,
            delegations=_delegations(spec),
            private_endpoint_network_policies=spec.private_endpoint_policies,
            private_link_service_network_policies="Enabled",
            opts=pulumi.ResourceOptions(parent=parent, depends_on=previous, protect=common.protect),
        )
        created[spec.key] = subnet
        previous = [subnet]
    return SubnetResources(created)


def _delegations(spec: SubnetSpec) -> list[network.DelegationArgs] | None:
    if spec.delegation is None:
        return None
    name = spec.delegation.rpartition("/")[2]
    return [network.DelegationArgs(name=name, service_name=spec.delegation)]


def route_table(
    prefix: str,
    *,
    common: CommonArgs,
    resource_group_name: pulumi.Input[str],
    specs: Sequence[RouteSpec],
    learned_routes: bool,
    parent: pulumi.Resource,
) -> tuple[network.RouteTable, list[network.Route]]:
    """A route table, and its routes as separate resources.

    `learned_routes` adds those that a gateway to on-premises learns.

    With kubenet AKS adds a route for each node. A table with its routes inside would remove them
    at its next write.
    """
    table = network.RouteTable(
        f"{prefix}-rt",
        route_table_name=common.names.of("rt", "nodes"),
        resource_group_name=resource_group_name,
        location=common.location,
        disable_bgp_route_propagation=not learned_routes,
        tags=common.tags,
        opts=pulumi.ResourceOptions(parent=parent, protect=common.protect),
    )
    routes = [
        network.Route(
            f"{prefix}-route-{route.key}",
            route_name=route.key,
            route_table_name=table.name,
            resource_group_name=resource_group_name,
            address_prefix=route.prefix,
            next_hop_type=route.next_hop,
            next_hop_ip_address=route.address,
            opts=pulumi.ResourceOptions(parent=parent),
        )
        for route in specs
    ]
    return table, routes


def security_group(
    logical_name: str,
    *,
    common: CommonArgs,
    azure_name: str,
    resource_group_name: pulumi.Input[str],
    rules: Sequence[Rule],
    parent: pulumi.Resource,
) -> network.NetworkSecurityGroup:
    """A network security group with its rules inside, so that it is complete from its creation."""
    return network.NetworkSecurityGroup(
        logical_name,
        network_security_group_name=azure_name,
        resource_group_name=resource_group_name,
        location=common.location,
        security_rules=[security_rule(rule) for rule in rules],
        tags=common.tags,
        opts=pulumi.ResourceOptions(parent=parent),
    )


def security_rule(rule: Rule) -> network.SecurityRuleArgs:
    """A rule in Azure's form: one value in the singular property, several in the plural one."""
    return network.SecurityRuleArgs(
        name=rule.name,
        description=rule.description,
        direction=rule.direction,
        priority=rule.priority,
        access=rule.access,
        protocol=rule.protocol,
        source_port_range="*",
        source_address_prefix=_single(rule.sources),
        source_address_prefixes=_multiple(rule.sources),
        destination_address_prefix=_single(rule.destinations),
        destination_address_prefixes=_multiple(rule.destinations),
        destination_port_range=_single(rule.ports),
        destination_port_ranges=_multiple(rule.ports),
    )


def _single(values: Sequence[str]) -> str | None:
    return values[0] if len(values) == 1 else None


def _multiple(values: Sequence[str]) -> list[str] | None:
    return list(values) if len(values) > 1 else None


def public_ip(
    logical_name: str,
    *,
    common: CommonArgs,
    azure_name: str,
    resource_group_name: pulumi.Input[str],
    zones: Sequence[str],
    parent: pulumi.Resource,
    sku: str = "Standard",
    resource_type: type[network.PublicIPAddress] | None = None,
    opts: pulumi.ResourceOptions | None = None,
) -> network.PublicIPAddress:
    """A static public address: of the SKU Standard, which gateways, Bastion and NAT require.

    Another SKU may need a class of another API version, and options for it.
    """
    return (resource_type or network.PublicIPAddress)(
        logical_name,
        public_ip_address_name=azure_name,
        resource_group_name=resource_group_name,
        location=common.location,
        sku=network.PublicIPAddressSkuArgs(name=sku, tier="Regional"),
        public_ip_allocation_method="Static",
        public_ip_address_version="IPv4",
        idle_timeout_in_minutes=4,
        zones=list(zones) or None,
        tags=common.tags,
        opts=opts or pulumi.ResourceOptions(parent=parent),
    )
