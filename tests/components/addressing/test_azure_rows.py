"""The worked examples of Azure's documentation, one test each."""

import pytest

from components.addressing import AddressPlanError, NetworkModel, plan, what_if
from components.addressing.azure import smallest_subnet, usable_addresses
from components.addressing.subnet_sizes import Surge, pod_addresses, static_blocks
from tests.components.addressing.samples import cluster_vnet, pool, request

CNI, OVERLAY = NetworkModel.AZURE_CNI, NetworkModel.OVERLAY
POD_SUBNET, KUBENET = NetworkModel.POD_SUBNET, NetworkModel.KUBENET


def node_subnet(prefix):
    return cluster_vnet(fixed={"nodes": prefix})


def problems_of(refused):
    with pytest.raises(AddressPlanError) as caught:
        plan(refused)
    return caught.value.problems


@pytest.mark.parametrize(("nodes", "addresses"), [(50, 1_581), (60, 1_891)])
def test_azure_cni_takes_an_address_for_each_node_and_each_pod(nodes, addresses):
    planned = plan(request(CNI, pools=(pool(max_count=nodes),)))
    assert planned.subnet("nodes").upgrade_required == addresses
    assert smallest_subnet(addresses) == 21


def test_the_upgrade_of_a_spot_pool_adds_no_nodes():
    planned = plan(request(CNI, pools=(pool(max_count=50, max_surge="100%", spot=True),)))
    assert planned.subnet("nodes").upgrade_required == 50 + 50 * 30
    full = node_subnet("10.20.0.0/24")
    assert plan(request(CNI, cluster=full, pools=(pool(max_count=8, spot=True),)))


def test_a_24_holds_8_azure_cni_nodes_of_30_pods():
    cluster = node_subnet("10.20.0.0/24")
    planned = plan(request(CNI, cluster=cluster, pools=(pool(max_count=7),)))
    assert planned.subnet("nodes").usable == 251
    assert planned.subnet("nodes").azure_required + 31 == 248
    # Eight fit, but only seven can still be upgraded with one surge node.
    assert what_if(planned)[0].most_nodes == 7
    full = problems_of(request(CNI, cluster=cluster, pools=(pool(max_count=8),)))
    assert "enough for the 248 that Azure counts" in full[0].rule


def test_a_24_holds_251_kubenet_nodes_and_27610_pods():
    assert (
        usable_addresses(
            plan(request(KUBENET, cluster=node_subnet("10.20.0.0/24"))).subnet("nodes").network
        )
        == 251
    )
    assert 251 * 110 == 27_610


@pytest.mark.parametrize(("surge", "nodes", "pods"), [("33%", 20, 2_200), (2, 25, 2_750)])
def test_a_27_holds_20_to_25_kubenet_nodes_with_their_surge(surge, nodes, pods):
    planned = plan(
        request(
            KUBENET,
            cluster=node_subnet("10.20.0.0/27"),
            pools=(pool(max_pods=110, max_surge=surge),),
        )
    )
    outlook = what_if(planned)[0]
    assert (outlook.most_nodes, outlook.most_pods) == (nodes, pods)
    assert outlook.stopped_by == "subnet nodes"


@pytest.mark.parametrize(("nodes", "max_pods", "counted"), [(10, 30, 310), (5, 100, 505)])
def test_azure_refuses_an_azure_cni_pool_larger_than_a_24(nodes, max_pods, counted):
    refused = problems_of(
        request(
            CNI,
            cluster=node_subnet("10.20.0.0/24"),
            pools=(pool(max_pods=max_pods, max_count=nodes),),
        )
    )
    assert len(refused) == 1
    assert f"must have {counted} usable addresses for the pools' maximum" in refused[0].rule
    assert "InsufficientSubnetSize" in refused[0].rule


def test_an_overlay_pod_range_of_16_holds_256_nodes():
    outlook = what_if(plan(request(OVERLAY)))[0]
    assert outlook.stopped_by == "pod range"
    assert outlook.most_nodes == 255, "256 with the surge node"


def test_an_overlay_pod_range_of_22_is_too_small_for_5_nodes():
    refused = problems_of(request(OVERLAY, pod_cidr="10.240.100.0/22", pools=(pool(max_count=5),)))
    assert [problem.path for problem in refused] == ["aks-network:network.podCidr"]
    assert "1280 > 1024 addresses: InsufficientSubnetSize" in refused[0].rule


def test_a_24_pod_subnet_holds_15_nodes():
    cluster = cluster_vnet(fixed={"pods": "10.20.0.0/24"})
    planned = plan(request(POD_SUBNET, cluster=cluster, pools=(pool(max_count=14),)))
    assert planned.subnet("pods").upgrade_required == 240
    assert planned.subnet("pods").headroom == 11
    assert what_if(planned)[0].most_nodes == 14, "15 with the surge node"


@pytest.mark.parametrize(
    ("max_pods", "blocks", "for_pods"), [(30, 2, 31), (31, 2, 31), (32, 3, 47)]
)
def test_static_blocks_hold_16_addresses_and_keep_one_for_the_node(max_pods, blocks, for_pods):
    assert static_blocks(max_pods) == blocks
    assert pod_addresses(POD_SUBNET, max_pods, "staticBlock") - 1 == for_pods


def test_a_pool_of_2_nodes_and_10_pods_each_is_refused_and_of_3_accepted():
    refused = problems_of(request(pools=(pool(max_pods=10, min_count=2),)))
    assert refused[0].path == "aks-network:cluster.nodePools[0].maxPods"
    assert "2 nodes of 10 pods have room for 20" in refused[0].rule
    assert plan(request(pools=(pool(max_pods=10, min_count=3),)))


def test_a_pod_range_that_holds_ranges_of_aks_is_refused():
    refused = problems_of(request(OVERLAY, pod_cidr="172.16.0.0/12"))
    assert [problem.path for problem in refused] == ["aks-network:network.podCidr"]
    assert "172.30.0.0/16" in refused[0].rule


@pytest.mark.parametrize(
    ("instances", "private", "with_reserved", "prefix"), [(15, False, 20, 27), (27, True, 33, 26)]
)
def test_an_application_gateway_takes_an_address_for_each_instance_and_frontend(
    instances, private, with_reserved, prefix
):
    planned = plan(
        request(
            application_gateway_max_capacity=instances,
            application_gateway_private_frontend=private,
        )
    )
    required = planned.subnet("applicationGateway").required
    assert required + 5 == with_reserved
    assert smallest_subnet(required) == prefix


def test_five_pools_of_4_nodes_with_half_surge_need_10_nodes_more():
    pools = tuple(pool(index, max_count=4, max_surge="50%") for index in range(5))
    planned = plan(request(pools=pools))
    nodes = planned.subnet("nodes")
    assert nodes.upgrade_required - nodes.azure_required == 10


def test_a_third_of_three_nodes_rounds_up_to_one():
    assert Surge.parse("33%").nodes(3) == 1
    assert Surge.parse("34%").nodes(3) == 2
