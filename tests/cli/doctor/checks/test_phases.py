"""The check of the phase: whether the network that provides egress is connected."""

from __future__ import annotations

from typing import Any

import pytest

from cli.doctor.checks import phases
from cli.doctor.client import Response
from cli.doctor.findings import Finding, Result
from simulator.azure.cloud import Cloud
from simulator.store import MemoryStore
from tests.cli.doctor.contexts import SUBSCRIPTION, context

HUB = "/subscriptions/s/resourceGroups/rg-hub/providers/Microsoft.Network/virtualNetworks/vnet-hub"
NETWORK = "virtualNetworks/vnet-shop-spoke-westeurope"


def found(*states: str, phase: str = "all", exists: bool = True) -> Finding:
    """The finding where the cluster's network has peerings with the hub in these states."""

    def behind_the_hub(config: dict[str, Any]) -> None:
        config["aks-network:network"] |= {"egress": "appliance", "applianceIp": "10.61.0.68"}
        config["aks-network:phase"] = phase

    rows = [
        {
            "name": "peer-hub",
            "properties": {
                "peeringState": state,
                "remoteVirtualNetwork": {"id": HUB},
                "remoteAddressSpace": {"addressPrefixes": ["10.61.0.0/24"]},
            },
        }
        for state in states
    ]
    answers = {
        NETWORK: Response(200, {"id": NETWORK}) if exists else Response(404),
        f"{NETWORK}/virtualNetworkPeerings": Response(200, {"value": rows}),
    }
    (one,) = phases.phase(context("byo-hub", edit=behind_the_hub, answers=answers))
    return one


def test_a_stack_without_its_networks_is_before_the_first_phase():
    first = found(exists=False)
    assert first.result == Result.FAILED
    assert "1 of 2" in first.detail
    assert "set aks-network:phase: networks" in first.remedy
    assert found(exists=False, phase="networks").result == Result.OK


@pytest.mark.parametrize("states", [(), ("Initiated",), ("Disconnected",)])
def test_a_hub_that_is_not_connected_is_the_first_phase(states: tuple[str, ...]):
    waiting = found(*states)
    assert waiting.result == Result.FAILED
    assert "1 of 2" in waiting.detail
    assert all(state in waiting.detail and HUB in waiting.remedy for state in states)


def test_a_connected_hub_is_the_second_phase():
    assert found("Connected").result == Result.OK
    assert "2 of 2" in found("Connected").detail
    reminder = found("Connected", phase="networks")
    assert reminder.result == Result.WARNING
    assert "remove aks-network:phase" in reminder.remedy


@pytest.mark.parametrize("stack", ["dev", "byo-hub", "firewall", "appliance"])
def test_a_stack_with_egress_of_its_own_has_no_phases(stack: str):
    (one,) = phases.phase(context(stack))
    assert one.result == Result.OK
    assert "without a network of another team" in one.detail


def test_the_simulated_azure_lists_the_peerings_of_a_network():
    store = MemoryStore()
    cloud = Cloud(store)
    cloud.put("resources:ResourceGroup", {"resourceGroupName": "g", "location": "westeurope"})
    for name, prefix in (("vnet-a", "10.60.0.0/20"), ("vnet-b", "10.61.0.0/24")):
        space = {"addressPrefixes": [prefix]}
        inputs = {"resourceGroupName": "g", "location": "westeurope", "addressSpace": space}
        cloud.put("network:VirtualNetwork", {**inputs, "virtualNetworkName": name})
    network = f"{SUBSCRIPTION}/resourceGroups/g/providers/Microsoft.Network/virtualNetworks"
    peering = {"resourceGroupName": "g", "virtualNetworkName": "vnet-a"}
    peering |= {
        "virtualNetworkPeeringName": "p",
        "remoteVirtualNetwork": {"id": f"{network}/vnet-b"},
    }
    cloud.put("network:VirtualNetworkPeering", peering)
    azure = context(store=store).azure
    (row,) = azure.list(f"{network}/vnet-a/virtualNetworkPeerings", phases.API)
    assert row["properties"]["peeringState"] == "Initiated"
    assert azure.list(f"{network}/vnet-b/virtualNetworkPeerings", phases.API) == []
    assert azure.find(f"{network}/vnet-c/virtualNetworkPeerings", phases.API) is None
