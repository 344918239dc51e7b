"""Every edge of a deployment's graph is there for a reason, and none is missing."""

from __future__ import annotations

import functools
from dataclasses import replace

import pytest

from analysis.dependency_graph import EXPLICIT, Node, Nodes
from cli import stack_file
from cli.simulated.fixture import fixture_of
from dev.timeline.edges import Edge, Purpose, edges, lock_conflicts, missing_edges
from dev.timeline.edges_report import REASONS_TO_KEEP, reason_to_keep, text
from tests.helpers.stacks import ROOT
from tests.helpers.timelines import graph, node

STACKS = ("dev", "prod", "vpn", "firewall", "agc", "agic", "byo-vnet", "waf-rules")


@functools.cache
def purposes(stack: str) -> list[Edge]:
    return edges(graph(stack), fixture_of(stack_file.committed_file(stack, ROOT)))


def edge(found: list[Edge], waiting: str, before: str) -> Edge:
    (one,) = [
        one
        for one in found
        if (one.dependent.logical_name, one.dependency.logical_name) == (waiting, before)
    ]
    return one


@pytest.mark.parametrize("stack", STACKS)
def test_every_edge_has_a_reason_and_none_is_missing(stack: str):
    for one in purposes(stack):
        name = f"{one.dependent.logical_name} → {one.dependency.logical_name}: {one.reason}"
        assert one.purpose is not Purpose.LENGTHENS, name
        assert one.purpose is not Purpose.HARMLESS or reason_to_keep(one), name
    assert missing_edges(graph(stack), fixture_of(stack_file.committed_file(stack, ROOT))) == []
    assert lock_conflicts(graph(stack)) == []


def test_the_reasons_are_those_that_the_cloud_gives():
    prod = purposes("prod")
    expected = {
        ("network-ingress", "network-nodes"): Purpose.LOCK,
        ("management-to-cluster", "management-jumpBox"): Purpose.LOCK,
        ("cluster-aks", "management-from-cluster"): Purpose.LOCK,
        ("cluster-aks", "network-privateEndpoints"): Purpose.IMPLIED,
        ("cluster-aks", "cluster-vnet-contributor"): Purpose.RULE,
        ("cluster-aks", "cluster-api-zone-cluster"): Purpose.RULE,
        ("waf-agw", "routing-kv-dns"): Purpose.RULE,
        ("cluster-pool-win", "cluster-aks"): Purpose.REFERENCE,
        ("cluster-aks", "identity-ingress-network-contributor"): Purpose.HARMLESS,
    }
    found = {names: edge(prod, *names).purpose for names in expected}
    assert found == expected
    assert "Conflict" in edge(prod, "cluster-aks", "cluster-api-zone-cluster").reason
    assert (
        "RemoteVnetHasNoGateways"
        in edge(purposes("vpn"), "management-from-cluster", "management-gateway").reason
    )


def with_edge(nodes: Nodes, waiting: Node, before: Node) -> Nodes:
    waits = {**waiting.waits, before.urn: frozenset({EXPLICIT})}
    return {**nodes, waiting.urn: replace(waiting, waits=waits)}


def without_edge(nodes: Nodes, waiting: Node, before: Node) -> Nodes:
    waits = {urn: how for urn, how in waiting.waits.items() if urn != before.urn}
    return {**nodes, waiting.urn: replace(waiting, waits=waits)}


def test_an_edge_that_nobody_needs_is_found_by_what_it_costs():
    bastion = node("dev", "BastionHost::management-bastion")
    record = node("dev", "waf-record-apex-myapp.com")
    worse = with_edge(graph("dev"), bastion, record)
    found = edge(edges(worse), "management-bastion", record.logical_name)
    assert (found.purpose, found.reason) == (Purpose.LENGTHENS, "by 25 s")


@pytest.mark.parametrize(
    ("stack", "waiting", "before"),
    [
        ("dev", "waf-agw", "waf-vault"),
        ("firewall", "cluster-aks", "network-route-default"),
        ("vpn", "management-from-cluster", "VirtualNetworkGateway::management-gateway"),
    ],
)
def test_an_edge_that_is_missing_is_found_by_the_clouds_refusal(stack, waiting, before):
    less = without_edge(graph(stack), node(stack, waiting), node(stack, before))
    assert any(one.startswith(f"{waiting}: ") for one in missing_edges(less))


def test_a_missing_edge_between_writes_of_one_network_is_found_by_their_lock():
    one, other = node("dev", "network-ingress"), node("dev", "network-nodes")
    found = lock_conflicts(without_edge(graph("dev"), one, other))
    locks = {
        lock
        for left, right, lock in found
        if {left.logical_name, right.logical_name} == {one.logical_name, other.logical_name}
    }
    assert locks == {"a_virtual_network_is_written_by_one_operation_at_a_time"}


def test_the_list_tells_what_each_edge_is_for_and_counts():
    lines = text(purposes("prod")).splitlines()
    assert any(
        "network-ingress → network-nodes (depends_on): a_virtual_net" in one for one in lines
    )
    assert lines[-1].startswith(f"{len(purposes('prod'))} edges: ")


def test_each_reason_for_an_edge_that_stays_is_a_sentence_of_its_own():
    assert all(len(reason) > 20 for reason in REASONS_TO_KEEP.values())
