"""Virtual networks and their address space."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_network
from typing import Any

from simulator.azure.model import Request, ResourceType
from simulator.azure.namespaces.network import inline, peering_sync, watchers
from simulator.azure.namespaces.network.prefixes import (
    Network,
    contains,
    network_prefixes,
    networks,
    overlaps,
    prefixes,
)
from simulator.azure.rules import Refusal, rule
from simulator.store import Resource
from support import arm_ids
from support.nested import at, items

__all__ = ["TYPES", "Network", "network_prefixes", "networks", "overlaps", "prefixes"]

_FAQ = "Microsoft Learn: azure/virtual-network/virtual-networks-faq"
_SUBNET = "network:Subnet"
RESERVED = (
    "224.0.0.0/4",
    "255.255.255.255/32",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "168.63.129.16/32",
)
"""Ranges that no virtual network may have."""


def _written(request: Request) -> list[str]:
    """The prefixes that a request for a network or a subnet writes."""
    if request.type.token == _SUBNET:
        return prefixes(request.inputs)
    return network_prefixes(request.inputs)


@rule("InvalidAddressPrefixFormat", "network:VirtualNetwork", _SUBNET, source=_FAQ)
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
    _SUBNET,
    source="Microsoft Learn: azure-resource-manager/troubleshooting/common-deployment-errors",
)
def prefixes_begin_at_their_network_address(request: Request) -> str | None:
    """Host bits are zero."""
    for text in _written(request):
        block = ip_network(text, strict=False)
        if str(block) != text:
            return f"Address prefix '{text}' of {request.name} should be '{block}'."
    return None


@rule("BadRequest", "network:VirtualNetwork", source=_FAQ)
def a_network_stays_out_of_reserved_ranges(request: Request) -> str | Refusal | None:
    """Multicast, broadcast, loopback, link-local, and Azure's own virtual address."""
    for mine, reserved in overlaps(network_prefixes(request.inputs), RESERVED):
        return Refusal(f"Address prefix {mine} overlaps {reserved}.", "addressSpace")
    return None


@rule("NetcfgSubnetRangeOutsideVnet", "network:VirtualNetwork", source=_FAQ)
def a_network_keeps_the_space_of_its_subnets(request: Request) -> str | None:
    """The address space may shrink only where no subnet lies."""
    if request.old is None or "subnets" in request.inputs:
        return None  # Subnets in the request are checked one by one.
    space = networks(network_prefixes(request.inputs))
    for item in request.cloud.store.below(request.id, _SUBNET):
        for part in networks(prefixes(item.inputs)):
            if not any(contains(whole, part) for whole in space):
                return f"Subnet '{item.name}' ({part}) would lie outside '{request.name}'."
    return None


@rule(
    "VnetAddressSpacesOverlap",
    "network:VirtualNetwork",
    source="Microsoft Learn: azure/virtual-network/update-virtual-network-peering-address-space",
)
def a_peered_network_grows_apart_from_its_peers(request: Request) -> str | None:
    """A change of the address space may not run into a network that is peered."""
    for peering, local in _peerings(request):
        other = request.find(at(peering.inputs, "remoteVirtualNetwork"))
        if not local:
            other = request.find(peering.id.rsplit("/", 2)[0])
        if other is None:
            continue
        mine = network_prefixes(request.inputs)
        for ours, theirs in overlaps(mine, network_prefixes(other.inputs)):
            return f"{ours} of {request.id} overlaps {theirs} of {other.id}, which it peers with."
    return None


def _peerings(request: Request) -> Iterator[tuple[Resource, bool]]:
    """(peering, whether it is this network's own side) of each peering with the network."""
    for item in request.cloud.store.of_type(peering_sync.PEERING):
        if item.id.lower().startswith(f"{request.id.lower()}/"):
            yield item, True
        elif arm_ids.same(str(at(item.inputs, "remoteVirtualNetwork", "id")), request.id):
            yield item, False


def _write_subnets(request: Request) -> None:
    """Subnets in the request become resources by their own rules; those left out are deleted."""
    for old in inline.left_out(request, "subnets", _SUBNET):
        request.cloud.delete(old.id)
    for item in items(request.inputs, "subnets"):
        request.cloud.put(_SUBNET, inline.inputs_of(request, _SUBNET, item))


def _tell_peerings(request: Request) -> None:
    """After a change of the address space neither side of a peering is in sync with it."""
    for peering, _ in _peerings(request):
        outputs = peering_sync.shown_again(request.cloud.store, peering)
        if outputs != peering.outputs:
            request.cloud.store.put(replace(peering, outputs=outputs))


def _outputs(request: Request) -> dict[str, Any]:
    if "subnets" in request.inputs:
        return {}  # The list among the inputs is echoed.
    subnets = [
        {"id": item.id, "name": item.name, "addressPrefix": (prefixes(item.inputs) or [None])[0]}
        for item in request.cloud.store.below(request.id, _SUBNET)
    ]
    return {"subnets": subnets} if subnets else {}


def _after_put(request: Request) -> None:
    _write_subnets(request)
    _tell_peerings(request)
    watchers.appear(request)


TYPES = [
    ResourceType(
        "network:VirtualNetwork",
        "2024-05-01",
        replaces=("location",),
        seconds=6,
        outputs=_outputs,
        after_put=_after_put,
    ),
]
