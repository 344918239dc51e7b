"""Virtual networks and their address spaces."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from ipaddress import ip_address, ip_network
from typing import Any

from simulator.azure.functions import function
from simulator.azure.model import Cloud, Request, ResourceType
from simulator.azure.namespaces.network import inline, peering_sync, watchers
from simulator.azure.namespaces.network.prefixes import (
    contains,
    network_prefixes,
    networks,
    overlaps,
    prefixes,
)
from simulator.azure.rules import Refusal, rule
from simulator.errors import AzureError
from simulator.store import Resource
from support import arm_ids
from support.nested import at, items

_FAQ = "Microsoft Learn: azure/virtual-network/virtual-networks-faq"
_NETWORK, _SUBNET = "network:VirtualNetwork", "network:Subnet"
RESERVED = (
    "224.0.0.0/4",
    "255.255.255.255/32",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "168.63.129.16/32",
)
"""Ranges that no virtual network can have."""


def _written(request: Request) -> list[str]:
    """The prefixes that a request for a virtual network or a subnet writes."""
    if request.type.token == _SUBNET:
        return prefixes(request.inputs)
    return network_prefixes(request.inputs)


@rule("InvalidAddressPrefixFormat", "network:VirtualNetwork", _SUBNET, source=_FAQ)
def prefixes_are_written_as_cidr_blocks(request: Request) -> str | None:
    """Address prefixes must be CIDR blocks."""
    for text in _written(request):
        try:
            ip_network(text, strict=False)
        except ValueError:
            return f"Address prefix '{text}' of {request.name} is not a valid CIDR block."
    return None


@rule(
    "InvalidCIDRNotation",
    "network:VirtualNetwork",
    _SUBNET,
    source="Microsoft Learn: azure-resource-manager/troubleshooting/common-deployment-errors",
)
def prefixes_begin_at_their_network_address(request: Request) -> str | None:
    """An address prefix must begin at its network address."""
    for text in _written(request):
        block = ip_network(text, strict=False)
        if str(block) != text:
            return f"Address prefix '{text}' of {request.name} must be '{block}'."
    return None


@rule("BadRequest", "network:VirtualNetwork", source=_FAQ)
def a_network_stays_out_of_reserved_ranges(request: Request) -> str | Refusal | None:
    """A network cannot overlap multicast, broadcast, loopback, link-local or Azure's address."""
    for block, reserved in overlaps(network_prefixes(request.inputs), RESERVED):
        return Refusal(f"Address prefix {block} overlaps {reserved}.", "addressSpace")
    return None


@rule("NetcfgSubnetRangeOutsideVnet", "network:VirtualNetwork", source=_FAQ)
def a_network_keeps_the_space_of_its_subnets(request: Request) -> str | None:
    """The address space must contain all subnets."""
    if request.old is None or "subnets" in request.inputs:
        return None  # The subnets in the request are checked separately.
    space = networks(network_prefixes(request.inputs))
    for item in request.cloud.store.below(request.id, _SUBNET):
        for part in networks(prefixes(item.inputs)):
            if not any(contains(whole, part) for whole in space):
                return f"Subnet '{item.name}' ({part}) would be outside '{request.name}'."
    return None


@rule(
    "VnetAddressSpacesOverlap",
    "network:VirtualNetwork",
    source="Microsoft Learn: azure/virtual-network/update-virtual-network-peering-address-space",
)
def a_peered_network_grows_apart_from_its_peers(request: Request) -> str | None:
    """A changed address space must not overlap that of a peered network."""
    for peering, local in _peerings(request):
        other = request.find(at(peering.inputs, "remoteVirtualNetwork"))
        if not local:
            other = request.find(peering.id.rsplit("/", 2)[0])
        if other is None:
            continue
        pairs = overlaps(network_prefixes(request.inputs), network_prefixes(other.inputs))
        for block, used in pairs:
            return f"{block} of {request.id} overlaps {used} of the peered network {other.id}."
    return None


