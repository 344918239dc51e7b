"""VPN and ExpressRoute gateways, and their connections."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from ipaddress import ip_address
from typing import Any

from simulator.azure.model import Request, ResourceType
from simulator.azure.namespaces.network.interfaces import private_address
from simulator.azure.namespaces.network.prefixes import network_prefixes, overlaps
from simulator.azure.rules import Refusal, advice, rule
from simulator.store import Resource
from support.nested import at, items, mapping

_GATEWAY = "network:VirtualNetworkGateway"
_SITE, _CONNECTION = "network:LocalNetworkGateway", "network:VirtualNetworkGatewayConnection"
_SETTINGS = "Microsoft Learn: azure/vpn-gateway/vpn-gateway-about-vpn-gateway-settings"


def _addresses(request: Request) -> list[Resource]:
    """The public IP addresses of a VPN gateway; none for other gateways."""
    if request.inputs.get("gatewayType") != "Vpn":
        return []
    configurations = items(request.inputs, "ipConfigurations")
    addresses = [request.find(at(item, "publicIPAddress", "id")) for item in configurations]
    return [address for address in addresses if address]


def _spans_zones(request: Request) -> bool:
    return str(at(request.inputs, "sku", "name")).endswith("AZ")


@rule(
    "VmssVpnGatewayPublicIpsMustHaveZonesConfigured",
    _GATEWAY,
    source="github.com/Azure/ResourceModules#2609",
)
def a_gateway_over_zones_has_addresses_over_zones(request: Request) -> str | Refusal | None:
    """The public IP addresses of an AZ SKU must have zones."""
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
    """The public IP addresses of the other SKUs must not have zones."""
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
    """New VPN gateways require an AZ SKU or Basic: VpnGw1 to VpnGw5 are retired."""
    name = str(at(request.inputs, "sku", "name"))
    if request.old is None and re.fullmatch(r"VpnGw[1-5]", name):
        return Refusal(f"Only the SKUs VpnGw1AZ to VpnGw5AZ can be created, not {name}.", "sku")
    return None


@rule(
    "BadRequest",
    _GATEWAY,
    source="Microsoft Learn: azure/expressroute/expressroute-about-virtual-network-gateways",
)
def a_gateway_has_a_sku_of_its_type(request: Request) -> Refusal | None:
    """The SKUs ErGw… are for ExpressRoute, VpnGw… for VPN."""
    kind, name = request.inputs.get("gatewayType"), str(at(request.inputs, "sku", "name"))
    foreign = {"Vpn": "ErGw", "ExpressRoute": "VpnGw"}.get(str(kind))
    if foreign and name.startswith(foreign):
        return Refusal(f"SKU {name} is not for gateways of type {kind}.", "sku")
    return None


@rule(
    "InternalServerError",
    _GATEWAY,
    source="github.com/Azure/Azure-Landing-Zones#2376",
    status=500,
)
def an_expressroute_gateway_takes_no_address_later(request: Request) -> Refusal | None:
    """An ExpressRoute gateway with an address of Azure's cannot be given another one."""
    if _has_azures_address(request) and any(_given_addresses(request.inputs)):
        return Refusal("An error occurred.", "ipConfigurations")
    return None


def _has_azures_address(request: Request) -> bool:
    """Whether Azure assigns the address: an ExpressRoute gateway without one of the user's.

    Gateways from before August 2025 keep the address that they were created with.
    """
    if request.inputs.get("gatewayType") != "ExpressRoute":
        return False
    return request.old is not None and not any(_given_addresses(request.old.inputs))


def _given_addresses(inputs: Mapping[str, Any]) -> list[Any]:
    return [at(item, "publicIPAddress", "id") for item in items(inputs, "ipConfigurations")]


@rule("BadRequest", _GATEWAY, source=f"{_SETTINGS}#gwtype")
def a_network_has_one_gateway_of_a_type(request: Request) -> str | None:
    """A virtual network has at most one VPN and one ExpressRoute gateway."""
    for configuration in items(request.inputs, "ipConfigurations"):
        for item in request.cloud.store.referrers(str(at(configuration, "subnet", "id"))):
            other = item.token == _GATEWAY and item.id.lower() != request.id.lower()
            kind = request.inputs.get("gatewayType")
            if other and item.inputs.get("gatewayType") == kind:
                return f"The network already has a gateway of type {kind}, {item.id}."
    return None


