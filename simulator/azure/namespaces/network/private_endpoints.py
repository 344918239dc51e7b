"""Private endpoints and their DNS zone groups."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from simulator.azure import identifiers
from simulator.azure.model import Request, ResourceType
from simulator.azure.namespaces.network.interfaces import private_address
from simulator.azure.namespaces.network.tokens import INTERFACE
from simulator.azure.rules import Refusal, rule
from simulator.store import Resource
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


def _interface_id(request: Request) -> str:
    """The network interface that Azure creates for the endpoint, in the same resource group."""
    name = request.inputs.get("customNetworkInterfaceName")
    name = name or f"{request.name}.nic.{identifiers.guid(request.id, 'nic')}"
    return f"{arm_ids.group_of(request.id)}/providers/Microsoft.Network/networkInterfaces/{name}"


def _address(request: Request) -> str | None:
    """The endpoint's private address: the given one, the one that it has, or a free one."""
    for item in items(request.inputs, "ipConfigurations"):
        if item.get("privateIPAddress"):
            return str(item["privateIPAddress"])
    interface = request.cloud.store.get(_interface_id(request))
    if interface is not None:
        return str(items(interface.outputs, "ipConfigurations")[0]["privateIPAddress"])
    return private_address(request, request.inputs.get("subnet"))


def _host(request: Request) -> str | None:
    """The host name of the service that the endpoint leads to; None for a service without one."""
    (connection,) = _connections(request)
    service = request.find(connection.get("privateLinkServiceId"))
    if service is None:
        return None
    part = next(iter(items(connection, "groupIds")), "")
    names = {
        "keyvault:Vault": f"{service.name}.vault.azure.net",
        "containerregistry:Registry": service.outputs.get("loginServer"),
        "containerservice:ManagedCluster": service.outputs.get("privateFQDN"),
        "storage:StorageAccount": f"{service.name}.{part}.core.windows.net",
    }
    return names.get(service.token)


def _custom_dns(host: str | None, address: str | None) -> list[dict[str, Any]]:
    return [{"fqdn": host, "ipAddresses": [address]}] if host and address else []


def _outputs(request: Request) -> dict[str, Any]:
    zones = request.cloud.store.below(request.id, _ZONES)
    return {
        "networkInterfaces": [{"id": _interface_id(request)}],
        # The zone group takes its place (azure/private-link/private-endpoint-dns).
        "customDnsConfigs": [] if zones else _custom_dns(_host(request), _address(request)),
    }


def _create_interface(request: Request) -> None:
    """Store the endpoint's interface, which has its address."""
    subnet = request.inputs["subnet"]
    key = _interface_id(request)
    location = {"location": request.inputs.get("location")}
    configuration = {"name": f"privateEndpointIpConfig.{identifiers.guid(request.id, 'ip')}"}
    configuration |= {"subnet": subnet, "privateIPAddress": _address(request)}
    inputs = {**location, "ipConfigurations": [configuration]}
    outputs = {
        **inputs,
        "id": key,
        "name": key.rpartition("/")[2],
        "privateEndpoint": {"id": request.id},
    }
    request.cloud.store.put(Resource(key, INTERFACE, inputs, outputs))


def _delete_interface(request: Request) -> None:
    request.cloud.store.delete(_interface_id(request))


def _take_over_names(request: Request) -> None:
    """The endpoint no longer lists the names whose records the zone group writes."""
    _set_custom_dns(request, [])


def _give_names_back(request: Request) -> None:
    endpoint = request.parent
    if endpoint is not None:
        own = replace(request, type=request.cloud.type_of(_ENDPOINT), id=endpoint.id)
        own = replace(own, inputs=endpoint.inputs)
        _set_custom_dns(request, _custom_dns(_host(own), _address(own)))


def _set_custom_dns(request: Request, configs: list[dict[str, Any]]) -> None:
    endpoint = request.parent
    if endpoint is not None:
        outputs = {**endpoint.outputs, "customDnsConfigs": configs}
        request.cloud.store.put(replace(endpoint, outputs=outputs))


TYPES = [
    ResourceType(
        _ENDPOINT,
        "2024-05-01",
        replaces=("subnet",),
        seconds=60,
        outputs=_outputs,
        after_put=_create_interface,
        after_delete=_delete_interface,
    ),
    ResourceType(
        _ZONES,
        "2024-05-01",
        seconds=15,
        after_put=_take_over_names,
        after_delete=_give_names_back,
    ),
]
