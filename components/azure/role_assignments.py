"""Role assignments: every role that this program grants is granted here.

Which roles there are: `components.azure.roles`. The role of the cluster's identity on the subnets:
`components.cluster.identity`.
"""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
from pulumi_azure_native import authorization

from components.azure.naming import Names
from components.azure.resource_ids import subscription_id
from components.azure.roles import Role

Roles = Mapping[str, tuple[Role | pulumi.Output[str], pulumi.Input[str]]]
"""Roles to grant, each with the resource id of its scope, by a key for the logical name of the
assignment. A role is a built-in one or the id of a role definition."""


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
    """Grant `role` on `scope` to a managed identity, a service principal or a group.

    `role` is a built-in role or the id of a role definition; `scope` is a resource id;
    `principal_id` is an object id.

    The name of the assignment is a GUID of stable parts, so that a second run finds the assignment
    of the first. The scope and the principal are among the parts for two reasons. Names are unique
    in the whole tenant (role-based-access-control/role-assignments), where another subscription may
    have a deployment of the same names. And when a principal is replaced, the new one gets its role
    before the old one loses it.

    The principal type is always set. Azure refuses the SDK's default, User, for identities
    (UnmatchedPrincipalType), and without a type it may not find a new identity yet
    (PrincipalNotFound).
    """
    if isinstance(role, Role):
        definition_id = pulumi.Output.from_input(scope).apply(
            lambda id_: role.definition_id(subscription_id(id_))
        )
    else:
        definition_id = role
    kind = role.value if isinstance(role, Role) else "custom"
    return authorization.RoleAssignment(
        logical_name,
        role_assignment_name=pulumi.Output.all(scope, principal_id).apply(
            lambda parts: names.guid(logical_name, kind, *map(str.lower, parts))
        ),
        scope=scope,
        role_definition_id=definition_id,
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
    """Grant all of `roles` to one managed identity or service principal."""
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
