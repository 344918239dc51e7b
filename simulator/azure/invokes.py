"""Answers azure-native's functions: `get…` of a simulated type, and those that are registered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulator.azure import catalog
from simulator.azure.functions import FUNCTIONS
from simulator.azure.model import Cloud
from simulator.errors import AzureError, NotSimulated


def invoke(cloud: Cloud, token: str, args: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to a call; `token` is without the package."""
    catalog.by_token()  # Importing the namespaces registers their functions.
    if token in FUNCTIONS:
        return FUNCTIONS[token](cloud, args)
    module, _, name = token.partition(":")
    if not name.startswith("get"):
        raise NotSimulated(
            f"the function {token} is not among those of the simulated Azure. Add it to its"
            f' namespace in simulator/azure/namespaces/, registered with @function("{token}").'
        )
    kind = cloud.type_of(f"{module}:{name.removeprefix('get')}")
    # A `get` function has the parameter names of the resource's constructor.
    resource_id = cloud.id_of(kind.token, args)
    resource = cloud.get(resource_id)
    if resource is None:
        raise AzureError(404, "ResourceNotFound", f"{kind.arm_type} {resource_id} does not exist.")
    return {"id": resource.id, **resource.outputs}
