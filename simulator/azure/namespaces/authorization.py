"""Microsoft.Authorization: role definitions, role assignments, and who may do what."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from simulator.azure import arm
from simulator.azure.catalog import ResourceType
from simulator.azure.request import Request
from simulator.azure.rules import Refusal, rule
from simulator.nested import at, items

if TYPE_CHECKING:
    from simulator.azure.cloud import Cloud

_ROLES = "Microsoft Learn: role-based-access-control/built-in-roles"

_READ = "Microsoft.Authorization/*/read"
# Built-in roles by id: name and the actions that matter to what is simulated.
BUILT_IN: dict[str, tuple[str, tuple[str, ...]]] = {
    "b24988ac-6180-42a0-ab88-20f7382dd24c": ("Contributor", ("*",)),
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635": ("Owner", ("*",)),
    "acdd72a7-3385-48ef-bd42-f606fba81ae7": ("Reader", ("*/read",)),
    "4d97b98b-1d4f-4787-a291-c67834d212e7": (
        "Network Contributor",
        (_READ, "Microsoft.Network/*"),
    ),
    "befefa01-2a29-4197-83a8-272ff33ce314": (
        "DNS Zone Contributor",
        (_READ, "Microsoft.Network/dnsZones/*"),
    ),
    "b12aa53e-6015-4669-85d0-8515ebb3ae7f": (
        "Private DNS Zone Contributor",
        (
            _READ,
            "Microsoft.Network/privateDnsZones/*",
            "Microsoft.Network/virtualNetworks/read",
            "Microsoft.Network/virtualNetworks/join/action",
        ),
    ),
    "f58310d9-a9f6-439a-9e8d-f62e7b41a168": (
        "Role Based Access Control Administrator",
        ("*/read", "Microsoft.Authorization/roleAssignments/*"),
    ),
    "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9": (
        "User Access Administrator",
        ("*/read", "Microsoft.Authorization/*"),
    ),
    "4633458b-17de-408a-b874-0445c86b69e6": (
        "Key Vault Secrets User",
        ("Microsoft.KeyVault/vaults/secrets/getSecret/action",),
    ),
    "db79e9a7-68ee-4b58-9aeb-b90e7c24fcba": (
        "Key Vault Certificate User",
        (
            "Microsoft.KeyVault/vaults/secrets/getSecret/action",
            "Microsoft.KeyVault/vaults/certificates/read",
        ),
    ),
    "ba92f5b4-2d11-453d-a403-e96b0029c9fe": (
        "Storage Blob Data Contributor",
        ("Microsoft.Storage/storageAccounts/blobServices/containers/*",),
    ),
    "7f951dda-4ed3-4680-a7ca-43fe172d538d": (
        "AcrPull",
        ("Microsoft.ContainerRegistry/registries/pull/read",),
    ),
    "f1a07417-d97a-45cb-824c-7a7467783830": (
        "Managed Identity Operator",
        (
            "Microsoft.ManagedIdentity/userAssignedIdentities/*/read",
            "Microsoft.ManagedIdentity/userAssignedIdentities/*/assign/action",
        ),
    ),
    "b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b": (
        "Azure Kubernetes Service RBAC Cluster Admin",
        ("Microsoft.ContainerService/managedClusters/*",),
    ),
    "fbc52c3f-28ad-4303-a892-8a056630b8f1": (
        "AppGw for Containers Configuration Manager",
        (_READ, "Microsoft.ServiceNetworking/trafficControllers/*"),
    ),
    "1c0163c0-47e6-4577-8991-ea5c82e286e4": (
        "Virtual Machine Administrator Login",
        ("Microsoft.Compute/virtualMachines/*/read",),
    ),
    "fb879df8-f326-4884-b1cf-06f3ad86be52": (
        "Virtual Machine User Login",
        ("Microsoft.Compute/virtualMachines/*/read",),
    ),
    "4abbcc35-e782-43d8-92c5-2d3f1bd2253f": (
        "Azure Kubernetes Service Cluster User Role",
        ("Microsoft.ContainerService/managedClusters/listClusterUserCredential/action",),
    ),
}


def _actions(cloud: Cloud, role_id: str) -> tuple[str, ...] | None:
    """Actions of a role definition, built-in or custom; None where there is no such role."""
    built_in = BUILT_IN.get(role_id.rsplit("/", 1)[-1].lower())
    if built_in:
        return built_in[1]
    name = role_id.rsplit("/", 1)[-1].lower()
    for item in cloud.store.of_type("authorization:RoleDefinition"):
        if item.name.lower() == name:
            entries = items(item.inputs, "permissions")
            return tuple(action for entry in entries for action in items(entry, "actions"))
    return None


def role_problem(cloud: Cloud, role_id: str) -> str | None:
    """Why a role definition id cannot be used, or None."""
    if _actions(cloud, role_id) is None:
        return "there is no such role definition (built-in ones: simulator BUILT_IN table)"
    return None


def assignments(cloud: Cloud, principal: str) -> list[tuple[str, str]]:
    """(scope, role definition id) of each assignment that a principal holds."""
    return [
        ("/" + str(item.inputs["scope"]).strip("/").lower(), item.inputs["roleDefinitionId"])
        for item in cloud.store.of_type("authorization:RoleAssignment")
        if item.inputs.get("principalId") == principal
    ]


def allows(cloud: Cloud, principal: str, action: str, scope: str) -> bool:
    """Whether an assignment at `scope` or above it lets the principal do `action` there."""
    target = scope.lower() + "/"
    wanted = action.lower()
    return any(
        target.startswith(held_scope.rstrip("/") + "/")
        and _any_matches(_actions(cloud, role) or (), wanted)
        for held_scope, role in assignments(cloud, principal)
    )


def _any_matches(patterns: Iterable[str], action: str) -> bool:
    return any(fnmatchcase(action, pattern.lower()) for pattern in patterns)


def service_principals(cloud: Cloud) -> set[str]:
    """Object ids of all identities that the cloud has made itself."""
    found: set[str] = set()
    for item in cloud.store.all():
        own = (at(item.outputs, "principalId"), at(item.outputs, "identity", "principalId"))
        if "authorization" not in item.token:
            found.update(principal for principal in own if principal)
    return found


@rule(
    "RoleAssignmentExists",
    "authorization:RoleAssignment",
    source="Microsoft Learn: role-based-access-control/troubleshooting",
    status=409,
)
def an_assignment_is_made_once(request: Request) -> str | None:
    """Same scope, principal and role under another name."""
    keys = ("scope", "principalId", "roleDefinitionId")
    mine = [str(request.inputs.get(key)).strip("/").lower() for key in keys]
    for item in request.cloud.store.of_type(request.type.token):
        if item.id.lower() == request.id.lower():
            continue
        if [str(item.inputs.get(key)).strip("/").lower() for key in keys] == mine:
            return f"The role assignment already exists as {item.id}."
    return None


@rule(
    "UnmatchedPrincipalType",
    "authorization:RoleAssignment",
    source="github.com/Azure/azure-rest-api-specs#21664",
)
def the_principal_type_is_right(request: Request) -> str | Refusal | None:
    """An identity is a ServicePrincipal; the SDK's default is User."""
    principal = request.inputs.get("principalId")
    given = request.inputs.get("principalType", "User")
    if given != "ServicePrincipal" and principal in service_principals(request.cloud):
        return Refusal(
            f"The principal {principal} has type ServicePrincipal, which is different from the"
            f" specified {given}.",
            "principalType",
        )
    return None


