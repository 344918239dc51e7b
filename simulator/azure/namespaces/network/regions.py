"""What refers to each other within a network shares its region."""

from __future__ import annotations

from simulator.azure.model import Request
from simulator.azure.namespaces.network.users import (
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
"""Types of what can only be used in its own region."""


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
    """Security groups, route tables, NAT gateways, public addresses and subnets."""
    for reference in ids_in(request.inputs):
        found = request.find(reference)
        if found is None or found.token not in _LOCAL:
            continue
        there = Request(request.cloud, request.type, found.id, found.inputs, found).location
        if there and there != request.location:
            return (
                f"{found.id} referenced by {request.id} must be in the same region,"
                f" {request.location}, but is in {there}."
            )
    return None


TYPES = ()
