"""Peerings between the management network and the clusters' networks, in both directions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import network

from components.azure.common import CommonArgs, reference


@dataclass(frozen=True)
class PeerArgs:
    """A cluster's virtual network, the peer of the management network."""

    resource_group_name: pulumi.Input[str]
    virtual_network_name: pulumi.Input[str]
    virtual_network_id: pulumi.Input[str]
    address_space: Sequence[str]
    """All ranges of the network, in CIDR notation."""
    last_write: pulumi.Resource | None
    """The last resource that writes to the network; None where this program does not write it.
    Azure refuses a peering while either network is being written
    (ReferencedResourceNotProvisioned)."""
    remote_is_external: bool = False
    """Whether another team owns the network. That team creates its side of the peering; until then
    the peering is in the state Initiated."""
    allow_forwarded_traffic: bool = False
    """Whether an appliance in the management network forwards traffic to the network, such as a
    firewall that returns answers from the Internet. Traffic through a gateway needs no such
    permission (virtual-network/virtual-network-manage-peering)."""


@dataclass(frozen=True)
class HubArgs:
    """The management network, the hub that all peers are peered with."""

    resource_group_name: pulumi.Input[str]
    virtual_network: network.VirtualNetwork
    address_space: Sequence[str]
    """All ranges of the hub, in CIDR notation."""
    last_write: pulumi.Resource
    """The last resource that writes to the hub."""
    gateway: pulumi.Resource | None
    """The gateway to on-premises, which every peer uses; None without a gateway."""


@dataclass(frozen=True)
class Peerings:
    """The peerings of one hub."""

    all: Sequence[network.VirtualNetworkPeering]
    without_gateway: Sequence[network.VirtualNetworkPeering]
    """The peerings that do not wait for a gateway."""


@dataclass(frozen=True)
class _Hub:
    """What all peerings of one hub have in common."""

    prefix: str
    common: CommonArgs
    args: HubArgs
    parent: pulumi.Resource

    def hub_side(
        self, key: str, peer: PeerArgs, depends_on: Sequence[pulumi.Resource]
    ) -> network.VirtualNetworkPeering:
        """The hub's side of a peering, which does not wait for a gateway."""
        return self._peering(
            f"to-{key}",
            depends_on,
            resource_group_name=self.args.resource_group_name,
            virtual_network_name=self.args.virtual_network.name,
            remote_id=peer.virtual_network_id,
            remote_space=peer.address_space,
            allow_gateway_transit=self.args.gateway is not None,
        )

    def peer_side(
        self, key: str, peer: PeerArgs, depends_on: Sequence[pulumi.Resource]
    ) -> network.VirtualNetworkPeering:
        """The peer's side. It waits for the gateway that it uses (RemoteVnetHasNoGateways)."""
        gateway = self.args.gateway
        return self._peering(
            f"from-{key}",
            [*depends_on, *([gateway] if gateway else [])],
            resource_group_name=peer.resource_group_name,
            virtual_network_name=peer.virtual_network_name,
            remote_id=self.args.virtual_network.id,
            remote_space=self.args.address_space,
            allow_forwarded_traffic=peer.allow_forwarded_traffic,
            use_remote_gateways=gateway is not None,
        )

    def _peering(
        self,
        key: str,
        depends_on: Sequence[pulumi.Resource],
        *,
        resource_group_name: pulumi.Input[str],
        virtual_network_name: pulumi.Input[str],
        remote_id: pulumi.Input[str],
        remote_space: Sequence[str],
        allow_forwarded_traffic: bool = False,
        allow_gateway_transit: bool = False,
        use_remote_gateways: bool = False,
    ) -> network.VirtualNetworkPeering:
        return network.VirtualNetworkPeering(
            f"{self.prefix}-{key}",
            virtual_network_peering_name=self.common.names.of("peer", "management", key),
            resource_group_name=resource_group_name,
            virtual_network_name=virtual_network_name,
            remote_virtual_network=reference(remote_id),
            allow_virtual_network_access=True,
            allow_forwarded_traffic=allow_forwarded_traffic,
            allow_gateway_transit=allow_gateway_transit,
            use_remote_gateways=use_remote_gateways,
            # Azure routes to the ranges that the remote network had at the last write of the
            # peering with `sync`. The ranges are inputs here, so a changed range is such a write.
            remote_address_space=network.AddressSpaceArgs(address_prefixes=list(remote_space)),
            sync_remote_address_space="true",
            opts=pulumi.ResourceOptions(parent=self.parent, depends_on=list(depends_on)),
        )


def peerings(
    prefix: str,
    *,
    common: CommonArgs,
    hub: HubArgs,
    peers: Mapping[str, PeerArgs],
    parent: pulumi.Resource,
    defer_remote_peerings: bool = False,
) -> Peerings:
    """Both sides of the peering with each peer, one after the other.

    They form a chain because a peering writes to both networks. `defer_remote_peerings` leaves the
    peers' sides to `remote_peerings`.
    """
    sides = _Hub(prefix, common, hub, parent)
    created: list[network.VirtualNetworkPeering] = []
    without_gateway: list[network.VirtualNetworkPeering] = []
    last_writes = _last_writes(hub, peers)
    for key, peer in peers.items():
        hub_side = sides.hub_side(key, peer, [*last_writes, *created])
        created.append(hub_side)
        without_gateway.append(hub_side)
        if peer.remote_is_external or defer_remote_peerings:
            continue
        peer_side = sides.peer_side(key, peer, [*last_writes, *created])
        created.append(peer_side)
        if hub.gateway is None:
            without_gateway.append(peer_side)
    return Peerings(created, without_gateway)


def remote_peerings(
    prefix: str,
    *,
    common: CommonArgs,
    hub: HubArgs,
    peers: Mapping[str, PeerArgs],
    parent: pulumi.Resource,
    depends_on: Sequence[pulumi.Resource],
) -> list[network.VirtualNetworkPeering]:
    """The peers' sides of the peerings, one after the other, after the resources in `depends_on`.

    Peers of other teams have no side here.
    """
    sides = _Hub(prefix, common, hub, parent)
    created: list[network.VirtualNetworkPeering] = []
    for key, peer in peers.items():
        if not peer.remote_is_external:
            waits_for = [*_last_writes(hub, peers), *depends_on, *created]
            created.append(sides.peer_side(key, peer, waits_for))
    return created


def _last_writes(hub: HubArgs, peers: Mapping[str, PeerArgs]) -> list[pulumi.Resource]:
    """The last writes to all networks."""
    return [hub.last_write, *(peer.last_write for peer in peers.values() if peer.last_write)]
