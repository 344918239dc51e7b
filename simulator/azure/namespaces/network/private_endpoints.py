"""Private endpoints and their DNS zone groups."""

from __future__ import annotations

from typing import Any

from simulator.azure import identifiers
from simulator.azure.model import Request, ResourceType
from simulator.azure.rules import Refusal, rule
from support import arm_ids
from support.nested import at, items

_ENDPOINT, _ZONES = "network:PrivateEndpoint", "network:PrivateDnsZoneGroup"
_LEARN = "Microsoft Learn: azure/private-link/private-endpoint-overview#private-link-resource"
# Subresources of a service, by lower-case ARM type.
SUBRESOURCES = {
    "microsoft.keyvault/vaults": {"vault"},
    "microsoft.containerregistry/registries": {"registry"},
    "microsoft.containerservice/managedclusters": {"management"},
    "microsoft.storage/storageaccounts": {"blob", "table", "queue", "file", "web", "dfs"},
}


def _connections(request: Request) -> list[Any]:
    return [
        *items(request.inputs, "privateLinkServiceConnections"),
        *items(request.inputs, "manualPrivateLinkServiceConnections"),
    ]


@rule("BadRequest", _ENDPOINT, source="REST: privateEndpoints")
def an_endpoint_leads_to_one_service(request: Request) -> Refusal | None:
    """A private endpoint has exactly one connection, approved automatically or manually."""
    count = len(_connections(request))
    if count != 1:
        text = f"Private endpoint {request.name} must have one connection, not {count}."
        return Refusal(text, "privateLinkServiceConnections")
    return None


@rule("BadRequest", _ENDPOINT, source=_LEARN)
def an_endpoint_names_a_part_of_its_service(request: Request) -> Refusal | None:
    """A connection has one subresource of its service, such as `vault` of a key vault."""
    for connection in _connections(request):
        target = arm_ids.parse(str(connection.get("privateLinkServiceId")))
        known = SUBRESOURCES.get(target.type.lower()) if target else None
        group_ids = items(connection, "groupIds")
        if known is not None and (len(group_ids) != 1 or str(group_ids[0]).lower() not in known):
            valid = ", ".join(sorted(known))
            text = f"groupIds of {connection.get('name')} must be one of {valid}, not {group_ids}."
            return Refusal(text, "privateLinkServiceConnections")
    return None


@rule("BadRequest", _ENDPOINT, source="REST: privateEndpoints")
def an_endpoint_is_in_a_subnet(request: Request) -> Refusal | None:
    """A private endpoint requires a subnet."""
    if at(request.inputs, "subnet", "id"):
        return None
    return Refusal(f"Private endpoint {request.name} requires a subnet.", "subnet")


@rule(
    "BadRequest",
    _ZONES,
    source="Microsoft Learn: azure/private-link/private-endpoint-dns#private-dns-zone-group",
)
def an_endpoint_has_one_zone_group(request: Request) -> str | None:
    """A private endpoint has at most one DNS zone group."""
    for item in request.siblings():
        return f"The private endpoint already has the DNS zone group {item.name}."
    return None


def _outputs(request: Request) -> dict[str, Any]:
    group = arm_ids.group_of(request.id)
    interface = f"{request.name}.nic.{identifiers.guid(request.id, 'nic')}"
    return {
        "networkInterfaces": [
            {"id": f"{group}/providers/Microsoft.Network/networkInterfaces/{interface}"}
        ]
    }


TYPES = [
    ResourceType(
        _ENDPOINT,
        "2024-05-01",
        replaces=("subnet",),
        seconds=60,
        outputs=_outputs,
    ),
    ResourceType(
        _ZONES,
        "2024-05-01",
        seconds=15,
    ),
]
