"""A request of which a part is unknown: no plan, and only what holds whatever the part is."""

from dataclasses import replace

import pytest

from components.addressing import NetworkModel, draft, plan
from tests.components.addressing.samples import (
    cluster_vnet,
    management_vnet,
    pool,
    request,
    reserved,
)

NETWORK, MANAGEMENT = "aks-network:network", "aks-network:management"
POOLS = "aks-network:cluster.nodePools"

WITHOUT = {
    "cluster": {"cluster": cluster_vnet()},
    "management": {"management": management_vnet("10.30.0.0/24")},
    "pod_cidr": {"pod_cidr": None},
    "service_cidr": {"service_cidr": ""},
    "dns_service_ip": {"dns_service_ip": ""},
    "pools": {"pools": ()},
    "reserved": {"reserved": ()},
}


def unknown(*fields, **given):
    """A request of which these fields are unknown, and hold nothing."""
    empty = {}
    for field in fields:
        empty |= WITHOUT.get(field, {})
        for name in {"cluster", "management"} & {field}:
            empty[name] = replace(empty[name], address_space=())
    return request(**{"management": management_vnet(), **given, **empty}, unknown=frozenset(fields))


def problems(partial):
    planned, findings = draft(partial)
    assert planned is None
    return {problem.path: problem.rule for problem in findings.problems}


@pytest.mark.parametrize("field", [*WITHOUT, "model", "dataplane", "features", "pool_subnets"])
def test_an_unknown_part_is_no_fault_of_its_own(field):
    plan(request(management=management_vnet()))
    assert problems(unknown(field)) == {}


@pytest.mark.parametrize("field", ["pools", "pod_cidr", "dns_service_ip", "features"])
def test_ranges_that_are_known_may_not_overlap(field):
    found = problems(unknown(field, reserved=(reserved("10.20.0.0/17"),)))
    assert set(found) == {f"{NETWORK}.addressSpace"}


@pytest.mark.parametrize("field", ["cluster", "management", "service_cidr", "features"])
def test_pools_that_are_known_are_checked(field):
    found = problems(unknown(field, pools=(pool(max_pods=5),)))
    assert set(found) == {f"{POOLS}[0].maxPods"}


def test_of_a_pool_the_figures_that_are_known_are_checked():
    odd = pool(max_count=0, max_surge="", min_count=2, unknown=frozenset({"max_surge"}))
    found = problems(request(pools=(odd,), unknown=frozenset({"pools"})))
    assert found == {f"{POOLS}[0].maxCount": "must be at least minCount, 2"}


def test_a_prefix_fixed_by_hand_is_checked_without_a_plan():
    fixed = {"nodes": "10.20.0.0/18", "ingress": "10.20.0.0/24", "kitchen": "10.21.0.0/24"}
    found = problems(unknown("features", cluster=cluster_vnet(fixed=fixed)))
    assert set(found) == {f"{NETWORK}.subnets.ingress", f"{NETWORK}.subnets.kitchen"}


def test_a_prefix_may_be_that_of_a_pool_that_is_unknown():
    fixed = {"kitchen": "10.20.0.0/24"}
    found = problems(unknown("pools", "pool_subnets", cluster=cluster_vnet(fixed=fixed)))
    assert found == {}


def test_a_pod_range_is_too_small_for_the_pools_that_are_known():
    small = {"pod_cidr": "10.244.0.0/23", "pools": (pool(max_count=9),)}
    assert set(problems(unknown("management", **small))) == {f"{NETWORK}.podCidr"}
    assert problems(request(NetworkModel.OVERLAY, **small, unknown=frozenset({"pools"}))) == {}
