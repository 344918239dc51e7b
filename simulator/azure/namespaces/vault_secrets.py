"""Secrets and keys: written through Azure Resource Manager, deleted in their vault.

Azure Resource Manager cannot delete them. azure-native deletes them through the data plane of the
vault, which asks where the request comes from and which role the caller has there. The caller is
`identifiers.OPERATOR`. Sources: pulumi-azure-native,
provider/pkg/resources/customresources/custom_keyvault.go; Azure/terraform-provider-azapi#879.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

from simulator.azure import identifiers
from simulator.azure.model import Cloud, Request, ResourceType
from simulator.azure.namespaces import keyvault
from simulator.azure.namespaces.authorization.permissions import allows
from simulator.azure.rules import rule
from simulator.store import Resource
from support.nested import at, items, mapping

SECRET, KEY = "keyvault:Secret", "keyvault:Key"
CERTIFICATE, DELETED = "keyvault:Certificate", "keyvault:DeletedObject"
"""Objects that exist in a vault only: Azure Resource Manager has no such types."""

_NAME = re.compile(r"[a-zA-Z0-9-]{1,127}")
_VAULTS = "Microsoft.KeyVault/vaults"
_COLLECTIONS = {SECRET: "secrets", KEY: "keys"}
_CONNECTION = "github.com/microsoft/multimodal-ai/issues/171"
_FIREWALL = "github.com/hashicorp/terraform-provider-azurerm/issues/20742"
_ROLE = "Microsoft Learn: azure/key-vault/general/rest-error-codes"
_POLICY = "github.com/hashicorp/terraform-provider-azurerm/issues/10271"
_DELETED = "github.com/alan-turing-institute/data-safe-haven/issues/2523"


def can_read_secrets(cloud: Cloud, vault: Resource, principal: str) -> bool:
    """Whether a principal can get secrets, by a role assignment or by an access policy."""
    if _by_roles(vault):
        action = f"{_VAULTS}/secrets/getSecret/action"
        return allows(cloud, principal, action, vault.id, data=True)
    return _policy_permits(cloud, vault, principal, "secrets", "get")


def _policy_permits(
    cloud: Cloud, vault: Resource, principal: str, collection: str, permission: str
) -> bool:
    added = cloud.store.below(vault.id, keyvault.ACCESS_POLICY)
    own = items(vault.inputs, "properties", "accessPolicies")
    for policy in (*own, *(item.inputs["policy"] for item in added)):
        granted = {str(name).lower() for name in items(policy, "permissions", collection)}
        if policy.get("objectId") == principal and granted & {permission, "all"}:
            return True
    return False


def _by_roles(vault: Resource) -> bool:
    return bool(at(vault.inputs, "properties", "enableRbacAuthorization"))


def put_certificate(cloud: Cloud, vault: Resource, name: str, content_type: str) -> Resource:
    """Put a certificate into a vault, as its owner does; its secret has the key and the chain.

    `content_type` is that of the secret. The secret's value is not simulated.
    """
    key = f"{vault.id}/certificates/{name}"
    properties = {"contentType": content_type}
    certificate = Resource(key, CERTIFICATE, {}, {"id": key, "name": name})
    secret = f"{vault.id}/secrets/{name}"
    values = {"vaultName": vault.name, "secretName": name, "properties": properties}
    cloud.store.put(certificate)
    cloud.store.put(Resource(secret, SECRET, values, {"id": secret, "name": name, **values}))
    return certificate


def is_of_certificate(cloud: Cloud, secret: Resource) -> bool:
    """Whether a secret belongs to a certificate of its vault."""
    vault, _, name = secret.id.rpartition("/secrets/")
    return cloud.exists(f"{vault}/certificates/{name}")


@rule("BadRequest", SECRET, source="Microsoft Learn: azure/key-vault/general/about-keys-secrets")
def a_secrets_name_is_plain(request: Request) -> str | None:
    """A secret name has 1 to 127 letters, digits and hyphens."""
    if _NAME.fullmatch(request.name):
        return None
    return f"The secret name '{request.name}' is invalid: use 1-127 letters, digits and hyphens."


@rule("BadRequest", KEY, source="Microsoft Learn: azure/key-vault/general/about-keys-secrets")
def a_keys_name_is_plain(request: Request) -> str | None:
    """A key name has 1 to 127 letters, digits and hyphens."""
    if _NAME.fullmatch(request.name):
        return None
    return f"The key name '{request.name}' is invalid: use 1-127 letters, digits and hyphens."


@rule("Conflict", SECRET, KEY, source=_DELETED, status=409)
def a_deleted_secret_keeps_its_name(request: Request) -> str | None:
    """A soft-deleted object blocks its name until it is recovered, or purged, or expires."""
    if request.old is None and request.cloud.exists(_deleted_id(request)):
        return (
            f"{request.name} is currently in a deleted but recoverable state, and its name"
            ' cannot be reused. InnerError={"code":"ObjectIsDeletedButRecoverable"}'
        )
    return None


@rule("ForbiddenByConnection", SECRET, KEY, source=_CONNECTION, on="delete", status=403)
def a_closed_vault_takes_no_deletion(request: Request) -> str | None:
    """A vault without public access is reached by its private endpoints only."""
    vault = _asked_vault(request)
    return connection_problem(request.cloud, vault) if vault else None


def connection_problem(cloud: Cloud, vault: Resource) -> str | None:
    """Why a vault without public access refuses a request; None where it does not."""
    if _inside(cloud, vault) or _access(vault) != "disabled":
        return None
    return (
        "Public network access is disabled and the request is not from a trusted service nor"
        f" via an approved private link. Vault: {vault.name}"
    )


@rule("ForbiddenByFirewall", SECRET, KEY, source=_FIREWALL, on="delete", status=403)
def a_vaults_firewall_takes_no_deletion(request: Request) -> str | None:
    """A vault whose firewall lets nobody in is reached by its private endpoints only.

    The simulator does not know the operator's address. It takes every allowed range for it.
    """
    vault = _asked_vault(request)
    return firewall_problem(request.cloud, vault) if vault else None


def firewall_problem(cloud: Cloud, vault: Resource) -> str | None:
    """Why the firewall of a vault refuses a request; None where it does not."""
    rules = mapping(vault.inputs, "properties", "networkAcls")
    denies = str(rules.get("defaultAction")).lower() == "deny" and not items(rules, "ipRules")
    if _inside(cloud, vault) or not denies:
        return None
    return (
        f"Client address is not authorized and caller is not a trusted service. Vault: {vault.name}"
    )


@rule("ForbiddenByRbac", SECRET, KEY, source=_ROLE, on="delete", status=403)
def a_deletion_requires_a_role_in_the_vault(request: Request) -> str | None:
    """With roles, the caller needs a data action: Owner of the subscription is not enough."""
    vault = _asked_vault(request)
    action = f"{_VAULTS}/{_COLLECTIONS[request.type.token]}/delete"
    return role_problem(request.cloud, vault, action) if vault else None


def role_problem(cloud: Cloud, vault: Resource, action: str) -> str | None:
    """Why a vault that uses roles refuses a data action to the caller; None where it does not."""
    if not _by_roles(vault):
        return None
    if allows(cloud, identifiers.OPERATOR, action, vault.id, data=True):
        return None
    return (
        f"Caller {identifiers.OPERATOR} is not authorized to perform action '{action}' on"
        f" {vault.id}, for example by the role Key Vault Administrator."
    )


@rule("ForbiddenByPolicy", SECRET, KEY, source=_POLICY, on="delete", status=403)
def a_deletion_requires_an_access_policy(request: Request) -> str | None:
    """Without roles, the caller needs an access policy with the permission `delete`."""
    vault = _asked_vault(request)
    collection = _COLLECTIONS[request.type.token]
    return policy_problem(request.cloud, vault, collection, "delete") if vault else None


def policy_problem(cloud: Cloud, vault: Resource, collection: str, permission: str) -> str | None:
    """Why a vault that uses access policies refuses the caller; None where it does not."""
    if _by_roles(vault):
        return None
    if _policy_permits(cloud, vault, identifiers.OPERATOR, collection, permission):
        return None
    return (
        f"The user, group or application '{identifiers.OPERATOR}' does not have {collection}"
        f" {permission} permission on key vault '{vault.name}'."
    )


def _asked_vault(request: Request) -> Resource | None:
    """The vault that is asked to delete the object; None where it is deleted itself."""
    vault = request.parent
    return None if vault is None or vault.id.lower() in request.deleted_ids else vault


def _access(vault: Resource) -> str:
    return str(at(vault.inputs, "properties", "publicNetworkAccess")).lower()


def _inside(cloud: Cloud, vault: Resource) -> bool:
    """Whether the deployment runs inside a network with a private endpoint of the vault."""
    endpoints = cloud.store.referrers(vault.id)
    return os.environ.get("AZURE_SIM_VANTAGE") == "inside" and any(
        item.token == "network:PrivateEndpoint" for item in endpoints
    )


def _deleted_id(request: Request) -> str:
    collection = _COLLECTIONS[request.type.token]
    vault, _, name = request.id.rpartition(f"/{collection}/")
    return f"{vault}/deleted-{collection}/{name}"


def _secret_outputs(request: Request) -> dict[str, Any]:
    settings: Mapping[str, Any] = mapping(request.inputs, "properties")
    uri = f"https://{request.inputs['vaultName'].lower()}.vault.azure.net/secrets/{request.name}"
    version = identifiers.digest(request.id, str(settings.get("value")), length=32)
    properties = {key: item for key, item in settings.items() if key != "value"}
    properties["secretUri"] = uri
    properties["secretUriWithVersion"] = f"{uri}/{version}"
    return {"properties": properties}


def _key_outputs(request: Request) -> dict[str, Any]:
    settings = mapping(request.inputs, "properties")
    uri = f"https://{request.inputs['vaultName'].lower()}.vault.azure.net/keys/{request.name}"
    given = {name: settings[name] for name in ("attributes", "keyOps") if name in settings}
    kty = str(settings.get("kty", "RSA"))
    size = "keySize" if kty.startswith("RSA") else "curveName"
    default = 2048 if kty.startswith("RSA") else "P-256"
    return {
        **given,
        "kty": kty,
        size: settings.get(size, default),
        "keyUri": uri,
        "keyUriWithVersion": f"{uri}/{identifiers.digest(request.id, length=32)}",
        "location": request.location,
    }


def _keep_deleted(request: Request) -> None:
    """The name stays in use as long as its vault."""
    if _asked_vault(request):
        key = _deleted_id(request)
        outputs = {"id": key, "name": request.name}
        request.cloud.store.put(Resource(key, DELETED, {}, outputs))


TYPES = [
    ResourceType(KEY, "2024-11-01", seconds=2, outputs=_key_outputs, after_delete=_keep_deleted),
    ResourceType(
        SECRET, "2024-11-01", seconds=2, outputs=_secret_outputs, after_delete=_keep_deleted
    ),
]
