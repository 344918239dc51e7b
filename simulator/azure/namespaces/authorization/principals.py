"""Managed identities and other service principals, and the account that runs the deployment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulator.azure import identifiers
from simulator.azure.functions import function
from simulator.azure.model import Cloud
from simulator.azure.namespaces.authorization.permissions import ASSIGNMENT
from support.nested import at


def service_principals(cloud: Cloud) -> set[str]:
    """Object ids of all managed identities of the cloud."""
    principals: set[str] = set()
    for item in cloud.store.all():
        own = (at(item.outputs, "principalId"), at(item.outputs, "identity", "principalId"))
        if "authorization" not in item.token:
            principals.update(principal for principal in own if principal)
    return principals


def foreign_service_principals(cloud: Cloud) -> set[str]:
    """Object ids with a role assignment as service principal that are no identity of the cloud."""
    assigned = {
        str(item.inputs.get("principalId"))
        for item in cloud.store.of_type(ASSIGNMENT)
        if item.inputs.get("principalType") == "ServicePrincipal"
    }
    return assigned - service_principals(cloud)


def client_ids(cloud: Cloud) -> set[str]:
    return {
        str(item.outputs["clientId"]) for item in cloud.store.all() if "clientId" in item.outputs
    }


@function("authorization:getClientConfig")
def client_config(cloud: Cloud, args: Mapping[str, Any]) -> dict[str, Any]:
    """The account that runs the deployment."""
    del args
    return {
        "clientId": identifiers.guid(identifiers.OPERATOR, "client"),
        "objectId": identifiers.OPERATOR,
        "subscriptionId": cloud.subscription,
        "tenantId": cloud.tenant,
    }
