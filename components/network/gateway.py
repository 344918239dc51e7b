"""The connection to on-premises: VPN or ExpressRoute gateway, and the DNS private resolver."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_azure_native import dnsresolver, network

from components.azure.common import LONG_TIMEOUTS, CommonArgs, reference
from components.network import virtual_network
from components.settings.management import ExpressRouteGateway, VpnGateway

_GENERATIONS = {"VpnGw1AZ": "Generation1"}
_DEFAULT_GENERATION = "Generation2"
"""The generation of every larger SKU. Azure resizes a gateway only within its generation
(vpn-gateway/about-gateway-skus)."""


@dataclass(frozen=True)
class OnPremisesGateway:
    """The gateway, and the public addresses at which the tunnels of a VPN gateway end."""

    gateway: network.VirtualNetworkGateway
    connection: network.VirtualNetworkGatewayConnection
    public_addresses: Sequence[pulumi.Output[str]]


def gateway(
    prefix: str,
    *,
    common: CommonArgs,
    resource_group_name: pulumi.Input[str],
    subnet_id: pulumi.Input[str],
    settings: VpnGateway | ExpressRouteGateway,
    parent: pulumi.Resource,
) -> OnPremisesGateway:
    """A gateway in the subnet GatewaySubnet, with its connection.

    A VPN gateway has public addresses with zones, which Azure requires for these SKUs
    (VmssVpnGatewayPublicIpsMustHaveZonesConfigured). The address of an ExpressRoute gateway is
    Azure's own and hidden; Azure ignores one that is given, and refuses the next update with it
    (expressroute/expressroute-about-virtual-network-gateways).
    """
    addresses = [
        virtual_network.public_ip(
            f"{prefix}-gateway-ip-{number}",
            common=common,
            azure_name=common.names.of("pip", f"gateway{number}"),
            resource_group_name=resource_group_name,
            zones=zones,
            parent=parent,
        )
        for number, zones in enumerate(_zones_of_addresses(settings), start=1)
    ]
    resource = network.VirtualNetworkGateway(
        f"{prefix}-gateway",
        virtual_network_gateway_name=common.names.of(
            "vgw" if isinstance(settings, VpnGateway) else "ergw"
        ),
        resource_group_name=resource_group_name,
        location=common.location,
        sku=network.VirtualNetworkGatewaySkuArgs(name=settings.sku, tier=settings.sku),
        ip_configurations=_ip_configurations(subnet_id, addresses or [None]),
        **_kind(settings),
        tags=common.tags,
        opts=pulumi.ResourceOptions(
            parent=parent, protect=common.protect, custom_timeouts=LONG_TIMEOUTS
        ),
    )
    connect = _Connection(prefix, common, resource_group_name, resource, parent)
    if isinstance(settings, VpnGateway):
        connection = connect.to_site(settings)
    else:
        connection = connect.to_circuit(settings)
    return OnPremisesGateway(
        resource,
        connection,
        [address.ip_address.apply(lambda text: text or "") for address in addresses],
    )


def _kind(settings: VpnGateway | ExpressRouteGateway) -> dict[str, Any]:
    """The properties in which the two kinds of gateway differ, as keyword arguments."""
    if isinstance(settings, ExpressRouteGateway):
        return {"gateway_type": "ExpressRoute"}
    bgp = settings.bgp
    return {
        "gateway_type": "Vpn",
        "vpn_type": "RouteBased",
        "vpn_gateway_generation": _GENERATIONS.get(settings.sku, _DEFAULT_GENERATION),
        "active_active": settings.active_active,
        "enable_bgp": bgp is not None,
        "bgp_settings": network.BgpSettingsArgs(asn=bgp.gateway_asn) if bgp else None,
    }


def _zones_of_addresses(settings: VpnGateway | ExpressRouteGateway) -> list[Sequence[str]]:
    """The zones of each public address that the gateway needs."""
    if isinstance(settings, ExpressRouteGateway):
        return []
    return [settings.zones] * (2 if settings.active_active else 1)


def _ip_configurations(
    subnet_id: pulumi.Input[str], addresses: Sequence[network.PublicIPAddress | None]
) -> list[network.VirtualNetworkGatewayIPConfigurationArgs]:
    """A configuration for each address; None is an address that Azure assigns."""
    return [
        network.VirtualNetworkGatewayIPConfigurationArgs(
            name=f"gateway{number}",
            subnet=network.SubResourceArgs(id=subnet_id),
            public_ip_address=network.SubResourceArgs(id=address.id) if address else None,
            private_ip_allocation_method="Dynamic",
        )
        for number, address in enumerate(addresses, start=1)
    ]


@dataclass(frozen=True)
class _Connection:
    """Creates the connection of a gateway."""

    prefix: str
    common: CommonArgs
    resource_group_name: pulumi.Input[str]
    gateway: network.VirtualNetworkGateway
    parent: pulumi.Resource

    def to_site(self, settings: VpnGateway) -> network.VirtualNetworkGatewayConnection:
        """The on-premises site and the IPsec connection with it.

        With BGP the site announces its ranges, and Azure adds the route to the BGP peer itself.
        """
        bgp = settings.bgp
        site = network.LocalNetworkGateway(
            f"{self.prefix}-site",
            local_network_gateway_name=self.common.names.of("lgw"),
            resource_group_name=self.resource_group_name,
            location=self.common.location,
            gateway_ip_address=settings.site.public_ip,
            local_network_address_space=None
            if bgp
            else network.AddressSpaceArgs(address_prefixes=list(settings.site.address_space)),
            bgp_settings=network.BgpSettingsArgs(
                asn=bgp.asn, bgp_peering_address=bgp.peer_address, peer_weight=bgp.peer_weight
            )
            if bgp
            else None,
            tags=self.common.tags,
            opts=pulumi.ResourceOptions(parent=self.parent),
        )
        return network.VirtualNetworkGatewayConnection(
            f"{self.prefix}-tunnel",
            virtual_network_gateway_connection_name=self.common.names.of("con"),
            resource_group_name=self.resource_group_name,
            location=self.common.location,
            connection_type="IPsec",
            connection_protocol="IKEv2",
            virtual_network_gateway1=reference(self.gateway.id),
            local_network_gateway2=reference(site.id),
            shared_key=pulumi.Output.secret(settings.shared_key.get_secret_value()),
            enable_bgp=bgp is not None,
            tags=self.common.tags,
            opts=pulumi.ResourceOptions(parent=self.parent),
        )

    def to_circuit(self, settings: ExpressRouteGateway) -> network.VirtualNetworkGatewayConnection:
        """The connection to an ExpressRoute circuit that exists and is provisioned."""
        key = settings.authorization_key
        return network.VirtualNetworkGatewayConnection(
            f"{self.prefix}-circuit",
            virtual_network_gateway_connection_name=self.common.names.of("con"),
            resource_group_name=self.resource_group_name,
            location=self.common.location,
            connection_type="ExpressRoute",
            virtual_network_gateway1=reference(self.gateway.id),
            peer=network.SubResourceArgs(id=settings.circuit_id),
            authorization_key=pulumi.Output.secret(key.get_secret_value()) if key else None,
            tags=self.common.tags,
            opts=pulumi.ResourceOptions(parent=self.parent),
        )


def dns_resolver(
    prefix: str,
    *,
    common: CommonArgs,
    resource_group_name: pulumi.Input[str],
    virtual_network_id: pulumi.Input[str],
    subnet_id: pulumi.Input[str],
    address: str,
    last_write: pulumi.Resource,
    parent: pulumi.Resource,
) -> dnsresolver.InboundEndpoint:
    """A DNS private resolver whose inbound endpoint has the private address `address`.

    On-premises DNS servers forward the names of the private zones to it. It answers for every
    private zone that is linked to the virtual network. `last_write` is the last resource that
    writes to that network; the resolver waits for it.
    """
    resolver = dnsresolver.DnsResolver(
        f"{prefix}-resolver",
        dns_resolver_name=common.names.of("dnspr"),
        resource_group_name=resource_group_name,
        location=common.location,
        virtual_network=dnsresolver.SubResourceArgs(id=virtual_network_id),
        tags=common.tags,
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[last_write]),
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
