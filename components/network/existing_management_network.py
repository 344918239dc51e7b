"""A management network that another team owns: read, never written.

Operators use the Bastion host, jump box and gateway of that team. This program creates only the
cluster's side of the peering. The peering is in the state Initiated until the other team creates
its side.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import network

from components.azure.common import CommonArgs, reference
from components.azure.component import Component
from components.azure.resource_ids import segment


@dataclass(frozen=True)
class ExistingManagementNetworkArgs:
    """The existing network, and the cluster's network that is peered with it."""

    common: CommonArgs
    virtual_network_id: str
    """Resource id of the existing management network."""
    cluster_group_name: pulumi.Input[str]
    cluster_network_name: pulumi.Input[str]
    last_write: pulumi.Resource | None
    """The last resource that writes to the cluster's network. None where another team owns that
    network, too: then neither side of the peering is created here."""
    use_gateway: bool
    """Whether to use the existing network's gateway to on-premises. The other side of the peering
    must then allow gateway transit."""
    allow_forwarded_traffic: bool
    """Whether an appliance in the existing network forwards traffic to the cluster."""


class ExistingManagementNetwork(Component):
    """The cluster's side of the peering with another team's management network."""

    FORMER_NAMES = ("ExistingHub",)

    virtual_network_id: pulumi.Output[str]
    """Resource id of the existing network."""
    subnet_ids: Mapping[str, pulumi.Output[str]]
    """Empty: no subnet of the existing network is used."""
    peerings: Sequence[network.VirtualNetworkPeering]
    """The cluster's side of the peering; none where another team owns the cluster's network."""
    peerings_without_gateway: Sequence[network.VirtualNetworkPeering]
    """The same: the other team has created the gateway already, if there is one."""
    dns_resolver_endpoint: pulumi.Resource | None
    on_premises_connection: pulumi.Resource | None
    """Both None: the program creates neither in another team's network."""

    def __init__(
        self,
        name: str,
        args: ExistingManagementNetworkArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, opts)
        self.virtual_network_id = pulumi.Output.from_input(args.virtual_network_id)
        self.subnet_ids = {}
        self.peerings = []
        if args.last_write is not None:
            self.peerings = [self._cluster_side(name, args, args.last_write)]
        self.peerings_without_gateway = self.peerings
        self.dns_resolver_endpoint = self.on_premises_connection = None
        self.register_outputs({"virtualNetworkId": self.virtual_network_id})

    def _cluster_side(
        self, name: str, args: ExistingManagementNetworkArgs, last_write: pulumi.Resource
    ) -> network.VirtualNetworkPeering:
        existing = network.get_virtual_network_output(
            resource_group_name=segment(args.virtual_network_id, "resourceGroups"),
            virtual_network_name=segment(args.virtual_network_id, "virtualNetworks"),
        )
        return network.VirtualNetworkPeering(
            f"{name}-from-cluster",
            virtual_network_peering_name=args.common.names.of("peer", "hub"),
            resource_group_name=args.cluster_group_name,
            virtual_network_name=args.cluster_network_name,
            remote_virtual_network=reference(args.virtual_network_id),
            allow_virtual_network_access=True,
            allow_forwarded_traffic=args.allow_forwarded_traffic,
            allow_gateway_transit=False,
            use_remote_gateways=args.use_gateway,
            # The current ranges: when the other team changes them, the next run updates these.
            remote_address_space={
                "address_prefixes": existing.apply(
                    lambda result: (
                        result.address_space.address_prefixes if result.address_space else []
                    )
                )
            },
            sync_remote_address_space="true",
            opts=pulumi.ResourceOptions(parent=self, depends_on=[last_write]),
        )
