"""Peerings of virtual networks: two one-way resources that together connect."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from simulator.azure.model import Request, ResourceType
from simulator.azure.namespaces.network import peering_sync
from simulator.azure.namespaces.network.peering_sync import PEERING
from simulator.azure.namespaces.network.prefixes import network_prefixes, overlaps
from simulator.azure.namespaces.network.users import GATEWAY
from simulator.azure.rules import Refusal, rule
from simulator.store import Resource
from support import arm_ids
from support.nested import at, items

_LEARN = "Microsoft Learn: azure/virtual-network/virtual-network-peering-overview"
_MANAGE = "Microsoft Learn: azure/virtual-network/virtual-network-manage-peering"
_TRANSIT = "Microsoft Learn: azure/vpn-gateway/vpn-gateway-peering-gateway-transit"


def _remote_id(resource: Request | Resource) -> str:
    return peering_sync.remote_id(resource.inputs)


def _other_side(request: Request) -> Resource | None:
    """The peering by which the remote network points back, where there is one."""
    return peering_sync.other_side(request.cloud.store, request.id, _remote_id(request))


def _peers(request: Request, network: str) -> Iterator[Resource]:
    """The networks that a network has peerings with, other than those of the request."""
    for item in request.cloud.store.below(network, request.type.token):
        if item.id.lower() != request.id.lower():
            found = request.find(_remote_id(item))
            if found:
                yield found


@rule("ChangingRemoteVirtualNetworkNotAllowed", PEERING, source=_MANAGE)
def a_peering_keeps_its_remote_network(request: Request) -> Refusal | None:
    """Another network needs another peering."""
    if request.old is None or arm_ids.same(_remote_id(request.old), _remote_id(request)):
        return None
    return Refusal(
        f"The remote virtual network of {request.id} cannot change from {_remote_id(request.old)}.",
        "remoteVirtualNetwork",
    )


@rule("AnotherPeeringAlreadyReferencesRemoteVnet", PEERING, source=_MANAGE)
def two_networks_are_peered_once(request: Request) -> str | None:
    """One peering in each direction."""
    for item in request.siblings():
        if arm_ids.same(_remote_id(item), _remote_id(request)):
            return f"{item.id} references remote virtual network {_remote_id(item)} already."
    return None


@rule("VnetAddressSpacesOverlap", PEERING, source=_LEARN)
def peered_networks_are_apart(request: Request) -> str | None:
    """The address spaces of both sides share nothing."""
    here, there = request.parent, request.find(_remote_id(request))
    if here is None or there is None:
        return None
    for mine, theirs in overlaps(network_prefixes(here.inputs), network_prefixes(there.inputs)):
        return (
            f"{here.id} and {there.id} cannot be peered because their address spaces overlap:"
            f" {mine}, {theirs}."
        )
    return None


@rule("VnetAddressSpaceOverlapsWithAlreadyPeeredVnet", PEERING, source="aka.ms/VnetPeeringInfo")
def a_peer_is_apart_from_the_other_peers(request: Request) -> str | None:
    """A network cannot reach the same addresses by two peerings, on either side."""
    here, there = request.parent, request.find(_remote_id(request))
    if here is None or there is None:
        return None
    for one, other in ((here, there), (there, here)):
        for third in _peers(request, other.id):
            if third.id in (here.id, there.id):
                continue
            spaces = network_prefixes(one.inputs), network_prefixes(third.inputs)
            for mine, theirs in overlaps(*spaces):
                return (
                    f"{here.id} and {there.id} cannot be peered because {mine} of {one.id}"
                    f" overlaps {theirs} of {third.id}, already peered with {other.id}."
                )
    return None


@rule("RemotePeeringIsDisconnected", PEERING, source=_LEARN)
def a_disconnected_peering_is_made_anew(request: Request) -> str | None:
    """What lost its other side has to be written or made again before the sides connect."""
    other = _other_side(request)
    if other and other.outputs.get("peeringState") == "Disconnected":
        return f"The remote peering {other.id} is Disconnected; update or re-create it."
    return None


def gateways_in(request: Request, network: str) -> list[Resource]:
    """The gateways that stand in a virtual network."""
    prefix = f"{network.lower()}/"
    return [
        item
        for item in request.cloud.store.of_type(GATEWAY)
        for one in items(item.inputs, "ipConfigurations")
        if str(at(one, "subnet", "id")).lower().startswith(prefix)
    ]


@rule("RemoteVnetHasNoGateways", PEERING, source=_TRANSIT)
def a_remote_gateway_is_there_before_it_is_used(request: Request) -> Refusal | None:
    """`useRemoteGateways` needs a gateway in the remote network."""
    remote = _remote_id(request)
    if not request.inputs.get("useRemoteGateways") or gateways_in(request, remote):
        return None
    return Refusal(
        f"Peering {request.id} cannot use remote gateways: {remote} has none.", "useRemoteGateways"
    )


@rule("BadRequest", PEERING, source=_TRANSIT)
def a_remote_gateway_is_offered_before_it_is_used(request: Request) -> Refusal | None:
    """The side with the gateway has `allowGatewayTransit`."""
    other = _other_side(request)
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
    """At most one peering of a network uses remote gateways."""
    for item in request.siblings():
        if request.inputs.get("useRemoteGateways") and item.inputs.get("useRemoteGateways"):
            return Refusal(
                f"Peering {request.id} cannot have UseRemoteGateways, because {item.id} already"
                " has it.",
                "useRemoteGateways",
            )
    return None


@rule("BadRequest", PEERING, source=_MANAGE)
def a_network_with_a_gateway_uses_no_other(request: Request) -> Refusal | None:
    """Neither does it take another's gateway, nor pass on the one it takes."""
    if not request.inputs.get("useRemoteGateways"):
        return None
    own = gateways_in(request, peering_sync.network_id(request.id))
    if own or request.inputs.get("allowGatewayTransit"):
        what = f"{own[0].id} is in the network" if own else "it allows gateway transit itself"
        return Refusal(
            f"Peering {request.id} cannot use remote gateways: {what}.", "useRemoteGateways"
        )
    return None


