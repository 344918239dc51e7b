"""The part of a key vault's data plane that the checks of a deployment read."""

from __future__ import annotations

from typing import Any

from simulator.azure import identifiers
from simulator.azure.model import Cloud
from simulator.azure.namespaces import keyvault, vault_secrets
from simulator.azure.rest_query import RestRequest, RestResponse
from simulator.store import Resource
from support.nested import at

_METADATA = "Microsoft.KeyVault/vaults/secrets/readMetadata/action"
"""The data action that lists secrets and their versions (key-vault/general/rbac-guide)."""


def secret_versions(request: RestRequest) -> RestResponse:
    """The versions of a secret, without their values; an empty list where there is no secret."""
    cloud = request.cloud
    vault = keyvault.find_vault(cloud, request.parts["vault"])
    if vault is None:
        # The name of a vault that does not exist does not resolve.
        return _refused(404, "VaultNotFound", f"no such host: {request.path}")
    if refusal := _refusal(cloud, vault):
        return _refused(403, *refusal)
    secret = cloud.get(f"{vault.id}/secrets/{request.parts['secret']}")
    return RestResponse(200, {"value": [_version(cloud, vault, secret)] if secret else []})


def _refusal(cloud: Cloud, vault: Resource) -> tuple[str, str] | None:
    """Code and text of the vault's refusal; None where the caller may list its secrets."""
    problems = {
        "ForbiddenByConnection": vault_secrets.connection_problem(cloud, vault),
        "ForbiddenByFirewall": vault_secrets.firewall_problem(cloud, vault),
        "ForbiddenByRbac": vault_secrets.role_problem(cloud, vault, _METADATA),
        "ForbiddenByPolicy": vault_secrets.policy_problem(cloud, vault, "secrets", "list"),
    }
    return next(((code, text) for code, text in problems.items() if text), None)


def _version(cloud: Cloud, vault: Resource, secret: Resource) -> dict[str, Any]:
    """The only version that is simulated, in the form of the REST API (SecretItem)."""
    version = identifiers.digest(secret.id, length=32)
    item: dict[str, Any] = {
        "id": f"https://{vault.name.lower()}.vault.azure.net/secrets/{secret.name}/{version}",
        "attributes": {"enabled": True, "created": 0, "updated": 0},
    }
    if content_type := at(secret.inputs, "properties", "contentType"):
        item["contentType"] = content_type
    if vault_secrets.is_of_certificate(cloud, secret):
        item["managed"] = True
    return item


def _refused(status: int, code: str, message: str) -> RestResponse:
    """A key vault's error. It gives the exact code of a 403 in `innererror`."""
    error: dict[str, Any] = {"code": code, "message": message}
    if status == 403:
        error = {"code": "Forbidden", "message": message, "innererror": {"code": code}}
    return RestResponse(status, {"error": error})
