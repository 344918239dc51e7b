"""The management network: the separate, peered network that operators come through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import network, resources

from components.azure.common import CommonArgs
from components.azure.component import Component
from components.network import bastion, jump_box, peering, virtual_network
from components.network import gateway as gateways
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
    """What the management network consists of."""

    common: CommonArgs
    address_space: Sequence[str]
    subnets: Sequence[SubnetSpec]
    """In the order in which they are made; Bastion's first, it takes longest."""
    bastion: BastionSettings
    jump_box: JumpBoxSettings
    nat_gateway: NatGatewaySettings | None
    """The jump box's way out; None for none."""
    peers: Mapping[str, PeerArgs]
    """The clusters' networks, by a key for the peerings' names."""
    kubernetes_version: str
    """Of the clusters, for the tools on the jump box."""
    administrators: Sequence[str] = ()
    """Object ids of the groups whose members may sign in to the jump box with Entra ID."""
    gateway: VpnGateway | ExpressRouteGateway | None = None
    """The way to on-premises."""
    dns_resolver_address: str | None = None
    """Where on-premises asks for names; None for no resolver."""
    peers_later: bool = False
    """Leave the peers' sides of the peerings to `join_peers`."""


class ManagementNetwork(Component):
    """Resource group, virtual network, Bastion, jump box, gateway, and peerings in both directions.

    The jump box has no public address: it is reached through Bastion, and the nodes through it.
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
    """The Bastion host's name, as `az network bastion` wants it."""
    jump_box_id: pulumi.Output[str]
    """The jump box's resource id."""
    jump_box_address: pulumi.Output[str]
    """The jump box's private address."""
    gateway_addresses: Sequence[pulumi.Output[str]]
    """The public addresses of the gateway to on-premises; none without a gateway."""
    peerings: Sequence[network.VirtualNetworkPeering]
    """Both sides of all peerings; with all of them there, the networks reach each other."""
    peerings_at_once: Sequence[network.VirtualNetworkPeering]
    """Those of them that wait for no gateway."""

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
        own = virtual_network.virtual_network(
            f"{name}-vnet",
            common=args.common,
            azure_name=args.common.names.of("vnet", "management"),
            resource_group_name=group.name,
            address_space=args.address_space,
            parent=self,
        )
        made = virtual_network.subnets(
            name,
            common=args.common,
            resource_group_name=group.name,
            virtual_network_name=own.name,
            specs=args.subnets,
            nat_gateway_id=self._nat_gateway(args.nat_gateway),
            parent=self,
        )
        self.virtual_network_id = own.id
        self.subnet_ids = made.ids
        gateway = self._gateway(args.gateway)
        self._hub = HubArgs(group.name, own, args.address_space, made.last, gateway)
        self._peers = args.peers
        peered = peering.peerings(
            name,
            common=args.common,
            hub=self._hub,
            peers=args.peers,
            parent=self,
            peers_later=args.peers_later,
        )
        self.peerings, self.peerings_at_once = peered.all, peered.at_once
        host = bastion.bastion(
            name,
            common=args.common,
            resource_group_name=group.name,
            subnet_id=self.subnet_ids["bastion"],
            settings=args.bastion,
            parent=self,
        )
        self.bastion_id = host.id
        self.bastion_name = host.name
        self._jump_box(args, group)
        self._dns_resolver(args.dns_resolver_address, made.last)
        self.register_outputs({"virtualNetworkId": self.virtual_network_id})

    def join_peers(self, after: Sequence[pulumi.Resource]) -> None:
        """Make the peers' sides of the peerings, where `peers_later` left them out."""
        self.peerings = [
            *self.peerings,
            *peering.through_gateway(
                self._name,
                common=self._common,
                hub=self._hub,
                peers=self._peers,
                parent=self,
                after=[*self.peerings, *after],
            ),
        ]

    def _nat_gateway(self, settings: NatGatewaySettings | None) -> pulumi.Output[str] | None:
        if settings is None:
            return None
        gateway, _ = virtual_network.nat_gateway(
            self._name,
            common=self._common,
            part="management",
            resource_group_name=self.resource_group_name,
            public_ip_count=settings.public_ip_count,
            idle_timeout_minutes=settings.idle_timeout_minutes,
            zones=settings.zones,
            parent=self,
        )
        return gateway.id

    def _gateway(
        self, settings: VpnGateway | ExpressRouteGateway | None
    ) -> network.VirtualNetworkGateway | None:
        self.gateway_addresses = []
        if settings is None:
            return None
        made = gateways.gateway(
            self._name,
            common=self._common,
            resource_group_name=self.resource_group_name,
            subnet_id=self.subnet_ids["gateway"],
            settings=settings,
            parent=self,
        )
        self.gateway_addresses = made.public_addresses
        return made.gateway

    def _jump_box(self, args: ManagementNetworkArgs, group: resources.ResourceGroup) -> None:
        made = jump_box.jump_box(
            self._name,
            common=self._common,
            resource_group_name=group.name,
            subnet_id=self.subnet_ids["jumpBox"],
            settings=args.jump_box,
            kubernetes_version=args.kubernetes_version,
            parent=self,
        )
        self.jump_box_id = made.machine.id
        self.jump_box_address = made.address
        if args.jump_box.entra_login:
            jump_box.entra_login(
                self._name,
                common=self._common,
                resource_group_id=group.id,
                resource_group_name=group.name,
                machine=made.machine,
                administrators=args.administrators,
                parent=self,
            )

    def _dns_resolver(self, address: str | None, last_subnet: pulumi.Resource) -> None:
        if address is None:
            return
        gateways.dns_resolver(
            self._name,
            common=self._common,
            resource_group_name=self.resource_group_name,
            virtual_network_id=self.virtual_network_id,
            subnet_id=self.subnet_ids["dnsResolver"],
            address=address,
            at_rest=last_subnet,
            parent=self,
        )
