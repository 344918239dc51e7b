"""Role assignments."""

from __future__ import annotations

from typing import Any

from simulator.azure import identifiers
from simulator.azure.model import Request, ResourceType
from simulator.azure.namespaces.authorization.permissions import ASSIGNMENT, custom_role
from simulator.azure.namespaces.authorization.principals import client_ids, service_principals
from simulator.azure.namespaces.authorization.role_definitions import is_guid
from simulator.azure.rules import Refusal, rule

_TROUBLE = "Microsoft Learn: role-based-access-control/troubleshooting"
_CUSTOM = "Microsoft Learn: role-based-access-control/custom-roles"


@rule("InvalidRoleAssignmentId", ASSIGNMENT, source=_TROUBLE)
def an_assignment_is_named_by_a_guid(request: Request) -> str | None:
    """Azure accepts only a GUID as the name of a role assignment."""
    return (
        None
        if is_guid(request.name)
        else f"The role assignment name '{request.name}' must be a GUID."
    )


@rule("RoleAssignmentExists", ASSIGNMENT, source=_TROUBLE, status=409)
def an_assignment_is_made_once(request: Request) -> str | None:
    """Azure refuses a second assignment of a role to a principal at the same scope."""
    keys = ("scope", "principalId", "roleDefinitionId")
    requested = [str(request.inputs.get(key)).strip("/").lower() for key in keys]
    for item in request.cloud.store.of_type(ASSIGNMENT):
        if item.id.lower() == request.id.lower():
            continue
        if [str(item.inputs.get(key)).strip("/").lower() for key in keys] == requested:
            return f"The role assignment already exists as {item.id}."
    return None


@rule("PrincipalNotFound", ASSIGNMENT, source=_TROUBLE)
def the_principal_is_an_object_id(request: Request) -> Refusal | None:
    """Azure refuses a client id, unless the type is ServicePrincipal: then it does not look it up.

    Other principals than the cloud's identities are in the directory, which is not simulated. The
    rule assumes that they exist.
    """
    principal = str(request.inputs.get("principalId"))
    if request.inputs.get("principalType") == "ServicePrincipal":
        return None
    if principal in client_ids(request.cloud) - service_principals(request.cloud):
        return Refusal(
            f"Principal {principal} does not exist in the directory {request.cloud.tenant}: it is"
            " the client id of an identity; use its object id.",
            "principalId",
        )
    return None


@rule("PrincipalNotFound", ASSIGNMENT, source=_TROUBLE)
def a_new_principal_is_not_known_everywhere_yet(request: Request) -> Refusal | None:
    """The directory takes time to replicate an identity; see the type ServicePrincipal above."""
    principal = str(request.inputs.get("principalId"))
    if request.inputs.get("principalType") == "ServicePrincipal":
        return None
    store = request.cloud.store
    if any(
        store.seconds_since_creation(item.id) < request.cloud.replication_seconds
        for item in store.of_type("managedidentity:UserAssignedIdentity")
        if item.outputs.get("principalId") == principal
    ):
        return Refusal(
            f"Principal {principal} does not exist in the directory {request.cloud.tenant}: it may"
            " not be replicated yet. Set principalType to ServicePrincipal.",
            "principalId",
        )
    return None


@rule("UnmatchedPrincipalType", ASSIGNMENT, source="github.com/Azure/azure-rest-api-specs#21664")
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
    ASSIGNMENT,
    source="github.com/mspnp/aks-baseline/issues/13",
)
def the_name_of_an_assignment_is_its_own(request: Request) -> str | None:
    """The name of an assignment is unique in the tenant, not only at its scope."""
    for item in request.cloud.store.of_type(ASSIGNMENT):
        same_name = item.name.lower() == request.name.lower()
        if same_name and item.id.lower() != request.id.lower():
            return (
                "Tenant ID, application ID, principal ID, and scope are not allowed to be updated:"
                f" the name {request.name} is that of {item.id}."
            )
    return None


@rule("RoleAssignmentUpdateNotPermitted", ASSIGNMENT, source=_TROUBLE)
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
    ASSIGNMENT,
    source="github.com/hashicorp/terraform-provider-azurerm/issues/8547",
)
def a_role_definition_is_named_by_a_guid(request: Request) -> Refusal | None:
    """The id of a role definition ends with a GUID."""
    role_id = str(request.inputs.get("roleDefinitionId"))
    name = role_id.rsplit("/", 1)[-1]
    if is_guid(name):
        return None
    return Refusal(f"The role definition ID '{name}' is not valid.", "roleDefinitionId")


@rule("RoleDefinitionDoesNotExist", ASSIGNMENT, source=f"{_CUSTOM}#custom-role-properties")
def a_custom_role_is_assigned_within_its_scopes(request: Request) -> str | None:
    """A custom role can be assigned only within its assignable scopes."""
    role_id = str(request.inputs.get("roleDefinitionId"))
    custom = custom_role(request.cloud, role_id)
    if custom is None:
        return None
    target = "/" + str(request.inputs["scope"]).strip("/").lower() + "/"
    scopes = custom.outputs.get("assignableScopes") or ()
    if any(target.startswith("/" + str(scope).strip("/").lower() + "/") for scope in scopes):
        return None
    return f"Role definition {role_id} is not assignable at {target}, only at {', '.join(scopes)}."


def _assignment_outputs(request: Request) -> dict[str, Any]:
    return {
        "scope": "/" + str(request.inputs["scope"]).strip("/"),
        "createdBy": identifiers.OPERATOR,
        "updatedBy": identifiers.OPERATOR,
    }


TYPES = [
    ResourceType(
        ASSIGNMENT,
        "2022-04-01",
        replaces=("principalId", "scope"),
        autoname="uuid",
        seconds=10,
        outputs=_assignment_outputs,
    ),
]
