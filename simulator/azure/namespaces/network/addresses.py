"""Public IP addresses and their prefixes."""

from __future__ import annotations

from collections import Counter
from typing import Any

from simulator.azure import identifiers
from simulator.azure.model import Request, ResourceType
from simulator.azure.namespaces.dns import clear_aliases
from simulator.azure.namespaces.network.tokens import ADDRESS, ADDRESS_DEPENDENTS, NAT, PREFIX
from simulator.azure.rules import Refusal, rule
from support import arm_ids
from support.nested import at, items, mapping

_SKU = "Microsoft Learn: azure/virtual-network/ip-services/public-ip-addresses#sku"
_LEARN = "Microsoft Learn: azure/virtual-network/ip-services/public-ip-addresses"


def _sku(request: Request) -> str:
    return str(at(request.inputs, "sku", "name") or "Basic").lower()


@rule(
    "IPv4BasicSkuPublicIpCountLimitReached",
    ADDRESS,
    source="Microsoft Learn: azure/virtual-network/ip-services/public-ip-basic-upgrade-guidance",
)
def no_basic_address_is_made_any_more(request: Request) -> Refusal | None:
    """The Basic SKU, which is the default, was retired on 2025-09-30."""
    if request.old is None and _sku(request) == "basic":
        return Refusal("Cannot create more than 0 IPv4 Basic SKU public IP addresses.", "sku")
    return None


@rule("StandardSkuPublicIPAddressesMustBeStatic", ADDRESS, source=_SKU)
def a_standard_address_is_static(request: Request) -> Refusal | None:
    """An address of the SKU Standard or StandardV2 must be static."""
    method = request.inputs.get("publicIPAllocationMethod", "Dynamic")
    if _sku(request) in ("standard", "standardv2") and str(method).lower() != "static":
        return Refusal(
            f"Standard sku public IP {request.id} must have AllocationMethod set to Static.",
            "publicIPAllocationMethod",
        )
    return None


@rule(
    "DnsRecordInUse",
    ADDRESS,
    source="Microsoft Learn: azure-resource-manager/troubleshooting/common-deployment-errors",
)
def a_dns_label_is_taken_once(request: Request) -> Refusal | None:
    """A DNS label is unique in its region."""
    label = at(request.inputs, "dnsSettings", "domainNameLabel")
    for item in request.cloud.store.of_type(ADDRESS) if label else ():
        same = arm_ids.same(str(at(item.inputs, "dnsSettings", "domainNameLabel")), str(label))
        region = arm_ids.same(str(item.inputs.get("location")), request.location)
        if same and region and item.id.lower() != request.id.lower():
            return Refusal(f"DNS label {label} is already used by {item.id}.", "dnsSettings")
    return None


@rule(
    "ResourceAvailabilityZonesCannotBeModified",
    ADDRESS,
    PREFIX,
    NAT,
    source="Microsoft Learn: azure/reliability/availability-zones-overview",
)
def zones_are_for_good(request: Request) -> Refusal | None:
    """The zones of an address, prefix or NAT gateway cannot change."""
    if request.old is None:
        return None
    old = sorted(items(request.old.inputs, "zones"))
    new = sorted(items(request.inputs, "zones"))
    if old == new:
        return None
    return Refusal(f"Zones of {request.id} cannot change from {old} to {new}.", "zones")


@rule("PublicIPAddressInUse", *ADDRESS_DEPENDENTS, source=_LEARN)
def an_address_has_one_user(request: Request) -> str | None:
    """An address can be used by one resource only."""
    for address in request.referenced(ADDRESS):
        for item in request.cloud.store.referrers(address.id):
            if item.token in ADDRESS_DEPENDENTS and item.id.lower() != request.id.lower():
                return f"{request.id} refers to {address.id}, already allocated to {item.id}."
    return None


@rule("PublicIPReferencedByMultipleIPConfigs", *ADDRESS_DEPENDENTS, source=_LEARN)
def an_address_is_held_once(request: Request) -> str | None:
    """An address can be used by one IP configuration only."""
    for address, times in Counter(item.id for item in request.referenced(ADDRESS)).items():
        if times > 1:
            return f"Public IP address {address} is referenced by {times} IP configurations."
    return None


def _address_outputs(request: Request) -> dict[str, Any]:
    settings: dict[str, Any] = dict(mapping(request.inputs, "dnsSettings"))
    label = settings.get("domainNameLabel")
    result: dict[str, Any] = {
        "ipAddress": identifiers.public_address(request.id),
        "idleTimeoutInMinutes": request.inputs.get("idleTimeoutInMinutes", 4),
        "publicIPAddressVersion": request.inputs.get("publicIPAddressVersion", "IPv4"),
    }
    if label:
        settings["fqdn"] = f"{label}.{request.location}.cloudapp.azure.com"
        result["dnsSettings"] = settings
    return result


def _prefix_outputs(request: Request) -> dict[str, Any]:
    base = identifiers.public_address(request.id).rsplit(".", 1)[0]
    return {"ipPrefix": f"{base}.0/{request.inputs.get('prefixLength', 28)}"}


TYPES = [
    ResourceType(
        ADDRESS,
        "2024-05-01",
        replaces=("location", "sku", "publicIPAddressVersion", "publicIPPrefix"),
        seconds=4,
        outputs=_address_outputs,
        after_delete=clear_aliases,
    ),
    ResourceType(
        PREFIX,
        "2024-05-01",
        seconds=4,
        outputs=_prefix_outputs,
    ),
]
