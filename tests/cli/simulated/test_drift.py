"""Changing the simulated cloud behind the program's back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.console import Failure
from cli.simulated import drift
from simulator.azure.cloud import Cloud
from simulator.store import JournalStore

GROUP = {"resourceGroupName": "rg", "location": "westeurope"}
RULE = {
    "name": "web",
    "priority": 100,
    "direction": "Inbound",
    "access": "Allow",
    "protocol": "Tcp",
    "sourceAddressPrefix": "*",
    "sourcePortRange": "*",
    "destinationAddressPrefix": "*",
    "destinationPortRange": "443",
}


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A cloud with a network that uses a security group."""
    cloud = Cloud(JournalStore(tmp_path))
    cloud.put("resources:ResourceGroup", GROUP)
    group = cloud.put(
        "network:NetworkSecurityGroup",
        {**GROUP, "networkSecurityGroupName": "nsg", "securityRules": [RULE]},
    )
    space = {"addressPrefixes": ["10.0.0.0/16"]}
    cloud.put(
        "network:VirtualNetwork", {**GROUP, "virtualNetworkName": "vnet", "addressSpace": space}
    )
    cloud.put(
        "network:Subnet",
        {
            "resourceGroupName": "rg",
            "virtualNetworkName": "vnet",
            "subnetName": "nodes",
            "addressPrefix": "10.0.0.0/24",
            "networkSecurityGroup": {"id": group.id},
        },
    )
    return tmp_path


def run(state: Path, *arguments: str) -> None:
    drift.run(["--state", str(state), *arguments])


def inputs(state: Path, name: str) -> dict:
    return dict(drift.find(Cloud(JournalStore(state)), name).inputs)


def test_a_property_deep_inside_is_changed(state):
    run(state, "set", "nsg", "securityRules[0].destinationPortRange", "22")
    assert inputs(state, "nsg")["securityRules"][0]["destinationPortRange"] == "22"


def test_a_value_that_is_no_json_is_text_and_objects_on_the_way_are_made(state):
    run(state, "set", "networkSecurityGroups/nsg", "tags.owner", "someone else")
    assert inputs(state, "nsg")["tags"] == {"owner": "someone else"}


def test_the_outputs_follow_the_change(state):
    run(state, "set", "nsg", "tags", '{"a": "b"}')
    assert drift.find(Cloud(JournalStore(state)), "nsg").outputs["tags"] == {"a": "b"}


def test_azure_refuses_here_too_unless_forced(state):
    arguments = ("set", "nsg", "securityRules[0].priority", "1")
    with pytest.raises(Failure, match=r"Azure refuses: .*--force"):
        run(state, *arguments)
    run(state, *arguments, "--force")
    assert inputs(state, "nsg")["securityRules"][0]["priority"] == 1


def test_what_is_in_use_is_deleted_by_force_only(state):
    with pytest.raises(Failure, match="InUseNetworkSecurityGroupCannotBeDeleted"):
        run(state, "delete", "nsg")
    run(state, "delete", "nsg", "--force")
    with pytest.raises(Failure, match="has no resource nsg"):
        inputs(state, "nsg")


def test_a_resource_is_deleted(state):
    run(state, "delete", "nodes")
    run(state, "delete", "nsg")
    names = [item.name for item in JournalStore(state).of_type("network:NetworkSecurityGroup")]
    assert names == []


def test_resources_are_listed_and_shown(state, capsys):
    run(state, "list", "subnet")
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("network:Subnet  /subscriptions/")
    run(state, "show", "nodes")
    assert json.loads(capsys.readouterr().out)["subnetName"] == "nodes"


def test_an_ambiguous_name_is_refused_with_the_ids(state):
    Cloud(JournalStore(state)).put("network:RouteTable", {**GROUP, "routeTableName": "nsg"})
    with pytest.raises(Failure, match=r"ambiguous(.|\n)*networkSecurityGroups/nsg"):
        run(state, "delete", "nsg")
    run(state, "delete", "routeTables/nsg")


@pytest.mark.parametrize("path", ["", "a..b", "a[x]", "[", "a.b]"])
def test_a_path_that_is_none_is_refused(path):
    with pytest.raises(Failure, match="is not a path"):
        drift.steps(path)


@pytest.mark.parametrize("path", ["location.x", "securityRules[7].access", "securityRules.access"])
def test_a_path_that_leads_nowhere_is_refused(state, path):
    with pytest.raises(Failure, match="this resource has no"):
        run(state, "set", "nsg", path, "x")


def test_without_a_cloud_it_says_what_to_do(tmp_path, capsys):
    assert drift.main(["--state", str(tmp_path / "none"), "list"]) == 1
    assert "run `make up` first" in capsys.readouterr().err
