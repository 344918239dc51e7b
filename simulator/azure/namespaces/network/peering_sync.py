"""The sync level of a peering: whether its sides know each other's current address space.

`remoteAddressSpace` is the range that the remote network had when the peering was created or last
synced; only this range is routed. If a network changes its range, the *other* network's peering
becomes LocalNotInSync and its own RemoteNotInSync, until the other network's peering is written
with `syncRemoteAddressSpace=true`.

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

CONNECTED = "Connected"
"""The state of a peering whose remote network has a peering back; until then it is Initiated."""

_LEVELS = {
    (True, True): "FullyInSync",
    (True, False): "RemoteNotInSync",
    (False, True): "LocalNotInSync",
    (False, False): "LocalAndRemoteNotInSync",
}
"""Levels by (this peering knows the remote range, the remote peering knows the local range)."""


def remote_id(inputs: Mapping[str, Any]) -> str:
    """The id of a peering's remote network."""
    return str(at(inputs, "remoteVirtualNetwork", "id") or "")


def network_id(peering_id: str) -> str:
    """The id of a peering's own network."""
    return peering_id.rsplit("/", 2)[0]


def remote_peering(store: MemoryStore, peering_id: str, remote: str) -> Resource | None:
    """The peering from the remote network back, if there is one."""
    for item in store.below(remote, PEERING):
        if arm_ids.same(remote_id(item.inputs), network_id(peering_id)):
            return item
    return None


def sync_outputs(
    store: MemoryStore, peering_id: str, inputs: Mapping[str, Any], peered: Sequence[str]
) -> dict[str, Any]:
    """Outputs on both address spaces; `peered` is the remote range that the peering knows."""
    remote = remote_id(inputs)
    here, there = _space(store, network_id(peering_id)), _space(store, remote)
    other = remote_peering(store, peering_id, remote)
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


def refreshed_outputs(store: MemoryStore, peering: Resource) -> dict[str, Any]:
    """The outputs of a peering after a change of the remote peering or of either network."""
    peered = at(peering.outputs, "remoteAddressSpace", "addressPrefixes") or ()
    return {**peering.outputs, **sync_outputs(store, peering.id, peering.inputs, peered)}


def _space(store: MemoryStore, network: str) -> list[str]:
    resource = store.get(network)
    return network_prefixes(resource.inputs) if resource else []
