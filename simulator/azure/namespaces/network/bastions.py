"""Azure Bastion."""

from __future__ import annotations

from typing import Any

from simulator.azure import identifiers
from simulator.azure.model import Request, ResourceType
from simulator.azure.namespaces.network.reserved_subnets import subnets_in
from simulator.azure.namespaces.network.users import BASTION
from simulator.azure.rules import Refusal, rule
from support.nested import at, items

_SETTINGS = "Microsoft Learn: azure/bastion/configuration-settings"
_SKUS = ("Developer", "Basic", "Standard", "Premium")
# Feature and the least SKU that has it (Microsoft Learn: azure/bastion/bastion-sku-comparison).
# Kerberos is left out: the documentation gives it to all SKUs.
FEATURES = (
    ("enableTunneling", "Standard"),
    ("enableIpConnect", "Standard"),
    ("enableShareableLink", "Standard"),
    ("enableFileCopy", "Standard"),
    ("enableSessionRecording", "Premium"),
    ("enablePrivateOnlyBastion", "Premium"),
)


DEFAULT_SKU = "Standard"
"""Of a host that is written without one (the schema's default in Azure/azure-rest-api-specs)."""


def _rank(inputs: Any) -> int:
    name = str(at(inputs, "sku", "name") or DEFAULT_SKU).capitalize()
    return _SKUS.index(name) if name in _SKUS else 0


@rule("BadRequest", BASTION, source="Microsoft Learn: azure/bastion/bastion-sku-comparison")
def a_feature_needs_its_sku(request: Request) -> Refusal | None:
    """Tunnels, addresses, links and files from Standard on; recording and privacy with Premium."""
    for feature, least in FEATURES:
        if request.inputs.get(feature) and _rank(request.inputs) < _SKUS.index(least):
            return Refusal(f"{feature} needs the SKU {least} or above.", feature)
    return None


@rule("BadRequest", BASTION, source=f"{_SETTINGS}#instance")
def only_standard_and_premium_scale(request: Request) -> Refusal | None:
    """Developer is shared and Basic has two instances."""
    units = request.inputs.get("scaleUnits", 2)
    if units != 2 and _rank(request.inputs) < _SKUS.index("Standard"):
        return Refusal(f"{units} scale units need the SKU Standard or above.", "scaleUnits")
    return None


@rule("BadRequest", BASTION, source=f"{_SETTINGS}#upgradesku")
def a_bastion_is_not_downgraded(request: Request) -> Refusal | None:
    """A lesser SKU needs another Bastion."""
    if request.old and _rank(request.inputs) < _rank(request.old.inputs):
        return Refusal("The SKU of a Bastion host can be raised, not lowered.", "sku")
    return None


@rule(
    "BastionHostMustHaveAtleastOneHostIpConfiguration",
    BASTION,
    source="github.com/hashicorp/terraform-provider-azurerm#25006",
)
def a_bastion_of_ones_own_has_a_subnet(request: Request) -> Refusal | None:
    """All SKUs but Developer stand in AzureBastionSubnet."""
    if _rank(request.inputs) > 0 and not items(request.inputs, "ipConfigurations"):
        return Refusal(f"BastionHost {request.id} has no IP configuration.", "ipConfigurations")
    return None


@rule("BadRequest", BASTION, source=f"{_SETTINGS}#public-ip")
def a_bastion_has_a_public_address(request: Request) -> Refusal | None:
    """Unless it is a private-only one."""
    if request.inputs.get("enablePrivateOnlyBastion"):
        return None
    for one in items(request.inputs, "ipConfigurations"):
        if not at(one, "publicIPAddress", "id"):
            return Refusal("A Bastion host needs a public IP address.", "ipConfigurations")
    return None


@rule(
    "BastionHostVirtualNetworkNotFound",
    BASTION,
    source="Microsoft Learn: azure/bastion/quickstart-developer",
)
def a_developer_bastion_names_its_network(request: Request) -> Refusal | None:
    """The shared SKU has no subnet, but a virtual network."""
    if _rank(request.inputs) == 0 and not at(request.inputs, "virtualNetwork", "id"):
        return Refusal("A Bastion of the SKU Developer needs a network.", "virtualNetwork")
    return None


@rule("BadRequest", BASTION, source="Microsoft Learn: azure/bastion/bastion-faq")
def a_network_has_one_bastion(request: Request) -> str | None:
    """AzureBastionSubnet holds one host."""
    for subnet in subnets_in(request):
        for item in request.cloud.store.referrers(subnet.id):
            if item.token == BASTION and item.id.lower() != request.id.lower():
                return f"{subnet.id} holds {item.id} already."
    return None


def _outputs(request: Request) -> dict[str, Any]:
    name = identifiers.digest(request.id, length=12)
    return {
        "dnsName": f"bst-{name}.bastion.azure.com",
        "scaleUnits": request.inputs.get("scaleUnits", 2),
        "sku": {"name": at(request.inputs, "sku", "name") or DEFAULT_SKU},
    }


TYPES = [
    ResourceType(
        BASTION,
        "2024-05-01",
        seconds=600,
        outputs=_outputs,
    ),
]
