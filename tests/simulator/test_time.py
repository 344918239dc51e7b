"""The clock, and what an operation's duration means for the others."""

from __future__ import annotations

import asyncio
import time

import pytest

from simulator.clock import Clock, scale_from_environment
from simulator.errors import (
    AzureError,
    BadSetting,
)
from simulator.processes import Processes
from tests.simulator.engine import SCALE, together, vault


def test_without_a_scale_nothing_waits_and_only_the_order_is_recorded(engine, monkeypatch):
    asked = engine()
    asyncio.run(asked.network())
    monkeypatch.setattr(asyncio, "sleep", None)  # Whoever waits now fails.
    asyncio.run(asked.create("keyvault:Vault", "kv", vaultName="kv-test", properties=vault()))

    assert [record.type for record in asked.records()] == [
        "azure-native:network:VirtualNetwork",
        "azure-native:keyvault:Vault",
    ]
    assert {(record.start, record.end) for record in asked.records()} == {(None, None)}


def test_operations_overlap_and_one_that_waits_for_another_starts_at_its_end(engine):
    asked = engine(AZURE_SIM_TIME_SCALE=SCALE)

    async def run() -> None:
        async def first() -> None:
            await asked.network()
            await asked.subnet("nodes", "10.0.0.0/24")

        table = {"routeTableName": "rt"}
        await together(first(), asked.create("network:RouteTable", "rt", **table))

    asyncio.run(run())
    times = {record.urn.split("::")[-1]: (record.start, record.end) for record in asked.records()}
    assert times == {"rt": (0, 4), "vnet": (0, 6), "nodes": (6, 12)}


def test_what_the_engine_takes_is_no_simulated_time(engine):
    asked = engine(AZURE_SIM_TIME_SCALE=SCALE)
    asyncio.run(asked.network())
    time.sleep(0.2)
    asyncio.run(asked.subnet("nodes", "10.0.0.0/24"))
    assert (asked.record("nodes").start, asked.record("nodes").end) == (6, 12)


def test_a_clock_waits_real_time_by_its_scale():
    mine = Clock(0.01, lambda: 0, Processes())

    async def run() -> float:
        started = time.monotonic()
        await mine.wait_until(mine.start() + 30)
        return time.monotonic() - started

    assert 0.3 <= asyncio.run(run()) < 3


def test_updates_and_deletions_have_durations_of_their_own(engine):
    asked = engine(AZURE_SIM_TIME_SCALE=SCALE)
    network = asyncio.run(asked.network())
    asyncio.run(asked.delete("network:VirtualNetwork", network, "gone"))
    assert (asked.record("gone").start, asked.record("gone").end) == (6, 17)


def test_what_is_created_is_there_at_once_and_what_is_deleted_goes_at_the_end(engine):
    asked = engine(AZURE_SIM_TIME_SCALE=SCALE)

    async def run() -> None:
        creation = asyncio.create_task(asked.network())
        await asyncio.sleep(0)
        network = asked.provider.cloud.store.of_type("network:VirtualNetwork")
        assert len(network) == 1
        made = await creation
        deletion = asyncio.create_task(asked.delete("network:VirtualNetwork", made))
        await asyncio.sleep(0)
        assert asked.provider.cloud.get(made.id)
        await deletion
        assert asked.provider.cloud.get(made.id) is None

    asyncio.run(run())


def test_a_deletion_is_refused_at_its_start(engine):
    asked = engine(AZURE_SIM_TIME_SCALE=SCALE)
    asyncio.run(asked.network())
    group = asyncio.run(
        asked.create("network:NetworkSecurityGroup", "nsg", networkSecurityGroupName="nsg")
    )
    subnet = asked.subnet("nodes", "10.0.0.0/24", networkSecurityGroup={"id": group.id})
    asyncio.run(subnet)
    with pytest.raises(AzureError, match="InUseNetworkSecurityGroupCannotBeDeleted"):
        asyncio.run(asked.delete("network:NetworkSecurityGroup", group, "refused"))
    record = asked.record("refused")
    assert record.start == record.end
    assert record.outcome == "InUseNetworkSecurityGroupCannotBeDeleted"


@pytest.mark.parametrize("text", ["fast", "-1", "inf", "nan"])
def test_a_scale_that_is_none_is_refused(monkeypatch, text):
    monkeypatch.setenv("AZURE_SIM_TIME_SCALE", text)
    with pytest.raises(BadSetting, match=r"AZURE_SIM_TIME_SCALE: .*real seconds per simulated"):
        scale_from_environment()
