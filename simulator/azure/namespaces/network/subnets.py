"""Subnets: their address prefixes, changes, delegations and contents."""

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
from simulator.azure.namespaces.network.tokens import (
    APPLICATION_GATEWAY,
    NAT,
    SUBNET_DEPENDENTS,
)
from simulator.azure.rules import Refusal, advice, rule
from support import arm_ids
from support.nested import at, items

_FAQ = "Microsoft Learn: azure/virtual-network/virtual-networks-faq"
_MANAGE = "Microsoft Learn: azure/virtual-network/virtual-network-manage-subnet"
_SUBNET = "network:Subnet"
_MAX_PREFIX_LENGTH = {4: 29, 6: 64}
"""Maximum prefix length of a subnet by IP version; for IPv6 it is the only one."""
GATEWAY_SERVICE = "Microsoft.Network/applicationGateways"
"""The service that the subnet of an Application Gateway is delegated to."""


@rule("NetcfgSubnetRangeOutsideVnet", _SUBNET, source=_FAQ)
def a_subnet_lies_inside_its_network(request: Request) -> str | None:
    """Each prefix of a subnet is in one prefix of the virtual network."""
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
    """The subnets of a virtual network must not overlap."""
    for other in request.siblings():
        for block, used in overlaps(prefixes(request.inputs), prefixes(other.inputs)):
            return f"Subnet '{request.name}' ({block}) overlaps subnet '{other.name}' ({used})."
    return None


@rule("NetcfgInvalidSubnet", _SUBNET, source=_FAQ)
def a_subnet_is_29_or_larger(request: Request) -> str | None:
    """The prefix length of a subnet is /2 to /29; for IPv6 it is /64."""
    for block in networks(prefixes(request.inputs)):
        longest = _MAX_PREFIX_LENGTH[block.version]
        shortest = 64 if block.version == 6 else 2
        if not shortest <= block.prefixlen <= longest:
            return f"Subnet '{request.name}' ({block}) must be between /{shortest} and /{longest}."
    return None


@rule("InUsePrefixCannotBeDeleted", _SUBNET, source=_MANAGE)
def a_subnet_in_use_keeps_its_prefixes(request: Request) -> str | None:
    """The prefixes of a subnet that is in use cannot change."""
    if request.old is None or not request.dependents(SUBNET_DEPENDENTS):
        return None
    new_prefixes = prefixes(request.inputs)
    for text in prefixes(request.old.inputs):
        if text not in new_prefixes:
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
    """The delegations of a subnet that is in use cannot change.

    A subnet with nothing but Application Gateways can be delegated to them.
    """
    if request.old is None:
        return None
    old, new = delegations(request.old.inputs), delegations(request.inputs)
    dependents = request.dependents(SUBNET_DEPENDENTS)
    if old == new or not dependents:
        return None
    only_gateways = all(item.token == APPLICATION_GATEWAY for item in dependents)
    if not old and new == [GATEWAY_SERVICE] and only_gateways:
        return None
    return Refusal(
        f"Delegations of subnet {request.name} cannot be changed from {old} to {new} because"
        f" it is being used by {dependents[0].id}.",
        "delegations",
    )


@rule(
    "NatGatewayCannotBeUsedBySubnetsBelongingToDifferentVirtualNetworks",
    _SUBNET,
    source="Microsoft Learn: azure/nat-gateway/nat-overview",
)
def a_nat_gateway_serves_one_network(request: Request) -> Refusal | None:
    """All subnets of a NAT gateway must be in one virtual network."""
    nat = request.find(request.inputs.get("natGateway"))
    parent = request.parent
    if nat is None or parent is None or nat.token != NAT:
        return None
    for item in request.cloud.store.referrers(nat.id):
        if item.token == _SUBNET and not arm_ids.same(item.id.rsplit("/", 2)[0], parent.id):
            return Refusal(
                f"{nat.id} is already used by {item.id} in another virtual network.", "natGateway"
            )
    return None


@rule(
    "ResourceNotPermittedOnDelegatedSubnet",
    "network:NetworkInterface",
    source=f"{_MANAGE}#delegate-a-subnet",
)
def a_delegated_subnet_takes_no_interfaces(request: Request) -> Refusal | None:
    """A delegated subnet cannot contain network interfaces."""
    for configuration in items(request.inputs, "ipConfigurations"):
        subnet = request.find(at(configuration, "subnet"))
        if subnet and delegations(subnet.inputs):
            services = ", ".join(delegations(subnet.inputs))
            return Refusal(f"Subnet {subnet.id} is delegated to {services}.", "ipConfigurations")
    return None


@advice(
    _SUBNET,
    source="Microsoft Learn: azure/virtual-network/ip-services/default-outbound-access",
)
def a_changed_outbound_access_waits_for_machines(request: Request) -> str | None:
    """A change of `defaultOutboundAccess` applies only to VMs that start after it."""
    if request.old is None or not request.dependents(SUBNET_DEPENDENTS):
        return None
    old = request.old.inputs.get("defaultOutboundAccess")
    if old == request.inputs.get("defaultOutboundAccess"):
        return None
    return (
        f"Subnet '{request.name}': running VMs keep their default outbound access until they are"
        " stopped and started."
    )


def _outputs(request: Request) -> dict[str, Any]:
    settings = request.inputs
    return {
        "purpose": "",
        "privateEndpointNetworkPolicies": settings.get(
            "privateEndpointNetworkPolicies", "Disabled"
        ),
        "privateLinkServiceNetworkPolicies": settings.get(
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
