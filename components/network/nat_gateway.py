"""NAT gateways with their public addresses, of the SKUs Standard and StandardV2.

Azure does not change the SKU of a NAT gateway (nat-gateway/nat-sku, "Known limitations"). A gateway
of the other SKU therefore has other names, logical and in Azure: one run creates it, moves the
subnets to it, and then deletes the former one, as nat-gateway/nat-gateway-v2-migrate advises.
"""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
from pulumi_azure_native import network

from components.azure.api_versions import STANDARD_V2, VersionProvider, at_version
from components.azure.common import CommonArgs
from components.network.virtual_network import public_ip
from components.settings.network import NatGatewaySettings, NatGatewaySku


def nat_gateway(
    prefix: str,
    *,
    common: CommonArgs,
    part: str,
    resource_group_name: pulumi.Input[str],
    settings: NatGatewaySettings,
    parent: pulumi.Resource,
) -> tuple[network.NatGateway, Sequence[network.PublicIPAddress]]:
    """A NAT gateway with its own public addresses, for the egress of private subnets.

    `part` is the last part of the Azure names.
    """
    names = common.names
    if settings.sku == NatGatewaySku.STANDARD_V2:
        logical_name, azure_name = f"{prefix}-nat-v2", names.of("ng", part, "v2")
        numbered = "natv2-"
        address_type = at_version(network.PublicIPAddress)
        gateway_type = at_version(network.NatGateway)
        opts = _standard_v2_options(prefix, parent)
    else:
        logical_name, azure_name = f"{prefix}-nat", names.of("ng", part)
        numbered = "nat"
        address_type, gateway_type = network.PublicIPAddress, network.NatGateway
        opts = pulumi.ResourceOptions(parent=parent)
    addresses = [
        public_ip(
            f"{logical_name}-ip-{number}",
            common=common,
            azure_name=names.of("pip", part, f"{numbered}{number}"),
            resource_group_name=resource_group_name,
            zones=settings.zones,
            parent=parent,
            sku=settings.sku,
            resource_type=address_type,
            opts=opts,
        )
        for number in range(1, settings.public_ip_count + 1)
    ]
    gateway = gateway_type(
        logical_name,
        nat_gateway_name=azure_name,
        resource_group_name=resource_group_name,
        location=common.location,
        sku=network.NatGatewaySkuArgs(name=settings.sku),
        idle_timeout_in_minutes=settings.idle_timeout_minutes,
        public_ip_addresses=[network.SubResourceArgs(id=address.id) for address in addresses],
        zones=list(settings.zones) or None,
        tags=common.tags,
        opts=opts,
    )
    return gateway, addresses


def _standard_v2_options(prefix: str, parent: pulumi.Resource) -> pulumi.ResourceOptions:
    """The options of a gateway in all zones and of its addresses.

    A request that names zones is not needed, and impossible in a region without zones. Azure
    returns them, which must not become a change (hashicorp/terraform-provider-azurerm,
    nat_gateway_resource.go).
    """
    provider = VersionProvider(
        f"{prefix}-provider", STANDARD_V2, pulumi.ResourceOptions(parent=parent)
    )
    return pulumi.ResourceOptions(parent=parent, provider=provider, ignore_changes=["zones"])
