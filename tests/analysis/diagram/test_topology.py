from __future__ import annotations

import pytest

from analysis.diagram import Kind, Topology, read
from analysis.diagram.topology import DETAILS, LINKS, Node
from tests.analysis.diagram.samples import state_of_a_hub_with_clusters, state_of_example
from tests.analysis.reachability.states import Resources, state_of


def node(topology: Topology, kind: Kind) -> Node:
    found = [one for one in topology.nodes if one.kind is kind]
    assert len(found) == 1, f"{len(found)} of {kind}"
    return found[0]


def subnet_of(topology: Topology, kind: Kind) -> str:
    return next(
        subnet.name
        for network in topology.networks
        for subnet in network.subnets
        if kind in {one.kind for one in subnet.nodes}
    )


def of_types(resources: Resources, types: set[str]) -> int:
    return sum(item["type"].removeprefix("azure-native:") in types for item in resources)


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_every_resource_is_drawn_or_a_detail_or_counted_as_not_drawn(stack: str):
    state = state_of(stack)
    topology = read(state)
    ids = {item["id"].lower() for item in state}
    drawn = sum(one.id in ids or one.id.removesuffix("-id") in ids for one in topology.nodes)
    places = {"network:VirtualNetwork", "network:Subnet"}
    details = of_types(state, LINKS | DETAILS | places)
    assert drawn + details + sum(topology.not_drawn.values()) == topology.resources == len(state)


def test_networks_have_their_ranges_and_their_subnets_in_the_order_of_addresses():
    networks = {one.name: one for one in read(state_of("prod")).networks}
    cluster = networks["vnet-shop-prod-westeurope"]
    assert cluster.ranges == ("10.40.0.0/16",)
    prefixes = [subnet.prefix for subnet in cluster.subnets]
    assert prefixes[0] == "10.40.0.0/17"
    assert prefixes == sorted(prefixes, key=lambda one: [int(n) for n in one[:-3].split(".")])


@pytest.mark.parametrize(
    ("kind", "subnet"),
    [
        (Kind.BASTION, "AzureBastionSubnet"),
        (Kind.MACHINE, "snet-shop-prod-westeurope-jumpbox"),
        (Kind.CLUSTER, "snet-shop-prod-westeurope-nodes"),
        (Kind.APPLICATION_GATEWAY, "snet-shop-prod-westeurope-applicationgateway"),
        (Kind.PRIVATE_ENDPOINT, "snet-shop-prod-westeurope-privateendpoints"),
        (Kind.GATEWAY_API, "snet-shop-prod-westeurope-ingress"),
    ],
)
def test_each_thing_is_in_its_subnet(kind: Kind, subnet: str):
    assert subnet_of(read(state_of("prod")), kind) == subnet


def test_pools_say_how_far_they_grow():
    pools = {one.name: one for one in read(state_of("prod")).nodes if one.kind is Kind.POOL}
    assert set(pools) == {"system", "apps", "win"}
    assert pools["win"].details[:3] == ("User, Windows", "3 to 15 nodes", "Standard_D8ds_v5")


def test_pools_that_only_the_cluster_knows_are_drawn_once():
    state = [item for item in state_of("prod") if not item["type"].endswith(":AgentPool")]
    pools = [one.name for one in read(state).nodes if one.kind is Kind.POOL]
    assert sorted(pools) == ["apps", "system", "win"]


def test_the_gateway_says_that_its_firewall_prevents_and_shows_its_public_address():
    gateway = node(read(state_of("prod")), Kind.APPLICATION_GATEWAY)
    assert "WAF in Prevention mode" in gateway.details
    assert len(gateway.public) == 1


def test_both_halves_of_a_peering_are_one_line():
    topology = read(state_of("prod"))
    (peering,) = topology.peerings
    assert set(peering.ends) == {one.id for one in topology.networks}


def test_a_disconnected_peering_says_so():
    state = state_of("prod")
    for item in state:
        if item["type"].endswith(":VirtualNetworkPeering"):
            item["outputs"]["peeringState"] = "Disconnected"
    assert "disconnected" in read(state).peerings[0].notes


def test_private_zones_say_where_they_resolve():
    topology = read(state_of("prod"))
    zones = [one for one in topology.nodes if one.kind is Kind.PRIVATE_ZONE]
    assert zones
    for zone in zones:
        assert zone.details == (
            "resolves in vnet-shop-prod-westeurope",
            "resolves in vnet-shop-prod-westeurope-management",
        )


def test_the_subnet_says_by_which_addresses_it_goes_out():
    topology = read(state_of("prod"))
    nodes = next(
        subnet for one in topology.networks for subnet in one.subnets if subnet.name[-5:] == "nodes"
    )
    kinds = {item.kind: item for item in nodes.attachments}
    assert set(kinds) == {Kind.SECURITY_GROUP, Kind.NAT_GATEWAY}
    assert len(kinds[Kind.NAT_GATEWAY].public) == 2


def test_another_teams_network_is_known_by_what_refers_to_it():
    theirs = ("VirtualNetwork", "Subnet")
    state = [
        item
        for item in state_of("prod")
        if not (item["type"].endswith(tuple(f":{one}" for one in theirs))
                and "management" not in item["id"])
    ]  # fmt: skip
    networks = {one.name.lower(): one for one in read(state).networks}
    ghost = networks["vnet-shop-prod-westeurope"]
    assert not ghost.in_state
    assert {one.kind for subnet in ghost.subnets for one in subnet.nodes} >= {
        Kind.CLUSTER,
        Kind.POOL,
    }


def test_a_hub_with_four_clusters_is_peered_with_each():
    topology = read(state_of_a_hub_with_clusters())
    assert topology.resources > 200
    assert len(topology.networks) == 5
    assert len(topology.peerings) == 4
    assert sum(one.kind is Kind.CLUSTER for one in topology.nodes) == 4


def test_a_stack_that_is_not_deployed_is_refused():
    with pytest.raises(ValueError, match="deploy the stack first"):
        read([{"type": "pulumi:pulumi:Stack", "id": ""}])


def test_an_application_gateway_for_containers_is_in_the_subnet_it_is_associated_with():
    topology = read(state_of_example("agc"))
    assert subnet_of(topology, Kind.TRAFFIC_CONTROLLER).endswith("trafficcontroller")
    (name,) = node(topology, Kind.TRAFFIC_CONTROLLER).public
    assert name.endswith(".alb.azure.com")
    routes = [one.details for one in topology.nodes if one.kind is Kind.ROUTE]
    assert ("www.myapp.com",) in routes


def test_a_controller_from_a_chart_is_in_the_subnet_of_its_load_balancer():
    topology = read(state_of_example("traefik"))
    assert subnet_of(topology, Kind.CHART).endswith("ingress")
    name, address = node(topology, Kind.CHART).details
    assert name.startswith("traefik ")
    assert address.startswith("load balancer 10.")


def test_a_vpn_gateway_is_connected_to_its_site():
    topology = read(state_of_example("vpn"))
    (site,) = topology.sites
    assert site.node.kind is Kind.SITE
    assert site.gateway == node(topology, Kind.GATEWAY).id
    assert f"via {site.gateway.rsplit('/', 1)[-1]}" in site.node.details
