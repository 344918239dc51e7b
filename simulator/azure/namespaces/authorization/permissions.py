"""What the roles of a principal permit."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

from simulator.azure.model import Cloud
from simulator.azure.namespaces.authorization.built_in_roles import (
    BUILT_IN_ROLES,
    CONTRIBUTOR,
    CONTRIBUTOR_NOT_ACTIONS,
    DATA_ACTIONS,
)
from simulator.store import Resource
from support.nested import items

ASSIGNMENT = "authorization:RoleAssignment"
DEFINITION = "authorization:RoleDefinition"

Permission = tuple[tuple[str, ...], tuple[str, ...]]
"""Actions of a role, and the actions that it excludes."""


def custom_role(cloud: Cloud, role_id: str) -> Resource | None:
    name = role_id.rsplit("/", 1)[-1].lower()
    for item in cloud.store.of_type(DEFINITION):
        if item.name.lower() == name:
            return item
    return None


def permissions(cloud: Cloud, role_id: str) -> list[Permission] | None:
    """Permissions of a role definition, built-in or custom; None if it does not exist."""
    name = role_id.rsplit("/", 1)[-1].lower()
    if name in BUILT_IN_ROLES:
        return [(BUILT_IN_ROLES[name][1], CONTRIBUTOR_NOT_ACTIONS if name == CONTRIBUTOR else ())]
    custom = custom_role(cloud, role_id)
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
    custom = custom_role(cloud, role_id)
    return [
        (tuple(items(entry, "dataActions")), tuple(items(entry, "notDataActions")))
        for entry in items(custom.inputs if custom else {}, "permissions")
    ]


def assignments(cloud: Cloud, principal: str) -> list[tuple[str, str]]:
    """(scope, role definition id) of each effective role assignment of a principal.

    A new assignment can take minutes to become effective (troubleshooting, "Symptom - Role
    assignment changes are not being detected"); here it takes the cloud's `replication_seconds`.
    """
    return [
        ("/" + str(item.inputs["scope"]).strip("/").lower(), item.inputs["roleDefinitionId"])
        for item in cloud.store.of_type(ASSIGNMENT)
        if item.inputs.get("principalId") == principal and _is_effective(cloud, item)
    ]


def _is_effective(cloud: Cloud, assignment: Resource) -> bool:
    return cloud.store.seconds_since_creation(assignment.id) >= cloud.replication_seconds


def allows(cloud: Cloud, principal: str, action: str, scope: str, *, data: bool = False) -> bool:
    """Whether an assignment at `scope` or above it permits `action` to the principal.

    `data`: the action is a data action, such as reading a secret.
    """
    target = scope.lower() + "/"
    wanted = action.lower()
    permissions_of = _data_permissions if data else permissions
    return any(
        target.startswith(assigned_scope.rstrip("/") + "/")
        and any(
            _any_matches(actions, wanted) and not _any_matches(excluded, wanted)
            for actions, excluded in permissions_of(cloud, role) or ()
        )
        for assigned_scope, role in assignments(cloud, principal)
    )


def _any_matches(patterns: Iterable[str], action: str) -> bool:
    return any(fnmatchcase(action, pattern.lower()) for pattern in patterns)
