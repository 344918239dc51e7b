"""What others change in the cloud is found by a refresh and set right by the next deployment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from cli.simulated import drift
from simulator.azure.cloud import Cloud
from simulator.store import JournalStore, Resource
from tests.engine.conftest import Deploy
from tests.engine.harness import Deployment


@pytest.fixture
def deployment(deploy: Deploy) -> Deployment:
    made = deploy("dev")
    made.up()
    return made


def cloud_of(deployment: Deployment) -> Cloud:
    return Cloud(JournalStore(deployment.cloud.state))


def some(deployment: Deployment, token: str, text: str) -> Resource:
    (found,) = [
        item for item in cloud_of(deployment).store.of_type(token) if text in item.id.lower()
    ]
    return found


def inputs(deployment: Deployment, resource: Resource) -> Mapping[str, Any]:
    found = cloud_of(deployment).get(resource.id)
    assert found is not None
    return found.inputs


def test_a_rule_that_someone_opened_is_found_and_closed_again(deployment: Deployment):
    group = some(deployment, "network:NetworkSecurityGroup", "nodes")
    before = inputs(deployment, group)
    opened = [
        *before["securityRules"],
        {
            "name": "temporary",
            "priority": 4000,
            "direction": "Inbound",
            "access": "Allow",
            "protocol": "Tcp",
            "sourceAddressPrefix": "*",
            "sourcePortRange": "*",
            "destinationAddressPrefix": "*",
            "destinationPortRange": "22",
        },
    ]
    cloud_of(deployment).put(group.token, {**before, "securityRules": opened})

    deployment.expect_no_changes()  # The state does not know of it.
    (step,) = [
        item for item in deployment.steps("--refresh") if item["op"] not in {"same", "refresh"}
    ]
    assert step["op"] == "update"
    assert "NetworkSecurityGroup" in step["urn"]

    deployment.up("--refresh")
    assert inputs(deployment, group) == before
    deployment.expect_no_drift()


def test_a_tag_that_someone_changed_is_set_right(deployment: Deployment):
    network = some(deployment, "network:VirtualNetwork", "management")
    before = inputs(deployment, network)
    tag = next(iter(before["tags"]))
    drift.set_property(cloud_of(deployment), network, f"tags.{tag}", "someone else")
    assert inputs(deployment, network) != before

    deployment.up("--refresh")
    assert inputs(deployment, network) == before


def test_what_someone_deleted_is_made_again(deployment: Deployment):
    record = cloud_of(deployment).store.of_type("dns:RecordSet")[0]
    drift.delete(cloud_of(deployment), record)
    assert cloud_of(deployment).get(record.id) is None

    deployment.up("--refresh")
    assert cloud_of(deployment).get(record.id) is not None
    deployment.expect_no_drift()
