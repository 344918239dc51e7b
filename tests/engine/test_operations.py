"""Faults, kills and throttling under the real engine, as a deployment meets them."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from simulator import timeline
from simulator.store import JournalStore
from tests.engine.conftest import Deploy
from tests.engine.harness import Deployment, write_program

pytestmark = pytest.mark.checkpoints

PROGRAM = """
import pulumi
import pulumi_azure_native as azure

group = azure.resources.ResourceGroup("group", resource_group_name="rg", location="westeurope")
network = azure.network.VirtualNetwork(
    "network",
    resource_group_name=group.name,
    virtual_network_name="vnet",
    location="westeurope",
    address_space={"address_prefixes": ["10.0.0.0/16"]},
)
for index in range(2):
    azure.network.Subnet(
        f"subnet-{index}",
        resource_group_name=group.name,
        virtual_network_name=network.name,
        subnet_name=f"subnet-{index}",
        address_prefix=f"10.0.{index}.0/24",
    )
"""
SUBNET = "azure-native:network:Subnet"


@pytest.fixture
def naive(deploy: Deploy, tmp_path: Path) -> Deployment:
    """A program that makes two subnets of a network at once."""
    return deploy("mine", program=write_program(tmp_path / "naive", PROGRAM))


def records(deployment: Deployment, run: str) -> list[timeline.Record]:
    return timeline.read(deployment.cloud.state, run)


def subnets(deployment: Deployment) -> set[str]:
    return {item.name for item in JournalStore(deployment.cloud.state).of_type("network:Subnet")}


def test_a_naive_program_is_slow_but_arrives(naive: Deployment):
    naive.up(environment={"AZURE_SIM_TIME_SCALE": "0.002", "AZURE_SIM_RUN": "first"})
    codes = [item.code for record in records(naive, "first") for item in record.retries]
    assert set(codes) == {"AnotherOperationInProgress"}
    assert subnets(naive) == {"subnet-0", "subnet-1"}
    naive.expect_no_changes()


@pytest.mark.parametrize(
    ("what", "said", "there"),
    [
        ("InternalServerError", 'Code="InternalServerError"', False),
        ("crash", "", False),
        ("lost", "context deadline exceeded", True),
        ("crash-after", "", True),
    ],
)
def test_a_resource_fails_by_name(naive: Deployment, what: str, said: str, *, there: bool):
    faults = {"AZURE_SIM_FAULTS": f"create:{SUBNET}:subnet-1:{what}"}
    assert said in naive.refused("up", environment=faults).text
    assert ("subnet-1" in subnets(naive)) == there
    assert "subnet-1" not in {item["urn"].split("::")[-1] for item in naive.state()}
    if there:
        assert "cannot create already existing resource" in naive.refused("up").text
    elif what != "crash":  # That takes along the answers of all else that was under way.
        naive.up()
        naive.expect_no_changes()


def test_a_creation_that_ended_as_failed_is_kept_and_tried_again(naive: Deployment):
    faults = {"AZURE_SIM_FAULTS": f"create:{SUBNET}:subnet-1:failed"}
    run = naive.refused("up", environment=faults)
    assert "InternalOperationError" in run.text
    (kept,) = [item for item in naive.state() if item["urn"].endswith("::subnet-1")]
    assert kept["initErrors"]
    naive.up()
    naive.expect_no_changes()
    naive.expect_no_drift()


def test_a_transient_fault_is_not_even_seen(naive: Deployment):
    faults = {"AZURE_SIM_FAULTS": "create:*:1:429,create:*:3:503"}
    naive.up(environment={**faults, "AZURE_SIM_RUN": "first"})
    codes = {item.code for record in records(naive, "first") for item in record.retries}
    assert {"TooManyRequests", "ServiceUnavailable"} <= codes


def test_a_fault_that_cannot_be_read_stops_the_run_with_what_is_wrong(naive: Deployment):
    run = naive.refused("up", environment={"AZURE_SIM_FAULTS": "create:everything"})
    assert "AZURE_SIM_FAULTS: 'create:everything': " in run.text
    assert "Traceback" not in run.text, run.text


def test_a_killed_engine_leaves_what_azure_was_doing(naive: Deployment):
    naive.cloud.prepare(naive.stack, naive.committed)
    process = subprocess.Popen(
        naive.cloud.command("up", naive.stack, "--yes", "--skip-preview", "--non-interactive"),
        env={
            **naive.cloud.environment(),
            "AZURE_SIM_FAULTS": f"create:{SUBNET}:subnet-1:hang-after",
            "AZURE_SIM_RUN": "killed",
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    for _ in range(300):
        if "subnet-1" in subnets(naive):
            break
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()

    assert subnets(naive) >= {"subnet-1"}
    assert [item.outcome for item in records(naive, "killed") if item.id.endswith("subnet-1")] == [
        "hang-after"
    ]
    naive.refresh("--clear-pending-creates")
    assert "cannot create already existing resource" in naive.refused("up").text
