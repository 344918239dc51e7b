"""Peerings of virtual networks: two networks need a peering in each direction."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from simulator.azure.model import Request, ResourceType
from simulator.azure.namespaces.network import peering_sync
from simulator.azure.namespaces.network.peering_sync import PEERING
from simulator.azure.namespaces.network.prefixes import network_prefixes, overlaps
from simulator.azure.namespaces.network.tokens import GATEWAY
from simulator.azure.rules import Refusal, rule
from simulator.store import Resource
from support import arm_ids
from support.nested import at, items

_LEARN = "Microsoft Learn: azure/virtual-network/virtual-network-peering-overview"
_MANAGE = "Microsoft Learn: azure/virtual-network/virtual-network-manage-peering"
_TRANSIT = "Microsoft Learn: azure/vpn-gateway/vpn-gateway-peering-gateway-transit"


def _remote_id(resource: Request | Resource) -> str:
    return peering_sync.remote_id(resource.inputs)


def _remote_peering(request: Request) -> Resource | None:
    """The peering from the remote network back, if there is one."""
    return peering_sync.remote_peering(request.cloud.store, request.id, _remote_id(request))


def _peers(request: Request, network: str) -> Iterator[Resource]:
    """The networks that a network is peered with, without the peering of the request."""
    for item in request.cloud.store.below(network, request.type.token):
        if item.id.lower() != request.id.lower():
            peer = request.find(_remote_id(item))
            if peer:
                yield peer


@rule("ChangingRemoteVirtualNetworkNotAllowed", PEERING, source=_MANAGE)
def a_peering_keeps_its_remote_network(request: Request) -> Refusal | None:
    """The remote network of a peering cannot change."""
    if request.old is None or arm_ids.same(_remote_id(request.old), _remote_id(request)):
        return None
    return Refusal(
        f"The remote virtual network of {request.id} cannot change from {_remote_id(request.old)}.",
        "remoteVirtualNetwork",
    )


@rule("AnotherPeeringAlreadyReferencesRemoteVnet", PEERING, source=_MANAGE)
def two_networks_are_peered_once(request: Request) -> str | None:
    """A network has at most one peering with another network."""
    for item in request.siblings():
        if arm_ids.same(_remote_id(item), _remote_id(request)):
            return f"{item.id} already references remote virtual network {_remote_id(item)}."
    return None


@rule("VnetAddressSpacesOverlap", PEERING, source=_LEARN)
def peered_networks_are_apart(request: Request) -> str | None:
    """The address spaces of peered networks must not overlap."""
    here, there = request.parent, request.find(_remote_id(request))
    if here is None or there is None:
        return None
    for local, remote in overlaps(network_prefixes(here.inputs), network_prefixes(there.inputs)):
        return (
            f"{here.id} and {there.id} cannot be peered because their address spaces overlap:"
            f" {local}, {remote}."
        )
    return None


@rule("VnetAddressSpaceOverlapsWithAlreadyPeeredVnet", PEERING, source="aka.ms/VnetPeeringInfo")
def a_peer_is_apart_from_the_other_peers(request: Request) -> str | None:
    """The address space of a new peer must not overlap that of another peer, on either side."""
    here, there = request.parent, request.find(_remote_id(request))
    if here is None or there is None:
        return None
    for peer, network in ((here, there), (there, here)):
        for third in _peers(request, network.id):
            if third.id in (here.id, there.id):
                continue
            spaces = network_prefixes(peer.inputs), network_prefixes(third.inputs)
            for block, other in overlaps(*spaces):
                return (
                    f"{here.id} and {there.id} cannot be peered because {block} of {peer.id}"
                    f" overlaps {other} of {third.id}, already peered with {network.id}."
                )
    return None


@rule("RemotePeeringIsDisconnected", PEERING, source=_LEARN)
def a_disconnected_peering_is_created_again(request: Request) -> str | None:
    """A disconnected remote peering must be updated or replaced first."""
    other = _remote_peering(request)
    if other and other.outputs.get("peeringState") == "Disconnected":
        return f"The remote peering {other.id} is Disconnected; update or recreate it."
    return None


def gateways_in(request: Request, network: str) -> list[Resource]:
    """The gateways in a virtual network."""
    prefix = f"{network.lower()}/"
    return [
        item
        for item in request.cloud.store.of_type(GATEWAY)
        for configuration in items(item.inputs, "ipConfigurations")
        if str(at(configuration, "subnet", "id")).lower().startswith(prefix)
    ]


@rule("RemoteVnetHasNoGateways", PEERING, source=_TRANSIT)
def a_remote_gateway_is_there_before_it_is_used(request: Request) -> Refusal | None:
    """`useRemoteGateways` requires a gateway in the remote network."""
    remote = _remote_id(request)
    if not request.inputs.get("useRemoteGateways") or gateways_in(request, remote):
        return None
    return Refusal(
        f"Peering {request.id} cannot use remote gateways: {remote} has none.", "useRemoteGateways"
    )


@rule("BadRequest", PEERING, source=_TRANSIT)
def a_remote_gateway_is_offered_before_it_is_used(request: Request) -> Refusal | None:
    """`useRemoteGateways` requires `allowGatewayTransit` of the remote peering."""
    other = _remote_peering(request)
    if not request.inputs.get("useRemoteGateways") or other is None:
        return None
    if other.inputs.get("allowGatewayTransit"):
        return None
    return Refusal(
        f"Peering {request.id} cannot use remote gateways: {other.id} does not allow gateway"
        " transit.",
        "useRemoteGateways",
    )


@rule("BadRequest", PEERING, source=_MANAGE)
def one_remote_gateway_is_used(request: Request) -> Refusal | None:
    """At most one peering of a network can use remote gateways."""
    for item in request.siblings():
        if request.inputs.get("useRemoteGateways") and item.inputs.get("useRemoteGateways"):
            return Refusal(
                f"Peering {request.id} cannot use remote gateways: {item.id} already does.",
                "useRemoteGateways",
            )
    return None


@rule("BadRequest", PEERING, source=_MANAGE)
def a_network_with_a_gateway_uses_no_other(request: Request) -> Refusal | None:
    """A network with a gateway, or with gateway transit, cannot use remote gateways."""
    if not request.inputs.get("useRemoteGateways"):
        return None
    own = gateways_in(request, peering_sync.network_id(request.id))
    if own or request.inputs.get("allowGatewayTransit"):
        why = f"the network has {own[0].id}" if own else "it allows gateway transit itself"
        return Refusal(
            f"Peering {request.id} cannot use remote gateways: {why}.", "useRemoteGateways"
        )
    return None


@rule("BadRequest", GATEWAY, source=_MANAGE)
def a_network_that_uses_a_remote_gateway_gets_none(request: Request) -> str | None:
    """A network with a peering that uses remote gateways cannot have a gateway."""
    for configuration in items(request.inputs, "ipConfigurations"):
        network = str(at(configuration, "subnet", "id")).rsplit("/subnets/", 1)[0]
        for item in request.cloud.store.below(network, PEERING):
            if item.inputs.get("useRemoteGateways"):
                return f"{network} uses a remote gateway through {item.id}."
    return None


def _outputs(request: Request) -> dict[str, Any]:
    store = request.cloud.store
    there = request.find(_remote_id(request))
    peered = network_prefixes(there.inputs) if there else []
    old = request.old.outputs if request.old else {}
    if old.get("peeringState") == "Connected" and not _syncs(request):
        # Only a sync adopts a changed address space; other writes keep the peered one.
        peered = items(at(old, "remoteAddressSpace"), "addressPrefixes")
    state = "Connected" if _remote_peering(request) else "Initiated"
    return {
        "peeringState": state,
        **peering_sync.sync_outputs(store, request.id, request.inputs, peered),
    }


def _syncs(request: Request) -> bool:
    return str(request.inputs.get("syncRemoteAddressSpace")).lower() == "true"


def _connect(request: Request) -> None:
    """Connect the remote peering, and update its outputs."""
    other = _remote_peering(request)
    if other:
        outputs = peering_sync.refreshed_outputs(request.cloud.store, other)
        changed = replace(other, outputs={**outputs, "peeringState": "Connected"})
        request.cloud.store.put(changed)


def _disconnect(request: Request) -> None:
    other = _remote_peering(request)
    if other:
        changed = {"peeringState": "Disconnected", "peeringSyncLevel": "RemoteNotInSync"}
        request.cloud.store.put(replace(other, outputs={**other.outputs, **changed}))


TYPES = [
    ResourceType(
        PEERING,
        "2024-05-01",
        seconds=20,
        outputs=_outputs,
        after_put=_connect,
        after_delete=_disconnect,
    ),
]
