"""The management network: the separate, peered network through which operators connect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import network, resources

from components.addressing import SubnetKey
from components.azure.common import CommonArgs
from components.azure.component import Component
from components.network import bastion, jump_box, peering, virtual_network
from components.network import gateway as gateways
from components.network.nat_gateway import nat_gateway
from components.network.peering import HubArgs, PeerArgs
from components.network.subnet_specs import SubnetSpec
from components.settings.management import (
    BastionSettings,
    ExpressRouteGateway,
    JumpBoxSettings,
    VpnGateway,
)
from components.settings.network import NatGatewaySettings


@dataclass(frozen=True)
class ManagementNetworkArgs:
    """The network's addresses and subnets, and the settings of what is in it."""

    common: CommonArgs
    address_space: Sequence[str]
    subnets: Sequence[SubnetSpec]
    """In the order of their creation; the subnet on the longest path comes first."""
    bastion: BastionSettings
    jump_box: JumpBoxSettings
    nat_gateway: NatGatewaySettings | None
    """The NAT gateway for the jump box's egress; None without one."""
    peers: Mapping[str, PeerArgs]
    """The clusters' networks, by a key that is part of the peerings' names."""
    kubernetes_version: str
    """Version of the clusters, for kubectl on the jump box."""
    administrators: Sequence[str] = ()
    """Object ids of the groups whose members may sign in to the jump box with Entra ID."""
    gateway: VpnGateway | ExpressRouteGateway | None = None
    """The gateway to on-premises; None without one."""
    dns_resolver_address: str | None = None
    """Private address of the DNS private resolver; None without one."""
    dns_servers: Sequence[str] = ()
    """Addresses of DNS servers; without them, Azure resolves names."""
    ddos_protection_plan_id: str | None = None
    """None for Azure's basic protection."""
    defer_remote_peerings: bool = False
    """Whether `create_remote_peerings` creates the peers' sides of the peerings later."""


