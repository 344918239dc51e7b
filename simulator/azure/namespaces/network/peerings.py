"""Peerings of virtual networks: two one-way resources that together connect."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from simulator.azure import arm
from simulator.azure.catalog import ResourceType
from simulator.azure.namespaces.network.virtual_networks import network_prefixes, overlaps
from simulator.azure.request import Request
from simulator.azure.rules import rule
from simulator.nested import at
from simulator.store import Resource

_LEARN = "Microsoft Learn: azure/virtual-network/virtual-network-peering-overview"


def _remote_id(resource: Request | Resource) -> str:
    return str(at(resource.inputs, "remoteVirtualNetwork", "id") or "")


def _network_id(peering_id: str) -> str:
    return peering_id.rsplit("/", 2)[0]


def _other_side(request: Request) -> Resource | None:
    """The peering by which the remote network points back, where there is one."""
    mine = _network_id(request.id)
    for item in request.cloud.store.below(_remote_id(request), request.type.token):
        if arm.same(_remote_id(item), mine):
            return item
    return None


@rule("VnetAddressSpacesOverlap", "network:VirtualNetworkPeering", source=_LEARN)
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


@rule("RemotePeeringIsDisconnected", "network:VirtualNetworkPeering", source=_LEARN)
def a_disconnected_peering_is_made_anew(request: Request) -> str | None:
    """What lost its other side has to be deleted before the sides connect again."""
    other = _other_side(request)
    if other and other.outputs.get("peeringState") == "Disconnected":
        return f"The remote peering {other.id} is Disconnected; delete and create it again."
    return None


def _outputs(request: Request) -> dict[str, Any]:
    remote = request.find(_remote_id(request))
    space = {"addressPrefixes": network_prefixes(remote.inputs)} if remote else {}
    return {
        "peeringState": "Connected" if _other_side(request) else "Initiated",
        "peeringSyncLevel": "FullyInSync" if _other_side(request) else "RemoteNotInSync",
        "remoteAddressSpace": space,
        "remoteVirtualNetworkAddressSpace": space,
    }


def _set_other(request: Request, state: str) -> None:
    other = _other_side(request)
    if other:
        level = "FullyInSync" if state == "Connected" else "RemoteNotInSync"
        changed = {**other.outputs, "peeringState": state, "peeringSyncLevel": level}
        request.cloud.store.put(replace(other, outputs=changed))


TYPES = [
    ResourceType(
        "network:VirtualNetworkPeering",
        "Microsoft.Network/virtualNetworks/{virtualNetworkName}"
        "/virtualNetworkPeerings/{virtualNetworkPeeringName}",
        "2024-05-01",
        seconds=20,
        outputs=_outputs,
        after_put=lambda request: _set_other(request, "Connected"),
        after_delete=lambda request: _set_other(request, "Disconnected"),
    ),
]
