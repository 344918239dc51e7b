"""Microsoft.ManagedIdentity: user-assigned identities and their federated credentials."""

from __future__ import annotations

import re
from typing import Any

from simulator.azure import identifiers
from simulator.azure.model import Request, ResourceType
from simulator.azure.rules import Refusal, rule
from support.nested import items


def identity_outputs(request: Request) -> dict[str, Any]:
    """Principal, client and tenant ids of a user-assigned identity."""
    principal = identifiers.guid(request.id, "principal")
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
_MAX_CREDENTIALS = 20


@rule(
    "BadRequest",
    _IDENTITY,
    _CREDENTIAL,
    source="Microsoft Learn: azure-resource-manager/management/resource-name-rules",
)
def names_are_letters_digits_and_dashes(request: Request) -> Refusal | None:
    """Names begin with a letter or digit; identities have 3 to 128 characters, credentials 120."""
    if _NAMES[request.type.token].fullmatch(request.name):
        return None
    return Refusal(
        f"The name '{request.name}' is invalid: use letters, digits, hyphens and underscores.",
        "name",
    )


@rule("BadRequest", _CREDENTIAL, source=_FEDERATION)
def a_credential_has_one_audience(request: Request) -> Refusal | None:
    """A federated credential has exactly one audience, for Azure `api://AzureADTokenExchange`."""
    if len(items(request.inputs, "audiences")) != 1:
        return Refusal("A federated credential must have exactly one audience.", "audiences")
    return None


@rule("BadRequest", _CREDENTIAL, source=_FEDERATION)
def issuer_and_subject_are_given_once(request: Request) -> str | None:
    """Issuer and subject together are unique on an identity, which has at most 20 credentials."""
    keys = ("issuer", "subject")
    others = request.siblings()
    for other in others:
        if all(other.inputs.get(key) == request.inputs.get(key) for key in keys):
            return f"Issuer and subject are already those of credential '{other.name}'."
    if len(others) >= _MAX_CREDENTIALS:
        return f"The identity already has {_MAX_CREDENTIALS} federated credentials."
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
