"""Several provider processes of one cloud meet the same locks, limits, delays and time."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from simulator.azure.cloud import Cloud
from simulator.azure.namespaces.authorization import permissions
from simulator.processes import Processes
from simulator.store import JournalStore
from tests.simulator.engine import SCALE, Engine, failures, pool, together
from tests.simulator.subscription import Subscription

WRITER = f"""
import asyncio, sys
sys.path.insert(0, {str(Path(__file__).parents[2])!r})
from tests.simulator.engine import Engine

asked = Engine(None)

async def main():
    creation = asyncio.create_task(asked.subnet("late", "10.0.32.0/24"))
    await asyncio.sleep(0)
    print("busy", flush=True)
    await creation

asyncio.run(main())
"""
"""A provider process that creates a subnet."""

SLOW = "0.3"
"""A subnet takes six simulated seconds: long enough for another process to ask meanwhile."""


@pytest.fixture
def writer(tmp_path: Path) -> Callable[..., Any]:
    """Starts another provider process, and returns once it creates a subnet."""

    @contextmanager
    def start(scale: str = SLOW) -> Iterator[subprocess.Popen[str]]:
        settings = {"AZURE_SIM_STATE": str(tmp_path), "AZURE_SIM_TIME_SCALE": scale}
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER],
            env={**os.environ, **settings},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout
        assert process.stdout.readline() == "busy\n"
        try:
            yield process
        finally:
            process.kill()
            process.communicate()

    return start


def cluster_inputs(azure: Subscription) -> dict[str, Any]:
    azure.network()
    subnet, identity = azure.subnet("nodes", "10.0.0.0/20"), azure.identity()
    azure.role(subnet.id, identity.outputs["principalId"])
    return azure.cluster_inputs(subnet, identity)


def test_a_cluster_is_refused_while_another_process_writes_its_network(engine, writer):
    asked = engine(AZURE_SIM_TIME_SCALE=SLOW)
    inputs = cluster_inputs(Subscription(asked.provider.cloud))
    cluster = asked.create("containerservice:ManagedCluster", "aks", **inputs)
    with writer():
        answers = asyncio.run(together(cluster))
    assert failures(answers) == ["VirtualNetworkNotInSucceededState"]


def test_what_a_process_did_when_it_was_killed_locks_nobody_out(engine, writer):
    asked = engine()
    inputs = cluster_inputs(Subscription(asked.provider.cloud))
    with writer():
        pass
    cluster = asked.create("containerservice:ManagedCluster", "aks", **inputs)
    assert failures(asyncio.run(together(cluster))) == []


@pytest.mark.parametrize("scale", ["0", SCALE])
def test_two_processes_wait_for_each_other_as_two_requests_of_one_do(engine, tmp_path, scale):
    asked = engine(AZURE_SIM_TIME_SCALE=scale)
    asyncio.run(asked.network())
    other = Engine(tmp_path)
    subnets = asked.subnet("a", "10.0.0.0/24"), other.subnet("b", "10.0.1.0/24")
    assert failures(asyncio.run(together(*subnets))) == []
    assert asked.retried() == ["AnotherOperationInProgress"]


def test_an_operation_that_has_ended_locks_nobody_out(engine, tmp_path):
    asked = engine()
    asyncio.run(asked.network())
    asyncio.run(asked.subnet("a", "10.0.0.0/24"))
    asyncio.run(Engine(tmp_path).subnet("b", "10.0.1.0/24"))
    assert asked.retried() == []


def test_all_processes_of_a_run_take_from_the_same_limits(engine, tmp_path):
    asked = engine(AZURE_SIM_TIME_SCALE=SCALE, AZURE_SIM_THROTTLING="0.05")
    Subscription(asked.provider.cloud).cluster()
    other = Engine(tmp_path)
    answers = asyncio.run(together(pool(asked, "one"), pool(other, "two")))
    assert failures(answers) == []
    assert asked.retried() == ["Throttled"]


def test_another_run_has_limits_of_its_own(engine, tmp_path, monkeypatch):
    asked = engine(AZURE_SIM_TIME_SCALE=SCALE, AZURE_SIM_THROTTLING="0.05")
    Subscription(asked.provider.cloud).cluster()
    asyncio.run(pool(asked, "one"))
    monkeypatch.setenv("AZURE_SIM_RUN", "other")
    asyncio.run(pool(Engine(tmp_path), "two"))
    assert asked.retried() == []


def test_a_role_that_another_process_assigned_is_not_effective_yet(tmp_path):
    azure = Subscription(Cloud(JournalStore(tmp_path)))
    principal, network = azure.identity().outputs["principalId"], azure.network()
    azure.role(network.id, principal)
    other = Cloud(JournalStore(tmp_path))
    other.replication_seconds = 3600
    join = "Microsoft.Network/virtualNetworks/join/action"
    assert not permissions.allows(other, principal, join, network.id)
    other.replication_seconds = 0
    assert permissions.allows(other, principal, join, network.id)


def test_a_resource_keeps_the_time_of_its_creation_when_it_is_written_again(tmp_path):
    azure = Subscription(Cloud(JournalStore(tmp_path)))
    network = azure.network()
    journal = tmp_path / "journal.jsonl"
    lines = journal.read_text().replace('"at":', '"at":1,"was":')
    journal.write_text(lines)
    store = JournalStore(tmp_path)
    Subscription(Cloud(store)).network(tags={"a": "b"})
    assert store.seconds_since_creation(network.id) > 10**6


def test_the_one_that_ends_later_is_answered_later_in_whichever_process(engine, tmp_path):
    asked = engine(AZURE_SIM_TIME_SCALE="0.01")
    asyncio.run(together(asked.network(), asked.network("other", "10.1.0.0/16")))
    other = Engine(tmp_path)
    answered: list[str] = []

    async def request(name: str, work: Any) -> None:
        await work
        answered.append(name)

    async def run() -> None:
        table = other.create("network:RouteTable", "rt", routeTableName="rt")
        await together(request("subnet", asked.subnet("a", "10.0.0.0/24")), request("table", table))

    asyncio.run(run())
    assert answered == ["table", "subnet"]
    assert asked.record("rt").end < asked.record("a").end


def test_a_process_hears_what_the_others_tell_and_not_itself(tmp_path, monkeypatch):
    monkeypatch.setenv("AZURE_SIM_RUN", "one")
    first, second = Processes(tmp_path), Processes(tmp_path)
    first.tell(colour="red")
    second.tell(colour="blue", size=3)
    assert first.heard("colour") == ["blue"]
    assert first.heard("size") == [3]
    assert second.heard("size") == []
    monkeypatch.setenv("AZURE_SIM_RUN", "two")
    assert sorted(Processes(tmp_path).heard("colour")) == ["blue", "red"]
    assert Processes(tmp_path).heard("colour", of_this_run=True) == []


def test_a_process_is_heard_again_after_the_state_was_deleted(tmp_path):
    first, second = Processes(tmp_path), Processes(tmp_path)
    first.tell(colour="red")
    for file in (tmp_path / "processes").iterdir():
        file.unlink()
    assert second.heard("colour") == []
    first.tell(colour="green")
    assert second.heard("colour") == ["green"]
