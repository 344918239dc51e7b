"""Microsoft.Authorization: role definitions, role assignments, and what they permit."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any

from simulator.azure import identifiers
from simulator.azure.functions import function
from simulator.azure.model import Cloud, Request, ResourceType
from simulator.azure.namespaces.built_in_roles import NAMES
from simulator.azure.rules import Refusal, rule
from simulator.errors import NotSimulated
from simulator.store import Resource
from support.nested import at, items

_TROUBLE = "Microsoft Learn: role-based-access-control/troubleshooting"
_CUSTOM = "Microsoft Learn: role-based-access-control/custom-roles"
_ASSIGNMENT = "authorization:RoleAssignment"
_DEFINITION = "authorization:RoleDefinition"

ACR_PULL = "7f951dda-4ed3-4680-a7ca-43fe172d538d"
REPOSITORY_READER = "b93aa761-3e63-49ed-ac28-beffa264f7ac"
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
# Actions that the role Contributor excludes.
_CONTRIBUTOR_NOT_ACTIONS = (
    "Microsoft.Authorization/*/Delete",
    "Microsoft.Authorization/*/Write",
    "Microsoft.Authorization/elevateAccess/Action",
)
_READ = "Microsoft.Authorization/*/read"
# Built-in roles by id: the name, and those actions that matter to simulated resources.
BUILT_IN_ROLES: dict[str, tuple[str, tuple[str, ...]]] = {
    CONTRIBUTOR: ("Contributor", ("*",)),
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
    "21090545-7ca7-4776-b22c-e363652d74d2": (
        "Key Vault Reader",
        (_READ, "Microsoft.KeyVault/vaults/*/read"),
    ),
    "4633458b-17de-408a-b874-0445c86b69e6": ("Key Vault Secrets User", ()),
    "b86a8fe4-44ce-4948-aee5-eccb2c155cd7": ("Key Vault Secrets Officer", (_READ,)),
    "db79e9a7-68ee-4b58-9aeb-b90e7c24fcba": ("Key Vault Certificate User", ()),
    "00482a5a-887f-4fb3-b363-3b7fe8e74483": ("Key Vault Administrator", (_READ,)),
    "ba92f5b4-2d11-453d-a403-e96b0029c9fe": (
        "Storage Blob Data Contributor",
        ("Microsoft.Storage/storageAccounts/blobServices/containers/*",),
    ),
    ACR_PULL: (
        "AcrPull",
        ("Microsoft.ContainerRegistry/registries/pull/read",),
    ),
    REPOSITORY_READER: ("Container Registry Repository Reader", ()),
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

_SECRETS = "Microsoft.KeyVault/vaults/secrets"
# Data actions of built-in roles by id; `*` among the actions above does not include them.
DATA_ACTIONS: dict[str, tuple[str, ...]] = {
    "21090545-7ca7-4776-b22c-e363652d74d2": (
        "Microsoft.KeyVault/vaults/*/read",
        f"{_SECRETS}/readMetadata/action",
    ),
    "4633458b-17de-408a-b874-0445c86b69e6": (
        f"{_SECRETS}/getSecret/action",
        f"{_SECRETS}/readMetadata/action",
    ),
    "b86a8fe4-44ce-4948-aee5-eccb2c155cd7": (f"{_SECRETS}/*",),
    "db79e9a7-68ee-4b58-9aeb-b90e7c24fcba": (
        f"{_SECRETS}/getSecret/action",
        f"{_SECRETS}/readMetadata/action",
        "Microsoft.KeyVault/vaults/certificates/read",
    ),
    "00482a5a-887f-4fb3-b363-3b7fe8e74483": ("Microsoft.KeyVault/vaults/*",),
    REPOSITORY_READER: (
        "Microsoft.ContainerRegistry/registries/repositories/content/read",
        "Microsoft.ContainerRegistry/registries/repositories/metadata/read",
    ),
}


# A provider and a path; a wildcard stands for a segment, for the rest, or begins the action.
_ACTION = re.compile(r"(\*|[A-Za-z][A-Za-z.]*)(/[A-Za-z0-9_.*-]+)+")

Permission = tuple[tuple[str, ...], tuple[str, ...]]
"""Actions of a role, and the actions that it excludes."""


def _custom(cloud: Cloud, role_id: str) -> Resource | None:
    name = role_id.rsplit("/", 1)[-1].lower()
    for item in cloud.store.of_type(_DEFINITION):
        if item.name.lower() == name:
            return item
    return None


def _permissions(cloud: Cloud, role_id: str) -> list[Permission] | None:
    """Permissions of a role definition, built-in or custom; None if it does not exist."""
    name = role_id.rsplit("/", 1)[-1].lower()
    if name in BUILT_IN_ROLES:
        return [(BUILT_IN_ROLES[name][1], _CONTRIBUTOR_NOT_ACTIONS if name == CONTRIBUTOR else ())]
    custom = _custom(cloud, role_id)
    if custom is None:
        return None
    return [
        (tuple(items(entry, "actions")), tuple(items(entry, "notActions")))
        for entry in items(custom.inputs, "permissions")
    ]


def _data_permissions(cloud: Cloud, role_id: str) -> list[Permission]:
    """Data permissions of a role definition, built-in or custom."""
    name = role_id.rsplit("/", 1)[-1].lower()
    if name in BUILT_IN_ROLES:
        return [(DATA_ACTIONS.get(name, ()), ())]
    custom = _custom(cloud, role_id)
    return [
        (tuple(items(entry, "dataActions")), tuple(items(entry, "notDataActions")))
        for entry in items(custom.inputs if custom else {}, "permissions")
    ]


def _role_problem(cloud: Cloud, role_id: str) -> None:
    """Raise `NotSimulated` for a role that is neither custom nor one of the known built-in ones.

    Azure has built-in roles that the simulator does not know, and refuses an id that does not exist
    with RoleDefinitionDoesNotExist. A rule below refuses what is not an id.
    """
    name = role_id.rsplit("/", 1)[-1].lower()
    if _is_guid(name) and name not in NAMES and _permissions(cloud, role_id) is None:
        raise NotSimulated(
            f"{name} is neither a custom role of this cloud nor a built-in role that it knows. If"
            " it is a built-in role, add it to NAMES in"
            " simulator/azure/namespaces/built_in_roles.py."
        )


def assignments(cloud: Cloud, principal: str) -> list[tuple[str, str]]:
    """(scope, role definition id) of each effective role assignment of a principal.

    A new assignment can take minutes to become effective (troubleshooting, "Symptom - Role
    assignment changes are not being detected"); here it takes the cloud's `replication_seconds`.
    """
    return [
        ("/" + str(item.inputs["scope"]).strip("/").lower(), item.inputs["roleDefinitionId"])
        for item in cloud.store.of_type(_ASSIGNMENT)
        if item.inputs.get("principalId") == principal and _is_effective(cloud, item)
    ]


def _is_effective(cloud: Cloud, assignment: Resource) -> bool:
    made_at = cloud.role_assigned_at.get(assignment.id.lower())
    return made_at is None or time.monotonic() - made_at >= cloud.replication_seconds


def allows(cloud: Cloud, principal: str, action: str, scope: str, *, data: bool = False) -> bool:
    """Whether an assignment at `scope` or above it permits `action` to the principal.

    `data`: the action is a data action, such as reading a secret.
    """
    target = scope.lower() + "/"
    wanted = action.lower()
    permissions = _data_permissions if data else _permissions
    return any(
        target.startswith(assigned_scope.rstrip("/") + "/")
        and any(
            _any_matches(actions, wanted) and not _any_matches(excluded, wanted)
            for actions, excluded in permissions(cloud, role) or ()
        )
        for assigned_scope, role in assignments(cloud, principal)
    )


def _any_matches(patterns: Iterable[str], action: str) -> bool:
    return any(fnmatchcase(action, pattern.lower()) for pattern in patterns)


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
        for item in cloud.store.of_type(_ASSIGNMENT)
        if item.inputs.get("principalType") == "ServicePrincipal"
    }
    return assigned - service_principals(cloud)


def _client_ids(cloud: Cloud) -> set[str]:
    return {
        str(item.outputs["clientId"]) for item in cloud.store.all() if "clientId" in item.outputs
    }


@rule("InvalidRoleAssignmentId", _ASSIGNMENT, source=_TROUBLE)
def an_assignment_is_named_by_a_guid(request: Request) -> str | None:
    """Azure accepts only a GUID as the name of a role assignment."""
    return (
        None
        if _is_guid(request.name)
        else f"The role assignment name '{request.name}' must be a GUID."
    )


def _is_guid(text: str) -> bool:
    try:
        return bool(uuid.UUID(text))
    except ValueError:
        return False


@rule("RoleAssignmentExists", _ASSIGNMENT, source=_TROUBLE, status=409)
def an_assignment_is_made_once(request: Request) -> str | None:
    """Azure refuses a second assignment of a role to a principal at the same scope."""
    keys = ("scope", "principalId", "roleDefinitionId")
    requested = [str(request.inputs.get(key)).strip("/").lower() for key in keys]
    for item in request.cloud.store.of_type(_ASSIGNMENT):
        if item.id.lower() == request.id.lower():
            continue
        if [str(item.inputs.get(key)).strip("/").lower() for key in keys] == requested:
            return f"The role assignment already exists as {item.id}."
    return None


@rule("PrincipalNotFound", _ASSIGNMENT, source=_TROUBLE)
def the_principal_is_an_object_id(request: Request) -> Refusal | None:
    """Azure refuses a client id, unless the type is ServicePrincipal: then it does not look it up.

    Other principals than the cloud's identities are in the directory, which is not simulated. The
    rule assumes that they exist.
    """
    principal = str(request.inputs.get("principalId"))
    if request.inputs.get("principalType") == "ServicePrincipal":
        return None
    if principal in _client_ids(request.cloud) - service_principals(request.cloud):
        return Refusal(
            f"Principal {principal} does not exist in the directory {request.cloud.tenant}: it is"
            " the client id of an identity; use its object id.",
            "principalId",
        )
    return None


@rule("PrincipalNotFound", _ASSIGNMENT, source=_TROUBLE)
def a_new_principal_is_not_known_everywhere_yet(request: Request) -> Refusal | None:
    """The directory takes time to replicate an identity; see the type ServicePrincipal above."""
    principal = str(request.inputs.get("principalId"))
    created_at = request.cloud.identity_created_at.get(principal)
    if created_at is None or request.inputs.get("principalType") == "ServicePrincipal":
        return None
    if time.monotonic() - created_at < request.cloud.replication_seconds:
        return Refusal(
            f"Principal {principal} does not exist in the directory {request.cloud.tenant}: it may"
            " not be replicated yet. Set principalType to ServicePrincipal.",
            "principalId",
        )
    return None


@rule("UnmatchedPrincipalType", _ASSIGNMENT, source="github.com/Azure/azure-rest-api-specs#21664")
def the_principal_type_is_right(request: Request) -> Refusal | None:
    """The type of an identity is ServicePrincipal; the default is User."""
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
    _ASSIGNMENT,
    source="github.com/mspnp/aks-baseline/issues/13",
)
def the_name_of_an_assignment_is_its_own(request: Request) -> str | None:
    """The name of an assignment is unique in the tenant, not only at its scope."""
    for item in request.cloud.store.of_type(_ASSIGNMENT):
        same_name = item.name.lower() == request.name.lower()
        if same_name and item.id.lower() != request.id.lower():
            return (
                "Tenant ID, application ID, principal ID, and scope are not allowed to be updated:"
                f" the name {request.name} is that of {item.id}."
            )
    return None


@rule("RoleAssignmentUpdateNotPermitted", _ASSIGNMENT, source=_TROUBLE)
def an_assignment_does_not_change(request: Request) -> str | None:
    """The principal and the role of an assignment cannot change."""
    if request.old is None:
        return None
    for key in ("principalId", "roleDefinitionId"):
        if request.old.inputs.get(key) != request.inputs.get(key):
            return f"{key} of a role assignment cannot be updated."
    return None


@rule(
    "InvalidRoleDefinitionId",
    _ASSIGNMENT,
    source="github.com/hashicorp/terraform-provider-azurerm/issues/8547",
)
def a_role_definition_is_named_by_a_guid(request: Request) -> Refusal | None:
    """The id of a role definition ends with a GUID."""
    role_id = str(request.inputs.get("roleDefinitionId"))
    name = role_id.rsplit("/", 1)[-1]
    if _is_guid(name):
        return None
    return Refusal(f"The role definition ID '{name}' is not valid.", "roleDefinitionId")


@rule("RoleDefinitionDoesNotExist", _ASSIGNMENT, source=f"{_CUSTOM}#custom-role-properties")
def a_custom_role_is_assigned_within_its_scopes(request: Request) -> str | None:
    """A custom role can be assigned only within its assignable scopes."""
    role_id = str(request.inputs.get("roleDefinitionId"))
    custom = _custom(request.cloud, role_id)
    if custom is None:
        return None
    target = "/" + str(request.inputs["scope"]).strip("/").lower() + "/"
    scopes = custom.outputs.get("assignableScopes") or ()
    if any(target.startswith("/" + str(scope).strip("/").lower() + "/") for scope in scopes):
        return None
    return f"Role definition {role_id} is not assignable at {target}, only at {', '.join(scopes)}."


@rule("RoleDefinitionWithSameNameExists", _DEFINITION, source=_CUSTOM, status=409)
def the_name_of_a_role_is_its_own(request: Request) -> str | None:
    """Role names are unique in the directory, including those of the built-in roles."""
    role_name = str(request.inputs.get("roleName") or "").lower()
    names = {name.lower() for name, _ in BUILT_IN_ROLES.values()}
    names |= {name.lower() for name in NAMES.values()}
    names |= {
        str(item.inputs.get("roleName") or "").lower()
        for item in request.cloud.store.of_type(_DEFINITION)
        if item.id.lower() != request.id.lower()
    }
    return (
        f"A role named '{role_name}' already exists in the directory."
        if role_name and role_name in names
        else None
    )


@rule("InvalidActionOrNotAction", _DEFINITION, source=_TROUBLE)
def actions_name_a_resource_provider(request: Request) -> str | None:
    """An action is `*`, or a resource provider and a path."""
    for entry in items(request.inputs, "permissions"):
        for action in (*items(entry, "actions"), *items(entry, "notActions")):
            if action != "*" and not _ACTION.fullmatch(str(action)):
                return f"'{action}' does not match any of the actions supported by the providers."
    return None


@rule("RoleDefinitionHasAssignments", _DEFINITION, on="delete", source=_TROUBLE)
def a_role_in_use_stays(request: Request) -> str | None:
    """A role definition can be deleted only after its assignments."""
    role_id = request.name.lower()
    for item in request.cloud.store.of_type(_ASSIGNMENT):
        role = str(item.inputs.get("roleDefinitionId")).rsplit("/", 1)[-1].lower()
        if role == role_id and item.id.lower() not in request.deleted_ids:
            return f"There are existing role assignments referencing the role: {item.id}."
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
    if request.old is None:
        request.cloud.role_assigned_at[request.id.lower()] = time.monotonic()
    return {
        "scope": "/" + str(request.inputs["scope"]).strip("/"),
        "createdBy": identifiers.OPERATOR,
        "updatedBy": identifiers.OPERATOR,
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


TYPES = [
    ResourceType(
        _ASSIGNMENT,
        "2022-04-01",
        replaces=("principalId", "scope"),
        autoname="uuid",
        seconds=10,
        outputs=_assignment_outputs,
    ),
    ResourceType(
        _DEFINITION,
        "2022-05-01-preview",
        autoname="uuid",
        seconds=5,
        outputs=_definition_outputs,
        reference_check=_role_problem,
    ),
]
