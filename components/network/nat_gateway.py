"""NAT gateways with their public addresses, of the SKUs Standard and StandardV2.

Azure does not change the SKU of a NAT gateway (nat-gateway/nat-sku, "Known limitations"). A gateway
of the other SKU therefore has other names, logical and in Azure: one run creates it, moves the
subnets to it, and then deletes the former one, as nat-gateway/nat-gateway-v2-migrate advises.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import pulumi
from pulumi_azure_native import network

from components.azure.api_versions import STANDARD_V2, VersionProvider, at_version
from components.azure.common import CommonArgs
from components.network.virtual_network import public_ip
from components.settings.network import NatGatewaySettings


class NatGatewaySku(StrEnum):
    """The SKUs of NAT gateways and of their addresses, of which the SDK lacks the second."""

    STANDARD = "Standard"
    """In one zone."""
    STANDARD_V2 = "StandardV2"
    """In all zones. Source: Azure/bicep-types-az, generated/network, NatGatewaySku;
    nat-gateway/nat-sku."""


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
    if settings.sku == NatGatewaySku.STANDARD_V2:
        return _standard_v2(
            prefix,
            common=common,
            part=part,
            resource_group_name=resource_group_name,
            settings=settings,
            parent=parent,
        )
    addresses = [
        public_ip(
            f"{prefix}-nat-ip-{number}",
            common=common,
            azure_name=common.names.of("pip", part, f"nat{number}"),
            resource_group_name=resource_group_name,
            zones=settings.zones,
            parent=parent,
        )
        for number in range(1, settings.public_ip_count + 1)
    ]
    gateway = network.NatGateway(
        f"{prefix}-nat",
        nat_gateway_name=common.names.of("ng", part),
        resource_group_name=resource_group_name,
        location=common.location,
        sku=network.NatGatewaySkuArgs(name=NatGatewaySku.STANDARD),
        idle_timeout_in_minutes=settings.idle_timeout_minutes,
        public_ip_addresses=[network.SubResourceArgs(id=address.id) for address in addresses],
        zones=list(settings.zones) or None,
        tags=common.tags,
        opts=pulumi.ResourceOptions(parent=parent),
    )
    return gateway, addresses


def _standard_v2(
    prefix: str,
    *,
    common: CommonArgs,
    part: str,
    resource_group_name: pulumi.Input[str],
    settings: NatGatewaySettings,
    parent: pulumi.Resource,
) -> tuple[network.NatGateway, Sequence[network.PublicIPAddress]]:
    """A gateway that needs addresses of its own SKU, which Azure spreads over all zones.

    A request that names zones is not needed, and impossible in a region without zones. Azure
    returns them, which must not become a change (hashicorp/terraform-provider-azurerm,
    nat_gateway_resource.go).
    """
    provider = VersionProvider(
        f"{prefix}-provider", STANDARD_V2, pulumi.ResourceOptions(parent=parent)
    )
    opts = pulumi.ResourceOptions(parent=parent, provider=provider, ignore_changes=["zones"])
    addresses = [
        at_version(network.PublicIPAddress)(
            f"{prefix}-nat-v2-ip-{number}",
            public_ip_address_name=common.names.of("pip", part, f"natv2-{number}"),
            resource_group_name=resource_group_name,
            location=common.location,
            sku=network.PublicIPAddressSkuArgs(name=NatGatewaySku.STANDARD_V2, tier="Regional"),
            public_ip_allocation_method="Static",
            public_ip_address_version="IPv4",
            idle_timeout_in_minutes=4,
            tags=common.tags,
            opts=opts,
        )
        for number in range(1, settings.public_ip_count + 1)
    ]
    gateway = at_version(network.NatGateway)(
        f"{prefix}-nat-v2",
        nat_gateway_name=common.names.of("ng", part, "v2"),
        resource_group_name=resource_group_name,
        location=common.location,
        sku=network.NatGatewaySkuArgs(name=NatGatewaySku.STANDARD_V2),
        idle_timeout_in_minutes=settings.idle_timeout_minutes,
        public_ip_addresses=[network.SubResourceArgs(id=address.id) for address in addresses],
        tags=common.tags,
        opts=opts,
    )
    return gateway, addresses
