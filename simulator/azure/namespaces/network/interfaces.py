"""Network interfaces, and the allocation of private IP addresses."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any

from simulator.azure import identifiers, outputs
from simulator.azure.model import Request, ResourceType
from simulator.azure.namespaces.network.prefixes import networks, prefixes
from simulator.azure.namespaces.network.tokens import APPLICATION_GATEWAY, FIREWALL, INTERFACE
from simulator.azure.rules import Refusal, rule
from simulator.store import Resource
from support.nested import at, is_list, is_mapping, items

_PRIVATE = "Microsoft Learn: azure/virtual-network/ip-services/private-ip-addresses"
_TYPES_WITH_ADDRESSES = (INTERFACE, APPLICATION_GATEWAY, FIREWALL)


def _requested_addresses(request: Request) -> Iterator[tuple[str, Resource]]:
    """(address, subnet) of each configuration that requests a specific address."""
    for collection in ("ipConfigurations", "frontendIPConfigurations"):
        for item in items(request.inputs, collection):
            subnet, address = request.find(at(item, "subnet")), item.get("privateIPAddress")
            if subnet and address:
                yield str(address), subnet


@rule("PrivateIPAddressNotInSubnet", *_TYPES_WITH_ADDRESSES, source=_PRIVATE)
def an_address_lies_in_its_subnet(request: Request) -> str | None:
    """A static address must be in its subnet."""
    for address, subnet in _requested_addresses(request):
        if not any(ip_address(address) in block for block in networks(prefixes(subnet.inputs))):
            return f"Private static IP address {address} is not in {subnet.id}."
    return None


@rule("PrivateIPAddressInReservedRange", *_TYPES_WITH_ADDRESSES, source=_PRIVATE)
def an_address_is_not_azures_own(request: Request) -> str | None:
    """Azure reserves the first four addresses of a subnet and the last one."""
    for address, subnet in _requested_addresses(request):
        for block in networks(prefixes(subnet.inputs)):
            number = int(ip_address(address)) - int(block.network_address)
            if 0 <= number < 4 or number == block.num_addresses - 1:
                return f"Private static IP address {address} is in the reserved range of {block}."
    return None


@rule("PrivateIPAddressIsAllocated", *_TYPES_WITH_ADDRESSES, source=_PRIVATE)
def an_address_is_given_once(request: Request) -> str | None:
    """A static address must not be in use by another resource."""
    for address, subnet in _requested_addresses(request):
        for item in request.cloud.store.referrers(subnet.id):
            if item.id.lower() != request.id.lower() and address in _addresses(item.outputs):
                return f"IP address {address} is already allocated to {item.id}."
    return None


@rule("BadRequest", INTERFACE, source=_PRIVATE)
def a_static_address_is_named(request: Request) -> Refusal | None:
    """Static allocation requires an address."""
    for item in items(request.inputs, "ipConfigurations"):
        static = str(item.get("privateIPAllocationMethod")).lower() == "static"
        if static and not item.get("privateIPAddress"):
            return Refusal(
                f"{item.get('name')} is Static and requires privateIPAddress.", "ipConfigurations"
            )
    return None


@rule("SubnetIsRequired", INTERFACE, source="REST: networkInterfaces")
def an_interface_is_in_a_subnet(request: Request) -> Refusal | None:
    """The primary IP configuration requires a subnet; the others are in the same one without it.

    Microsoft's own example of a request, NetworkInterfaceCreate, has such a second one.
    """
    configurations = items(request.inputs, "ipConfigurations")
    primary = [item for item in configurations if item.get("primary")] or configurations[:1]
    for item in primary:
        if not at(item, "subnet", "id"):
            text = f"Subnet reference is required for ipconfiguration {item.get('name')}."
            return Refusal(text, "ipConfigurations")
    return None


def private_address(request: Request, subnet: Any, *, index: int = 0) -> str | None:
    """The free address that configuration `index` of the requesting resource gets.

    Azure allocates the lowest free address. Here an address is free if it is not in the outputs of
    another resource.
    """
    resource = request.find(subnet)
    if resource is None:
        return None
    used = {
        address
        for item in request.cloud.store.referrers(resource.id)
        if item.id.lower() != request.id.lower()
        for address in _addresses(item.outputs)
    }
    for block in networks(prefixes(resource.inputs)):
        # Azure reserves the first three hosts: gateway and DNS.
        for number in range(4, min(block.num_addresses - 1, 4096)):
            address = str(block[number])
            if address not in used:
                if index == 0:
                    return address
                index -= 1
    return None


def _addresses(value: Any) -> list[str]:
    if is_mapping(value):
        own = [value["privateIPAddress"]] if value.get("privateIPAddress") else []
        return own + [address for item in value.values() for address in _addresses(item)]
    if is_list(value):
        return [address for item in value for address in _addresses(item)]
    return []


def with_addresses(request: Request, collection: str) -> list[dict[str, Any]]:
    """The IP configurations of a request; those with a subnet get a private address."""
    result: list[dict[str, Any]] = []
    allocated = 0
    for item in items(request.inputs, collection):
        configuration = outputs.item_outputs(request, collection, item)
        if configuration.get("subnet") and not configuration.get("privateIPAddress"):
            configuration["privateIPAddress"] = private_address(
                request, configuration["subnet"], index=allocated
            )
            allocated += 1
        result.append(configuration)
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
