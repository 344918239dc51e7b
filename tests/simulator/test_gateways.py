"""Gateways to on-premises: what they need, and who may use them."""

from __future__ import annotations

from typing import Any


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