@rule("BadRequest", _GATEWAY, source="Microsoft Learn: azure/vpn-gateway/about-active-active")
def an_active_active_gateway_has_two_addresses(request: Request) -> Refusal | None:
    """An active-active gateway needs two IP configurations, one for each instance."""
    count = len(items(request.inputs, "ipConfigurations"))
    if request.inputs.get("activeActive") and count < 2:
        return Refusal(f"An active-active gateway requires 2 IP configurations, not {count}.")
    return None


@rule("BadRequest", _GATEWAY, source="Microsoft Learn: azure/vpn-gateway/nat-overview#limitations")
def nat_rules_need_a_larger_sku(request: Request) -> Refusal | None:
    """NAT rules require VpnGw2 to VpnGw5, with or without zones."""
    name = str(at(request.inputs, "sku", "name"))
    if items(request.inputs, "natRules") and not re.fullmatch(r"VpnGw[2-5](AZ)?", name):
        return Refusal(f"SKU {name} does not support NAT rules; VpnGw2AZ to 5AZ do.", "natRules")
    return None


def _network_of(gateway: Mapping[str, Any], request: Request) -> list[str]:
    """The address ranges of a gateway's virtual network."""
    for configuration in items(gateway, "ipConfigurations"):
        subnet = str(at(configuration, "subnet", "id") or "")
        network = request.find(subnet.rpartition("/subnets/")[0])
        if network:
            return network_prefixes(network.inputs)
    return []


@rule("BadRequest", _GATEWAY, source="github.com/MicrosoftDocs/azure-docs/issues/27351")
def the_clients_have_a_range_of_their_own(request: Request) -> Refusal | None:
    """The address pool of VPN clients must not overlap the gateway's virtual network."""
    pool = items(
        request.inputs, "vpnClientConfiguration", "vpnClientAddressPool", "addressPrefixes"
    )
    for clients, block in overlaps(pool, _network_of(request.inputs, request)):
        return Refusal(
            "The virtual network gateway's VPN client address pool overlaps with the virtual"
            f" network's address space: {clients} and {block}.",
            "vpnClientConfiguration.vpnClientAddressPool",
        )
    return None


@advice(_CONNECTION, source="github.com/MicrosoftDocs/azure-docs/issues/60393")
def a_site_has_ranges_of_its_own(request: Request) -> str | None:
    """Azure accepts a site whose ranges overlap the network, but no traffic reaches them."""
    gateway = request.find(request.inputs.get("virtualNetworkGateway1"))
    site = request.find(request.inputs.get("localNetworkGateway2"))
    if gateway is None or site is None:
        return None
    remote = items(site.inputs, "localNetworkAddressSpace", "addressPrefixes")
    for block, own in overlaps(remote, _network_of(gateway.inputs, request)):
        return f"{block} of {site.name} overlaps {own} of the gateway's virtual network."
    return None


@advice(_CONNECTION, source="github.com/Azure/azure-cli/issues/2799")
def an_ipsec_connection_has_a_known_key(request: Request) -> str | None:
    """Azure generates a key for a connection without one, which the site does not know."""
    kind = str(request.inputs.get("connectionType")).lower()
    if kind == "ipsec" and not request.inputs.get("sharedKey"):
        return f"Connection {request.name} has no sharedKey: Azure generates one for it."
    return None


@rule("BadRequest", _CONNECTION, source="REST: virtualNetworkGatewayConnections")
def a_connection_has_another_end(request: Request) -> Refusal | None:
    """IPsec needs a local network gateway, Vnet2Vnet a gateway, ExpressRoute a circuit."""
    kind = str(request.inputs.get("connectionType"))
    end = {
        "IPsec": "localNetworkGateway2",
        "Vnet2Vnet": "virtualNetworkGateway2",
        "ExpressRoute": "peer",
    }.get(kind)
    if end and not at(request.inputs, end, "id"):
        return Refusal(f"A connection of type {kind} requires {end}.", end)
    return None


