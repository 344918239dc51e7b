"""Networking resources must be in the same region as the resources they refer to."""

from __future__ import annotations

from simulator.azure.model import Request
from simulator.azure.namespaces.network.tokens import (
    APPLICATION_GATEWAY,
    BASTION,
    FIREWALL,
    GATEWAY,
    INTERFACE,
    NAT,
)
from simulator.azure.rules import rule
from support.arm_ids import ids_in

_LOCAL = (
    "network:Subnet",
    "network:NetworkSecurityGroup",
    "network:RouteTable",
    "network:PublicIPAddress",
    "network:PublicIPPrefix",
    NAT,
)
"""Types whose resources can be used only in their own region."""


@rule(
    "InvalidResourceReference",
    "network:Subnet",
    INTERFACE,
    NAT,
    BASTION,
    FIREWALL,
    GATEWAY,
    APPLICATION_GATEWAY,
    "network:PrivateEndpoint",
    source="Microsoft Learn: azure-resource-manager/troubleshooting/error-reserved-resource-name",
)
def what_a_network_needs_is_in_its_region(request: Request) -> str | None:
    """A referenced subnet, security group, route table, NAT gateway or address is in the region."""
    for reference in ids_in(request.inputs):
        other = request.find(reference)
        if other is None or other.token not in _LOCAL:
            continue
        there = Request(request.cloud, request.type, other.id, other.inputs, other).location
        if there and there != request.location:
            return (
                f"{other.id} referenced by {request.id} must be in the same region,"
                f" {request.location}, but is in {there}."
            )
    return None


TYPES = ()
