"""Network interfaces, and the addresses that a subnet hands out."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any

from simulator.azure import identifiers, outputs
from simulator.azure.model import Request, ResourceType
from simulator.azure.namespaces.network.prefixes import networks, prefixes
from simulator.azure.namespaces.network.users import APPLICATION_GATEWAY, FIREWALL, INTERFACE
from simulator.azure.rules import Refusal, rule
from simulator.store import Resource
from support.nested import at, is_list, is_mapping, items

_PRIVATE = "Microsoft Learn: azure/virtual-network/ip-services/private-ip-addresses"
_HOLDERS = (INTERFACE, APPLICATION_GATEWAY, FIREWALL)


def _asked_for(request: Request) -> Iterator[tuple[str, Resource]]:
    """(address, subnet) of each configuration that asks for an address of its own choice."""
    for collection in ("ipConfigurations", "frontendIPConfigurations"):
        for item in items(request.inputs, collection):
            subnet, address = request.find(at(item, "subnet")), item.get("privateIPAddress")
            if subnet and address:
                yield str(address), subnet


@rule("PrivateIPAddressNotInSubnet", *_HOLDERS, source=_PRIVATE)
def an_address_lies_in_its_subnet(request: Request) -> str | None:
    """A static address is one of the subnet's."""
    for address, subnet in _asked_for(request):
        if not any(ip_address(address) in block for block in networks(prefixes(subnet.inputs))):
            return f"Private static IP address {address} is not in {subnet.id}."
    return None


@rule("PrivateIPAddressInReservedRange", *_HOLDERS, source=_PRIVATE)
def an_address_is_not_azures_own(request: Request) -> str | None:
    """The first four of a subnet and its last are."""
    for address, subnet in _asked_for(request):
        for block in networks(prefixes(subnet.inputs)):
            number = int(ip_address(address)) - int(block.network_address)
            if 0 <= number < 4 or number == block.num_addresses - 1:
                return f"Private static IP address {address} is in the reserved range of {block}."
    return None


@rule("PrivateIPAddressIsAllocated", *_HOLDERS, source=_PRIVATE)
def an_address_is_given_once(request: Request) -> str | None:
    """Not while another resource has it."""
    for address, subnet in _asked_for(request):
        for item in request.cloud.store.referrers(subnet.id):
            if item.id.lower() != request.id.lower() and address in _addresses(item.outputs):
                return f"IP address {address} is allocated already to {item.id}."
    return None


@rule("BadRequest", INTERFACE, source=_PRIVATE)
def a_static_address_is_named(request: Request) -> Refusal | None:
    """`Static` comes with the address."""
    for item in items(request.inputs, "ipConfigurations"):
        static = str(item.get("privateIPAllocationMethod")).lower() == "static"
        if static and not item.get("privateIPAddress"):
            return Refusal(f"{item.get('name')} is Static without address.", "ipConfigurations")
    return None


@rule("SubnetIsRequired", INTERFACE, source="REST: networkInterfaces")
def an_interface_is_in_a_subnet(request: Request) -> Refusal | None:
    """Every configuration names one."""
    for item in items(request.inputs, "ipConfigurations"):
        if not at(item, "subnet", "id"):
            text = f"Subnet reference is required for ipconfiguration {item.get('name')}."
            return Refusal(text, "ipConfigurations")
    return None


def private_address(request: Request, subnet: Any, *, taken: int = 0) -> str | None:
    """The address that a subnet gives the `taken`-th configuration of the requesting resource.

    Azure gives the lowest free one; here that is the lowest in no other resource's outputs.
    """
    found = request.find(subnet)
    if found is None:
        return None
    used = {
        address
        for item in request.cloud.store.referrers(found.id)
        if item.id.lower() != request.id.lower()
        for address in _addresses(item.outputs)
    }
    for block in networks(prefixes(found.inputs)):
        # The first three hosts are Azure's own: gateway and DNS.
        for number in range(4, min(block.num_addresses - 1, 4096)):
            address = str(block[number])
            if address not in used:
                if taken == 0:
                    return address
                taken -= 1
    return None


def _addresses(value: Any) -> list[str]:
    if is_mapping(value):
        own = [value["privateIPAddress"]] if value.get("privateIPAddress") else []
        return own + [found for item in value.values() for found in _addresses(item)]
    if is_list(value):
        return [found for item in value for found in _addresses(item)]
    return []


def with_addresses(request: Request, collection: str) -> list[dict[str, Any]]:
    """The ip configurations of a request, each with a private address where it names a subnet."""
    result: list[dict[str, Any]] = []
    taken = 0
    for item in items(request.inputs, collection):
        part = outputs.item_outputs(request, collection, item)
        if part.get("subnet") and not part.get("privateIPAddress"):
            part["privateIPAddress"] = private_address(request, part["subnet"], taken=taken)
            taken += 1
        result.append(part)
    return result


def _outputs(request: Request) -> dict[str, Any]:
    octets = identifiers.digest(request.id, "mac", length=6).upper()
    return {
        "ipConfigurations": with_addresses(request, "ipConfigurations"),
        "macAddress": "-".join(["60", "45", "BD", octets[0:2], octets[2:4], octets[4:6]]),
        "primary": True,
        "enableIPForwarding": request.inputs.get("enableIPForwarding", False),
        "nicType": request.inputs.get("nicType", "Standard"),
    }


TYPES = [
    ResourceType(
        INTERFACE,
        "2024-05-01",
        seconds=4,
        outputs=_outputs,
    ),
]
