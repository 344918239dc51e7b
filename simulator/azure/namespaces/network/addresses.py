"""Public addresses, NAT gateways and route tables."""

from __future__ import annotations

from typing import Any

from simulator.azure import arm
from simulator.azure.catalog import ResourceType
from simulator.azure.request import Request
from simulator.azure.rules import Refusal, rule
from simulator.nested import at, mapping


@rule(
    "StandardSkuPublicIPAddressesMustBeStatic",
    "network:PublicIPAddress",
    source="Microsoft Learn: azure/virtual-network/ip-services/public-ip-addresses#sku",
)
def a_standard_address_is_static(request: Request) -> str | Refusal | None:
    """Standard addresses are allocated statically."""
    sku = at(request.inputs, "sku", "name") or "Basic"
    method = request.inputs.get("publicIPAllocationMethod", "Dynamic")
    if str(sku).lower() == "standard" and str(method).lower() != "static":
        return Refusal(
            f"Standard sku public IP {request.id} must have AllocationMethod set to Static.",
            "publicIPAllocationMethod",
        )
    return None


def _address_outputs(request: Request) -> dict[str, Any]:
    settings: dict[str, Any] = dict(mapping(request.inputs, "dnsSettings"))
    label = settings.get("domainNameLabel")
    result: dict[str, Any] = {
        "ipAddress": arm.public_address(request.id),
        "idleTimeoutInMinutes": request.inputs.get("idleTimeoutInMinutes", 4),
        "publicIPAddressVersion": request.inputs.get("publicIPAddressVersion", "IPv4"),
    }
    if label:
        settings["fqdn"] = f"{label}.{request.location}.cloudapp.azure.com"
        result["dnsSettings"] = settings
    return result


TYPES = [
    ResourceType(
        "network:PublicIPAddress",
        "Microsoft.Network/publicIPAddresses/{publicIpAddressName}",
        "2024-05-01",
        replaces=("location", "sku", "publicIPAddressVersion", "publicIPPrefix"),
        seconds=4,
        outputs=_address_outputs,
    ),
    ResourceType(
        "network:NatGateway",
        "Microsoft.Network/natGateways/{natGatewayName}",
        "2024-05-01",
        seconds=13,
    ),
    ResourceType(
        "network:RouteTable",
        "Microsoft.Network/routeTables/{routeTableName}",
        "2024-05-01",
        seconds=4,
    ),
    ResourceType(
        "network:Route",
        "Microsoft.Network/routeTables/{routeTableName}/routes/{routeName}",
        "2024-05-01",
        seconds=3,
    ),
]
