"""The engine's order on a clock that nobody waits for."""

from __future__ import annotations

from typing import Any

import pytest

from analysis.dependency_graph import Nodes, nodes_of
from dev.timeline import virtual_engine
from simulator.timeline import Record

GROUP = "/subscriptions/s/resourceGroups/rg"
NETWORK = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/vnet"
PROJECT = "urn:pulumi:s::p::"


def row(name: str, token: str, path: str = "", **more: Any) -> dict[str, Any]:
    kind = f"azure-native:{token}"
    return {"urn": f"{PROJECT}{kind}::{name}", "type": kind, "custom": True, "id": path, **more}


def graph(rows: list[dict[str, Any]], **waits: str) -> Nodes:
    """A state of these resources; `waits` names who waits for whom."""
    urns = {one["urn"].rsplit("::", 1)[-1]: one["urn"] for one in rows}
    for one in rows:
        names = waits.get(one["urn"].rsplit("::", 1)[-1], "").split()
        one["dependencies"] = [urns[name] for name in names]
    return nodes_of(rows)


def times(records: list[Record]) -> dict[str, tuple[float | None, float | None]]:
    return {one.urn.rsplit("::", 1)[-1]: (one.start, one.end) for one in records}


def address(name: str) -> dict[str, Any]:
    return row(name, "network:PublicIPAddress", f"{GROUP}/{name}")


def bastion(name: str) -> dict[str, Any]:
    return row(name, "network:BastionHost", f"{GROUP}/{name}")


def test_a_creation_starts_when_the_last_that_it_waits_for_has_ended():
    rows = [address("a"), row("vault", "keyvault:Vault", f"{GROUP}/v"), address("b")]
    found = times(virtual_engine.create(graph(rows, b="a vault")))
    assert found == {"a": (0, 4), "vault": (0, 60), "b": (60, 64)}


def test_components_take_no_time_and_hand_on_what_they_wait_for():
    component = {"urn": f"{PROJECT}c::component", "type": "c", "custom": False}
    rows = [address("a"), component, address("b")]
    found = times(virtual_engine.create(graph(rows, component="a", b="component")))
    assert found == {"a": (0, 4), "b": (4, 8)}


def test_what_locks_out_is_tried_again_after_the_clients_delay():
    rows = [row(name, "network:Subnet", f"{NETWORK}/subnets/{name}") for name in "ab"]
    first, second = virtual_engine.create(graph(rows))
    assert (first.start, first.end) == (0, 6)
    assert [retry.code for retry in second.retries] == ["AnotherOperationInProgress"]
    assert second.end == pytest.approx(second.retries[0].seconds + 6, abs=0.1)


def test_what_waits_for_a_failure_never_starts():
    cluster = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.ContainerService/"
    subnet = f"{NETWORK}/subnets/nodes"
    rows = [
        row("nodes", "network:Subnet", subnet),
        row(
            "aks",
            "containerservice:ManagedCluster",
            f"{cluster}managedClusters/aks",
            inputs={"agentPoolProfiles": [{"vnetSubnetID": subnet}]},
        ),
        address("after"),
    ]
    records = virtual_engine.create(graph(rows, after="aks"))
    outcomes = {one.urn.rsplit("::", 1)[-1]: one.outcome for one in records}
    assert outcomes == {"nodes": "succeeded", "aks": "VirtualNetworkNotInSucceededState"}


def test_deletions_go_in_waves_of_one_depth():
    """b could go at once; Pulumi deletes it with a, of the same depth, when c has gone."""
    rows = [address("a"), bastion("b"), bastion("c")]
    nodes = graph(rows, c="a")
    assert times(virtual_engine.delete(nodes)) == {"c": (0, 300), "a": (300, 315), "b": (300, 600)}
    assert virtual_engine.end_of(virtual_engine.delete_without_waves(nodes)) == 315


def test_in_two_steps_what_takes_long_goes_side_by_side():
    rows = [address("a"), bastion("b"), bastion("c")]
    found = times(virtual_engine.delete_in_two_steps(graph(rows, c="a")))
    assert found == {"b": (0, 300), "c": (0, 300), "a": (300, 315)}


def test_what_is_deleted_with_another_costs_nothing_unless_it_goes_alone():
    rows = [bastion("b"), address("a")]
    rows[1]["deletedWith"] = rows[0]["urn"]
    nodes = graph(rows, a="b")
    assert times(virtual_engine.delete(nodes)) == {"b": (0, 300)}
    assert times(virtual_engine.delete(nodes, [rows[1]["urn"]])) == {"a": (0, 15)}


def test_a_component_that_is_waited_for_stands_for_what_is_in_it():
    component = {"urn": f"{PROJECT}c::component", "type": "c", "custom": False}
    inside = {**bastion("inside"), "parent": component["urn"]}
    nodes = graph([component, inside, address("user")], user="component")
    found = times(virtual_engine.delete(nodes))
    assert found == {"user": (0, 15), "inside": (15, 315)}


def test_component_by_component_each_waits_for_the_whole_one_before():
    components = [{"urn": f"{PROJECT}c::{name}", "type": "c", "custom": False} for name in "xy"]
    inside = [
        {**bastion("long"), "parent": components[0]["urn"]},
        {**address("free"), "parent": components[1]["urn"]},
        # x needs y again: it gets a second turn.
        {**address("back"), "parent": components[0]["urn"]},
    ]
    nodes = graph([*components, *inside], back="free")
    found = times(virtual_engine.create_by_component(nodes))
    assert found == {"long": (0, 600), "free": (600, 604), "back": (604, 608)}