@rule(
    "RoleAssignmentUpdateNotPermitted",
    "authorization:RoleAssignment",
    source="Microsoft Learn: role-based-access-control/troubleshooting",
)
def an_assignment_does_not_change(request: Request) -> str | None:
    """Principal, scope and role of an assignment are fixed."""
    if request.old is None:
        return None
    for key in ("principalId", "roleDefinitionId"):
        if request.old.inputs.get(key) != request.inputs.get(key):
            return f"{key} of a role assignment cannot be updated."
    return None


def _definition_outputs(request: Request) -> dict[str, Any]:
    return {
        "type": "Microsoft.Authorization/roleDefinitions",
        "roleType": request.inputs.get("roleType", "CustomRole"),
        "assignableScopes": request.inputs.get(
            "assignableScopes", ["/" + str(request.inputs["scope"]).strip("/")]
        ),
    }


def _assignment_outputs(request: Request) -> dict[str, Any]:
    return {
        "scope": "/" + str(request.inputs["scope"]).strip("/"),
        "createdBy": arm.OPERATOR,
        "updatedBy": arm.OPERATOR,
    }


TYPES = [
    ResourceType(
        "authorization:RoleAssignment",
        "{scope}/providers/Microsoft.Authorization/roleAssignments/{roleAssignmentName}",
        "2022-04-01",
        replaces=("principalId", "scope"),
        autoname="uuid",
        seconds=10,
        outputs=_assignment_outputs,
    ),
    ResourceType(
        "authorization:RoleDefinition",
        "{scope}/providers/Microsoft.Authorization/roleDefinitions/{roleDefinitionId}",
        "2022-05-01-preview",
        autoname="uuid",
        seconds=5,
        outputs=_definition_outputs,
    ),
]
