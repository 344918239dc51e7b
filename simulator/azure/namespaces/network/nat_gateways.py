"""NAT gateways of the SKUs Standard and StandardV2, and the SKUs of their addresses."""

from __future__ import annotations

from typing import Any

from simulator.azure import subscription
from simulator.azure.model import Request, ResourceType
from simulator.azure.namespaces.network.tokens import ADDRESS, NAT, PREFIX
from simulator.azure.rules import Refusal, rule
from simulator.store import Resource
from support import arm_ids
from support.nested import at, items

_LEARN = "Microsoft Learn: azure/nat-gateway/nat-gateway-resource"
_SKUS = "Microsoft Learn: azure/nat-gateway/nat-sku#known-limitations"
MAX_ADDRESSES = 16
"""Maximum of a NAT gateway, including the addresses of its prefixes."""
STANDARD, STANDARD_V2 = "Standard", "StandardV2"
WITHOUT_STANDARD_V2 = frozenset(
    (
        "canadaeast",
        "indonesiacentral",
        "israelnorthwest",
        "qatarcentral",
        "swedensouth",
        "westindia",
    )
)


def _sku(inputs: Any) -> str:
    return str(at(inputs, "sku", "name") or STANDARD)


def _is_v2(inputs: Any) -> bool:
    return _sku(inputs).lower() == STANDARD_V2.lower()


@rule(
    "InvalidRequestFormat",
    NAT,
    ADDRESS,
    source="azure-mgmt-network 30.1.0; Azure/bicep-types-az, generated/network",
)
def a_sku_belongs_to_the_api_version(request: Request) -> Refusal | None:
    """The SKU of a NAT gateway or an address must be one of the API version."""
    name = request.type.token.partition(":")[2]
    sku = request.type.module_schema["objects"][f"{name}SkuArgs"]["properties"]["name"]
    known: list[str] = sku["open_enum"]
    given = at(request.inputs, "sku", "name")
    if given is None or str(given).lower() in {value.lower() for value in known}:
        return None
    return Refusal(f"{given} is not a SKU at {request.type.api}: {', '.join(known)}.", "sku.name")


@rule("BadRequest", NAT, source=_SKUS)
def a_nat_gateway_and_its_addresses_have_one_sku(request: Request) -> Refusal | None:
    """StandardV2 requires StandardV2 addresses and prefixes, and Standard takes no others."""
    own = _is_v2(request.inputs)
    for key in ("publicIpAddresses", "publicIpPrefixes"):
        for item in items(request.inputs, key):
            other: Resource | None = request.find(item)
            if other is not None and _is_v2(other.inputs) != own:
                text = (
                    f"NAT gateway {request.id} with SKU {_sku(request.inputs)} cannot use"
                    f" {other.id} with SKU {_sku(other.inputs)}."
                )
                return Refusal(text, key)
    return None


@rule("BadRequest", NAT, source=_SKUS)
def a_nat_gateway_keeps_its_sku(request: Request) -> Refusal | None:
    """A NAT gateway cannot change its SKU: another gateway must replace it."""
    if request.old is None or arm_ids.same(_sku(request.old.inputs), _sku(request.inputs)):
        return None
    return Refusal(f"The SKU of NAT gateway {request.id} cannot change.", "sku")


@rule("BadRequest", NAT, ADDRESS, PREFIX, source=_SKUS)
def standard_v2_is_not_in_every_region(request: Request) -> Refusal | None:
    """Some regions have neither NAT gateways nor addresses of the SKU StandardV2."""
    if _is_v2(request.inputs) and request.location in WITHOUT_STANDARD_V2:
        return Refusal(f"The SKU StandardV2 is not available in {request.location}.", "sku")
    return None


def _capacity(request: Request, item: Any) -> int:
    prefix = request.find(item)
    return 2 ** (32 - int(prefix.inputs.get("prefixLength", 28))) if prefix else 0


@rule("BadRequest", NAT, source=_LEARN)
def a_nat_gateway_has_16_addresses(request: Request) -> Refusal | None:
    """A NAT gateway has at most 16 addresses, including those of its prefixes."""
    single = len(items(request.inputs, "publicIpAddresses"))
    several = sum(_capacity(request, item) for item in items(request.inputs, "publicIpPrefixes"))
    if single + several > MAX_ADDRESSES:
        return Refusal(f"{single + several} addresses exceed the limit of {MAX_ADDRESSES}.")
    return None


@rule("BadRequest", NAT, source="Microsoft Learn: azure/reliability/reliability-nat-gateway")
def a_standard_nat_gateway_stands_in_one_zone(request: Request) -> Refusal | None:
    """A NAT gateway of the SKU Standard is in one zone or in none."""
    zones = items(request.inputs, "zones")
    if len(zones) > 1 and not _is_v2(request.inputs):
        return Refusal(f"A NAT gateway can be in one zone, not in {', '.join(zones)}.", "zones")
    return None


def _outputs(request: Request) -> dict[str, Any]:
    """A StandardV2 gateway is in all zones of its region, whatever the request says.

    Azure returns them (hashicorp/terraform-provider-azurerm, nat_gateway_resource.go).
    """
    zones = subscription.current().zones(request.location)
    return {"zones": zones} if _is_v2(request.inputs) and zones else {}


TYPES = [ResourceType(NAT, "2024-05-01", seconds=13, outputs=_outputs)]
