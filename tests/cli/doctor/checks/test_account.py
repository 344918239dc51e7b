"""The checks of the sign-in."""

from __future__ import annotations

import pytest

from cli.doctor.checks import account
from cli.doctor.client import Response, SignIn
from cli.doctor.findings import Result
from simulator.azure import identifiers
from tests.cli.doctor.contexts import (
    ACCOUNT,
    SUBSCRIPTION,
    all_ok,
    context,
    worst,
)


def test_the_sign_in_names_the_user_and_the_method():
    assert "simulated Azure, user" in all_ok(account.signed_in, context())
    assert "OIDC, service principal" in all_ok(account.signed_in, context(account=ACCOUNT))


def test_a_tenant_other_than_the_settings_name_fails():
    there = {"azure-native:tenantId": "99999999-9999-4999-8999-999999999999"}
    assert "az login --tenant 9999" in worst(account.tenant, context(config=there)).remedy
    all_ok(account.tenant, context(config={"azure-native:tenantId": identifiers.TENANT.upper()}))


@pytest.mark.parametrize(
    ("state", "result"),
    [
        ("Enabled", Result.OK),
        ("Warned", Result.WARNING),
        ("PastDue", Result.WARNING),
        ("Disabled", Result.FAILED),
        ("Deleted", Result.FAILED),
    ],
)
def test_a_subscription_that_takes_no_writes_fails(state: str, result: Result):
    assert worst(account.subscription, context(over={"state": state})).result == result


def test_a_subscription_that_is_not_seen_fails():
    gone = {SUBSCRIPTION: Response(404, {"error": {"code": "SubscriptionNotFound"}})}
    assert worst(account.subscription, context(answers=gone)).result == Result.FAILED


def test_a_subscription_of_another_tenant_fails():
    elsewhere = SignIn(
        "Azure CLI", "other", identifiers.SUBSCRIPTION, identifiers.OPERATOR, is_user=True
    )
    found = worst(account.subscription, context(account=elsewhere))
    assert found.remedy == f"az login --tenant {identifiers.TENANT}"


def test_two_subscriptions_in_settings_and_environment_are_a_warning():
    key, other = "azure-native:subscriptionId", {"ARM_SUBSCRIPTION_ID": "other"}
    pinned = {key: identifiers.SUBSCRIPTION}
    both = context(config=pinned, environment=other, simulated=False)
    assert "overrides" in worst(account.pinned, both).detail
    all_ok(account.pinned, context(config=pinned, simulated=False))
    all_ok(account.pinned, context(environment=other, simulated=False))


def test_a_subscription_that_only_az_knows_is_a_warning():
    found = worst(account.pinned, context(simulated=False))
    assert found.result == Result.WARNING
    assert identifiers.SUBSCRIPTION in found.remedy
