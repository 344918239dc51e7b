"""Checks that Azure does not answer."""

from __future__ import annotations

import pytest

from cli.doctor.checks import account, capacity, names, permissions, providers, quotas
from cli.doctor.client import Response
from cli.doctor.context import CommandResult
from cli.doctor.findings import CheckUnavailable, Finding, Result
from tests.cli.doctor.contexts import (
    Check,
    FakePulumi,
    context,
)


@pytest.mark.parametrize(
    "check", [names.groups, names.available, names.roles, quotas.compute, quotas.network]
)
def test_what_the_stack_holds_is_not_taken_for_anothers_where_its_state_is_out_of_reach(
    check: Check,
):
    locked = FakePulumi(
        {"stack export": CommandResult(255, "", "error: could not open the backend\n")}
    )
    with pytest.raises(CheckUnavailable, match="could not open the backend"):
        list(check(context(pulumi=locked)))


READ_ONLY_POSTS: list[Check] = [
    account.subscription,
    permissions.subscription,
    permissions.cluster,
    providers.registered,
    providers.offered,
    capacity.region,
    capacity.sizes,
    capacity.kubernetes,
    quotas.compute,
    quotas.network,
    names.groups,
    names.roles,
]


@pytest.mark.parametrize(
    "check", READ_ONLY_POSTS, ids=lambda check: f"{check.__module__}.{check.__name__}"
)
@pytest.mark.parametrize(
    ("response", "says"),
    [
        (Response(403, {"error": {"code": "AuthorizationFailed"}}), "Reader"),
        (Response(429, None, "17"), "again in 17 s"),
        (Response(503), "later"),
        (CheckUnavailable("no answer within 60 s", "run this again"), "run this again"),
    ],
    ids=["forbidden", "throttled", "down", "timeout"],
)
def test_no_answer_is_said_with_what_to_do(check: Check, response: Response | Exception, says: str):
    about = context("custom-role", answers={"": response})
    if check is permissions.cluster:
        about = context(answers={"": response})
    with pytest.raises(CheckUnavailable) as raised:
        list(check(about))
    finding: Finding = raised.value.finding("it")
    assert finding.result == Result.UNCHECKED
    assert says in finding.remedy
