"""Subnets: where they lie, how they may change, what may be in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulator.azure.model import Request, ResourceType
from simulator.azure.namespaces.network.prefixes import (
    contains,
    network_prefixes,
    networks,
    overlaps,
    prefixes,
)
from simulator.azure.namespaces.network.users import NAT, SUBNET_USERS
from simulator.azure.rules import Refusal, advice, rule
from support import arm_ids
from support.nested import at, items

_FAQ = "Microsoft Learn: azure/virtual-network/virtual-networks-faq"
_MANAGE = "Microsoft Learn: azure/virtual-network/virtual-network-manage-subnet"
_SUBNET = "network:Subnet"
_LONGEST = {4: 29, 6: 64}
"""Longest prefix of a subnet, by version of the protocol; that of IPv6 is exact."""


@rule("NetcfgSubnetRangeOutsideVnet", _SUBNET, source=_FAQ)
def a_subnet_lies_inside_its_network(request: Request) -> str | None:
    """Each prefix lies in one prefix of the virtual network."""
    parent = request.parent
    if parent is None:
        return None
    space = networks(network_prefixes(parent.inputs))
    for part in networks(prefixes(request.inputs)):
        if not any(contains(whole, part) for whole in space):
            return (
                f"Subnet '{request.name}' ({part}) is outside the address space of virtual"
                f" network '{parent.name}' ({', '.join(map(str, space))})."
            )
    return None


@rule("NetcfgSubnetRangesOverlap", _SUBNET, source=_FAQ)
def subnets_of_a_network_are_apart(request: Request) -> str | None:
    """No address belongs to two subnets."""
    for other in request.siblings():
        for mine, theirs in overlaps(prefixes(request.inputs), prefixes(other.inputs)):
            return f"Subnet '{request.name}' ({mine}) overlaps subnet '{other.name}' ({theirs})."
    return None


@rule("NetcfgInvalidSubnet", _SUBNET, source=_FAQ)
def a_subnet_is_29_or_larger(request: Request) -> str | None:
    """/29 to /2; for IPv6 exactly /64."""
    for block in networks(prefixes(request.inputs)):
        longest, shortest = _LONGEST[block.version], 64 if block.version == 6 else 2
        if not shortest <= block.prefixlen <= longest:
            return f"Subnet '{request.name}' ({block}) must be between /{shortest} and /{longest}."
    return None


@rule("InUsePrefixCannotBeDeleted", _SUBNET, source=_MANAGE)
def a_subnet_in_use_keeps_its_prefixes(request: Request) -> str | None:
    """A prefix with addresses given out can neither move nor shrink nor grow."""
    if request.old is None or not request.dependents(SUBNET_USERS):
        return None
    kept = prefixes(request.inputs)
    for text in prefixes(request.old.inputs):
        if text not in kept:
            return f"Prefix {text} of subnet '{request.name}' has addresses in use."
    return None


def delegations(inputs: Mapping[str, Any]) -> list[str]:
    """The services that a subnet is delegated to, such as `Microsoft.Web/serverFarms`."""
    return sorted(str(item.get("serviceName")) for item in items(inputs, "delegations"))


@rule(
    "SubnetDelegationsCannotChangeWhenSubnetUsedByResource",
    _SUBNET,
    source="Microsoft Learn: azure/virtual-network/subnet-delegation-overview",
)
def a_subnet_in_use_keeps_its_delegation(request: Request) -> Refusal | None:
    """Neither given nor taken nor changed while something is in the subnet."""
    if request.old is None:
        return None
    before, after = delegations(request.old.inputs), delegations(request.inputs)
    users = request.dependents(SUBNET_USERS)
    if before == after or not users:
        return None
    return Refusal(
        f"Delegations of subnet {request.name} cannot be changed from {before} to {after} because"
        f" it is being used by {users[0].id}.",
        "delegations",
    )


@rule(
    "NatGatewayCannotBeUsedBySubnetsBelongingToDifferentVirtualNetworks",
    _SUBNET,
    source="Microsoft Learn: azure/nat-gateway/nat-overview",
)
def a_nat_gateway_serves_one_network(request: Request) -> Refusal | None:
    """Any number of subnets, all of one virtual network."""
    nat = request.find(request.inputs.get("natGateway"))
    parent = request.parent
    if nat is None or parent is None or nat.token != NAT:
        return None
    for item in request.cloud.store.referrers(nat.id):
        if item.token == _SUBNET and not arm_ids.same(item.id.rsplit("/", 2)[0], parent.id):
            return Refusal(f"{nat.id} serves {item.id} in another network.", "natGateway")
    return None


@rule(
    "ResourceNotPermittedOnDelegatedSubnet",
    "network:NetworkInterface",
    source=f"{_MANAGE}#delegate-a-subnet",
)
def a_delegated_subnet_takes_no_interfaces(request: Request) -> Refusal | None:
    """It is for the resources of one service only."""
    for configuration in items(request.inputs, "ipConfigurations"):
        subnet = request.find(at(configuration, "subnet"))
        if subnet and delegations(subnet.inputs):
            to = ", ".join(delegations(subnet.inputs))
            return Refusal(f"Subnet {subnet.id} is delegated to {to}.", "ipConfigurations")
    return None


@advice(
    _SUBNET,
    source="Microsoft Learn: azure/virtual-network/ip-services/default-outbound-access",
)
def a_changed_default_way_out_waits_for_its_machines(request: Request) -> str | None:
    """`defaultOutboundAccess` counts for machines that start after it was changed."""
    if request.old is None or not request.dependents(SUBNET_USERS):
        return None
    before = request.old.inputs.get("defaultOutboundAccess")
    if before == request.inputs.get("defaultOutboundAccess"):
        return None
    return (
        f"Subnet '{request.name}': machines that run keep their default way out until they are"
        " stopped and started."
    )


def _outputs(request: Request) -> dict[str, Any]:
    given = request.inputs
    return {
        "purpose": "",
        "privateEndpointNetworkPolicies": given.get("privateEndpointNetworkPolicies", "Disabled"),
        "privateLinkServiceNetworkPolicies": given.get(
            "privateLinkServiceNetworkPolicies", "Enabled"
        ),
    }


TYPES = [
    ResourceType(
        _SUBNET,
        "2024-05-01",
        seconds=6,
        outputs=_outputs,
    ),
]
