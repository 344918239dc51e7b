"""Microsoft.ContainerRegistry: registries."""

from __future__ import annotations

from typing import Any

from simulator.azure.model import Cloud, Request, ResourceType
from simulator.azure.namespaces.authorization.permissions import allows
from simulator.azure.outputs import CREATED_AT
from simulator.azure.rules import Refusal, rule
from simulator.store import Resource
from support.nested import at, items

_REGISTRY = "containerregistry:Registry"
_ABAC = "AbacRepositoryPermissions"
_PULL = "Microsoft.ContainerRegistry/registries/pull/read"
_READ = "Microsoft.ContainerRegistry/registries/repositories/content/read"


def find_registry(cloud: Cloud, login_server: str) -> Resource | None:
    """The registry with this host name."""
    for item in cloud.store.of_type(_REGISTRY):
        if item.outputs.get("loginServer") == login_server.lower():
            return item
    return None


def can_pull(cloud: Cloud, registry: Resource, principal: str) -> bool:
    """Whether a principal may pull images; a registry with ABAC does not honor AcrPull.

    Source: Microsoft Learn: container-registry/container-registry-rbac-abac-repository-permissions.
    """
    if registry.outputs.get("roleAssignmentMode") == _ABAC:
        return allows(cloud, principal, _READ, registry.id, data=True)
    return allows(cloud, principal, _PULL, registry.id)


@rule(
    "BadRequest",
    _REGISTRY,
    source="Microsoft Learn: azure/container-registry/container-registry-skus",
)
def networks_and_zones_need_the_premium_tier(request: Request) -> Refusal | None:
    """Private access only and zone redundancy are features of the tier Premium."""
    if str(at(request.inputs, "sku", "name")).lower() == "premium":
        return None
    premium = {
        "publicNetworkAccess": request.inputs.get("publicNetworkAccess") == "Disabled",
        "zoneRedundancy": request.inputs.get("zoneRedundancy") == "Enabled",
        "networkRuleSet": bool(items(request.inputs, "networkRuleSet", "ipRules")),
        "dataEndpointEnabled": bool(request.inputs.get("dataEndpointEnabled")),
    }
    for name, used in premium.items():
        if used:
            return Refusal(f"{name} is available in the tier Premium only.", name)
    return None


@rule(
    "BadRequest",
    "network:PrivateEndpoint",
    source="Microsoft Learn: azure/container-registry/container-registry-private-link",
)
def an_endpoint_of_a_registry_needs_the_premium_tier(request: Request) -> Refusal | None:
    """Private endpoints are a feature of the tier Premium."""
    for connection in items(request.inputs, "privateLinkServiceConnections"):
        target = request.find(connection.get("privateLinkServiceId"))
        if target is None or target.token != _REGISTRY:
            continue
        if str(at(target.inputs, "sku", "name")).lower() != "premium":
            text = f"The registry {target.name} must have the tier Premium for a private endpoint."
            return Refusal(text, "privateLinkServiceConnections")
    return None


def _outputs(request: Request) -> dict[str, Any]:
    return {
        "loginServer": f"{request.name.lower()}.azurecr.io",
        "creationDate": CREATED_AT,
    }


TYPES = [
    ResourceType(
        _REGISTRY,
        "2023-01-01-preview",
        replaces=("location",),
        seconds=28,
        outputs=_outputs,
    ),
]
