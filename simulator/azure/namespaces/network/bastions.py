"""Azure Bastion."""

from __future__ import annotations

from typing import Any

from simulator.azure import arm
from simulator.azure.catalog import ResourceType
from simulator.azure.namespaces.network.virtual_networks import networks, prefixes
from simulator.azure.request import Request
from simulator.azure.rules import rule
from simulator.nested import at, items


@rule(
    "BadRequest",
    "network:BastionHost",
    source="Microsoft Learn: azure/bastion/configuration-settings#subnet",
)
def bastion_has_64_addresses(request: Request) -> str | None:
    """AzureBastionSubnet is /26 or larger, for hosts made since November 2021."""
    for configuration in items(request.inputs, "ipConfigurations"):
        subnet = request.find(at(configuration, "subnet"))
        for block in networks(prefixes(subnet.inputs)) if subnet else ():
            if block.prefixlen > 26:
                return f"AzureBastionSubnet must be /26 or larger, not {block}."
    return None


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
