"""Private DNS zones, their links to networks, and records (Microsoft.Network/privateDnsZones)."""

from __future__ import annotations

from typing import Any

from simulator.azure import arm
from simulator.azure.catalog import ResourceType
from simulator.azure.namespaces.dns import record_outputs
from simulator.azure.request import Request
from simulator.azure.rules import rule
from simulator.nested import at

_ZONE = "Microsoft.Network/privateDnsZones/{privateZoneName}"


def _network_of(inputs: Any) -> str:
    return str(at(inputs, "virtualNetwork", "id") or "")


@rule(
    "Conflict",
    "privatedns:VirtualNetworkLink",
    source="Microsoft Learn: azure/dns/private-dns-virtual-network-links",
    status=409,
)
def a_network_is_linked_once_to_a_zone(request: Request) -> str | None:
    """One link per zone and network."""
    for other in request.siblings():
        if arm.same(_network_of(other.inputs), _network_of(request.inputs)):
            return f"The network is linked to this zone already, by {other.name}."
    return None


def _zone_outputs(request: Request) -> dict[str, Any]:
    return {
        "internalId": arm.guid(request.id, "internal"),
        "numberOfRecordSets": 1,
        "numberOfVirtualNetworkLinks": 0,
        "numberOfVirtualNetworkLinksWithRegistration": 0,
        "maxNumberOfRecordSets": 25000,
        "maxNumberOfVirtualNetworkLinks": 1000,
        "maxNumberOfVirtualNetworkLinksWithRegistration": 100,
    }


def _link_outputs(request: Request) -> dict[str, Any]:
    del request
    return {"virtualNetworkLinkState": "Completed"}


TYPES = [
    ResourceType(
        "privatedns:PrivateZone",
        _ZONE,
        "2024-06-01",
        replaces=("location",),
        seconds=35,
        outputs=_zone_outputs,
    ),
    ResourceType(
        "privatedns:VirtualNetworkLink",
        f"{_ZONE}/virtualNetworkLinks/{{virtualNetworkLinkName}}",
        "2024-06-01",
        replaces=("location", "virtualNetwork"),
        seconds=45,
        outputs=_link_outputs,
    ),
    ResourceType(
        "privatedns:PrivateRecordSet",
        f"{_ZONE}/{{recordType}}/{{relativeRecordSetName}}",
        "2024-06-01",
        seconds=2,
        outputs=record_outputs,
    ),
]
