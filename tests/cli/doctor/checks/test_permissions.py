"""The checks of what the user may do."""

from __future__ import annotations

from typing import Any

import pytest

from cli.doctor.checks import permissions
from cli.doctor.client import Response
from cli.doctor.findings import CheckUnavailable, Result
from simulator.azure import identifiers
from tests.cli.doctor.contexts import (
    ACCOUNT,
    all_ok,
    context,
    roles,
    worst,
)

GROUP = "7f951dda-4ed3-4680-a7ca-43fe172d538d"


@pytest.mark.parametrize("stack", ["dev", "prod", "custom-role"])
def test_an_owner_may_deploy(stack: str):
    all_ok(permissions.subscription, context(stack))


CONTRIBUTOR = {
    "actions": ["*"],
    "notActions": ["Microsoft.Authorization/*/Delete", "Microsoft.Authorization/*/Write"],
}
ACCESS = {"actions": ["*/read", "Microsoft.Authorization/roleAssignments/*"]}


def test_a_contributor_alone_may_not_grantroles():
    found = worst(permissions.subscription, context(over=roles(CONTRIBUTOR)))
    assert "roleAssignments/write" in found.detail
    assert "Role Based Access Control Administrator" in found.remedy


def test_what_one_role_takes_back_another_gives():
    all_ok(permissions.subscription, context(over=roles(CONTRIBUTOR, ACCESS)))


def test_a_custom_role_needs_the_right_to_defineroles():
    both = roles(CONTRIBUTOR, ACCESS)
    found = worst(permissions.subscription, context("custom-role", over=both))
    assert "Microsoft.Authorization/roleDefinitions/write" in found.detail


def test_a_readers_missing_rights_begin_with_groups():
    found = worst(permissions.subscription, context(over=roles({"actions": ["*/read"]})))
    assert "resourceGroups/write" in found.detail
    assert "more" in found.detail


def test_a_role_with_a_condition_is_a_warning():
    owner = {"actions": ["*"], "condition": "@Request[…] ForAnyOfAnyValues:GuidEquals {…}"}
    assert worst(permissions.subscription, context(over=roles(owner))).result == Result.WARNING


def test_a_data_role_on_the_subscription_may_apply_objects():
    assert "RBAC role" in all_ok(permissions.cluster, context())


def test_without_data_role_and_group_nothing_can_be_applied():
    found = worst(permissions.cluster, context(over=roles({"actions": ["*"]})))
    assert found.result == Result.FAILED
    assert "names no group" in found.detail


def _with_group(config: dict[str, Any]) -> None:
    config["aks-network:cluster"]["adminGroupObjectIds"] = [GROUP]


def test_a_member_of_the_administrators_may_apply_objects():
    over = roles({"actions": ["*"]}) | {"memberOf": [GROUP]}
    assert GROUP in all_ok(permissions.cluster, context(over=over, edit=_with_group))
    over["memberOf"] = []
    assert worst(permissions.cluster, context(over=over, edit=_with_group)).result == Result.FAILED


def test_a_service_principals_groups_are_asked_by_its_id():
    over = roles({"actions": ["*"]}) | {"memberOf": [GROUP]}
    about = context(over=over, edit=_with_group, account=ACCOUNT)
    all_ok(permissions.cluster, about)
    asked = [one.path for one in about.azure.transport.sent]  # pyright: ignore[reportAttributeAccessIssue]
    assert f"/v1.0/servicePrincipals/{identifiers.OPERATOR}/checkMemberGroups" in asked


def test_groups_that_the_directory_does_not_tell_of_are_not_checked():
    over = roles({"actions": ["*"]})
    denied = {"checkMemberGroups": Response(403, {"error": {"code": "Authorization_Denied"}})}
    with pytest.raises(CheckUnavailable, match="Authorization_Denied"):
        list(permissions.cluster(context(over=over, edit=_with_group, answers=denied)))


def test_rendered_objects_need_no_rights_in_the_cluster():
    over = roles({"actions": ["*"]})
    assert "not needed" in all_ok(permissions.cluster, context("prod", over=over))
