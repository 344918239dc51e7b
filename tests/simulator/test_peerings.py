"""Peerings: their states, what they may reach, and whose gateway they use."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.landscape import peering, peering_inputs, vpn_gateway, zonal_address


@pytest.fixture
def two(azure) -> tuple[Any, Any]:
    return azure.network("one", "10.0.0.0/16"), azure.network("two", "10.1.0.0/16")


def shown(azure: Any, made: Any, key: str) -> Any:
    return azure.cloud.get(made.id).outputs[key]


def test_another_remote_network_is_refused(azure, two):
    peering(azure, "one", two[1], "p")
    three = azure.network("three", "10.2.0.0/16")
    error = azure.refused(**peering_inputs("one", three, "p"))
    assert error.code == "ChangingRemoteVirtualNetworkNotAllowed"


def test_a_second_peering_with_a_network_is_refused(azure, two):
    peering(azure, "one", two[1], "a")
    error = azure.refused(**peering_inputs("one", two[1], "b"))
    assert error.code == "AnotherPeeringAlreadyReferencesRemoteVnet"


def test_two_peers_of_one_network_have_different_addresses(azure, two):
    one, hub = two
    same = azure.network("three", "10.0.128.0/17")
    peering(azure, "two", one)
    for inputs in (peering_inputs("two", same), peering_inputs("three", hub)):
        error = azure.refused(**inputs)
        assert error.code == "VnetAddressSpaceOverlapsWithAlreadyPeeredVnet"


def test_a_disconnected_side_is_written_again_before_the_other_comes_back(azure, two):
    one, there = two
    first = peering(azure, "one", there)
    second = peering(azure, "two", one)
    azure.cloud.delete(second.id)
    assert shown(azure, first, "peeringState") == "Disconnected"
    assert azure.refused(**peering_inputs("two", one)).code == "RemotePeeringIsDisconnected"
    assert peering(azure, "one", there).outputs["peeringState"] == "Initiated"
    assert peering(azure, "two", one).outputs["peeringState"] == "Connected"
    assert shown(azure, first, "peeringState") == "Connected"


def grow(azure: Any, name: str, *prefixes: str) -> dict[str, list[str]]:
    space = {"addressPrefixes": list(prefixes)}
    azure.put("network:VirtualNetwork", virtualNetworkName=name, addressSpace=space)
    return space


def test_a_changed_address_space_is_out_of_sync_until_the_other_side_is_synced(azure, two):
    one, there = two
    mine, theirs = peering(azure, "one", there), peering(azure, "two", one)
    space = grow(azure, "one", "10.0.0.0/16", "10.7.0.0/16")

    def levels() -> tuple[str, str]:
        return shown(azure, mine, "peeringSyncLevel"), shown(azure, theirs, "peeringSyncLevel")

    assert levels() == ("RemoteNotInSync", "LocalNotInSync")
    assert shown(azure, theirs, "remoteVirtualNetworkAddressSpace") == space
    assert shown(azure, theirs, "remoteAddressSpace")["addressPrefixes"] == ["10.0.0.0/16"]

    peering(azure, "two", one, allowForwardedTraffic=True)
    peering(azure, "one", there, syncRemoteAddressSpace="true")
    assert levels() == ("RemoteNotInSync", "LocalNotInSync")

    peering(azure, "two", one, syncRemoteAddressSpace="true")
    assert levels() == ("FullyInSync", "FullyInSync")
    assert shown(azure, theirs, "remoteAddressSpace") == space
    assert shown(azure, mine, "localAddressSpace") == space


def test_both_sides_changed_are_both_out_of_sync_and_synced_one_by_one(azure, two):
    one, there = two
    mine, theirs = peering(azure, "one", there), peering(azure, "two", one)
    grow(azure, "one", "10.0.0.0/16", "10.7.0.0/16")
    grow(azure, "two", "10.1.0.0/16", "10.8.0.0/16")
    assert shown(azure, mine, "peeringSyncLevel") == "LocalAndRemoteNotInSync"
    assert shown(azure, theirs, "peeringSyncLevel") == "LocalAndRemoteNotInSync"
    peering(azure, "one", there, syncRemoteAddressSpace="true")
    assert shown(azure, mine, "peeringSyncLevel") == "RemoteNotInSync"
    assert shown(azure, theirs, "peeringSyncLevel") == "LocalNotInSync"


def hub_gateway(azure: Any, network: str = "two", prefix: str = "10.1.255.0/27") -> dict[str, Any]:
    subnet = azure.subnet("GatewaySubnet", prefix, network)
    return vpn_gateway(subnet, zonal_address(azure), virtualNetworkGatewayName=f"vgw-{network}")


def test_a_gateway_that_is_not_offered_is_not_used(azure, two):
    one, hub = two
    azure.put(**hub_gateway(azure))
    peering(azure, "two", one)
    error = azure.refused(**peering_inputs("one", hub, useRemoteGateways=True))
    assert (error.code, error.target) == ("BadRequest", "useRemoteGateways")
    assert "does not allow gateway transit" in error.message
    peering(azure, "two", one, allowGatewayTransit=True)
    assert peering(azure, "one", hub, useRemoteGateways=True)


def test_the_gateways_of_two_networks_are_not_used_at_once(azure, two):
    azure.put(**hub_gateway(azure))
    peering(azure, "one", two[1], useRemoteGateways=True)
    three = azure.network("three", "10.2.0.0/16")
    subnet = azure.subnet("GatewaySubnet", "10.2.255.0/27", "three")
    inputs = vpn_gateway(subnet, zonal_address(azure, "pip3"), virtualNetworkGatewayName="vgw3")
    azure.put(**inputs)
    error = azure.refused(**peering_inputs("one", three, useRemoteGateways=True))
    assert "already does" in error.message


def test_a_network_with_a_gateway_uses_no_other(azure, two):
    azure.put(**hub_gateway(azure))
    azure.subnet("GatewaySubnet", "10.0.255.0/27", "one")
    passing_on: dict[str, Any] = {"useRemoteGateways": True, "allowGatewayTransit": True}
    error = azure.refused(**peering_inputs("one", two[1], **passing_on))
    assert "allows gateway transit itself" in error.message
    subnet = azure.cloud.get(f"{two[0].id}/subnets/GatewaySubnet")
    azure.put(**vpn_gateway(subnet, zonal_address(azure, "p1"), virtualNetworkGatewayName="v1"))
    error = azure.refused(**peering_inputs("one", two[1], useRemoteGateways=True))
    assert "the network has" in error.message


def test_a_network_that_uses_a_remote_gateway_gets_none_of_its_own(azure, two):
    azure.put(**hub_gateway(azure))
    peering(azure, "one", two[1], useRemoteGateways=True)
    subnet = azure.subnet("GatewaySubnet", "10.0.255.0/27", "one")
    inputs = vpn_gateway(subnet, zonal_address(azure, "p1"), virtualNetworkGatewayName="v1")
    assert "uses a remote gateway" in azure.refused(**inputs).message
