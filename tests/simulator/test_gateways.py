"""Gateways to on-premises: what they need, and who may use them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.simulator.landscape import zonal_address


def gateway(azure: Any, *, zones: list[str] | None, sku: str = "VpnGw1AZ") -> dict[str, Any]:
    """Inputs of a VPN gateway in a network `vnet` of its own."""
    azure.network()
    subnet = azure.subnet("GatewaySubnet", "10.0.255.0/27")
    address = azure.put(
        "network:PublicIPAddress",
        publicIpAddressName="pip",
        sku={"name": "Standard"},
        publicIPAllocationMethod="Static",
        **({"zones": zones} if zones else {}),
    )
    configuration = {
        "name": "c",
        "subnet": {"id": subnet.id},
        "publicIPAddress": {"id": address.id},
    }
    return {
        "virtualNetworkGatewayName": "vgw",
        "gatewayType": "Vpn",
        "vpnType": "RouteBased",
        "sku": {"name": sku, "tier": sku},
        "ipConfigurations": [configuration],
    }


def peering(azure: Any) -> dict[str, Any]:
    """Inputs of a peering from a network `spoke` that uses the gateway of `vnet`."""
    azure.network("spoke", "10.1.0.0/16")
    remote = azure.cloud.store.of_type("network:VirtualNetwork")[0]
    return {
        "virtualNetworkName": "spoke",
        "virtualNetworkPeeringName": "p",
        "remoteVirtualNetwork": {"id": remote.id},
        "useRemoteGateways": True,
    }


def test_a_gateway_over_zones_needs_an_address_over_zones(azure):
    error = azure.refused("network:VirtualNetworkGateway", **gateway(azure, zones=None))
    assert error.code == "VmssVpnGatewayPublicIpsMustHaveZonesConfigured"


def test_a_gateway_without_zones_takes_no_address_over_zones(azure):
    inputs = gateway(azure, zones=["1", "2", "3"], sku="VpnGw1")
    error = azure.refused("network:VirtualNetworkGateway", **inputs)
    assert error.code == "RegionalVmssVpnGatewayPublicIpsMustNotHaveZonesConfigured"


def test_a_peer_uses_a_gateway_only_once_it_is_there(azure):
    inputs = gateway(azure, zones=["1", "2", "3"])
    using = peering(azure)
    error = azure.refused("network:VirtualNetworkPeering", **using)
    assert error.code == "RemoteVnetHasNoGateways"
    azure.put("network:VirtualNetworkGateway", **inputs)
    assert azure.put("network:VirtualNetworkPeering", **using).outputs["useRemoteGateways"] is True


def test_a_resolvers_subnet_stays_while_its_endpoint_does(azure):
    network = azure.network()
    subnet = azure.subnet("dns", "10.0.0.0/28")
    path = {"dnsResolverName": "r"}
    azure.put("dnsresolver:DnsResolver", virtualNetwork={"id": network.id}, **path)
    configuration = {"subnet": {"id": subnet.id}, "privateIpAllocationMethod": "Dynamic"}
    azure.put(
        "dnsresolver:InboundEndpoint",
        inboundEndpointName="in",
        ipConfigurations=[configuration],
        **path,
    )
    assert azure.delete_refused(subnet).code == "InUseSubnetCannotBeDeleted"


def test_a_new_gateway_of_a_sku_without_zones_is_refused(azure):
    error = azure.refused(
        "network:VirtualNetworkGateway", **gateway(azure, zones=None, sku="VpnGw1")
    )
    assert error.code == "NonAzSkusNotAllowedForVPNGateway"


@pytest.mark.parametrize(("kind", "sku"), [("Vpn", "ErGw1AZ"), ("ExpressRoute", "VpnGw1AZ")])
def test_a_gateway_with_a_sku_of_the_other_type_is_refused(azure, kind, sku):
    inputs = {**gateway(azure, zones=["1", "2", "3"], sku=sku), "gatewayType": kind}
    error = azure.refused("network:VirtualNetworkGateway", **inputs)
    assert (error.code, error.target) == ("BadRequest", "sku")


def test_a_second_gateway_of_one_type_is_refused(azure):
    inputs = gateway(azure, zones=["1", "2", "3"])
    azure.put("network:VirtualNetworkGateway", **inputs)
    configuration = {
        **inputs["ipConfigurations"][0],
        "publicIPAddress": {"id": zonal_address(azure, "pip-2").id},
    }
    second = {"virtualNetworkGatewayName": "two", "ipConfigurations": [configuration]}
    error = azure.refused("network:VirtualNetworkGateway", **{**inputs, **second})
    assert "already" in error.message
    circuits = {"gatewayType": "ExpressRoute", "sku": {"name": "ErGw1AZ", "tier": "ErGw1AZ"}}
    assert azure.put("network:VirtualNetworkGateway", **{**inputs, **second, **circuits})


def test_an_expressroute_gateway_has_an_address_of_azures(azure):
    circuits = {"gatewayType": "ExpressRoute", "sku": {"name": "ErGw1AZ", "tier": "ErGw1AZ"}}
    inputs = {**gateway(azure, zones=["1", "2", "3"]), **circuits}
    made = azure.put("network:VirtualNetworkGateway", **inputs)
    for shown in (made.inputs, made.outputs):
        (configuration,) = shown["ipConfigurations"]
        assert "publicIPAddress" not in configuration
    # Nothing uses the address, so it can be deleted.
    (address,) = azure.cloud.store.of_type("network:PublicIPAddress")
    azure.cloud.check_delete(address.id)
    error = azure.refused("network:VirtualNetworkGateway", **inputs)
    assert (error.status, error.code) == (500, "InternalServerError")
    del inputs["ipConfigurations"][0]["publicIPAddress"]
    assert azure.put("network:VirtualNetworkGateway", **inputs)


def test_an_expressroute_gateway_from_before_keeps_its_address(azure):
    circuits = {"gatewayType": "ExpressRoute", "sku": {"name": "ErGw1AZ", "tier": "ErGw1AZ"}}
    inputs = {**gateway(azure, zones=["1", "2", "3"]), **circuits}
    made = azure.put("network:VirtualNetworkGateway", **inputs)
    azure.cloud.store.put(replace(made, inputs={**made.inputs, **inputs}))
    updated = azure.put("network:VirtualNetworkGateway", **inputs, tags={"a": "b"})
    (given,), (shown,) = inputs["ipConfigurations"], updated.outputs["ipConfigurations"]
    assert shown["publicIPAddress"] == given["publicIPAddress"]


def test_an_active_active_gateway_with_one_address_is_refused(azure):
    inputs = {**gateway(azure, zones=["1", "2", "3"]), "activeActive": True}
    error = azure.refused("network:VirtualNetworkGateway", **inputs)
    assert "2 IP configurations, not 1" in error.message


@pytest.fixture
def made(azure) -> Any:
    return azure.put("network:VirtualNetworkGateway", **gateway(azure, zones=["1", "2", "3"]))


def site(azure: Any, **more: Any) -> Any:
    given = {"localNetworkGatewayName": "lgw", "gatewayIpAddress": "203.0.113.1", **more}
    return azure.put("network:LocalNetworkGateway", **given)


def connection(gateway: Any, kind: str = "IPsec", **more: Any) -> dict[str, Any]:
    return {
        "token": "network:VirtualNetworkGatewayConnection",
        "virtualNetworkGatewayConnectionName": "con",
        "connectionType": kind,
        "virtualNetworkGateway1": {"id": gateway.id},
        **more,
    }


@pytest.mark.parametrize(
    ("kind", "end"),
    [
        ("IPsec", "localNetworkGateway2"),
        ("Vnet2Vnet", "virtualNetworkGateway2"),
        ("ExpressRoute", "peer"),
    ],
)
def test_a_connection_with_one_end_is_refused(azure, made, kind, end):
    assert azure.refused(**connection(made, kind)).target == end


def test_a_circuit_at_a_vpn_gateway_is_refused(azure, made):
    circuit = {"id": made.id.replace("virtualNetworkGateways/vgw", "expressRouteCircuits/c")}
    error = azure.refused(**connection(made, "ExpressRoute", peer=circuit))
    assert error.target == "virtualNetworkGateway1"


def test_bgp_needs_a_site_that_speaks_it(azure, made):
    ends = {"localNetworkGateway2": {"id": site(azure).id}, "enableBgp": True}
    assert azure.refused(**connection(made, **ends)).target == "enableBgp"
    site(azure, bgpSettings={"asn": 65010, "bgpPeeringAddress": "192.168.0.1"})
    assert azure.put(**connection(made, **ends))


@pytest.mark.parametrize("address", ["", "203.0.113.300"])
def test_a_site_without_an_address_is_refused(azure, address):
    inputs = {"localNetworkGatewayName": "lgw", "gatewayIpAddress": address}
    assert azure.refused("network:LocalNetworkGateway", **inputs).target == "gatewayIpAddress"


def test_a_gateway_and_a_site_stay_while_they_are_connected(azure, made):
    there = site(azure)
    tunnel = azure.put(**connection(made, localNetworkGateway2={"id": there.id}))
    assert azure.delete_refused(made).code == "VirtualNetworkGatewayCannotBeDeleted"
    assert azure.delete_refused(there).code == "BadRequest"
    for item in (tunnel, there, made):
        azure.cloud.delete(item.id)


RULE = {
    "name": "r",
    "mode": "EgressSnat",
    "type": "Static",
    "internalMappings": [{"addressSpace": "10.0.0.0/24"}],
    "externalMappings": [{"addressSpace": "100.64.0.0/24"}],
}


def test_nat_rules_on_the_smallest_gateway_are_refused(azure):
    """Rule: nat_rules_need_a_larger_sku."""
    inputs = gateway(azure, zones=["1", "2", "3"])
    error = azure.refused("network:VirtualNetworkGateway", **inputs, natRules=[RULE])
    assert (error.code, error.target) == ("BadRequest", "natRules")
    larger = {**inputs, "sku": {"name": "VpnGw2AZ", "tier": "VpnGw2AZ"}, "natRules": [RULE]}
    assert azure.put("network:VirtualNetworkGateway", **larger)


@pytest.mark.parametrize(("prefix", "accepted"), [("10.0.8.0/24", False), ("172.20.0.0/24", True)])
def test_vpn_clients_have_a_range_of_their_own(azure, prefix, accepted):
    """Rule: the_clients_have_a_range_of_their_own."""
    inputs = gateway(azure, zones=["1", "2", "3"])
    inputs["vpnClientConfiguration"] = {"vpnClientAddressPool": {"addressPrefixes": [prefix]}}
    if accepted:
        assert azure.put("network:VirtualNetworkGateway", **inputs)
        return
    error = azure.refused("network:VirtualNetworkGateway", **inputs)
    assert (error.code, error.target) == (
        "BadRequest",
        "vpnClientConfiguration.vpnClientAddressPool",
    )


def test_a_site_that_overlaps_the_network_is_advised_against(azure, made):
    """Rule: a_site_has_ranges_of_its_own."""
    there = site(azure, localNetworkAddressSpace={"addressPrefixes": ["10.0.128.0/17"]})
    azure.put(**connection(made, localNetworkGateway2={"id": there.id}, sharedKey="k"))
    assert azure.cloud.warnings == [
        "10.0.128.0/17 of lgw overlaps 10.0.0.0/16 of the gateway's virtual network."
    ]


def test_a_connection_without_a_key_is_advised_against(azure, made):
    """Rule: an_ipsec_connection_has_a_known_key."""
    there = {"id": site(azure).id}
    azure.put(**connection(made, localNetworkGateway2=there))
    assert azure.cloud.warnings == ["Connection con has no sharedKey: Azure generates one for it."]
    azure.cloud.warnings.clear()
    azure.put(**connection(made, localNetworkGateway2=there, sharedKey="k"))
    assert azure.cloud.warnings == []


@pytest.mark.parametrize("bgp", [{}, {"enableBgp": True, "bgpSettings": {"asn": 65010}}])
def test_a_vpn_gateway_has_the_addresses_for_bgp_with_and_without_it(azure, bgp):
    inputs = gateway(azure, zones=["1", "2", "3"])
    made = azure.put("network:VirtualNetworkGateway", **inputs, **bgp)
    settings = made.outputs["bgpSettings"]
    assert settings["asn"] == (65010 if bgp else 65515)
    assert settings["bgpPeeringAddress"] == "10.0.255.4"
    (peer,) = settings["bgpPeeringAddresses"]
    assert peer["ipconfigurationId"] == f"{made.id}/ipConfigurations/c"
    assert peer["defaultBgpIpAddresses"] == ["10.0.255.4"]
    (address,) = azure.cloud.store.of_type("network:PublicIPAddress")
    assert peer["tunnelIpAddresses"] == [address.outputs["ipAddress"]]
