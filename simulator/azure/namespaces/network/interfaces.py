"""Network interfaces, and the addresses that a subnet hands out."""

from __future__ import annotations

from typing import Any

from simulator.azure import arm, outputs
from simulator.azure.catalog import ResourceType
from simulator.azure.namespaces.network.virtual_networks import networks, prefixes
from simulator.azure.request import Request
from simulator.nested import is_list, is_mapping, items


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
        part = outputs.part(request, collection, item)
        if part.get("subnet") and not part.get("privateIPAddress"):
            part["privateIPAddress"] = private_address(request, part["subnet"], taken=taken)
            taken += 1
        result.append(part)
    return result


def _outputs(request: Request) -> dict[str, Any]:
    octets = arm.digest(request.id, "mac", length=6).upper()
    return {
        "ipConfigurations": with_addresses(request, "ipConfigurations"),
        "macAddress": "-".join(["60", "45", "BD", octets[0:2], octets[2:4], octets[4:6]]),
        "primary": True,
        "enableIPForwarding": request.inputs.get("enableIPForwarding", False),
        "nicType": request.inputs.get("nicType", "Standard"),
    }


TYPES = [
    ResourceType(
        "network:NetworkInterface",
        "Microsoft.Network/networkInterfaces/{networkInterfaceName}",
        "2024-05-01",
        seconds=4,
        outputs=_outputs,
    ),
]
