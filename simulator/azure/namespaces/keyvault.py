"""Microsoft.KeyVault: vaults, also those that were deleted, and secrets."""

from __future__ import annotations

import re
from ipaddress import ip_network
from typing import Any

from simulator.azure import identifiers
from simulator.azure.model import Cloud, Request, ResourceType
from simulator.azure.namespaces import authorization
from simulator.azure.rules import Refusal, rule
from simulator.store import Resource
from support.nested import at, items, mapping

VAULT, SECRET = "keyvault:Vault", "keyvault:Secret"
DELETED_VAULT = "keyvault:DeletedVault"
"""What remains of a vault for as long as it can be recovered; no type that programs can write."""

_ERRORS = "Microsoft Learn: azure/key-vault/general/common-error-codes"
_SOFT_DELETE = "Microsoft Learn: azure/key-vault/general/soft-delete-overview"
_FIREWALL = "Microsoft Learn: azure/key-vault/general/network-security"
_VAULT_NAME = re.compile(r"(?!.*--)[a-zA-Z][a-zA-Z0-9-]{1,22}[a-zA-Z0-9]")
_SECRET_NAME = re.compile(r"[a-zA-Z0-9-]{1,127}")
_SERVICE = "microsoft.keyvault"
_GET_SECRET = "Microsoft.KeyVault/vaults/secrets/getSecret/action"


def find_vault(cloud: Cloud, name: str) -> Resource | None:
    """The vault of a name, which is everybody's, in whichever subscription it is."""
    vaults = cloud.store.of_type(VAULT)
    return next((item for item in vaults if item.name.lower() == name.lower()), None)


def can_read_secrets(cloud: Cloud, vault: Resource, principal: str) -> bool:
    """Whether a principal gets secrets, by a role at the vault or above it, or by its policies."""
    if at(vault.inputs, "properties", "enableRbacAuthorization"):
        return authorization.allows(cloud, principal, _GET_SECRET, vault.id, data=True)
    for policy in items(vault.inputs, "properties", "accessPolicies"):
        granted = {str(one).lower() for one in items(policy, "permissions", "secrets")}
        if policy.get("objectId") == principal and granted & {"get", "all"}:
            return True
    return False


def _deleted_id(request: Request, name: str) -> str:
    """Names of vaults are everybody's, so region and group play no part."""
    return (
        f"/subscriptions/{request.cloud.subscription}/providers/Microsoft.KeyVault"
        f"/deletedVaults/{name}"
    )


def _recovers(request: Request) -> bool:
    return str(at(request.inputs, "properties", "createMode") or "").lower() == "recover"


@rule("VaultNameNotValid", VAULT, source=_ERRORS)
def a_vaults_name_is_that_of_a_host(request: Request) -> str | None:
    """3 to 24 letters, digits and single dashes, a letter first and no dash last."""
    if _VAULT_NAME.fullmatch(request.name):
        return None
    return f"The vault name '{request.name}' is invalid: 3-24 letters, digits and single dashes."


@rule("VaultAlreadyExists", VAULT, source=_ERRORS, status=409)
def a_vaults_name_is_its_own(request: Request) -> str | None:
    """Across all resource groups, and all of Azure."""
    for item in request.cloud.store.of_type(VAULT):
        same = item.name.lower() == request.name.lower()
        if same and item.id.lower() != request.id.lower():
            return f"The vault name '{request.name}' is already in use by {item.id}."
    return None


@rule("ConflictError", VAULT, source=_SOFT_DELETE, status=409)
def a_deleted_vault_keeps_its_name(request: Request) -> str | None:
    """Until it is purged or its retention ends; `createMode: recover` brings it back."""
    deleted = request.cloud.exists(_deleted_id(request, request.name))
    if request.old is None and deleted and not _recovers(request):
        return (
            "A vault with the same name already exists in deleted state. You need to either"
            " recover or purge existing key vault."
        )
    return None


@rule("BadRequest", VAULT, source=_SOFT_DELETE)
def vaults_can_be_recovered(request: Request) -> Refusal | None:
    """Soft delete is always on, for 7 to 90 days; days and purge protection stay once set."""
    given = mapping(request.inputs, "properties")
    days = given.get("softDeleteRetentionInDays", 90)
    if given.get("enableSoftDelete") is False:
        return Refusal("Soft delete cannot be turned off.", "properties.enableSoftDelete")
    if not 7 <= int(days) <= 90:
        return Refusal(
            f"{days} is not between 7 and 90 days.", "properties.softDeleteRetentionInDays"
        )
    if request.old and days != (
        at(request.old.inputs, "properties", "softDeleteRetentionInDays") or 90
    ):
        return Refusal(
            "The retention has been set already and cannot be modified.",
            "properties.softDeleteRetentionInDays",
        )
    if given.get("enablePurgeProtection") is False:
        return Refusal(
            "Purge protection cannot be set to false; leave it out.",
            "properties.enablePurgeProtection",
        )
    return None


