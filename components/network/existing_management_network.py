"""A management network of another team: looked at, never written.

Operators come through what that team has there (Bastion, jump box, gateway). Only the cluster's own
side of the peering is made here; until the other team makes theirs, it is Initiated.
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
class ExistingHubArgs:
    """Their network, and the cluster's that is peered with it."""

    common: CommonArgs
    virtual_network_id: str
    cluster_group_name: pulumi.Input[str]
    cluster_network_name: pulumi.Input[str]
    at_rest: pulumi.Resource | None
    """The last write to the cluster's network; None where that is another team's, too, and the
    peering theirs altogether."""
    use_gateway: bool
    """Use their gateway to on-premises; their side of the peering must allow the transit."""
    takes_forwarded: bool
    """Whether an appliance of theirs forwards traffic to the cluster."""


class ExistingHub(Component):
    """The cluster's side of the peering with another team's management network."""

    virtual_network_id: pulumi.Output[str]
    """Their network's resource id."""
    subnet_ids: Mapping[str, pulumi.Output[str]]
    """None of their subnets is used."""
    peerings: Sequence[network.VirtualNetworkPeering]
    """Our side of the peering."""
    peerings_at_once: Sequence[network.VirtualNetworkPeering]
    """The same: whatever gateway there is, they have made it."""

    def __init__(
        self, name: str, args: ExistingHubArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(name, opts)
        self.virtual_network_id = pulumi.Output.from_input(args.virtual_network_id)
        self.subnet_ids = {}
        self.peerings = []
        if args.at_rest is not None:
            theirs = network.get_virtual_network_output(
                resource_group_name=segment(args.virtual_network_id, "resourceGroups"),
                virtual_network_name=segment(args.virtual_network_id, "virtualNetworks"),
            )
            self.peerings = [
                network.VirtualNetworkPeering(
                    f"{name}-from-cluster",
                    virtual_network_peering_name=args.common.names.of("peer", "hub"),
                    resource_group_name=args.cluster_group_name,
                    virtual_network_name=args.cluster_network_name,
                    remote_virtual_network=reference(args.virtual_network_id),
                    allow_virtual_network_access=True,
                    allow_forwarded_traffic=args.takes_forwarded,
                    allow_gateway_transit=False,
                    use_remote_gateways=args.use_gateway,
                    # What it has now: when they change it, the next run takes it over.
                    remote_address_space={
                        "address_prefixes": theirs.apply(
                            lambda found: (
                                found.address_space.address_prefixes if found.address_space else []
                            )
                        )
                    },
                    sync_remote_address_space="true",
                    opts=pulumi.ResourceOptions(parent=self, depends_on=[args.at_rest]),
                )
            ]
        self.peerings_at_once = self.peerings
        self.register_outputs({"virtualNetworkId": self.virtual_network_id})
