"""How far pools can grow, by every kind of limit, and the search for free ranges."""

from ipaddress import IPv4Network

import pytest

from components.addressing import NetworkModel, plan, what_if
from components.addressing.ranges import free_range, free_subnet
from tests.components.addressing.samples import cluster_vnet, pool, request

CNI, OVERLAY = NetworkModel.AZURE_CNI, NetworkModel.OVERLAY
POD_SUBNET, KUBENET = NetworkModel.POD_SUBNET, NetworkModel.KUBENET
LARGE = {
    "cluster": cluster_vnet("10.0.0.0/10"),
    "service_cidr": "10.200.0.0/16",
    "dns_service_ip": "10.200.0.10",
}
STATIC = {"pod_allocation": "staticBlock"}


def pools_of(*counts, **overrides):
    return tuple(pool(index, max_count=count, **overrides) for index, count in enumerate(counts))


@pytest.mark.parametrize(
    ("wanted", "stopped_by", "nodes"),
    [
        # 2043 = (n + 1) * 31 + 28
        (request(CNI, cluster=cluster_vnet("10.20.0.0/20")), "subnet nodes", 64),
        # 59 = n + 1, of a /26
        (request(KUBENET, cluster=cluster_vnet("10.20.0.0/25")), "subnet nodes", 58),
        # 507 = 16 * (n + 1) + 11
        (request(POD_SUBNET, cluster=cluster_vnet("10.20.0.0/22")), "subnet pods", 30),
        # 507 = 32 * (n + 1) + 27, two blocks for 30 pods
        (request(POD_SUBNET, cluster=cluster_vnet("10.20.0.0/22"), **STATIC), "subnet pods", 14),
        (request(pod_cidr="10.244.0.0/20"), "pod range", 15),
        (request(pod_cidr="172.16.0.0/13", **LARGE), "1000 nodes a pool", 999),
        # 65,536 = (n + 1) * 111 + 46
        (request(CNI, pools=pools_of(4, max_pods=110), **LARGE), "65536 addresses a network", 589),
        (request(KUBENET, pod_cidr="10.64.0.0/12"), "400 nodes a cluster", 399),
        (
            request(
                pools=pools_of(900, 900, 900, 900, 900),
                **{**LARGE, "cluster": cluster_vnet()},
                pod_cidr="10.64.0.0/10",
            ),
            "5000 nodes a cluster",
            5_000 - 3_600,
        ),
        (request(policy="azure", pod_cidr="10.64.0.0/12"), "250 nodes of Azure policies", 250),
    ],
)
def test_the_outlook_names_the_limit_that_stops_a_pool(wanted, stopped_by, nodes):
    outlook = what_if(plan(wanted))[0]
    ceilings = {ceiling.limit: ceiling.nodes for ceiling in outlook.ceilings}
    assert ceilings[stopped_by] == nodes
    if nodes <= 1_000:
        assert (outlook.stopped_by, outlook.most_nodes) == (stopped_by, nodes)


def test_static_blocks_count_by_block_against_the_limit_of_a_network():
    pools = pools_of(900, 900, max_pods=110, max_surge=1)
    planned = plan(request(POD_SUBNET, pools=pools, **STATIC, **LARGE))
    assert planned.subnet("pods").required == 2 * 901 * 112, "more than 65,536 addresses"


def test_most_pods_are_those_of_the_nodes_unless_the_pod_subnet_holds_fewer():
    overlay = what_if(plan(request(pod_cidr="10.244.0.0/20")))[0]
    assert overlay.most_pods == 15 * 30
    shared = request(POD_SUBNET, cluster=cluster_vnet("10.20.0.0/22"))
    assert what_if(plan(shared))[0].most_pods == 507


def test_an_upgrade_at_todays_size_is_given_in_nodes_and_addresses():
    pools = pools_of(40, min_count=6, max_surge="33%")
    outlook = what_if(plan(request(CNI, pools=pools)))[0]
    assert (outlook.upgrade_nodes_today, outlook.upgrade_addresses_today) == (2, 62)


@pytest.mark.parametrize(
    ("taken", "length", "found"),
    [
        ([], 26, "10.20.0.0/26"),
        (["10.20.0.0/28"], 26, "10.20.0.64/26"),
        (["10.20.0.0/26", "10.20.0.128/25"], 26, "10.20.0.64/26"),
        (["10.20.0.0/25"], 25, "10.20.0.128/25"),
        (["10.20.0.0/24"], 29, None),
        ([], 23, None),
    ],
)
def test_a_free_subnet_touches_nothing_that_is_taken(taken, length, found):
    space = IPv4Network("10.20.0.0/24")
    free = free_subnet(space, length, [IPv4Network(text) for text in taken])
    assert (str(free) if free else None) == found


def test_a_free_range_is_private_next_to_the_former_and_not_of_aks():
    assert str(free_range(16, [], after=IPv4Network("10.20.0.0/16"))) == "10.21.0.0/16"
    taken = [IPv4Network("10.0.0.0/8")]
    assert str(free_range(13, taken)) == "172.16.0.0/13"
    assert free_range(13, [*taken, IPv4Network("172.16.0.0/13")]) == IPv4Network("100.64.0.0/13")
    assert free_range(7, []) is None
