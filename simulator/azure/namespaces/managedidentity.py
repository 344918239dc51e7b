"""Microsoft.ManagedIdentity: user-assigned identities and their federated credentials."""

from __future__ import annotations

from typing import Any

from simulator.azure import arm
from simulator.azure.catalog import ResourceType
from simulator.azure.request import Request


def identity_outputs(request: Request) -> dict[str, Any]:
    """Principal, client and tenant ids of a user-assigned identity."""
    return {
        "principalId": arm.guid(request.id, "principal"),
        "clientId": arm.guid(request.id, "client"),
        "tenantId": request.cloud.tenant,
    }


_PATH = "Microsoft.ManagedIdentity/userAssignedIdentities/{resourceName}"

TYPES = [
    ResourceType(
        "managedidentity:UserAssignedIdentity",
        _PATH,
        "2023-01-31",
        replaces=("location",),
        seconds=2,
        outputs=identity_outputs,
    ),
    ResourceType(
        "managedidentity:FederatedIdentityCredential",
        f"{_PATH}/federatedIdentityCredentials/{{federatedIdentityCredentialResourceName}}",
        "2023-01-31",
        seconds=2,
    ),
]
