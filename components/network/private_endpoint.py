"""Private endpoints with their DNS zone groups."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi_azure_native import network

from components.azure.common import CommonArgs, reference


@dataclass(frozen=True)
class EndpointArgs:
    """A service, the part of it that the endpoint leads to, and where its name resolves."""

    common: CommonArgs
    resource_group_name: pulumi.Input[str]
    subnet_id: pulumi.Input[str]
    service_id: pulumi.Input[str]
    part: str
    """The part of the service, such as `vault` or `registry` (Azure's group id)."""
    zone_name: str
    zone_id: pulumi.Input[str]


def private_endpoint(
    logical_name: str, args: EndpointArgs, *, parent: pulumi.Resource
) -> network.PrivateDnsZoneGroup:
    """A private endpoint, whose zone group writes its records into the zone."""
    names = args.common.names
    endpoint = network.PrivateEndpoint(
        f"{logical_name}-endpoint",
        private_endpoint_name=names.of("pep", args.part),
        resource_group_name=args.resource_group_name,
        location=args.common.location,
        custom_network_interface_name=names.of("nic", args.part),
        subnet=reference(args.subnet_id),
        private_link_service_connections=[
            network.PrivateLinkServiceConnectionArgs(
                name=args.part, private_link_service_id=args.service_id, group_ids=[args.part]
            )
        ],
        tags=args.common.tags,
        opts=pulumi.ResourceOptions(parent=parent),
    )
    return network.PrivateDnsZoneGroup(
        f"{logical_name}-dns",
        private_dns_zone_group_name="default",
        private_endpoint_name=endpoint.name,
        resource_group_name=args.resource_group_name,
        private_dns_zone_configs=[
            network.PrivateDnsZoneConfigArgs(
                name=args.zone_name.replace(".", "-"), private_dns_zone_id=args.zone_id
            )
        ],
        opts=pulumi.ResourceOptions(parent=parent),
    )
