"""Azure Bastion."""

from __future__ import annotations

from typing import Any

from simulator.azure import identifiers
from simulator.azure.model import Request, ResourceType
from simulator.azure.namespaces.network.tokens import BASTION
from simulator.azure.rules import Refusal, rule
from support.nested import at, items

_SETTINGS = "Microsoft Learn: azure/bastion/configuration-settings"
_SKUS = ("Developer", "Basic", "Standard", "Premium")
# (feature, lowest SKU that supports it) (Microsoft Learn: azure/bastion/bastion-sku-comparison).
# Kerberos is absent: according to the documentation all SKUs support it.
FEATURES = (
    ("enableTunneling", "Standard"),
    ("enableIpConnect", "Standard"),
    ("enableShareableLink", "Standard"),
    ("enableFileCopy", "Standard"),
    ("enableSessionRecording", "Premium"),
    ("enablePrivateOnlyBastion", "Premium"),
)


DEFAULT_SKU = "Standard"
"""SKU of a host that does not set one (the schema's default in Azure/azure-rest-api-specs)."""


def _rank(inputs: Any) -> int:
    name = str(at(inputs, "sku", "name") or DEFAULT_SKU).capitalize()
    return _SKUS.index(name) if name in _SKUS else 0


@rule("BadRequest", BASTION, source="Microsoft Learn: azure/bastion/bastion-sku-comparison")
def a_feature_needs_its_sku(request: Request) -> Refusal | None:
    """Tunnels, IP connections, links and files require Standard; recording and privacy Premium."""
    for feature, least in FEATURES:
        if request.inputs.get(feature) and _rank(request.inputs) < _SKUS.index(least):
            return Refusal(f"{feature} requires the SKU {least} or above.", feature)
    return None


@rule("BadRequest", BASTION, source=f"{_SETTINGS}#instance")
def only_standard_and_premium_scale(request: Request) -> Refusal | None:
    """Only Standard and Premium scale: Developer is shared, Basic has two instances."""
    units = request.inputs.get("scaleUnits", 2)
    if units != 2 and _rank(request.inputs) < _SKUS.index("Standard"):
        return Refusal(f"{units} scale units require the SKU Standard or above.", "scaleUnits")
    return None


@rule("BadRequest", BASTION, source=f"{_SETTINGS}#upgradesku")
def a_bastion_is_not_downgraded(request: Request) -> Refusal | None:
    """The SKU of a Bastion host cannot be lowered."""
    if request.old and _rank(request.inputs) < _rank(request.old.inputs):
        return Refusal("The SKU of a Bastion host can be raised but not lowered.", "sku")
    return None


@rule(
    "BastionHostMustHaveAtleastOneHostIpConfiguration",
    BASTION,
    source="github.com/hashicorp/terraform-provider-azurerm#25006",
)
def a_bastion_of_ones_own_has_a_subnet(request: Request) -> Refusal | None:
    """All SKUs except Developer need an IP configuration in AzureBastionSubnet."""
    if _rank(request.inputs) > 0 and not items(request.inputs, "ipConfigurations"):
        return Refusal(f"BastionHost {request.id} has no IP configuration.", "ipConfigurations")
    return None


@rule("BadRequest", BASTION, source=f"{_SETTINGS}#public-ip")
def a_bastion_has_a_public_address(request: Request) -> Refusal | None:
    """A Bastion host needs a public IP address unless it is private-only."""
    if request.inputs.get("enablePrivateOnlyBastion"):
        return None
    for configuration in items(request.inputs, "ipConfigurations"):
        if not at(configuration, "publicIPAddress", "id"):
            return Refusal("A Bastion host requires a public IP address.", "ipConfigurations")
    return None


@rule(
    "BastionHostVirtualNetworkNotFound",
    BASTION,
    source="Microsoft Learn: azure/bastion/quickstart-developer",
)
def a_developer_bastion_names_its_network(request: Request) -> Refusal | None:
    """The SKU Developer needs a virtual network instead of a subnet."""
    if _rank(request.inputs) == 0 and not at(request.inputs, "virtualNetwork", "id"):
        return Refusal("The SKU Developer requires a virtual network.", "virtualNetwork")
    return None


@rule("BadRequest", BASTION, source="Microsoft Learn: azure/bastion/bastion-faq")
def a_network_has_one_bastion(request: Request) -> str | None:
    """AzureBastionSubnet can contain one host only."""
    for subnet in request.referenced("network:Subnet"):
        for item in request.cloud.store.referrers(subnet.id):
            if item.token == BASTION and item.id.lower() != request.id.lower():
                return f"{subnet.id} already contains {item.id}."
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