@rule("BadRequest", VAULT, source=_FIREWALL)
def the_firewall_lists_public_ranges(request: Request) -> Refusal | None:
    """Address ranges of the Internet; private ones never reach the public endpoint."""
    for entry in items(request.inputs, "properties", "networkAcls", "ipRules"):
        text = str(at(entry, "value"))
        try:
            private = ip_network(text, strict=False).is_private
        except ValueError:
            private = True
        # Documentation ranges count as private in Python, but Azure takes them.
        if private and not text.startswith(("192.0.2.", "198.51.100.", "203.0.113.")):
            return Refusal(f"{text} is no public range.", "properties.networkAcls.ipRules")
    return None


@rule("VirtualNetworkNotValid", VAULT, source=_FIREWALL)
def a_subnet_that_is_let_in_has_a_service_endpoint(request: Request) -> str | None:
    """Microsoft.KeyVault is among its endpoints, unless nobody is to look."""
    for entry in items(request.inputs, "properties", "networkAcls", "virtualNetworkRules"):
        subnet = request.find(at(entry, "id"))
        if subnet is None or at(entry, "ignoreMissingVnetServiceEndpoint"):
            continue
        services = [at(one, "service") for one in items(subnet.inputs, "serviceEndpoints")]
        if not any(str(one).lower().startswith(_SERVICE) for one in services):
            return f"Subnet {subnet.id} has no service endpoint for Microsoft.KeyVault."
    return None


@rule("BadRequest", VAULT, source="Microsoft Learn: rest/api/keyvault/keyvault/vaults")
def access_policies_are_unique(request: Request) -> Refusal | None:
    """One policy for a principal (and application)."""
    policies = items(request.inputs, "properties", "accessPolicies")
    holders = [(at(one, "objectId"), at(one, "applicationId")) for one in policies]
    if len(set(holders)) < len(holders):
        return Refusal("Two access policies name one principal.", "properties.accessPolicies")
    return None


@rule("BadRequest", SECRET, source="Microsoft Learn: azure/key-vault/general/about-keys-secrets")
def a_secrets_name_is_plain(request: Request) -> str | None:
    """1 to 127 letters, digits and dashes."""
    if _SECRET_NAME.fullmatch(request.name):
        return None
    return f"The secret name '{request.name}' is invalid: 1-127 letters, digits and dashes."


def _vault_outputs(request: Request) -> dict[str, Any]:
    properties: dict[str, Any] = dict(mapping(request.inputs, "properties"))
    properties["vaultUri"] = f"https://{request.name.lower()}.vault.azure.net/"
    properties["provisioningState"] = "Succeeded"
    properties["hsmPoolResourceId"] = ""
    return {"properties": properties}


def _secret_outputs(request: Request) -> dict[str, Any]:
    given = mapping(request.inputs, "properties")
    uri = f"https://{request.inputs['vaultName'].lower()}.vault.azure.net/secrets/{request.name}"
    version = identifiers.digest(request.id, str(given.get("value")), length=32)
    properties = {key: item for key, item in given.items() if key != "value"}
    properties["secretUri"] = uri
    properties["secretUriWithVersion"] = f"{uri}/{version}"
    return {"properties": properties}


def _recovered(request: Request) -> None:
    request.cloud.store.delete(_deleted_id(request, request.name))


def _soft_deleted(request: Request) -> None:
    """The vault's name stays taken."""
    key = _deleted_id(request, request.name)
    outputs = {"id": key, "name": request.name, "properties": {"vaultId": request.id}}
    request.cloud.store.put(Resource(key, DELETED_VAULT, {}, outputs))


TYPES = [
    ResourceType(
        VAULT,
        "2024-11-01",
        replaces=("location",),
        seconds=60,
        outputs=_vault_outputs,
        after_put=_recovered,
        after_delete=_soft_deleted,
    ),
    ResourceType(
        SECRET,
        "2024-11-01",
        seconds=2,
        outputs=_secret_outputs,
    ),
]
