"""Azure Firewall; its policies and rules have modules of their own."""

from __future__ import annotations

from typing import Any

from simulator.azure.model import Request, ResourceType
from simulator.azure.namespaces.network.interfaces import with_addresses
from simulator.azure.namespaces.network.tokens import FIREWALL
from simulator.azure.rules import Refusal, rule
from support.nested import at, items


@rule("BadRequest", FIREWALL, source="Microsoft Learn: azure/firewall/basic-features")
def a_basic_firewall_is_managed_apart(request: Request) -> Refusal | None:
    """The Basic tier requires a management IP configuration."""
    tier = str(at(request.inputs, "sku", "tier")).lower()
    if tier == "basic" and not request.inputs.get("managementIpConfiguration"):
        return Refusal(
            "The tier Basic of Azure Firewall requires a management IP configuration.",
            "managementIpConfiguration",
        )
    return None


@rule(
    "AzureFirewallManagementIpConfigCannotBeAdded",
    FIREWALL,
    source="github.com/Azure/Azure-Landing-Zones/issues/2573",
)
def a_management_address_is_there_from_the_start(request: Request) -> Refusal | None:
    """A firewall that runs cannot get a management IP configuration."""
    name = "managementIpConfiguration"
    if request.old is None or request.old.inputs.get(name) or not request.inputs.get(name):
        return None
    text = (
        f"AzureFirewall {request.name} management IP configuration cannot be added to an existing"
        " firewall. Redeploy with a management IP configuration."
    )
    return Refusal(text, name)


@rule("BadRequest", FIREWALL, source="github.com/Azure/azure-cli-extensions/issues/1074")
def a_firewall_names_its_subnet_once(request: Request) -> Refusal | None:
    """One IP configuration names the subnet; the others have a public address only."""
    configurations = items(request.inputs, "ipConfigurations")
    if sum(at(item, "subnet") is not None for item in configurations) > 1:
        return Refusal(
            f"Azure Firewall {request.id} cannot have more than one subnet reference, please ensure"
            " only one IpConfiguration contains a subnet reference",
            "ipConfigurations",
        )
    return None


def _outputs(request: Request) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ipConfigurations": with_addresses(request, "ipConfigurations"),
        "ipGroups": [],
    }
    if "managementIpConfiguration" in request.inputs:
        result["managementIpConfiguration"] = request.inputs["managementIpConfiguration"]
    return result


TYPES = [
    ResourceType(
        FIREWALL,
        "2024-05-01",
        seconds=480,
        outputs=_outputs,
    ),
]
