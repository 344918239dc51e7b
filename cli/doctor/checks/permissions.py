"""What the signed-in user may do in the subscription and in the cluster."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from cli.doctor.context import Context
from cli.doctor.findings import CheckUnavailable, Finding, failed, ok, warning
from support.nested import items

PERMISSIONS_API = "2022-04-01"
"""Microsoft Learn: rest/api/authorization/permissions. It works on a subscription too, according to
azure-resource-manager/management/resource-manager-api-authentication ("Getting user permissions
for a subscription")."""

GROUPS = "Microsoft.Resources/subscriptions/resourceGroups/write"
GRANT = "Microsoft.Authorization/roleAssignments/write"

APPLY = "Microsoft.ContainerService/managedClusters/apps/deployments/write"
"""A data action of the built-in role Azure Kubernetes Service RBAC Cluster Admin, which applying
workloads needs (Microsoft Learn: aks/manage-azure-rbac)."""

MAX_GROUPS = 20
"""Groups that Graph checks in one request (graph/api/user-checkmembergroups)."""

_MAX_SHOWN = 4
"""Actions that a finding names before it counts the rest."""


def lacking(context: Context, scope: str, actions: Iterable[str]) -> list[str]:
    """The actions that the user may not take on `scope`. Raises `CheckUnavailable`."""
    wanted = list(actions)
    if not wanted:
        return []
    granted = _granted(context, scope)
    return [action for action in wanted if not _allowed(granted, action, "actions", "notActions")]


def subscription(context: Context) -> Iterator[Finding]:
    """The user may write every planned type, resource groups and role assignments included."""
    name = "Rights in the subscription"
    types = {item.arm_type for item in context.planned.get()}
    actions = sorted({GROUPS, GRANT, *(f"{kind}/write" for kind in types)})
    missing = lacking(context, context.subscription, actions)
    remedy = "ask for Owner, or Contributor and Role Based Access Control Administrator, on it"
    if missing:
        rest = f" and {len(missing) - _MAX_SHOWN} more" if len(missing) > _MAX_SHOWN else ""
        first = sorted(missing, key=lambda action: (action not in {GROUPS, GRANT}, action))[
            :_MAX_SHOWN
        ]
        yield failed(name, f"not allowed: {', '.join(first)}{rest}", remedy)
        return
    yield ok(name, f"all {len(actions)} actions of the deployment are allowed")
    if any(role.get("condition") for role in _granted(context, context.subscription)):
        yield warning(
            "Conditions on roles",
            "one of your roles has a condition, which may forbid some role assignments",
            "let the condition allow the roles in components/azure/roles.py",
        )


def cluster(context: Context) -> Iterator[Finding]:
    """The user may apply objects to the cluster, where the program does so."""
    name, settings = "Rights in the cluster", context.settings
    if settings.kubernetes.delivery != "apply":
        yield ok(name, f"not needed: kubernetes.delivery is {settings.kubernetes.delivery}")
        return
    groups = settings.cluster.admin_group_object_ids
    granted = _granted(context, context.subscription)
    if _allowed(granted, APPLY, "dataActions", "notDataActions"):
        yield ok(name, "you have an Azure Kubernetes Service RBAC role on the subscription")
        return
    role = "Azure Kubernetes Service RBAC Cluster Admin"
    if not groups:
        yield failed(
            name,
            "kubernetes.delivery is apply, but you may not write to clusters, and"
            " cluster.adminGroupObjectIds names no group",
            f"ask for {role} on the subscription, or name a group that you are a member of",
        )
        return
    member = _member_of(context, groups)
    if member:
        yield ok(name, f"you are a member of {', '.join(member)}")
    else:
        yield failed(
            name,
            "you are not a member of a group in cluster.adminGroupObjectIds",
            f"ask to be added to one, or for {role} on the subscription",
        )


def _member_of(context: Context, groups: Iterable[str]) -> list[str]:
    """The groups that the user is a member of, directly or not."""
    account = context.azure.sign_in()
    member = "me" if account.is_user else f"servicePrincipals/{account.object_id}"
    wanted = list(groups)
    if len(wanted) > MAX_GROUPS:
        raise CheckUnavailable(
            f"cluster.adminGroupObjectIds names more than {MAX_GROUPS} groups, and Graph checks at"
            f" most {MAX_GROUPS} in a request",
            "nest the groups in another group and name that",
        )
    answer = context.azure.post(
        f"/v1.0/{member}/checkMemberGroups", "", {"groupIds": wanted}, service="graph"
    )
    return [str(group) for group in items(answer, "value")]


def _granted(context: Context, scope: str) -> list[dict[str, Any]]:
    path = f"{scope}/providers/Microsoft.Authorization/permissions"
    return context.azure.list(path, PERMISSIONS_API)


def _allowed(granted: list[dict[str, Any]], action: str, yes: str, no: str) -> bool:
    """Whether any role allows the action: an exclusion in one role does not restrict another.

    Source: role-based-access-control/role-definitions, "NotActions".
    """
    return any(
        _any_matches(items(role, yes), action) and not _any_matches(items(role, no), action)
        for role in granted
    )


def _any_matches(patterns: Iterable[str], action: str) -> bool:
    """A star in a pattern matches anything, slashes included; case does not matter."""
    return any(
        re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), action, re.IGNORECASE)
        for pattern in patterns
    )
