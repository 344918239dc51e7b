"""A hub of another team, which is not in the state: what it and the networks behind it reach."""

from __future__ import annotations

import functools
from typing import Any

import pytest

from analysis.reachability import Matrix, compute
from analysis.reachability.explain import explain
from tests.analysis.reachability.changes import NETWORK, add, put, security_rule
from tests.analysis.reachability.states import Resources, named, passes, state_of

HUB, SITE, NODES = "hub vnet-hub", "on-premises", "nodes system (Linux)"
APPLICATION = security_rule(
    "AllowVnet", 150, sourceAddressPrefix="VirtualNetwork", protocol="Tcp",
    destinationPortRange="8080",
)  # fmt: skip


def _with(*, rule: bool = True, routes: bool = False, **peering: Any) -> Matrix:
    """The matrix with a rule for VirtualNetwork, and the spoke's side of the peering changed."""
    resources = state_of("byo-hub")
    named(resources, "VirtualNetworkPeering", "-hub")["outputs"].update(peering)
    if rule:
        _rules(resources).append(APPLICATION)
    table = f"{NETWORK}/routeTables/through-the-hub"
    hop = {"nextHopType": "VirtualAppliance", "nextHopIpAddress": "10.61.0.68"}
    default = {"name": "default", "addressPrefix": "0.0.0.0/0", **hop}
    add("azure-native:network:RouteTable", table, name="rt", routes=[default])(resources)
    put("Subnet", "-nodes", routeTable={"id": table} if routes else None)(resources)
    return compute(resources)


def _rules(resources: Resources) -> list[dict[str, Any]]:
    return named(resources, "NetworkSecurityGroup", "-nodes")["outputs"]["securityRules"]


_matrix = functools.cache(_with)


def test_a_rule_for_the_virtual_network_lets_the_hub_in():
    assert passes(_matrix(rule=False), HUB, NODES).startswith("tcp 22, 3389 from")
    assert "tcp 8080" in passes(_matrix(), HUB, NODES)


@pytest.mark.parametrize(
    ("peering", "expected"),
    [
        ({"useRemoteGateways": True}, "tcp 8080"),
        # Only a gateway's routes count as VirtualNetwork.
        ({"useRemoteGateways": False, "allowForwardedTraffic": True}, "none"),
    ],
)
def test_a_rule_for_the_virtual_network_lets_on_premises_in_behind_the_hubs_gateway(
    peering: dict[str, bool], expected: str
):
    assert passes(_matrix(**peering), SITE, NODES) == expected


def test_a_default_route_makes_every_address_part_of_the_virtual_network():
    matrix = _matrix(routes=True, allowForwardedTraffic=True)
    assert passes(matrix, SITE, NODES) == "tcp 8080"
    assert "if vnet-hub forwards it" in explain(matrix, SITE, NODES)


def test_without_gateway_and_forwarding_there_is_nothing_behind_the_hub():
    matrix = _matrix(useRemoteGateways=False, allowForwardedTraffic=False)
    assert SITE not in {one.name for one in matrix.endpoints}
    assert "tcp 8080" in passes(matrix, HUB, NODES)


def test_a_disconnected_peering_leads_nowhere():
    names = {one.name for one in _matrix(peeringState="Disconnected").endpoints}
    assert not names & {HUB, SITE}


def test_an_explanation_says_what_is_not_known_of_the_hub():
    text = explain(_matrix(peeringState="Initiated"), HUB, NODES)
    assert "if the rules of vnet-hub, which are not in the state, allow it" in text
    assert "once the owner of the other network creates the other side" in text
    assert "once the owner" not in explain(_matrix(peeringState="Connected"), HUB, NODES)


def test_nodes_reach_the_hub_and_the_networks_behind_its_gateway():
    matrix = _matrix(useRemoteGateways=True)
    assert passes(matrix, NODES, HUB) == "all"
    assert passes(matrix, NODES, SITE) == "all"
    without = _matrix(useRemoteGateways=False, allowForwardedTraffic=True)
    assert passes(without, NODES, SITE) == "none"


def test_two_hubs_of_one_name_are_two_rows():
    resources = state_of("byo-hub")
    peering = named(resources, "VirtualNetworkPeering", "-hub")
    other = peering["outputs"]["remoteVirtualNetwork"]["id"].replace("rg-hub", "rg-other")
    outputs = {**peering["outputs"], "remoteVirtualNetwork": {"id": other}}
    resources.append({**peering, "id": f"{peering['id']}-other", "outputs": outputs})
    names = [one.name for one in compute(resources).endpoints if one.name.startswith("hub")]
    assert names == ["hub vnet-hub of rg-hub", "hub vnet-hub of rg-other"]
