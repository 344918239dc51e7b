"""The management network's way to on-premises: VPN or ExpressRoute gateway, and name resolution."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import dnsresolver, network

from components.azure.common import LONG, CommonArgs, reference
from components.network import virtual_network
from components.settings.management import ExpressRouteGateway, VpnGateway

_GENERATIONS = {"VpnGw1AZ": "Generation1"}
_NEWER_GENERATION = "Generation2"
"""Of every larger SKU. Azure resizes a gateway within a generation only
(vpn-gateway/about-gateway-skus)."""


@dataclass(frozen=True)
class OnPremises:
    """The gateway, for those that use it, and the public addresses that its tunnels end at."""

    gateway: network.VirtualNetworkGateway
    public_addresses: Sequence[pulumi.Output[str]]


def gateway(
    prefix: str,
    *,
    common: CommonArgs,
    resource_group_name: pulumi.Input[str],
    subnet_id: pulumi.Input[str],
    settings: VpnGateway | ExpressRouteGateway,
    parent: pulumi.Resource,
) -> OnPremises:
    """A gateway in GatewaySubnet with its connection.

    Its zones come with its public addresses, which must have some with these SKUs
    (VmssVpnGatewayPublicIpsMustHaveZonesConfigured).
    """
    two = isinstance(settings, VpnGateway) and settings.active_active
    addresses = [
        virtual_network.public_ip(
            f"{prefix}-gateway-ip-{number}",
            common=common,
            azure_name=common.names.of("pip", f"gateway{number}"),
            resource_group_name=resource_group_name,
            zones=settings.zones,
            parent=parent,
        )
        for number in range(1, 3 if two else 2)
    ]
    vpn = settings if isinstance(settings, VpnGateway) else None
    bgp = vpn.bgp if vpn else None
    made = network.VirtualNetworkGateway(
        f"{prefix}-gateway",
        virtual_network_gateway_name=common.names.of("vgw" if vpn else "ergw"),
        resource_group_name=resource_group_name,
        location=common.location,
        gateway_type="Vpn" if vpn else "ExpressRoute",
        vpn_type="RouteBased" if vpn else None,
        vpn_gateway_generation=_GENERATIONS.get(vpn.sku, _NEWER_GENERATION) if vpn else None,
        sku=network.VirtualNetworkGatewaySkuArgs(name=settings.sku, tier=settings.sku),
        active_active=two if vpn else None,
        enable_bgp=(bgp is not None) if vpn else None,
        bgp_settings=network.BgpSettingsArgs(asn=bgp.gateway_asn) if bgp else None,
        ip_configurations=[
            network.VirtualNetworkGatewayIPConfigurationArgs(
                name=f"gateway{number}",
                subnet=network.SubResourceArgs(id=subnet_id),
                public_ip_address=network.SubResourceArgs(id=address.id),
                private_ip_allocation_method="Dynamic",
            )
            for number, address in enumerate(addresses, start=1)
        ],
        tags=common.tags,
        opts=pulumi.ResourceOptions(parent=parent, protect=common.protect, custom_timeouts=LONG),
    )
    if isinstance(settings, VpnGateway):
        _tunnel(
            prefix,
            common=common,
            resource_group_name=resource_group_name,
            settings=settings,
            made=made,
            parent=parent,
        )
    else:
        _circuit(
            prefix,
            common=common,
            resource_group_name=resource_group_name,
            settings=settings,
            made=made,
            parent=parent,
        )
    found = [address.ip_address.apply(lambda text: text or "") for address in addresses]
    return OnPremises(made, found)


def _tunnel(
    prefix: str,
    *,
    common: CommonArgs,
    resource_group_name: pulumi.Input[str],
    settings: VpnGateway,
    made: network.VirtualNetworkGateway,
    parent: pulumi.Resource,
) -> None:
    """The site on-premises and the connection to it.

    With BGP the site announces its ranges, and Azure adds the route to its speaker by itself.
    """
    bgp = settings.bgp
    site = network.LocalNetworkGateway(
        f"{prefix}-site",
        local_network_gateway_name=common.names.of("lgw"),
        resource_group_name=resource_group_name,
        location=common.location,
        gateway_ip_address=settings.site.public_ip,
        local_network_address_space=None
        if bgp
        else network.AddressSpaceArgs(address_prefixes=list(settings.site.address_space)),
        bgp_settings=network.BgpSettingsArgs(
            asn=bgp.asn, bgp_peering_address=bgp.peer_address, peer_weight=bgp.peer_weight
        )
        if bgp
        else None,
        tags=common.tags,
        opts=pulumi.ResourceOptions(parent=parent),
    )
    network.VirtualNetworkGatewayConnection(
        f"{prefix}-tunnel",
        virtual_network_gateway_connection_name=common.names.of("con"),
        resource_group_name=resource_group_name,
        location=common.location,
        connection_type="IPsec",
        connection_protocol="IKEv2",
        virtual_network_gateway1=reference(made.id),
        local_network_gateway2=reference(site.id),
        shared_key=pulumi.Output.secret(settings.shared_key.get_secret_value()),
        enable_bgp=bgp is not None,
        tags=common.tags,
        opts=pulumi.ResourceOptions(parent=parent),
    )


def _circuit(
    prefix: str,
    *,
    common: CommonArgs,
    resource_group_name: pulumi.Input[str],
    settings: ExpressRouteGateway,
    made: network.VirtualNetworkGateway,
    parent: pulumi.Resource,
) -> None:
    """The connection to a circuit that its owners have made and had provisioned."""
    key = settings.authorization_key
    network.VirtualNetworkGatewayConnection(
        f"{prefix}-circuit",
        virtual_network_gateway_connection_name=common.names.of("con"),
        resource_group_name=resource_group_name,
        location=common.location,
        connection_type="ExpressRoute",
        virtual_network_gateway1=reference(made.id),
        peer=network.SubResourceArgs(id=settings.circuit_id),
        authorization_key=pulumi.Output.secret(key.get_secret_value()) if key else None,
        tags=common.tags,
        opts=pulumi.ResourceOptions(parent=parent),
    )


def dns_resolver(
    prefix: str,
    *,
    common: CommonArgs,
    resource_group_name: pulumi.Input[str],
    virtual_network_id: pulumi.Input[str],
    subnet_id: pulumi.Input[str],
    address: str,
    at_rest: pulumi.Resource,
    parent: pulumi.Resource,
) -> dnsresolver.InboundEndpoint:
    """A private resolver that on-premises forwards the private zones' names to, at `address`.

    It answers for every zone that is linked to the network. `at_rest` is the network's last write.
    """
    resolver = dnsresolver.DnsResolver(
        f"{prefix}-resolver",
        dns_resolver_name=common.names.of("dnspr"),
        resource_group_name=resource_group_name,
        location=common.location,
        virtual_network=dnsresolver.SubResourceArgs(id=virtual_network_id),
        tags=common.tags,
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[at_rest]),
    )
    return dnsresolver.InboundEndpoint(
        f"{prefix}-resolver-inbound",
        inbound_endpoint_name=common.names.of("in"),
        dns_resolver_name=resolver.name,
        resource_group_name=resource_group_name,
        location=common.location,
        ip_configurations=[
            dnsresolver.IpConfigurationArgs(
                subnet=dnsresolver.SubResourceArgs(id=subnet_id),
                private_ip_allocation_method="Static",
                private_ip_address=address,
            )
        ],
        tags=common.tags,
        opts=pulumi.ResourceOptions(parent=parent),
    )
