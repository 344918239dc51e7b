"""Public DNS zones and records (Microsoft.Network/dnsZones)."""

from __future__ import annotations

from typing import Any

from simulator.azure import arm
from simulator.azure.catalog import ResourceType
from simulator.azure.request import Request
from simulator.azure.rules import Refusal, rule


@rule(
    "LocationNotAvailableForResourceType",
    "dns:Zone",
    "privatedns:PrivateZone",
    "privatedns:VirtualNetworkLink",
    source="Microsoft Learn: azure-resource-manager/troubleshooting/error-codes",
)
def zones_are_global(request: Request) -> str | Refusal | None:
    """DNS resources live in no region."""
    if request.location != "global":
        return Refusal(
            f"Location '{request.inputs.get('location')}' is not available for"
            f" {request.type.arm_type}; it must be 'global'.",
            "location",
        )
    return None


def _zone_outputs(request: Request) -> dict[str, Any]:
    number = int(arm.digest(request.id, length=4), 16) % 90 + 10
    return {
        "nameServers": [
            f"ns{index}-{number:02d}.azure-dns.{domain}."
            for index, domain in enumerate(("com", "net", "org", "info"), start=1)
        ],
        "numberOfRecordSets": 2,
        "maxNumberOfRecordSets": 10000,
    }


def record_outputs(request: Request) -> dict[str, Any]:
    """The full name of a record set."""
    zone = str(request.inputs.get("zoneName") or request.inputs.get("privateZoneName"))
    name = request.name
    kind = str(request.inputs.get("recordType"))
    return {
        "fqdn": f"{zone}." if name == "@" else f"{name}.{zone}.",
        "type": f"{request.type.arm_type.rsplit('/', 1)[0]}/{kind}",
    }


TYPES = [
    ResourceType(
        "dns:Zone",
        "Microsoft.Network/dnsZones/{zoneName}",
        "2023-07-01-preview",
        replaces=("location",),
        seconds=35,
        outputs=_zone_outputs,
    ),
    ResourceType(
        "dns:RecordSet",
        "Microsoft.Network/dnsZones/{zoneName}/{recordType}/{relativeRecordSetName}",
        "2023-07-01-preview",
        seconds=2,
        outputs=record_outputs,
    ),
]
