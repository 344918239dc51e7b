"""What the signed-in user may do: in the subscription, and inside the cluster."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from cli.doctor.context import Subject
from cli.doctor.findings import Finding, Unanswered, failed, ok, warning
from support.nested import items

PERMISSIONS_API = "2022-04-01"
"""Microsoft Learn: rest/api/authorization/permissions. That it answers for a subscription, too, is
in azure-resource-manager/management/resource-manager-api-authentication ("Getting user permissions
for a subscription")."""

GROUPS = "Microsoft.Resources/subscriptions/resourceGroups/write"
GRANT = "Microsoft.Authorization/roleAssignments/write"

APPLY = "Microsoft.ContainerService/managedClusters/apps/deployments/write"
"""A data action that the built-in role Azure Kubernetes Service RBAC Cluster Admin has, and that
applying workloads takes (Microsoft Learn: aks/manage-azure-rbac)."""

MOST_GROUPS = 20
"""That Graph checks at once (graph/api/user-checkmembergroups)."""

_NAMED = 4


def lacking(subject: Subject, scope: str, actions: Iterable[str]) -> list[str]:
    """Those of the actions that the caller may not do on `scope`. Raises `Unanswered`."""
    wanted = list(actions)
    if not wanted:
        return []
    granted = _granted(subject, scope)
    return [one for one in wanted if not _allowed(granted, one, "actions", "notActions")]


def subscription(subject: Subject) -> Iterator[Finding]:
    """Every planned type may be written, groups and role assignments among them."""
    name = "Rights in the subscription"
    types = {one.arm_type for one in subject.planned.get()}
    actions = sorted({GROUPS, GRANT, *(f"{kind}/write" for kind in types)})
    missing = lacking(subject, subject.subscription, actions)
    remedy = "ask for Owner, or Contributor and Role Based Access Control Administrator, on it"
    if missing:
        rest = f" and {len(missing) - _NAMED} more" if len(missing) > _NAMED else ""
        first = sorted(missing, key=lambda one: (one not in {GROUPS, GRANT}, one))[:_NAMED]
        yield failed(name, f"not allowed: {', '.join(first)}{rest}", remedy)
        return
    yield ok(name, f"all {len(actions)} actions that the deployment takes")
    if any(one.get("condition") for one in _granted(subject, subject.subscription)):
        yield warning(
            "Conditions on roles",
            "a role of yours has a condition, which may forbid some role assignments",
            "see the roles in components/azure/roles.py, and have the condition allow them",
        )


def cluster(subject: Subject) -> Iterator[Finding]:
    """Whoever deploys may apply objects to the cluster, where the program does that."""
    name, settings = "Rights in the cluster", subject.settings
    if settings.kubernetes.delivery != "apply":
        yield ok(name, f"not needed: kubernetes.delivery is {settings.kubernetes.delivery}")
        return
    groups = settings.cluster.admin_group_object_ids
    granted = _granted(subject, subject.subscription)
    if _allowed(granted, APPLY, "dataActions", "notDataActions"):
        yield ok(name, "an RBAC role of Azure Kubernetes Service on the subscription")
        return
    role = "Azure Kubernetes Service RBAC Cluster Admin"
    if not groups:
        yield failed(
            name,
            "kubernetes.delivery is apply, but you may not write into clusters, and"
            " cluster.adminGroupObjectIds names no group",
            f"ask for {role} on the subscription, or name a group that you are in",
        )
        return
    member = _member_of(subject, groups)
    if member:
        yield ok(name, f"member of {', '.join(member)}")
    else:
        yield failed(
            name,
            "you are in no group of cluster.adminGroupObjectIds",
            f"have yourself added to one, or ask for {role} on the subscription",
        )


def _member_of(subject: Subject, groups: Iterable[str]) -> list[str]:
    """Those of the groups that the caller is in, indirectly too."""
    account = subject.answers.sign_in()
    who = "me" if account.is_user else f"servicePrincipals/{account.object_id}"
    asked = list(groups)
    if len(asked) > MOST_GROUPS:
        raise Unanswered(
            f"cluster.adminGroupObjectIds names more than {MOST_GROUPS} groups, and Graph checks no"
            " more at once",
            "put the groups into one group",
        )
    answer = subject.answers.ask(
        f"/v1.0/{who}/checkMemberGroups", "", {"groupIds": asked}, service="graph"
    )
    return [str(one) for one in items(answer, "value")]


def _granted(subject: Subject, scope: str) -> list[dict[str, Any]]:
    path = f"{scope}/providers/Microsoft.Authorization/permissions"
    return subject.answers.list(path, PERMISSIONS_API)


def _allowed(granted: list[dict[str, Any]], action: str, yes: str, no: str) -> bool:
    """Whether any role allows the action: what one takes back, another may give.

    Source: role-based-access-control/role-definitions, "NotActions".
    """
    return any(
        _any_matches(items(role, yes), action) and not _any_matches(items(role, no), action)
        for role in granted
    )


def _any_matches(patterns: Iterable[str], action: str) -> bool:
    """A pattern's star stands for anything, slashes included; case does not count."""
    return any(
        re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), action, re.IGNORECASE)
        for pattern in patterns
    )
