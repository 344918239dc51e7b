"""What the planner refuses: with the setting's path, and a remedy that works."""

from functools import reduce

import pytest

from components.addressing import AddressPlanError, NetworkModel, draft, plan
from tests.components.addressing import refused_pools, refused_ranges, refused_subnets
from tests.components.addressing.samples import (
    apply,
    cluster_vnet,
    management_vnet,
    pool,
    request,
    reserved,
)

CNI, OVERLAY = NetworkModel.AZURE_CNI, NetworkModel.OVERLAY
POD_SUBNET, KUBENET = NetworkModel.POD_SUBNET, NetworkModel.KUBENET
NETWORK, MANAGEMENT = "aks-network:network", "aks-network:management"
POOL = "aks-network:cluster.nodePools[0]"

WITH_EDIT = refused_ranges.WITH_EDIT | refused_subnets.WITH_EDIT | refused_pools.WITH_EDIT
WITHOUT_EDIT = (
    refused_ranges.WITHOUT_EDIT | refused_subnets.WITHOUT_EDIT | refused_pools.WITHOUT_EDIT
)


def refusal(refused):
    with pytest.raises(AddressPlanError) as caught:
        plan(refused)
    return caught.value


@pytest.mark.parametrize("name", [*WITH_EDIT, *WITHOUT_EDIT])
def test_it_is_refused_at_its_path_with_a_remedy(name):
    refused, path, rule, *remedy = (WITH_EDIT | WITHOUT_EDIT)[name]
    found = [one for one in refusal(refused).problems if one.path == path and rule in one.rule]
    assert len(found) == 1, [str(one) for one in refusal(refused).problems]
    assert found[0].remedy
    assert all(text in found[0].remedy for text in remedy)
    assert str(found[0]).startswith(f"{path}: ")


@pytest.mark.parametrize("name", WITH_EDIT)
def test_the_remedy_works(name):
    edited, path, rule = WITH_EDIT[name]
    error = refusal(edited)
    problem = next(one for one in error.problems if one.path == path and rule in one.rule)
    edited = reduce(apply, error.changes[problem], edited)
    for _ in range(4):
        # One edit can bring the next rule to bear: a moved service range, its DNS address.
        _, findings = draft(edited)
        assert problem not in findings.problems
        edits = {edit for one in findings.problems for edit in findings.changes[one]}
        edited = reduce(apply, sorted(edits, key=str), edited)
    assert plan(edited)


def test_every_problem_is_reported_at_once():
    wrong = request(
        CNI,
        cluster=cluster_vnet("10.20.0.0/24", fixed={"ingress": "10.99.0.0/28"}),
        management=management_vnet("10.30.0.0/26"),
        pools=(pool(max_count=50), pool(1, max_pods=10, min_count=2, max_surge="zero")),
        service_cidr="10.96.0.0/12",
        dns_service_ip="10.0.0.1",
        reserved=(reserved("10.30.0.0/16"),),
        bastion_scale_units=2,
        pod_cidr="10.244.0.0/16",
    )
    assert {problem.path for problem in refusal(wrong).problems} == {
        f"{NETWORK}.subnets.ingress",
        "aks-network:cluster.nodePools",
        "aks-network:cluster.nodePools[1].maxPods",
        "aks-network:cluster.nodePools[1].maxSurge",
        f"{NETWORK}.serviceCidr",
        f"{NETWORK}.dnsServiceIp",
        f"{NETWORK}.podCidr",
        f"{MANAGEMENT}.addressSpace",
        f"{MANAGEMENT}.bastion.scaleUnits",
    }


def test_the_remedies_of_one_report_go_together():
    wrong = request(
        cluster=cluster_vnet(fixed={"nodes": "10.99.0.0/24", "ingress": "10.99.1.0/24"}),
        ingress_frontends=1,
        private_endpoints=1,
    )
    error = refusal(wrong)
    edits = [edit for problem in error.problems for edit in error.changes[problem]]
    assert len(edits) == 2
    assert plan(reduce(apply, edits, wrong))


def test_a_remedy_of_the_planner_says_where_and_to_what():
    problem = refusal(request(pod_cidr="10.244.0.0/22", pools=(pool(max_count=8),))).problems[0]
    assert str(problem) == (
        "aks-network:network.podCidr: 10.244.0.0/22 — must have a /24 for each of the pools' 8 "
        "nodes at their maximum, as Azure CNI overlay needs, and has 4 (2048 > 1024 addresses: "
        "InsufficientSubnetSize) — use 10.244.0.0/20, or lower "
        "aks-network:cluster.nodePools[0].maxCount to 3"
    )


@pytest.mark.parametrize(
    ("accepted", "path", "rule"),
    [
        (
            request(pools=(pool(), pool(1, os="Windows", max_pods=120))),
            "aks-network:cluster.nodePools[1].maxPods",
            "should be at most 110 on Windows nodes",
        ),
        (request(pools=(pool(min_count=1),)), f"{POOL}.minCount", "should be at least 2"),
        (
            request(pools=(pool(min_count=2, zones=("1", "2", "3")),)),
            f"{POOL}.minCount",
            "a zone of the pool has no node",
        ),
        (
            request(cluster=cluster_vnet("20.0.0.0/16")),
            f"{NETWORK}.addressSpace",
            "should be private address space",
        ),
        (
            request(
                cluster=cluster_vnet(existing=True, fixed={"nodes": "10.20.0.0/24"}),
                service_cidr="10.20.128.0/20",
                dns_service_ip="10.20.128.10",
            ),
            f"{NETWORK}.serviceCidr",
            "Azure refuses it as soon as a subnet is there",
        ),
        (
            request(
                management=management_vnet(fixed={"gateway": "10.30.0.192/28"}), vpn_gateway=True
            ),
            f"{MANAGEMENT}.subnets.gateway",
            "should be a /27",
        ),
        (
            request(cluster=cluster_vnet(fixed={"nodes": "10.20.0.0/16"})),
            f"{NETWORK}.subnets.nodes",
            "should not overlap 10.20.192.0/24, which is set aside for applicationGateway",
        ),
        (
            request(POD_SUBNET, cluster=cluster_vnet("10.20.0.0/22"), pools=(pool(max_count=28),)),
            f"{NETWORK}.subnets.pods",
            "should have 868 usable addresses",
        ),
        (
            request(
                dataplane="azure",
                policy="azure",
                pod_cidr="10.64.0.0/12",
                pools=(pool(max_count=300),),
            ),
            "aks-network:cluster.nodePools",
            "should be at most 250 nodes",
        ),
    ],
)
def test_what_azure_accepts_against_its_own_advice_is_advised_against(accepted, path, rule):
    advice = [one for one in plan(accepted).advice if one.path == path and rule in one.rule]
    assert len(advice) == 1
    assert advice[0].remedy


def test_a_service_range_over_a_subnet_of_another_team_is_refused():
    refused = refusal(
        request(
            cluster=cluster_vnet(existing=True, fixed={"nodes": "10.20.0.0/24"}),
            service_cidr="10.20.0.0/20",
            dns_service_ip="10.20.0.10",
        )
    )
    assert "ServiceCidrOverlapExistingSubnetsCidr" in refused.problems[0].rule
