"""Azure Bastion."""

from __future__ import annotations

from typing import Any

from simulator.azure import arm
from simulator.azure.catalog import ResourceType
from simulator.azure.request import Request


def _outputs(request: Request) -> dict[str, Any]:
    name = arm.digest(request.id, length=12)
    return {
        "dnsName": f"bst-{name}.bastion.azure.com",
        "scaleUnits": request.inputs.get("scaleUnits", 2),
    }


TYPES = [
    ResourceType(
        "network:BastionHost",
        "Microsoft.Network/bastionHosts/{bastionHostName}",
        "2024-05-01",
        seconds=600,
        outputs=_outputs,
    ),
]
