"""A hub whose owner peers later: the networks first, the cluster once nodes have egress."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from unittest import mock

import pulumi
import pytest

from cli.stack_file import config_with_placeholders
from simulator.azure.cloud import Cloud
from simulator.store import Resource
from tests.helpers.loops import each
from tests.helpers.mocks import Recording
from tests.helpers.stacks import ROOT, cloud_of_others, run_program

HUB = ROOT / "examples" / "byo-hub.yaml"
APPLIANCE = {"egress": "appliance", "applianceIp": "10.61.0.68"}
NETWORK, PEERING = "network:VirtualNetwork", "network:VirtualNetworkPeering"


def spoke(phase: str = "all", **network: Any) -> dict[str, Any]:
    config = config_with_placeholders(HUB)
    config["aks-network:network"] |= APPLIANCE | network
    config["aks-network:phase"] = phase
    return config


@pytest.fixture
def cloud() -> Cloud:
    """What the hub's owner has before the first run."""
    return cloud_of_others("byo-hub")


@pytest.fixture
def run(cloud: Cloud) -> Callable[..., Recording]:
    """Runs the program in one cloud, as several runs of a stack do."""

    def program(config: dict[str, Any], *, last: dict[str, Any] | None = None) -> Recording:
        outputs = "components.deployment.stack_outputs.last_outputs"
        with mock.patch(outputs, return_value=last or {}):
            return run_program(config, cloud=cloud)

    return program


def network(cloud: Cloud, name: str) -> Resource:
    (found,) = [item for item in cloud.store.of_type(NETWORK) if item.name == name]
    return found


def peer_back(cloud: Cloud) -> Resource:
    """What the hub's owner does between the two runs."""
    return cloud.put(
        PEERING,
        {
            "resourceGroupName": "rg-hub",
            "virtualNetworkName": "vnet-hub",
            "virtualNetworkPeeringName": "to-spoke",
            "remoteVirtualNetwork": {"id": network(cloud, "vnet-shop-spoke-westeurope").id},
        },
    )


def refused(run: Callable[..., Recording], config: dict[str, Any], **more: Any) -> str:
    with pytest.raises(pulumi.RunError, match="nothing was registered") as error:
        run(config, **more)
    return str(error.value)


def test_a_hub_that_is_not_connected_is_refused_until_its_owner_has_peered(cloud, run):
    first = refused(run, spoke())
    assert "aks-network:network.applianceIp: 10.61.0.68" in first
    assert "vnet-shop-spoke-westeurope does not exist yet" in first
    assert "set aks-network:phase: networks" in first

    networks = run(spoke("networks"))
    assert networks.of_type(PEERING)
    assert networks.of_type("network:Subnet")
    assert not networks.of_type("containerservice:ManagedCluster")

    second = refused(run, spoke())
    assert "the peering peer-shop-spoke-westeurope-hub is Initiated, not Connected" in second
    assert "ask the owner of" in second

    peer_back(cloud)
    complete = run(spoke())
    assert complete.one("containerservice:ManagedCluster")
    (from_cluster,) = complete.of_type(PEERING)
    assert from_cluster.inputs["allowForwardedTraffic"] is True
    assert from_cluster.urn in complete.waits_for(complete.one("containerservice:ManagedCluster"))


def test_the_second_phase_changes_nothing_that_the_first_has_registered(cloud, run):
    first = run(spoke("networks"))
    peer_back(cloud)
    inputs = {item.urn: item.inputs for item in run(spoke()).azure()}
    for item in each(first.azure()):
        assert inputs[item.urn] == item.inputs


def test_the_first_phase_exports_what_the_hubs_owner_needs(run):
    outputs: dict[str, Any] = {}
    with mock.patch("pulumi.export", outputs.__setitem__):
        run(spoke("networks"))
    assert set(outputs) == {
        "addressPlan",
        "managementVirtualNetworkId",
        "subnetIds",
        "virtualNetworkId",
    }


def test_the_networks_alone_are_refused_once_the_cluster_exists(run):
    found = refused(
        run,
        spoke("networks"),
        last={
            "clusterName": "aks-shop-spoke-westeurope",
            "appRoutingImplementations": ["gateway-api"],
        },
    )
    assert "aks-network:phase: networks — must be all: the cluster exists" in found


