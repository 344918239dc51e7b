"""Microsoft.KeyVault/vaults: vaults, soft-deleted ones, and access policies."""

from __future__ import annotations

import re
from ipaddress import ip_network
from typing import Any

from simulator.azure.model import Cloud, Request, ResourceType
from simulator.azure.rules import Refusal, rule
from simulator.store import Resource
from support.nested import at, items, mapping

VAULT, ACCESS_POLICY = "keyvault:Vault", "keyvault:AccessPolicy"
DELETED_VAULT = "keyvault:DeletedVault"
"""A vault that was deleted and can be recovered; programs cannot write this type."""

_ERRORS = "Microsoft Learn: azure/key-vault/general/common-error-codes"
_SOFT_DELETE = "Microsoft Learn: azure/key-vault/general/soft-delete-overview"
_FIREWALL = "Microsoft Learn: azure/key-vault/general/network-security"
_VAULT_NAME = re.compile(r"(?!.*--)[a-zA-Z][a-zA-Z0-9-]{1,22}[a-zA-Z0-9]")
_SERVICE = "microsoft.keyvault"


def find_vault(cloud: Cloud, name: str) -> Resource | None:
    """The vault with this name, in any subscription: names are globally unique."""
    vaults = cloud.store.of_type(VAULT)
    return next((item for item in vaults if item.name.lower() == name.lower()), None)


def _deleted_id(request: Request, name: str) -> str:
    """Id of a soft-deleted vault; region and group do not matter, since names are unique."""
    return (
        f"/subscriptions/{request.cloud.subscription}/providers/Microsoft.KeyVault"
        f"/deletedVaults/{name}"
    )


def _recovers(request: Request) -> bool:
    return str(at(request.inputs, "properties", "createMode") or "").lower() == "recover"


@rule("VaultNameNotValid", VAULT, source=_ERRORS)
def a_vaults_name_is_that_of_a_host(request: Request) -> str | None:
    """A name has 3 to 24 letters, digits and single hyphens, a letter first and no hyphen last."""
    if _VAULT_NAME.fullmatch(request.name):
        return None
    return (
        f"The vault name '{request.name}' is invalid: use 3-24 letters, digits and single hyphens."
    )


@rule("VaultAlreadyExists", VAULT, source=_ERRORS, status=409)
def a_vaults_name_is_its_own(request: Request) -> str | None:
    """Vault names are unique in all of Azure."""
    for item in request.cloud.store.of_type(VAULT):
        same = item.name.lower() == request.name.lower()
        if same and item.id.lower() != request.id.lower():
            return f"The vault name '{request.name}' is already in use by {item.id}."
    return None


@rule("ConflictError", VAULT, source=_SOFT_DELETE, status=409)
def a_deleted_vault_keeps_its_name(request: Request) -> str | None:
    """A soft-deleted vault blocks its name until it is recovered, or purged, or expires."""
    deleted = request.cloud.exists(_deleted_id(request, request.name))
    if request.old is None and deleted and not _recovers(request):
        return (
            "A vault with the same name already exists in deleted state. You need to either"
            " recover or purge the existing vault."
        )
    return None


@rule("BadRequest", VAULT, source=_SOFT_DELETE)
def vaults_can_be_recovered(request: Request) -> Refusal | None:
    """Soft delete is always on, for 7 to 90 days. Days and purge protection cannot change."""
    properties = mapping(request.inputs, "properties")
    days = properties.get("softDeleteRetentionInDays", 90)
    if properties.get("enableSoftDelete") is False:
        return Refusal("Soft delete cannot be disabled.", "properties.enableSoftDelete")
    if not 7 <= int(days) <= 90:
        return Refusal(
            f"The retention must be 7 to 90 days, not {days}.",
            "properties.softDeleteRetentionInDays",
        )
    if request.old and days != (
        at(request.old.inputs, "properties", "softDeleteRetentionInDays") or 90
    ):
        return Refusal(
            "The retention is already set and cannot be modified.",
            "properties.softDeleteRetentionInDays",
        )
    if properties.get("enablePurgeProtection") is False:
        return Refusal(
            "Purge protection cannot be set to false; omit it.",
            "properties.enablePurgeProtection",
        )
    return None


@rule("BadRequest", VAULT, source=_FIREWALL)
def the_firewall_lists_public_ranges(request: Request) -> Refusal | None:
    """IP rules accept public address ranges only: private ones never reach the public endpoint."""
    for entry in items(request.inputs, "properties", "networkAcls", "ipRules"):
        text = str(at(entry, "value"))
        try:
            private = ip_network(text, strict=False).is_private
        except ValueError:
            private = True
        # Python counts the documentation ranges as private, but Azure accepts them.
        if private and not text.startswith(("192.0.2.", "198.51.100.", "203.0.113.")):
            return Refusal(
                f"{text} is not a public address range.", "properties.networkAcls.ipRules"
            )
    return None


@rule("VirtualNetworkNotValid", VAULT, source=_FIREWALL)
def a_subnet_that_is_let_in_has_a_service_endpoint(request: Request) -> str | None:
    """An allowed subnet needs the service endpoint Microsoft.KeyVault, unless it is ignored."""
    for entry in items(request.inputs, "properties", "networkAcls", "virtualNetworkRules"):
        subnet = request.find(at(entry, "id"))
        if subnet is None or at(entry, "ignoreMissingVnetServiceEndpoint"):
            continue
        endpoints = items(subnet.inputs, "serviceEndpoints")
        services = [str(at(endpoint, "service")).lower() for endpoint in endpoints]
        if not any(service.startswith(_SERVICE) for service in services):
            return f"Subnet {subnet.id} has no service endpoint for Microsoft.KeyVault."
    return None


@rule("BadRequest", VAULT, source="Microsoft Learn: rest/api/keyvault/keyvault/vaults")
def access_policies_are_unique(request: Request) -> Refusal | None:
    """A principal (with an application) has at most one access policy."""
    policies = items(request.inputs, "properties", "accessPolicies")
    holders = [(at(policy, "objectId"), at(policy, "applicationId")) for policy in policies]
    if len(set(holders)) < len(holders):
        return Refusal("Two access policies have the same principal.", "properties.accessPolicies")
    return None


def _vault_outputs(request: Request) -> dict[str, Any]:
    properties: dict[str, Any] = dict(mapping(request.inputs, "properties"))
    properties["vaultUri"] = f"https://{request.name.lower()}.vault.azure.net/"
    properties["provisioningState"] = "Succeeded"
    properties["hsmPoolResourceId"] = ""
    return {"properties": properties}


def _policy_outputs(request: Request) -> dict[str, Any]:
    return {name: request.inputs[name] for name in ("resourceGroupName", "vaultName")}


def _remove_deleted_vault(request: Request) -> None:
    request.cloud.store.delete(_deleted_id(request, request.name))


def _keep_deleted_vault(request: Request) -> None:
    """The name stays in use."""
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
        after_put=_remove_deleted_vault,
        after_delete=_keep_deleted_vault,
    ),
    ResourceType(
        ACCESS_POLICY,
        "",
        seconds=5,
        outputs=_policy_outputs,
    ),
]
