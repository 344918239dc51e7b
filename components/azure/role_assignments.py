"""Role assignments, the one way in which this program makes them."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
from pulumi_azure_native import authorization

from components.azure.naming import Names
from components.azure.resource_ids import subscription_id
from components.azure.roles import Role

Roles = Mapping[str, tuple[Role | pulumi.Output[str], pulumi.Input[str]]]
"""Roles to grant and their scopes, by a key for the assignment's logical name. A role is a built-in
one, or the id of a role definition."""


def grant(
    logical_name: str,
    *,
    names: Names,
    role: Role | pulumi.Output[str],
    scope: pulumi.Input[str],
    principal_id: pulumi.Input[str],
    parent: pulumi.Resource,
    principal_type: authorization.PrincipalType = authorization.PrincipalType.SERVICE_PRINCIPAL,
) -> authorization.RoleAssignment:
    """Grant `role` on `scope` to a managed identity or service principal, or to a group.

    `role` is a built-in one, or the id of a role definition.

    The assignment's name is a GUID made of stable parts, so that a second run finds the first
    one's. Scope and principal are among them: names have to be unique in the whole tenant
    (role-based-access-control/role-assignments), where another subscription may hold a deployment
    of the same names, and a principal that is replaced gets its role before the old one loses it.
    The principal's type is always given: the SDK's default, User, is refused for identities
    (UnmatchedPrincipalType), and without it a fresh identity may not be found yet
    (PrincipalNotFound).
    """
    if isinstance(role, Role):
        definition = pulumi.Output.from_input(scope).apply(
            lambda id_: role.definition_id(subscription_id(id_))
        )
    else:
        definition = role
    kind = role.value if isinstance(role, Role) else "custom"
    return authorization.RoleAssignment(
        logical_name,
        role_assignment_name=pulumi.Output.all(scope, principal_id).apply(
            lambda parts: names.guid(logical_name, kind, *map(str.lower, parts))
        ),
        scope=scope,
        role_definition_id=definition,
        principal_id=principal_id,
        principal_type=principal_type,
        opts=pulumi.ResourceOptions(parent=parent),
    )


def grants(
    prefix: str,
    roles: Roles,
    *,
    names: Names,
    principal_id: pulumi.Input[str],
    parent: pulumi.Resource,
) -> list[authorization.RoleAssignment]:
    """Grant each of the roles to one managed identity or service principal."""
    return [
        grant(
            f"{prefix}-{key}",
            names=names,
            role=role,
            scope=scope,
            principal_id=principal_id,
            parent=parent,
        )
        for key, (role, scope) in roles.items()
    ]
