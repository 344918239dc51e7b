"""How far the two sides of a peering know each other's address space.

Each side keeps the range that the remote network had when the side was made or last synced, as
`remoteAddressSpace`; only that is routed. A network that changes its range makes the *other*
network's peering LocalNotInSync and its own RemoteNotInSync, until the other's is written with
`syncRemoteAddressSpace=true`.

Sources: Microsoft Learn, azure/virtual-network/update-virtual-network-peering-address-space; the
scenario test of Sync-AzVirtualNetworkPeering in github.com/Azure/azure-powershell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from simulator.azure.namespaces.network.prefixes import network_prefixes
from simulator.store import MemoryStore, Resource
from support import arm_ids
from support.nested import at

PEERING = "network:VirtualNetworkPeering"

_LEVELS = {
    (True, True): "FullyInSync",
    (True, False): "RemoteNotInSync",
    (False, True): "LocalNotInSync",
    (False, False): "LocalAndRemoteNotInSync",
}
"""By whether this side, and whether the other, knows the other's present range."""


def remote_id(inputs: Mapping[str, Any]) -> str:
    """The id of the network that a peering leads to."""
    return str(at(inputs, "remoteVirtualNetwork", "id") or "")


def network_id(peering_id: str) -> str:
    """The id of the network that a peering belongs to."""
    return peering_id.rsplit("/", 2)[0]


def other_side(store: MemoryStore, peering_id: str, remote: str) -> Resource | None:
    """The peering by which the remote network points back, where there is one."""
    for item in store.below(remote, PEERING):
        if arm_ids.same(remote_id(item.inputs), network_id(peering_id)):
            return item
    return None


def shown(
    store: MemoryStore, peering_id: str, inputs: Mapping[str, Any], peered: Sequence[str]
) -> dict[str, Any]:
    """What a peering tells of both address spaces, `peered` being the remote range that it has."""
    remote = remote_id(inputs)
    here, there = _space(store, network_id(peering_id)), _space(store, remote)
    other = other_side(store, peering_id, remote)
    known_there = here
    if other is not None:
        known_there = list(at(other.outputs, "remoteAddressSpace", "addressPrefixes") or ())
    level = _LEVELS[set(peered) == set(there), other is not None and set(known_there) == set(here)]
    return {
        "peeringSyncLevel": level,
        "localAddressSpace": {"addressPrefixes": known_there},
        "localVirtualNetworkAddressSpace": {"addressPrefixes": here},
        "remoteAddressSpace": {"addressPrefixes": list(peered)},
        "remoteVirtualNetworkAddressSpace": {"addressPrefixes": there},
    }


def shown_again(store: MemoryStore, peering: Resource) -> dict[str, Any]:
    """The outputs of a peering after a change at its other end, or of either network."""
    peered = at(peering.outputs, "remoteAddressSpace", "addressPrefixes") or ()
    return {**peering.outputs, **shown(store, peering.id, peering.inputs, peered)}


def _space(store: MemoryStore, network: str) -> list[str]:
    found = store.get(network)
    return network_prefixes(found.inputs) if found else []
