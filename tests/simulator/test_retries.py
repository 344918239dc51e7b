"""Throttling, and what the providers' clients do about it and about other transient errors."""

from __future__ import annotations

import asyncio

import pytest

from simulator.azure.client import AzCore
from simulator.azure.throttling import LIMITS
from simulator.errors import (
    AzureError,
    BadSetting,
    KubernetesError,
    Refused,
)
from simulator.kubernetes.service import ClientGo
from simulator.operations import Operation
from tests.simulator.engine import SCALE, failures, pool, together
from tests.simulator.subscription import Subscription


def test_requests_beyond_the_limit_wait_as_long_as_the_service_says(engine):
    asked = engine(AZURE_SIM_TIME_SCALE=SCALE, AZURE_SIM_THROTTLING="0.05")
    Subscription(asked.provider.cloud).cluster()
    answers = asyncio.run(together(pool(asked, "one"), pool(asked, "two")))
    assert failures(answers) == []
    assert asked.retried() == ["Throttled"]
    late = asked.record("two")
    assert late.retries[0].seconds == 60
    assert (late.start, late.end) == (0, 300)


def test_without_passing_time_nothing_is_throttled(engine):
    asked = engine()

    async def many() -> None:
        await asked.network()
        for index in range(250):
            await asked.create("network:RouteTable", f"rt{index}", routeTableName=f"rt{index}")

    asyncio.run(many())
    assert asked.retried() == []


def test_the_limit_of_writes_holds_for_a_burst(engine):
    asked = engine(AZURE_SIM_TIME_SCALE=SCALE)
    tables = [
        asked.create("network:RouteTable", f"rt{i}", routeTableName=f"rt{i}") for i in range(205)
    ]
    assert failures(asyncio.run(together(*tables))) == []
    assert asked.retried() == ["SubscriptionRequestsThrottled"] * 5


@pytest.mark.parametrize("text", ["yes", "0", "1.5", "-1"])
def test_a_share_of_the_limits_that_is_none_is_refused(engine, text):
    with pytest.raises(BadSetting, match=r"AZURE_SIM_THROTTLING: .*use on, off, or a share"):
        engine(AZURE_SIM_THROTTLING=text)


def test_every_limit_names_its_source_and_fills_again():
    for limit in LIMITS:
        assert limit.source
        assert limit.burst >= 1
        assert limit.per_second > 0


def delays(error: Refused) -> list[float | None]:
    asked = Operation("create", "urn:pulumi:dev::p::t::name", "azure-native:network:Subnet", "/id")
    return [AzCore().delay(error, attempt, asked) for attempt in range(4)]


def test_azure_native_waits_longer_each_time_and_gives_up_after_three():
    *waits, end = delays(AzureError(503, "ServiceUnavailable", ""))
    limits = (16, 26), (48, 78), (112, 120)
    for wait, (least, most) in zip(waits, limits, strict=True):
        assert wait is not None
        assert least <= wait <= most
    assert end is None


def test_azure_native_waits_as_the_service_asks_unless_that_is_too_long():
    assert delays(AzureError(429, "T", "", retry_after=7))[:3] == [7, 7, 7]
    assert delays(AzureError(429, "T", "", retry_after=300)) == [None] * 4


@pytest.mark.parametrize(
    "error",
    [
        AzureError(409, "Conflict", ""),
        AzureError(409, "OperationNotAllowed", ""),
        AzureError(400, "InvalidParameter", ""),
        Refused("", code="InternalServerError"),
        Refused("", code="AnotherOperationInProgress"),
    ],
)
def test_azure_native_does_not_retry_the_rest(error):
    assert delays(error) == [None] * 4


def test_kubernetes_client_retries_only_where_the_server_says_when():
    asked = Operation("create", "urn:pulumi:dev::p::t::name", "kubernetes:core/v1:Namespace", "n")
    wait = Refused("", status=429, retry_after=1)
    assert [ClientGo().delay(wait, attempt, asked) for attempt in (0, 9, 10)] == [1, 1, None]
    assert ClientGo().delay(Refused("", status=500), 0, asked) is None
    assert ClientGo().delay(KubernetesError("Invalid", ""), 0, asked) is None
