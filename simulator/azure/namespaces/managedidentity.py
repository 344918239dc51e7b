"""Microsoft.ManagedIdentity: user-assigned identities and their federated credentials."""

from __future__ import annotations

import re
import time
from typing import Any

from simulator.azure import identifiers
from simulator.azure.model import Request, ResourceType
from simulator.azure.rules import Refusal, rule
from support.nested import items


def identity_outputs(request: Request) -> dict[str, Any]:
    """Principal, client and tenant ids of a user-assigned identity."""
    principal = identifiers.guid(request.id, "principal")
    if request.old is None:
        request.cloud.identity_created_at[principal] = time.monotonic()
    return {
        "principalId": principal,
        "clientId": identifiers.guid(request.id, "client"),
        "tenantId": request.cloud.tenant,
    }


_FEDERATION = "Microsoft Learn: entra/workload-id/workload-identity-federation-considerations"
_IDENTITY, _CREDENTIAL = (
    "managedidentity:UserAssignedIdentity",
    "managedidentity:FederatedIdentityCredential",
)
_NAMES = {
    _IDENTITY: re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_-]{2,127}"),
    _CREDENTIAL: re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_-]{2,119}"),
}
_MOST_CREDENTIALS = 20


@rule(
    "BadRequest",
    _IDENTITY,
    _CREDENTIAL,
    source="Microsoft Learn: azure-resource-manager/management/resource-name-rules",
)
def names_are_letters_digits_and_dashes(request: Request) -> Refusal | None:
    """3 to 128 for an identity, to 120 for a credential; a letter or digit first."""
    if _NAMES[request.type.token].fullmatch(request.name):
        return None
    return Refusal(f"The name '{request.name}' is invalid.", "name")


@rule("BadRequest", _CREDENTIAL, source=_FEDERATION)
def a_credential_has_one_audience(request: Request) -> Refusal | None:
    """Exactly one, `api://AzureADTokenExchange` for Azure itself."""
    if len(items(request.inputs, "audiences")) != 1:
        return Refusal("A federated credential has exactly one audience.", "audiences")
    return None


@rule("BadRequest", _CREDENTIAL, source=_FEDERATION)
def issuer_and_subject_are_given_once(request: Request) -> str | None:
    """Their combination is unique on an identity, and there are at most 20."""
    mine = (request.inputs.get("issuer"), request.inputs.get("subject"))
    others = request.siblings()
    for other in others:
        if (other.inputs.get("issuer"), other.inputs.get("subject")) == mine:
            return f"Issuer and subject are those of credential '{other.name}' already."
    if len(others) >= _MOST_CREDENTIALS:
        return f"The identity has {_MOST_CREDENTIALS} federated credentials already."
    return None


TYPES = [
    ResourceType(
        _IDENTITY,
        "2023-01-31",
        replaces=("location",),
        seconds=2,
        outputs=identity_outputs,
    ),
    ResourceType(
        _CREDENTIAL,
        "2023-01-31",
        seconds=2,
    ),
]
