"""Private endpoints and their DNS zone groups."""

from __future__ import annotations

from typing import Any

from simulator.azure import arm
from simulator.azure.catalog import ResourceType
from simulator.azure.request import Request

_PATH = "Microsoft.Network/privateEndpoints/{privateEndpointName}"


def _outputs(request: Request) -> dict[str, Any]:
    group = arm.group_of(request.id)
    interface = f"{request.name}.nic.{arm.guid(request.id, 'nic')}"
    return {
        "networkInterfaces": [
            {"id": f"{group}/providers/Microsoft.Network/networkInterfaces/{interface}"}
        ]
    }


TYPES = [
    ResourceType(
        "network:PrivateEndpoint",
        _PATH,
        "2024-05-01",
        replaces=("subnet",),
        seconds=60,
        outputs=_outputs,
    ),
    ResourceType(
        "network:PrivateDnsZoneGroup",
        f"{_PATH}/privateDnsZoneGroups/{{privateDnsZoneGroupName}}",
        "2024-05-01",
        seconds=15,
    ),
]