@rule("BadRequest", "network:VirtualNetwork", source="REST: virtualNetworks, enableDdosProtection")
def protection_against_ddos_needs_a_plan(request: Request) -> Refusal | None:
    """DDoS protection of a network needs a plan. Without a plan there is the basic protection."""
    plan = at(request.inputs, "ddosProtectionPlan", "id")
    if not request.inputs.get("enableDdosProtection") or plan:
        return None
    return Refusal("enableDdosProtection requires a ddosProtectionPlan.", "ddosProtectionPlan")


@rule(
    "NetcfgInvalidIPAddress",
    "network:VirtualNetwork",
    source="github.com/Azure/azure-cli/issues/28294",
)
def dns_servers_are_addresses(request: Request) -> Refusal | None:
    """Each DNS server is a single IP address."""
    for server in items(request.inputs, "dhcpOptions", "dnsServers"):
        try:
            ip_address(str(server))
        except ValueError:
            return Refusal(f"IP address is not valid '{server}'.", "dhcpOptions.dnsServers")
    return None


def _peerings(request: Request) -> Iterator[tuple[Resource, bool]]:
    """(peering, whether it belongs to this network) of each peering with the network."""
    for item in request.cloud.store.of_type(peering_sync.PEERING):
        if item.id.lower().startswith(f"{request.id.lower()}/"):
            yield item, True
        elif arm_ids.same(str(at(item.inputs, "remoteVirtualNetwork", "id")), request.id):
            yield item, False


def _write_subnets(request: Request) -> None:
    """Write the subnets in the request, with their own rules, and delete the omitted ones."""
    for old in inline.omitted(request, "subnets", _SUBNET):
        request.cloud.delete(old.id)
    for item in items(request.inputs, "subnets"):
        request.cloud.put(_SUBNET, inline.inputs_of(request, _SUBNET, item))


def _update_peerings(request: Request) -> None:
    """Update the sync level of the network's peerings, in both directions."""
    for peering, _ in _peerings(request):
        outputs = peering_sync.refreshed_outputs(request.cloud.store, peering)
        if outputs != peering.outputs:
            request.cloud.store.put(replace(peering, outputs=outputs))


def _outputs(request: Request) -> dict[str, Any]:
    if "subnets" in request.inputs:
        return {}  # The list in the inputs is returned as it is.
    subnets = [
        {"id": item.id, "name": item.name, "addressPrefix": (prefixes(item.inputs) or [None])[0]}
        for item in request.cloud.store.below(request.id, _SUBNET)
    ]
    return {"subnets": subnets} if subnets else {}


@function("network:getVirtualNetwork")
def network_with_peerings(cloud: Cloud, args: Mapping[str, Any]) -> dict[str, Any]:
    """The network with its peerings as they are now."""
    resource_id = cloud.id_of(_NETWORK, args)
    network = cloud.get(resource_id)
    if network is None:
        raise AzureError(404, "ResourceNotFound", f"{resource_id} does not exist.")
    peerings = [
        {"id": item.id, **item.outputs}
        for item in cloud.store.below(network.id, peering_sync.PEERING)
    ]
    return {"id": network.id, **network.outputs, "virtualNetworkPeerings": peerings}


def _after_put(request: Request) -> None:
    _write_subnets(request)
    _update_peerings(request)
    watchers.create_watcher(request)


def _delete_links(request: Request) -> None:
    """Delete the network's links to private DNS zones, in whichever subscription the zones are.

    Source: azure/dns/private-dns-virtual-network-links.
    """
    for item in request.cloud.store.of_type("privatedns:VirtualNetworkLink"):
        if arm_ids.same(str(at(item.inputs, "virtualNetwork", "id")), request.id):
            request.cloud.store.delete(item.id)


TYPES = [
    ResourceType("network:DdosProtectionPlan", "2024-05-01", replaces=("location",), seconds=10),
    ResourceType(
        "network:VirtualNetwork",
        "2024-05-01",
        replaces=("location",),
        seconds=6,
        outputs=_outputs,
        after_put=_after_put,
        after_delete=_delete_links,
    ),
]