class ManagementNetwork(Component):
    """Resource group, virtual network, Bastion, jump box, gateway, and peerings in both directions.

    The jump box has no public address. Operators reach it through Bastion, and the nodes from it.
    """

    resource_group_name: pulumi.Output[str]
    """The management network's resource group."""
    virtual_network_id: pulumi.Output[str]
    """The virtual network's resource id."""
    subnet_ids: Mapping[str, pulumi.Output[str]]
    """Resource ids of the subnets, by key."""
    bastion_id: pulumi.Output[str]
    """The Bastion host's resource id."""
    bastion_name: pulumi.Output[str]
    """The Bastion host's name, as `az network bastion` expects it."""
    jump_box_id: pulumi.Output[str]
    """The jump box's resource id."""
    jump_box_address: pulumi.Output[str]
    """The jump box's private address."""
    gateway_addresses: Sequence[pulumi.Output[str]]
    """The public addresses of the VPN gateway to on-premises; empty without one."""
    peerings: Sequence[network.VirtualNetworkPeering]
    """Both sides of all peerings. The networks reach each other once all of them exist."""
    peerings_without_gateway: Sequence[network.VirtualNetworkPeering]
    """The peerings that do not wait for a gateway."""
    dns_resolver_endpoint: pulumi.Resource | None
    """The inbound endpoint of the DNS private resolver; None without a resolver."""
    on_premises_connection: pulumi.Resource | None
    """The gateway's connection to on-premises; None without a gateway."""

    def __init__(
        self, name: str, args: ManagementNetworkArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(name, opts)
        self._name = name
        self._common = args.common
        group = resources.ResourceGroup(
            f"{name}-rg",
            resource_group_name=args.common.names.of("rg", "management"),
            location=args.common.location,
            tags=args.common.tags,
            opts=pulumi.ResourceOptions(parent=self, protect=args.common.protect),
        )
        self.resource_group_name = group.name
        vnet = virtual_network.virtual_network(
            f"{name}-vnet",
            common=args.common,
            azure_name=args.common.names.of("vnet", "management"),
            resource_group_name=group.name,
            address_space=args.address_space,
            dns_servers=args.dns_servers,
            ddos_protection_plan_id=args.ddos_protection_plan_id,
            parent=self,
        )
        subnets = virtual_network.subnets(
            name,
            common=args.common,
            resource_group_name=group.name,
            virtual_network_name=vnet.name,
            specs=args.subnets,
            nat_gateway_id=self._nat_gateway(args.nat_gateway),
            parent=self,
        )
        self.virtual_network_id = vnet.id
        self.subnet_ids = subnets.ids
        gateway = self._gateway(args.gateway)
        self._hub = HubArgs(group.name, vnet, args.address_space, subnets.last, gateway)
        self._peers = args.peers
        peerings = peering.peerings(
            name,
            common=args.common,
            hub=self._hub,
            peers=args.peers,
            parent=self,
            defer_remote_peerings=args.defer_remote_peerings,
        )
        self.peerings = peerings.all
        self.peerings_without_gateway = peerings.without_gateway
        self._bastion(args.bastion)
        self._jump_box(args, group)
        self.dns_resolver_endpoint = self._dns_resolver(args.dns_resolver_address, subnets.last)
        self.register_outputs({"virtualNetworkId": self.virtual_network_id})

    def create_remote_peerings(self, depends_on: Sequence[pulumi.Resource]) -> None:
        """Create the peers' sides of the peerings that `defer_remote_peerings` left out.

        They wait for the resources in `depends_on`.
        """
        self.peerings = [
            *self.peerings,
            *peering.remote_peerings(
                self._name,
                common=self._common,
                hub=self._hub,
                peers=self._peers,
                parent=self,
                depends_on=[*self.peerings, *depends_on],
            ),
        ]

    def _nat_gateway(self, settings: NatGatewaySettings | None) -> pulumi.Output[str] | None:
        if settings is None:
            return None
        gateway, _ = nat_gateway(
            self._name,
            common=self._common,
            part="management",
            resource_group_name=self.resource_group_name,
            settings=settings,
            parent=self,
        )
        return gateway.id

    def _gateway(
        self, settings: VpnGateway | ExpressRouteGateway | None
    ) -> network.VirtualNetworkGateway | None:
        self.gateway_addresses, self.on_premises_connection = [], None
        if settings is None:
            return None
        on_premises = gateways.gateway(
            self._name,
            common=self._common,
            resource_group_name=self.resource_group_name,
            subnet_id=self.subnet_ids[SubnetKey.GATEWAY],
            settings=settings,
            parent=self,
        )
        self.gateway_addresses = on_premises.public_addresses
        self.on_premises_connection = on_premises.connection
        return on_premises.gateway

    def _bastion(self, settings: BastionSettings) -> None:
        host = bastion.bastion(
            self._name,
            common=self._common,
            resource_group_name=self.resource_group_name,
            subnet_id=self.subnet_ids[SubnetKey.BASTION],
            settings=settings,
            parent=self,
        )
        self.bastion_id = host.id
        self.bastion_name = host.name

    def _jump_box(self, args: ManagementNetworkArgs, group: resources.ResourceGroup) -> None:
        box = jump_box.jump_box(
            self._name,
            common=self._common,
            resource_group_name=group.name,
            subnet_id=self.subnet_ids[SubnetKey.JUMP_BOX],
            settings=args.jump_box,
            kubernetes_version=args.kubernetes_version,
            parent=self,
        )
        self.jump_box_id = box.machine.id
        self.jump_box_address = box.address
        if args.jump_box.entra_login:
            jump_box.entra_login(
                self._name,
                common=self._common,
                resource_group_id=group.id,
                resource_group_name=group.name,
                machine=box.machine,
                administrators=args.administrators,
                parent=self,
            )

    def _dns_resolver(
        self, address: str | None, last_subnet: pulumi.Resource
    ) -> pulumi.Resource | None:
        if address is None:
            return None
        return gateways.dns_resolver(
            self._name,
            common=self._common,
            resource_group_name=self.resource_group_name,
            virtual_network_id=self.virtual_network_id,
            subnet_id=self.subnet_ids[SubnetKey.DNS_RESOLVER],
            address=address,
            last_write=last_subnet,
            parent=self,
        )