@rule("BadRequest", GATEWAY, source=_MANAGE)
def a_network_that_uses_a_remote_gateway_gets_none(request: Request) -> str | None:
    """A gateway is refused where a peering has `useRemoteGateways`."""
    for one in items(request.inputs, "ipConfigurations"):
        network = str(at(one, "subnet", "id")).rsplit("/subnets/", 1)[0]
        for item in request.cloud.store.below(network, PEERING):
            if item.inputs.get("useRemoteGateways"):
                return f"{network} uses a remote gateway by {item.id}."
    return None


def _outputs(request: Request) -> dict[str, Any]:
    store = request.cloud.store
    there = request.find(_remote_id(request))
    peered = network_prefixes(there.inputs) if there else []
    old = request.old.outputs if request.old else {}
    if old.get("peeringState") == "Connected" and not _syncs(request):
        # Only a sync takes a changed address space over; other writes leave what is peered.
        peered = items(at(old, "remoteAddressSpace"), "addressPrefixes")
    state = "Connected" if _other_side(request) else "Initiated"
    return {"peeringState": state, **peering_sync.shown(store, request.id, request.inputs, peered)}


def _syncs(request: Request) -> bool:
    return str(request.inputs.get("syncRemoteAddressSpace")).lower() == "true"


def _connect(request: Request) -> None:
    """The other side is connected, too, and shows what this one knows of its network."""
    other = _other_side(request)
    if other:
        outputs = peering_sync.shown_again(request.cloud.store, other)
        changed = replace(other, outputs={**outputs, "peeringState": "Connected"})
        request.cloud.store.put(changed)


def _disconnect(request: Request) -> None:
    other = _other_side(request)
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