def test_a_connection_that_breaks_later_is_a_warning(cloud, run):
    run(spoke("networks"))
    side = peer_back(cloud)
    run(spoke())
    cloud.delete(side.id)
    with mock.patch("pulumi.log.warn") as warn, pytest.raises(Exception, match="Outbound"):
        # The simulated Azure would not create the nodes again; the program lets the run try.
        run(
            spoke(),
            last={
                "clusterName": "aks-shop-spoke-westeurope",
                "appRoutingImplementations": ["gateway-api"],
            },
        )
    assert "is Disconnected, not Connected" in str(warn.call_args_list)


def test_an_appliance_in_no_known_network_is_refused_until_a_peering_leads_to_it(cloud, run):
    elsewhere = spoke(applianceIp="10.99.0.4")
    run({**elsewhere, "aks-network:phase": "networks"})
    assert "no peering of vnet-shop-spoke-westeurope leads to it" in refused(run, elsewhere)
    space = {"addressPrefixes": ["10.99.0.0/24"]}
    inputs = {"resourceGroupName": "rg-hub", "location": "westeurope", "addressSpace": space}
    appliances = cloud.put(NETWORK, {**inputs, "virtualNetworkName": "vnet-nva"})
    own = network(cloud, "vnet-shop-spoke-westeurope")
    group = own.id.split("/")[4]
    for where, name, remote in ((group, own.name, appliances), ("rg-hub", "vnet-nva", own)):
        side = {"resourceGroupName": where, "virtualNetworkName": name}
        side |= {"virtualNetworkPeeringName": "nva", "remoteVirtualNetwork": {"id": remote.id}}
        cloud.put(PEERING, side)
    assert run(elsewhere).one("containerservice:ManagedCluster")


def test_an_appliance_in_ones_own_management_network_needs_no_other_team():
    config = config_with_placeholders(ROOT / "examples" / "appliance.yaml")
    assert run_program(config).one("containerservice:ManagedCluster")


@pytest.mark.parametrize("learned", [True, False])
def test_learned_routes_bypass_the_appliance_unless_the_table_leaves_them_out(*, learned: bool):
    config = config_with_placeholders(ROOT / "examples" / "appliance.yaml")
    config["aks-network:network"]["learnedRoutes"] = learned
    table = run_program(config).one("network:RouteTable").inputs
    assert table["disableBgpRoutePropagation"] is not learned


def with_hub(cloud: Cloud, *ranges: str) -> None:
    cloud.put(
        NETWORK,
        {
            "resourceGroupName": "rg-hub",
            "virtualNetworkName": "vnet-hub",
            "location": "westeurope",
            "addressSpace": {"addressPrefixes": ["10.61.0.0/24", *ranges]},
        },
    )


@pytest.mark.parametrize("taken", ["10.60.8.0/24", "10.200.4.0/24", "10.100.0.0/24"])
def test_no_range_of_the_hub_overlaps_one_of_the_cluster(cloud, run, taken: str):
    with_hub(cloud, "10.62.0.0/24", taken)
    found = refused(run, spoke("networks"))
    assert f"must not overlap {taken}, a range of vnet-hub" in found
    assert "10.62.0.0/24" not in found


def test_no_other_spoke_of_the_hub_has_a_range_of_this_one(cloud, run):
    other = {
        "resourceGroupName": "rg-hub",
        "virtualNetworkName": "vnet-other",
        "location": "westeurope",
        "addressSpace": {"addressPrefixes": ["10.60.0.0/24"]},
    }
    made = cloud.put(NETWORK, other)
    cloud.put(
        PEERING,
        {
            "resourceGroupName": "rg-hub",
            "virtualNetworkName": "vnet-hub",
            "virtualNetworkPeeringName": "to-other",
            "remoteVirtualNetwork": {"id": made.id},
        },
    )
    found = refused(run, spoke("networks"))
    assert "must not overlap 10.60.0.0/24, a range of vnet-other, a peer of vnet-hub" in found
