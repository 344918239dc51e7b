"""The cluster's virtual network with its subnets, in its own resource group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import resources

from components.azure.common import CommonArgs
from components.azure.component import Component
from components.network import virtual_network
from components.network.egress_rules import RouteSpec
from components.network.nat_gateway import nat_gateway
from components.network.subnet_specs import SubnetSpec
from components.settings.network import NatGatewaySettings


@dataclass(frozen=True)
class ClusterNetworkArgs:
    """What the cluster's network consists of."""

    common: CommonArgs
    address_space: Sequence[str]
    subnets: Sequence[SubnetSpec]
    """In the order of their creation. The node subnet is first: the cluster waits for it."""
    nat_gateway: NatGatewaySettings | None
    """None where the egress is not a NAT gateway."""
    route_table: Sequence[RouteSpec] | None = None
    """Routes of the route table of nodes and pods; None for no table."""
    learned_routes: bool = True
    """Whether the route table also has the routes that a gateway to on-premises learns."""
    dns_servers: Sequence[str] = ()
    """Addresses of DNS servers; without them, Azure resolves names."""
    ddos_protection_plan_id: str | None = None
    """None for Azure's basic protection."""


class ClusterNetwork(Component):
    """Resource group, virtual network, subnets, security groups, NAT gateway and route table.

    It does not manage the peering with the management network, nor the resources in the subnets.
    """

    resource_group_name: pulumi.Output[str]
    """The network's own resource group."""
    virtual_network_id: pulumi.Output[str]
    """The virtual network's resource id."""
    virtual_network_name: pulumi.Output[str]
    """The virtual network's name."""
    address_space: Sequence[str]
    """The ranges of the virtual network."""
    subnet_ids: Mapping[str, pulumi.Output[str]]
    """Resource ids of the subnets, by key."""
    last_subnet: pulumi.Resource | None
    """The last resource that writes to the virtual network, for what must wait for all writes."""
    route_table_id: pulumi.Output[str] | None
    """Resource id of the route table of nodes and pods, where there is one."""
    routes: Sequence[pulumi.Resource]
    """The routes of that table. The cluster waits for them: starting nodes need egress."""
    egress_addresses: Sequence[pulumi.Output[str]]
    """The public addresses of outbound connections: those of the NAT gateway, if there is one."""
    nat_gateway_sku: pulumi.Output[str] | None
    """The SKU of the NAT gateway as Azure has it; None without one."""

    def __init__(
        self, name: str, args: ClusterNetworkArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(name, opts)
        common = args.common
        group = resources.ResourceGroup(
            f"{name}-rg",
            resource_group_name=common.names.of("rg", "network"),
            location=common.location,
            tags=common.tags,
            opts=pulumi.ResourceOptions(parent=self, protect=common.protect),
        )
        self.resource_group_name = group.name
        network = virtual_network.virtual_network(
            f"{name}-vnet",
            common=common,
            azure_name=common.names.of("vnet"),
            resource_group_name=group.name,
            address_space=args.address_space,
            dns_servers=args.dns_servers,
            ddos_protection_plan_id=args.ddos_protection_plan_id,
            parent=self,
        )
        self.virtual_network_id = network.id
        self.virtual_network_name = network.name
        self.address_space = args.address_space
        subnets = virtual_network.subnets(
            name,
            common=common,
            resource_group_name=group.name,
            virtual_network_name=network.name,
            specs=args.subnets,
            nat_gateway_id=self._nat_gateway(name, args),
            route_table_id=self._route_table(name, args),
            parent=self,
        )
        self.subnet_ids = subnets.ids
        self.last_subnet = subnets.last
        self.register_outputs({"virtualNetworkId": self.virtual_network_id})

    def _nat_gateway(self, name: str, args: ClusterNetworkArgs) -> pulumi.Output[str] | None:
        self.egress_addresses, self.nat_gateway_sku = [], None
        if args.nat_gateway is None:
            return None
        sku = args.nat_gateway.sku
        gateway, addresses = nat_gateway(
            name,
            common=args.common,
            part="nodes",
            resource_group_name=self.resource_group_name,
            settings=args.nat_gateway,
            parent=self,
        )
        self.egress_addresses = [
            address.ip_address.apply(lambda text: text or "") for address in addresses
        ]
        # A targeted run that leaves the gateway out knows its inputs, but no id.
        self.nat_gateway_sku = gateway.id.apply(lambda _: sku)
        return gateway.id

    def _route_table(self, name: str, args: ClusterNetworkArgs) -> pulumi.Output[str] | None:
        self.route_table_id, self.routes = None, []
        if args.route_table is not None:
            table, self.routes = virtual_network.route_table(
                name,
                common=args.common,
                resource_group_name=self.resource_group_name,
                specs=args.route_table,
                learned_routes=args.learned_routes,
                parent=self,
            )
            self.route_table_id = table.id
        return self.route_table_id
