"""Virtual networks and subnets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any

from simulator.azure.catalog import ResourceType
from simulator.azure.namespaces.network import watchers
from simulator.azure.namespaces.network.in_use import SUBNET_USERS
from simulator.azure.request import Request
from simulator.azure.rules import Refusal, rule
from simulator.nested import items

_FAQ = "Microsoft Learn: azure/virtual-network/virtual-networks-faq"
Network = IPv4Network | IPv6Network


def prefixes(inputs: Mapping[str, Any]) -> list[str]:
    """The address prefixes of a subnet, whichever of the two properties holds them."""
    given = inputs.get("addressPrefixes") or [inputs.get("addressPrefix")]
    return [item for item in given if item]


def network_prefixes(inputs: Mapping[str, Any]) -> list[str]:
    """The address prefixes of a virtual network."""
    return items(inputs, "addressSpace", "addressPrefixes")


def networks(texts: Iterable[str]) -> list[Network]:
    """Prefixes as networks; one that is none is left out (its own rule refuses it)."""
    found: list[Network] = []
    for text in texts:
        try:
            found.append(ip_network(text))
        except ValueError:
            continue
    return found


def overlaps(left: Iterable[str], right: Iterable[str]) -> list[tuple[Network, Network]]:
    """The pairs of prefixes that share addresses."""
    return [(a, b) for a in networks(left) for b in networks(right) if a.overlaps(b)]


def _written(request: Request) -> list[str]:
    """The prefixes that a request for a network or a subnet writes."""
    if "subnetName" in request.inputs:
        return prefixes(request.inputs)
    return network_prefixes(request.inputs)


@rule("InvalidAddressPrefixFormat", "network:VirtualNetwork", "network:Subnet", source=_FAQ)
def prefixes_are_written_as_cidr_blocks(request: Request) -> str | None:
    """An address, a slash, a length."""
    for text in _written(request):
        try:
            ip_network(text, strict=False)
        except ValueError:
            return f"Address prefix '{text}' of {request.name} has no valid format."
    return None


@rule(
    "InvalidCIDRNotation",
    "network:VirtualNetwork",
    "network:Subnet",
    source="Microsoft Learn: azure-resource-manager/troubleshooting/common-deployment-errors",
)
def prefixes_begin_at_their_network_address(request: Request) -> str | None:
    """Host bits are zero."""
    for text in _written(request):
        block = ip_network(text, strict=False)
        if str(block) != text:
            return f"Address prefix '{text}' of {request.name} should be '{block}'."
    return None


@rule("NetcfgSubnetRangeOutsideVnet", "network:Subnet", source=_FAQ)
def a_subnet_lies_inside_its_network(request: Request) -> str | None:
    """Each prefix lies in one prefix of the virtual network."""
    parent = request.parent
    if parent is None:
        return None
    space = networks(network_prefixes(parent.inputs))
    for part in networks(prefixes(request.inputs)):
        if not any(_contains(whole, part) for whole in space):
            return (
                f"Subnet '{request.name}' ({part}) is outside the address space of virtual"
                f" network '{parent.name}' ({', '.join(map(str, space))})."
            )
    return None


def _contains(whole: Network, part: Network) -> bool:
    if isinstance(whole, IPv4Network) and isinstance(part, IPv4Network):
        return part.subnet_of(whole)
    if isinstance(whole, IPv6Network) and isinstance(part, IPv6Network):
        return part.subnet_of(whole)
    return False


@rule("NetcfgSubnetRangesOverlap", "network:Subnet", source=_FAQ)
def subnets_of_a_network_are_apart(request: Request) -> str | None:
    """No address belongs to two subnets."""
    for other in request.siblings():
        for mine, theirs in overlaps(prefixes(request.inputs), prefixes(other.inputs)):
            return f"Subnet '{request.name}' ({mine}) overlaps subnet '{other.name}' ({theirs})."
    return None


@rule(
    "RouteTableCannotBeAttachedForAzureBastionSubnet",
    "network:Subnet",
    source="Microsoft Learn: azure/bastion/bastion-faq#udr",
)
def the_bastion_subnet_has_no_route_table(request: Request) -> str | Refusal | None:
    """User-defined routes would cut Bastion off."""
    if request.name.lower() == "azurebastionsubnet" and request.inputs.get("routeTable"):
        return Refusal("AzureBastionSubnet cannot have a route table.", "routeTable")
    return None


@rule(
    "InUsePrefixCannotBeDeleted",
    "network:Subnet",
    source="Microsoft Learn: azure/virtual-network/virtual-network-manage-subnet",
)
def a_subnet_in_use_keeps_its_prefixes(request: Request) -> str | None:
    """A prefix with addresses given out can neither move nor shrink nor grow."""
    if request.old is None or not request.users(SUBNET_USERS):
        return None
    kept = prefixes(request.inputs)
    for text in prefixes(request.old.inputs):
        if text not in kept:
            return f"Prefix {text} of subnet '{request.name}' has addresses in use."
    return None


@rule("NetcfgSubnetRangeOutsideVnet", "network:VirtualNetwork", source=_FAQ)
def a_network_keeps_the_space_of_its_subnets(request: Request) -> str | None:
    """The address space may shrink only where no subnet lies."""
    if request.old is None:
        return None
    space = networks(network_prefixes(request.inputs))
    for item in request.cloud.store.below(request.id, "network:Subnet"):
        for part in networks(prefixes(item.inputs)):
            if not any(_contains(whole, part) for whole in space):
                return f"Subnet '{item.name}' ({part}) would lie outside '{request.name}'."
    return None


def _subnet_outputs(request: Request) -> dict[str, Any]:
    given = request.inputs
    return {
        "purpose": "",
        "privateEndpointNetworkPolicies": given.get("privateEndpointNetworkPolicies", "Disabled"),
        "privateLinkServiceNetworkPolicies": given.get(
            "privateLinkServiceNetworkPolicies", "Enabled"
        ),
    }


def _write_inline_subnets(request: Request) -> None:
    """Subnets written inside the network become resources; those left out of the list are deleted.

    Without the property the subnets stay as they are (API 2023-09-01 and later).
    """
    if "subnets" not in request.inputs:
        return
    kept: set[str] = set()
    path = {key: request.inputs[key] for key in ("resourceGroupName", "virtualNetworkName")}
    for item in items(request.inputs, "subnets"):
        settings = {key: value for key, value in item.items() if key not in ("id", "type")}
        names = {**path, "subnetName": item["name"]}
        kept.add(request.cloud.put("network:Subnet", {**settings, **names}).id.lower())
    for old in request.cloud.store.below(request.id, "network:Subnet"):
        if old.id.lower() not in kept:
            request.cloud.delete(old.id)


def _network_outputs(request: Request) -> dict[str, Any]:
    if "subnets" in request.inputs:
        return {}  # The list among the inputs is echoed.
    subnets = [
        {"id": item.id, "name": item.name, "addressPrefix": (prefixes(item.inputs) or [None])[0]}
        for item in request.cloud.store.below(request.id, "network:Subnet")
    ]
    return {"subnets": subnets} if subnets else {}


def _after_put(request: Request) -> None:
    _write_inline_subnets(request)
    watchers.appear(request)


_NETWORK = "Microsoft.Network/virtualNetworks/{virtualNetworkName}"

TYPES = [
    ResourceType(
        "network:VirtualNetwork",
        _NETWORK,
        "2024-05-01",
        replaces=("location",),
        seconds=6,
        outputs=_network_outputs,
        after_put=_after_put,
    ),
    ResourceType(
        "network:Subnet",
        f"{_NETWORK}/subnets/{{subnetName}}",
        "2024-05-01",
        seconds=6,
        outputs=_subnet_outputs,
    ),
]
