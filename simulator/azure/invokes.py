"""Functions of azure-native: `get…` of any simulated type, and the few that do something else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from simulator.azure import identifiers
from simulator.errors import AzureError, NotSimulated
from support import arm_ids

if TYPE_CHECKING:
    from simulator.azure.cloud import Cloud

Function = Callable[["Cloud", Mapping[str, Any]], dict[str, Any]]


def invoke(cloud: Cloud, token: str, args: Mapping[str, Any]) -> dict[str, Any]:
    """Answer one call; `token` without the package."""
    module, _, function = token.partition(":")
    special = _special().get(token)
    if special:
        return special(cloud, args)
    if not function.startswith("get"):
        raise NotSimulated(
            f"function {token} is not among those of the simulated Azure. Add it to _special() in"
            " simulator/azure/invokes.py."
        )
    kind = cloud.type_of(f"{module}:{function.removeprefix('get')}")
    values = dict(args)
    # A `get` function takes `resourceName` where the resource's constructor does.
    resource_id = arm_ids.fill(kind.full_path, {"subscriptionId": cloud.subscription, **values})
    resource = cloud.get(resource_id)
    if resource is None:
        raise AzureError(404, "ResourceNotFound", f"There is no {kind.arm_type} {resource_id}.")
    return {"id": resource.id, **resource.outputs}


def _client_config(cloud: Cloud, args: Mapping[str, Any]) -> dict[str, Any]:
    del args
    return {
        "clientId": identifiers.guid(identifiers.OPERATOR, "client"),
        "objectId": identifiers.OPERATOR,
        "subscriptionId": cloud.subscription,
        "tenantId": cloud.tenant,
    }


def _special() -> dict[str, Function]:
    from simulator.azure.namespaces.containerservice import credentials

    return {
        "authorization:getClientConfig": _client_config,
        "containerservice:listManagedClusterUserCredentials": credentials.user,
        "containerservice:listManagedClusterAdminCredentials": credentials.admin,
    }
