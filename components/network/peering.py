"""Peerings between the management network and the clusters' networks, in both directions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import network

from components.azure.common import CommonArgs, reference

Before = Sequence[pulumi.Resource]
"""What a peering waits for."""


@dataclass(frozen=True)
class PeerArgs:
    """The virtual network to peer with."""

    resource_group_name: pulumi.Input[str]
    virtual_network_name: pulumi.Input[str]
    virtual_network_id: pulumi.Input[str]
    address_space: Sequence[str]
    """What it has, all of it."""
    at_rest: pulumi.Resource | None
    """The last write to it, None for a network that nothing here writes. Azure refuses a peering
    while either network is being written (ReferencedResourceNotProvisioned)."""
    another_teams: bool = False
    """Then its own side of the peering is theirs to make; until they do, it is Initiated."""
    takes_forwarded: bool = False
    """Whether an appliance in the management network forwards traffic of others to it, such as a
    firewall the answers from the Internet. What comes through a gateway needs no such permission
    (virtual-network/virtual-network-manage-peering)."""


@dataclass(frozen=True)
class HubArgs:
    """The network in the middle."""

    resource_group_name: pulumi.Input[str]
    virtual_network: network.VirtualNetwork
    address_space: Sequence[str]
    at_rest: pulumi.Resource
    """The last write to it."""
    gateway: pulumi.Resource | None
    """Its gateway to on-premises, which every peer may use."""


@dataclass(frozen=True)
class Peerings:
    """The peerings of one hub."""

    all: Sequence[network.VirtualNetworkPeering]
    at_once: Sequence[network.VirtualNetworkPeering]
    """Those that wait for no gateway."""


@dataclass(frozen=True)
class _Hub:
    """What all peerings of one hub have in common."""

    prefix: str
    common: CommonArgs
    args: HubArgs
    parent: pulumi.Resource

    def to(self, key: str, peer: PeerArgs, before: Before) -> network.VirtualNetworkPeering:
        """The hub's side, which waits for no gateway."""
        return self._peering(
            f"to-{key}",
            before,
            resource_group_name=self.args.resource_group_name,
            virtual_network_name=self.args.virtual_network.name,
            remote_id=peer.virtual_network_id,
            remote_space=peer.address_space,
            gives_gateway=self.args.gateway is not None,
        )

    def back(self, key: str, peer: PeerArgs, before: Before) -> network.VirtualNetworkPeering:
        """The peer's side, once the gateway is there that it uses (RemoteVnetHasNoGateways)."""
        gateway = self.args.gateway
        return self._peering(
            f"from-{key}",
            [*before, *([gateway] if gateway else [])],
            resource_group_name=peer.resource_group_name,
            virtual_network_name=peer.virtual_network_name,
            remote_id=self.args.virtual_network.id,
            remote_space=self.args.address_space,
            forwarded=peer.takes_forwarded,
            takes_gateway=gateway is not None,
        )

    def _peering(
        self,
        key: str,
        before: Before,
        *,
        resource_group_name: pulumi.Input[str],
        virtual_network_name: pulumi.Input[str],
        remote_id: pulumi.Input[str],
        remote_space: Sequence[str],
        forwarded: bool = False,
        gives_gateway: bool = False,
        takes_gateway: bool = False,
    ) -> network.VirtualNetworkPeering:
        return network.VirtualNetworkPeering(
            f"{self.prefix}-{key}",
            virtual_network_peering_name=self.common.names.of("peer", "management", key),
            resource_group_name=resource_group_name,
            virtual_network_name=virtual_network_name,
            remote_virtual_network=reference(remote_id),
            allow_virtual_network_access=True,
            allow_forwarded_traffic=forwarded,
            allow_gateway_transit=gives_gateway,
            use_remote_gateways=takes_gateway,
            # Azure routes to what the remote network had when the peering was last written with
            # `sync`. With the range among the inputs, a range that changes is such a write.
            remote_address_space=network.AddressSpaceArgs(address_prefixes=list(remote_space)),
            sync_remote_address_space="true",
            opts=pulumi.ResourceOptions(parent=self.parent, depends_on=list(before)),
        )


def peerings(
    prefix: str,
    *,
    common: CommonArgs,
    hub: HubArgs,
    peers: Mapping[str, PeerArgs],
    parent: pulumi.Resource,
    peers_later: bool = False,
) -> Peerings:
    """Both directions to each peer, one after the other: a peering writes to both networks.

    `peers_later` leaves the peers' sides to `through_gateway`.
    """
    sides = _Hub(prefix, common, hub, parent)
    made: list[network.VirtualNetworkPeering] = []
    at_once: list[network.VirtualNetworkPeering] = []
    at_rest = _at_rest(hub, peers)
    for key, peer in peers.items():
        there = sides.to(key, peer, [*at_rest, *made])
        made.append(there)
        at_once.append(there)
        if peer.another_teams or peers_later:
            continue
        back = sides.back(key, peer, [*at_rest, *made])
        made.append(back)
        if hub.gateway is None:
            at_once.append(back)
    return Peerings(made, at_once)


def through_gateway(
    prefix: str,
    *,
    common: CommonArgs,
    hub: HubArgs,
    peers: Mapping[str, PeerArgs],
    parent: pulumi.Resource,
    after: Sequence[pulumi.Resource],
) -> list[network.VirtualNetworkPeering]:
    """The peers' sides, after the hub's and after `after`."""
    sides = _Hub(prefix, common, hub, parent)
    made: list[network.VirtualNetworkPeering] = []
    for key, peer in peers.items():
        if not peer.another_teams:
            made.append(sides.back(key, peer, [*_at_rest(hub, peers), *after, *made]))
    return made


def _at_rest(hub: HubArgs, peers: Mapping[str, PeerArgs]) -> list[pulumi.Resource]:
    return [hub.at_rest, *(peer.at_rest for peer in peers.values() if peer.at_rest)]
