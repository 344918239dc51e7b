"""The lower bound of a deployment, from references, rules and locks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from analysis.dependency_graph import EXPLICIT, Nodes, nodes_of
from dev.timeline import virtual_engine
from dev.timeline.edges import Purpose, edges
from dev.timeline.lower_bound import lower_bound
from dev.timeline.ordering import RULES, Deployment, prerequisites
from tests.helpers.timelines import graph, node

GROUP = "/subscriptions/s/resourceGroups/rg"
NETWORK = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/vnet"


def resource(name: str, token: str, resource_id: str, **inputs: object) -> dict[str, object]:
    kind = f"azure-native:{token}"
    urn = f"urn:pulumi:s::p::{kind}::{name}"
    row = {"urn": urn, "type": kind, "custom": True, "id": resource_id}
    return {**row, "inputs": inputs, "outputs": {}}


def network_of(count: int) -> Nodes:
    """A network with subnets, and no order between them but Azure's."""
    subnets = [
        resource(f"s{number}", "network:Subnet", f"{NETWORK}/subnets/s{number}")
        for number in range(count)
    ]
    network = resource("vnet", "network:VirtualNetwork", NETWORK)
    return nodes_of([resource("rg", "resources:ResourceGroup", GROUP), network, *subnets])


def test_a_parent_is_there_before_its_children():
    found = lower_bound(network_of(1))
    assert (found.seconds, found.lock) == (13, "")
    assert found.steps == (("rg", 1), ("vnet", 6), ("s0", 6))


def test_writes_of_one_network_add_up_whatever_their_order():
    found = lower_bound(network_of(4))
    assert (found.seconds, found.lock) == (1 + 6 + 4 * 6, "vnet")
    assert {name for name, _ in found.steps} == {"rg", "vnet", "s0", "s1", "s2", "s3"}


def test_what_takes_long_in_a_subnet_is_thought_to_have_the_first_one():
    nodes = dict(network_of(3))
    host = f"{GROUP}/providers/Microsoft.Network/bastionHosts/bas"
    subnet = {"id": f"{NETWORK}/subnets/s2"}
    row = resource("bas", "network:BastionHost", host, ipConfigurations=[{"subnet": subnet}])
    nodes |= nodes_of([row])
    assert lower_bound(nodes).seconds == 1 + 6 + 6 + 600


def test_the_programs_own_order_is_not_looked_at():
    dev = graph("dev")
    azure = {urn: one for urn, one in dev.items() if one.is_azure}
    by_data = {
        urn: replace(
            one, waits={other: how for other, how in one.waits.items() if EXPLICIT not in how}
        )
        for urn, one in azure.items()
    }
    assert lower_bound(by_data).seconds == lower_bound(azure).seconds


def test_a_network_that_nothing_takes_long_in_is_bound_by_its_writes():
    """Production without Bastion and private DNS: subnets, peerings, cluster and pool in turn."""
    kept = {
        urn: one
        for urn, one in graph("prod").items()
        if not one.token.startswith(("network:BastionHost", "privatedns:", "network:Appl"))
    }
    found = lower_bound(kept)
    names = [name for name, _ in found.steps]
    assert found.lock == "vnet-shop-prod-westeurope"
    assert {"network-nodes", "management-to-cluster", "cluster-aks"} <= set(names)
    assert names[-1].startswith("cluster-pool-")


def needed(stack: str, name: str) -> set[str]:
    made = Deployment(graph(stack))
    return {one.logical_name for choice in prerequisites(made, node(stack, name)) for one in choice}


def test_each_rule_of_the_table_is_met_by_some_stack():
    met = {
        row.name
        for stack in ("dev", "prod", "vpn", "firewall")
        for one in graph(stack).values()
        for row in RULES
        if one.token.startswith(row.types) and any(row.prerequisites(Deployment(graph(stack)), one))
    }
    assert met == {row.name for row in RULES}


@pytest.mark.parametrize("stack", ["dev", "prod", "vpn", "firewall"])
def test_what_the_cloud_refuses_otherwise_is_in_the_table(stack: str):
    """The table, and what is found out by asking in the wrong order, agree."""
    nodes = graph(stack)
    made = Deployment(nodes)
    refused = [
        edge
        for edge in edges(nodes)
        if edge.purpose is Purpose.RULE and edge.dependent.is_azure and edge.dependency.is_azure
    ]
    assert refused
    for edge in refused:
        waited_for = {one.urn for choice in prerequisites(made, edge.dependent) for one in choice}
        assert edge.dependency.urn in waited_for, (
            edge.dependent.logical_name,
            edge.dependency.logical_name,
            edge.reason,
        )


def test_a_cluster_needs_its_role_its_egress_and_its_networks_link():
    assert {
        "cluster-vnet-contributor",
        "cluster-api-zone-cluster",
        "network-route-default",
        "egress-afw",
        "egress-rules",
        "management-from-cluster",
    } <= needed("firewall", "cluster-aks")
    assert "cluster-api-zone-management" not in needed("firewall", "cluster-aks")


def test_a_peering_needs_the_gateway_that_it_uses():
    assert "management-gateway" in needed("vpn", "management-from-cluster")
    assert "management-gateway" not in needed("vpn", "management-to-cluster")


def test_a_gateway_needs_the_role_for_its_certificate_and_the_name_of_its_vault():
    found = needed("prod", "waf-agw")
    assert {"waf-vault", "waf-certificate", "routing-kv-dns"} <= found
    assert "routing-privatelink.vaultcore.azure.net-cluster" in found
    assert "routing-privatelink.vaultcore.azure.net-management" not in found


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_no_order_of_the_program_is_faster_than_the_bound(stack: str):
    makespan = virtual_engine.end_of(virtual_engine.create(graph(stack)))
    assert lower_bound(graph(stack)).seconds <= makespan
