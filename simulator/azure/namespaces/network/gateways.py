"""VPN and ExpressRoute gateways, and their connections."""

from __future__ import annotations

from typing import Any

from simulator.azure.catalog import ResourceType
from simulator.azure.request import Request
from simulator.azure.rules import Refusal, rule
from simulator.nested import at, items, mapping
from simulator.store import Resource

_GATEWAY = "network:VirtualNetworkGateway"


def _addresses(request: Request) -> list[Resource]:
    """The public addresses of a VPN gateway; none for other gateways."""
    if request.inputs.get("gatewayType") != "Vpn":
        return []
    configurations = items(request.inputs, "ipConfigurations")
    found = [request.find(at(one, "publicIPAddress", "id")) for one in configurations]
    return [address for address in found if address]


def _spans_zones(request: Request) -> bool:
    return str(at(request.inputs, "sku", "name")).endswith("AZ")


@rule(
    "VmssVpnGatewayPublicIpsMustHaveZonesConfigured",
    _GATEWAY,
    source="github.com/Azure/ResourceModules#2609",
)
def a_gateway_over_zones_has_addresses_over_zones(request: Request) -> str | Refusal | None:
    """The zones of an AZ SKU come with the public addresses."""
    if _spans_zones(request):
        for address in _addresses(request):
            if not address.inputs.get("zones"):
                return Refusal(f"{address.id} must have zones.", "ipConfigurations")
    return None


@rule(
    "RegionalVmssVpnGatewayPublicIpsMustNotHaveZonesConfigured",
    _GATEWAY,
    source="github.com/Azure/Azure-Landing-Zones#2660",
)
def a_gateway_without_zones_has_addresses_without(request: Request) -> str | Refusal | None:
    """The other SKUs take addresses without zones only."""
    if not _spans_zones(request):
        for address in _addresses(request):
            if address.inputs.get("zones"):
                return Refusal(f"{address.id} must not have zones.", "ipConfigurations")
    return None


@rule(
    "RemoteVnetHasNoGateways",
    "network:VirtualNetworkPeering",
    source="Microsoft Learn: azure/vpn-gateway/vpn-gateway-peering-gateway-transit",
)
def a_remote_gateway_is_there_before_it_is_used(request: Request) -> str | Refusal | None:
    """`useRemoteGateways` needs a gateway in a subnet of the remote network."""
    if not request.inputs.get("useRemoteGateways"):
        return None
    remote = str(at(request.inputs, "remoteVirtualNetwork", "id"))
    for item in request.cloud.store.of_type(_GATEWAY):
        for one in items(item.inputs, "ipConfigurations"):
            if str(at(one, "subnet", "id")).lower().startswith(f"{remote.lower()}/"):
                return None
    return Refusal(
        f"Peering {request.id} cannot use remote gateways: {remote} has none.", "useRemoteGateways"
    )


def _gateway_outputs(request: Request) -> dict[str, Any]:
    settings: dict[str, Any] = dict(mapping(request.inputs, "bgpSettings"))
    settings.setdefault("asn", 65515)
    return {"bgpSettings": settings}


def _connection_outputs(request: Request) -> dict[str, Any]:
    del request
    # No one answers at the other end of a simulated tunnel.
    return {
        "connectionStatus": "Unknown",
        "egressBytesTransferred": 0,
        "ingressBytesTransferred": 0,
    }


TYPES = [
    ResourceType(
        "network:VirtualNetworkGateway",
        "Microsoft.Network/virtualNetworkGateways/{virtualNetworkGatewayName}",
        "2024-05-01",
        seconds=2100,
        outputs=_gateway_outputs,
    ),
    ResourceType(
        "network:LocalNetworkGateway",
        "Microsoft.Network/localNetworkGateways/{localNetworkGatewayName}",
        "2024-05-01",
        seconds=5,
    ),
    ResourceType(
        "network:VirtualNetworkGatewayConnection",
        "Microsoft.Network/connections/{virtualNetworkGatewayConnectionName}",
        "2024-05-01",
        seconds=30,
        outputs=_connection_outputs,
    ),
]
