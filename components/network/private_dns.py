"""Private DNS zones, with the links of the program's own zones to virtual networks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import privatedns

from components.azure.common import CommonArgs


@dataclass(frozen=True)
class PrivateDnsZone:
    """A private DNS zone and its links."""

    id: pulumi.Output[str]
    """The zone's resource id."""
    name: pulumi.Output[str] | None
    """The zone's name, for its records; None for a zone of another team."""
    links: Mapping[str, privatedns.VirtualNetworkLink]
    """By the keys of the virtual networks that the program links to the zone."""


def private_dns_zone(
    logical_name: str,
    *,
    common: CommonArgs,
    zone_name: str,
    existing_zone_id: str | None,
    resource_group_name: pulumi.Input[str],
    virtual_network_ids: Mapping[str, pulumi.Input[str]],
    parent: pulumi.Resource,
) -> PrivateDnsZone:
    """A private zone that is linked to each of the virtual networks, without autoregistration.

    Names of the zone resolve in the linked networks only. A zone of another team is used as it is:
    its owner links it to the networks.
    """
    if existing_zone_id is not None:
        return PrivateDnsZone(pulumi.Output.from_input(existing_zone_id), None, {})
    zone = privatedns.PrivateZone(
        logical_name,
        private_zone_name=zone_name,
        resource_group_name=resource_group_name,
        location="global",
        tags=common.tags,
        opts=pulumi.ResourceOptions(parent=parent, protect=common.protect),
    )
    links = {
        key: privatedns.VirtualNetworkLink(
            f"{logical_name}-{key}",
            virtual_network_link_name=common.names.of("link", key),
            private_zone_name=zone.name,
            resource_group_name=resource_group_name,
            location="global",
            registration_enabled=False,
            virtual_network=privatedns.SubResourceArgs(id=network_id),
            tags=common.tags,
            opts=pulumi.ResourceOptions(parent=parent),
        )
        for key, network_id in virtual_network_ids.items()
    }
    return PrivateDnsZone(zone.id, zone.name, links)
