"""Role definitions: custom roles, and the ids of built-in ones."""

from __future__ import annotations

import re
import uuid
from typing import Any

from simulator.azure.model import Cloud, Request, ResourceType
from simulator.azure.namespaces.authorization.built_in_roles import BUILT_IN_ROLES, NAMES
from simulator.azure.namespaces.authorization.permissions import ASSIGNMENT, DEFINITION, permissions
from simulator.azure.rules import rule
from simulator.errors import NotSimulated
from support.nested import items

_TROUBLE = "Microsoft Learn: role-based-access-control/troubleshooting"
_CUSTOM = "Microsoft Learn: role-based-access-control/custom-roles"

# A provider and a path; a wildcard stands for a segment, for the rest, or begins the action.
_ACTION = re.compile(r"(\*|[A-Za-z][A-Za-z.]*)(/[A-Za-z0-9_.*-]+)+")


def _role_problem(cloud: Cloud, role_id: str) -> None:
    """Raise `NotSimulated` for a role that is neither custom nor one of the known built-in ones.

    Azure has built-in roles that the simulator does not know, and refuses an id that does not exist
    with RoleDefinitionDoesNotExist. A rule below refuses what is not an id.
    """
    name = role_id.rsplit("/", 1)[-1].lower()
    if is_guid(name) and name not in NAMES and permissions(cloud, role_id) is None:
        raise NotSimulated(
            f"{name} is neither a custom role of this cloud nor a built-in role that it knows. If"
            " it is a built-in role, add it to NAMES in"
            " simulator/azure/namespaces/authorization/built_in_roles.py."
        )


def is_guid(text: str) -> bool:
    try:
        return bool(uuid.UUID(text))
    except ValueError:
        return False


@rule("RoleDefinitionWithSameNameExists", DEFINITION, source=_CUSTOM, status=409)
def the_name_of_a_role_is_its_own(request: Request) -> str | None:
    """Role names are unique in the directory, including those of the built-in roles."""
    role_name = str(request.inputs.get("roleName") or "").lower()
    names = {name.lower() for name, _ in BUILT_IN_ROLES.values()}
    names |= {name.lower() for name in NAMES.values()}
    names |= {
        str(item.inputs.get("roleName") or "").lower()
        for item in request.cloud.store.of_type(DEFINITION)
        if item.id.lower() != request.id.lower()
    }
    return (
        f"A role named '{role_name}' already exists in the directory."
        if role_name and role_name in names
        else None
    )


@rule("InvalidActionOrNotAction", DEFINITION, source=_TROUBLE)
def actions_name_a_resource_provider(request: Request) -> str | None:
    """An action is `*`, or a resource provider and a path."""
    for entry in items(request.inputs, "permissions"):
        for action in (*items(entry, "actions"), *items(entry, "notActions")):
            if action != "*" and not _ACTION.fullmatch(str(action)):
                return f"'{action}' does not match any of the actions supported by the providers."
    return None


@rule("RoleDefinitionHasAssignments", DEFINITION, on="delete", source=_TROUBLE)
def a_role_in_use_stays(request: Request) -> str | None:
    """A role definition can be deleted only after its assignments."""
    role_id = request.name.lower()
    for item in request.cloud.store.of_type(ASSIGNMENT):
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


TYPES = [
    ResourceType(
        DEFINITION,
        "2022-05-01-preview",
        autoname="uuid",
        seconds=5,
        outputs=_definition_outputs,
        reference_check=_role_problem,
    ),
]
