"""Azure Bastion, by which operators reach machines that have no public address."""

from __future__ import annotations

import pulumi
from pulumi_azure_native import network

from components.azure.common import LONG_TIMEOUTS, CommonArgs
from components.network import virtual_network
from components.settings.management import BastionSettings


def bastion(
    prefix: str,
    *,
    common: CommonArgs,
    resource_group_name: pulumi.Input[str],
    subnet_id: pulumi.Input[str],
    settings: BastionSettings,
    parent: pulumi.Resource,
) -> network.BastionHost:
    """A Bastion host with its public address, in the subnet AzureBastionSubnet.

    `components.settings` has checked that the SKU has the features. The security group of the
    subnet: `components.network.security_rules.bastion`.
    """
    address = virtual_network.public_ip(
        f"{prefix}-bastion-ip",
        common=common,
        azure_name=common.names.of("pip", "bastion"),
        resource_group_name=resource_group_name,
        zones=settings.zones,
        parent=parent,
    )
    return network.BastionHost(
        f"{prefix}-bastion",
        bastion_host_name=common.names.of("bas"),
        resource_group_name=resource_group_name,
        location=common.location,
        sku=network.SkuArgs(name=settings.sku),
        scale_units=settings.scale_units,
        enable_tunneling=settings.tunneling,
        enable_file_copy=settings.file_copy,
        enable_ip_connect=settings.ip_connect,
        enable_shareable_link=settings.shareable_link,
        enable_session_recording=settings.session_recording,
        disable_copy_paste=not settings.copy_paste,
        ip_configurations=[
            network.BastionHostIPConfigurationArgs(
                name="bastion",
                subnet=network.SubResourceArgs(id=subnet_id),
                public_ip_address=network.SubResourceArgs(id=address.id),
                private_ip_allocation_method="Dynamic",
            )
        ],
        zones=list(settings.zones) or None,
        tags=common.tags,
        opts=pulumi.ResourceOptions(parent=parent, custom_timeouts=LONG_TIMEOUTS),
    )
