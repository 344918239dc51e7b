"""VPN and ExpressRoute gateways, and their connections."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Any

from simulator.azure.model import Request, ResourceType
from simulator.azure.rules import Refusal, rule
from simulator.store import Resource
from support.nested import at, items, mapping

_GATEWAY = "network:VirtualNetworkGateway"
_SITE, _CONNECTION = "network:LocalNetworkGateway", "network:VirtualNetworkGatewayConnection"
_SETTINGS = "Microsoft Learn: azure/vpn-gateway/vpn-gateway-about-vpn-gateway-settings"


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


_VPN_TYPES = ("IPsec", "Vnet2Vnet", "VPNClient")


@rule(
    "NonAzSkusNotAllowedForVPNGateway",
    _GATEWAY,
    source="Microsoft Learn: azure/vpn-gateway/gateway-sku-consolidation",
)
def new_vpn_gateways_span_zones(request: Request) -> Refusal | None:
    """VpnGw1 to VpnGw5 are not sold any more; their AZ forms and Basic are."""
    name = str(at(request.inputs, "sku", "name"))
    if request.old is None and re.fullmatch(r"VpnGw[1-5]", name):
        return Refusal(f"Only VpnGw1-5AZ SKUs can be created, not {name}.", "sku")
    return None


@rule(
    "BadRequest",
    _GATEWAY,
    source="Microsoft Learn: azure/expressroute/expressroute-about-virtual-network-gateways",
)
def a_gateway_has_a_sku_of_its_type(request: Request) -> Refusal | None:
    """ErGw… is for ExpressRoute, VpnGw… for VPN."""
    kind, name = request.inputs.get("gatewayType"), str(at(request.inputs, "sku", "name"))
    foreign = {"Vpn": "ErGw", "ExpressRoute": "VpnGw"}.get(str(kind))
    if foreign and name.startswith(foreign):
        return Refusal(f"SKU {name} is not for a gateway of the type {kind}.", "sku")
    return None


@rule("BadRequest", _GATEWAY, source=f"{_SETTINGS}#gwtype")
def a_network_has_one_gateway_of_a_type(request: Request) -> str | None:
    """One VPN and one ExpressRoute gateway."""
    for one in items(request.inputs, "ipConfigurations"):
        for item in request.cloud.store.referrers(str(at(one, "subnet", "id"))):
            other = item.token == _GATEWAY and item.id.lower() != request.id.lower()
            kind = request.inputs.get("gatewayType")
            if other and item.inputs.get("gatewayType") == kind:
                return f"The network has a gateway of the type {kind} already, {item.id}."
    return None


@rule("BadRequest", _GATEWAY, source="Microsoft Learn: azure/vpn-gateway/about-active-active")
def an_active_active_gateway_has_two_addresses(request: Request) -> Refusal | None:
    """One for each instance."""
    count = len(items(request.inputs, "ipConfigurations"))
    if request.inputs.get("activeActive") and count < 2:
        return Refusal(f"An active-active gateway needs 2 IP configurations, not {count}.")
    return None


@rule("BadRequest", _CONNECTION, source="REST: virtualNetworkGatewayConnections")
def a_connection_has_another_end(request: Request) -> Refusal | None:
    """A site for IPsec, a gateway for Vnet2Vnet, a circuit for ExpressRoute."""
    kind = str(request.inputs.get("connectionType"))
    end = {
        "IPsec": "localNetworkGateway2",
        "Vnet2Vnet": "virtualNetworkGateway2",
        "ExpressRoute": "peer",
    }.get(kind)
    if end and not at(request.inputs, end, "id"):
        return Refusal(f"A connection of the type {kind} needs {end}.", end)
    return None


@rule("BadRequest", _CONNECTION, source="REST: virtualNetworkGatewayConnections")
def a_connection_suits_its_gateway(request: Request) -> Refusal | None:
    """Tunnels begin at a VPN gateway, circuits at an ExpressRoute gateway."""
    gateway = request.find(request.inputs.get("virtualNetworkGateway1"))
    if gateway is None:
        return None
    kind = str(request.inputs.get("connectionType"))
    wanted = "Vpn" if kind in _VPN_TYPES else kind
    if gateway.inputs.get("gatewayType") != wanted:
        text = f"{gateway.id} is no {wanted} gateway, as connections of the type {kind} need."
        return Refusal(text, "virtualNetworkGateway1")
    return None


@rule("BadRequest", _CONNECTION, source="Microsoft Learn: azure/vpn-gateway/bgp-howto")
def bgp_is_on_at_both_ends(request: Request) -> Refusal | None:
    """A connection with BGP needs a gateway and a site with BGP."""
    if not request.inputs.get("enableBgp"):
        return None
    site = request.find(request.inputs.get("localNetworkGateway2"))
    if site and not at(site.inputs, "bgpSettings", "asn"):
        return Refusal(f"{site.id} has no BGP settings.", "enableBgp")
    return None


@rule("BadRequest", _SITE, source="REST: localNetworkGateways")
def a_site_has_an_address(request: Request) -> Refusal | None:
    """An IP address or a name that the tunnel ends at."""
    address, name = (request.inputs.get(key) for key in ("gatewayIpAddress", "fqdn"))
    try:
        valid = bool(ip_address(str(address))) if address else bool(name)
    except ValueError:
        valid = False
    if valid:
        return None
    return Refusal(f"Local network gateway: {address!r} is no IP address.", "gatewayIpAddress")


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
        _GATEWAY,
        "2024-05-01",
        seconds=2100,
        outputs=_gateway_outputs,
    ),
    ResourceType(
        _SITE,
        "2024-05-01",
        seconds=5,
    ),
    ResourceType(
        _CONNECTION,
        "2024-05-01",
        seconds=30,
        outputs=_connection_outputs,
    ),
]