@rule("BadRequest", _CONNECTION, source="REST: virtualNetworkGatewayConnections")
def a_connection_suits_its_gateway(request: Request) -> Refusal | None:
    """The type of a connection must match that of its gateway."""
    gateway = request.find(request.inputs.get("virtualNetworkGateway1"))
    if gateway is None:
        return None
    kind = str(request.inputs.get("connectionType"))
    required = "Vpn" if kind in _VPN_TYPES else kind
    if gateway.inputs.get("gatewayType") != required:
        text = (
            f"Connections of type {kind} require a gateway of type {required}, unlike {gateway.id}."
        )
        return Refusal(text, "virtualNetworkGateway1")
    return None


@rule("BadRequest", _CONNECTION, source="Microsoft Learn: azure/vpn-gateway/bgp-howto")
def bgp_is_on_at_both_ends(request: Request) -> Refusal | None:
    """A connection with BGP requires a local network gateway with BGP settings."""
    if not request.inputs.get("enableBgp"):
        return None
    site = request.find(request.inputs.get("localNetworkGateway2"))
    if site and not at(site.inputs, "bgpSettings", "asn"):
        return Refusal(f"{site.id} has no BGP settings.", "enableBgp")
    return None


@rule("BadRequest", _SITE, source="REST: localNetworkGateways")
def a_site_has_an_address(request: Request) -> Refusal | None:
    """A local network gateway needs an IP address or a host name."""
    address, name = (request.inputs.get(key) for key in ("gatewayIpAddress", "fqdn"))
    try:
        valid = bool(ip_address(str(address))) if address else bool(name)
    except ValueError:
        valid = False
    if valid:
        return None
    return Refusal(
        f"Set gatewayIpAddress to an IP address, not {address!r}, or set fqdn.", "gatewayIpAddress"
    )


def _gateway_outputs(request: Request) -> dict[str, Any]:
    settings: dict[str, Any] = dict(mapping(request.inputs, "bgpSettings"))
    settings.setdefault("asn", 65515)
    settings.setdefault("peerWeight", 0)
    if request.inputs.get("gatewayType") == "Vpn":
        peers = list(_bgp_peers(request, settings))
        settings["bgpPeeringAddresses"] = peers
        own = [address for peer in peers for address in peer["defaultBgpIpAddresses"]]
        settings.setdefault("bgpPeeringAddress", ",".join(own))
    return {"bgpSettings": settings}


def _bgp_peers(request: Request, settings: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Each instance's addresses, which Azure adds without BGP, too.

    Source: azure/vpn-gateway/bgp-howto, "Get the Azure BGP Peer IP addresses".
    """
    given = {
        str(item.get("ipconfigurationId")).rpartition("/")[2]: item
        for item in items(settings, "bgpPeeringAddresses")
    }
    for number, item in enumerate(items(request.inputs, "ipConfigurations")):
        name = str(item.get("name"))
        private = private_address(request, item.get("subnet"), index=number)
        public = request.find(item.get("publicIPAddress"))
        address = public.outputs.get("ipAddress") if public else None
        yield {
            "ipconfigurationId": f"{request.id}/ipConfigurations/{name}",
            "defaultBgpIpAddresses": [private] if private else [],
            "customBgpIpAddresses": items(given.get(name, {}), "customBgpIpAddresses"),
            "tunnelIpAddresses": [address] if address else [],
        }


def _assign_address(request: Request) -> None:
    """Drop the address that a new ExpressRoute gateway is given: Azure ignores it."""
    if request.inputs.get("gatewayType") != "ExpressRoute" or request.old is not None:
        return
    made = request.cloud.store.get(request.id)
    if made is None:
        return
    request.cloud.store.put(
        replace(made, inputs=_without_address(made.inputs), outputs=_without_address(made.outputs))
    )


def _without_address(values: Mapping[str, Any]) -> dict[str, Any]:
    configurations = [
        {key: value for key, value in item.items() if key != "publicIPAddress"}
        for item in items(values, "ipConfigurations")
    ]
    return {**values, "ipConfigurations": configurations}


def _connection_outputs(request: Request) -> dict[str, Any]:
    del request
    # A simulated tunnel has no remote end.
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
        after_put=_assign_address,
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
