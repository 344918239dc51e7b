"""How a plan is shown: stack output, addresses, picture, comparison."""

import json
from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

from components.addressing import NetworkModel, plan
from components.addressing.compare import compare
from components.addressing.picture import render_svg
from tests.components.addressing.samples import (
    cluster_vnet,
    full_request,
    pool,
    request,
)
from tests.helpers.loops import each

SVG = "{http://www.w3.org/2000/svg}"


def test_the_output_has_an_object_for_each_subnet_with_its_figures():
    rows = plan(full_request()).as_output()
    assert [row["subnet"] for row in rows] == [
        "nodes",
        "applicationGateway",
        "privateEndpoints",
        "ingress",
        "bastion",
        "firewall",
        "gateway",
        "jumpBox",
    ]
    assert rows[0] == {
        "subnet": "nodes",
        "vnet": "cluster",
        "prefix": "10.20.0.0/17",
        "usable": 32_763,
        "required": 59,
        "headroom": 32_704,
        "azureRequired": 44,
        "upgradeRequired": 59,
        "upgradeRequiredToday": 6,
        "holds": [
            {"what": "pool pool0", "addresses": 5},
            {"what": "pool pool1", "addresses": 54},
        ],
    }
    assert json.loads(json.dumps(rows)) == rows


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("bastion", "AzureBastionSubnet"),
        ("gateway", "GatewaySubnet"),
        ("firewall", "AzureFirewallSubnet"),
        ("firewallManagement", "AzureFirewallManagementSubnet"),
        ("nodes", None),
    ],
)
def test_subnets_bear_the_names_azure_prescribes(key, name):
    assert plan(full_request(firewall_management=True)).subnet(key).azure_name == name


def test_the_firewall_has_the_first_usable_address_of_its_subnet():
    assert plan(full_request()).address("firewall") == "10.30.0.68"


def test_addresses_count_from_either_end():
    planned = plan(full_request())
    assert planned.address("ingress", 2) == "10.20.195.5"
    assert planned.address("ingress", -1) == "10.20.195.254"
    assert planned.address("ingress", 251) == "10.20.195.254"


@pytest.mark.parametrize("number", [0, 252, -252])
def test_an_address_that_no_resource_can_have_is_refused(number):
    with pytest.raises(ValueError, match="usable addresses 1 to 251"):
        plan(full_request()).address("ingress", number)


def test_a_subnet_that_nothing_needs_is_not_planned():
    planned = plan(request())
    assert not planned.has("bastion")
    with pytest.raises(KeyError):
        planned.subnet("bastion")


def test_the_figure_azure_counts_is_kept_apart_from_what_an_upgrade_needs():
    planned = plan(request(NetworkModel.AZURE_CNI, private_cluster=True, internal_load_balancers=2))
    nodes = planned.subnet("nodes")
    assert nodes.azure_required == 4 * 31
    assert nodes.upgrade_required == 5 * 31 + 2 + 1
    assert nodes.today_required == 3 * 31 + 2 + 1


def test_load_balancers_and_the_private_endpoint_stand_in_the_first_pools_subnet_only():
    pools = (pool(0, mode="User", subnet="nodes-2"), pool(1, mode="System"))
    planned = plan(request(pools=pools, private_cluster=True, internal_load_balancers=2))
    assert planned.subnet("nodes").required == 5 + 3
    assert planned.subnet("nodes-2").required == 5


def test_api_server_integration_takes_the_private_endpoint_out_of_the_node_subnet():
    planned = plan(request(private_cluster=True, api_server_vnet_integration=True))
    assert planned.subnet("nodes").required == 5
    assert planned.subnet("apiServer").required == 9


def test_a_pool_may_stand_in_a_further_subnet():
    pools = (pool(), pool(1, subnet="nodes-2"), pool(2, subnet="gpu"))
    cluster = cluster_vnet(fixed={"gpu": "10.20.224.0/20", "gpu-pods": "10.20.240.0/20"})
    planned = plan(
        request(
            NetworkModel.POD_SUBNET,
            cluster=replace(cluster, address_space=("10.20.0.0/16", "10.21.0.0/16")),
            pools=pools,
        )
    )
    assert {subnet.key: subnet.definition.key for subnet in planned.subnets} == {
        "nodes": "nodes",
        "pods": "pods",
        "nodes-2": "nodes",
        "pods-2": "pods",
        "gpu": "nodes",
        "gpu-pods": "pods",
    }


@pytest.mark.parametrize("model", NetworkModel)
def test_the_picture_is_to_scale(model):
    planned = plan(full_request(model))
    drawing = ET.fromstring(render_svg(planned))  # noqa: S314 - our own text
    heights: dict[str, float] = {}
    tops: dict[str, float] = {}
    for group in drawing.iter(f"{SVG}g"):
        tip, segment, *_ = group
        key = (tip.text or "").split()[0]
        heights[key] = float(segment.attrib["height"])
        tops[key] = float(segment.attrib["y"])
    for vnet in each(planned.vnets):
        largest = max(vnet.subnets, key=lambda subnet: subnet.network.num_addresses)
        unit = heights[largest.key] / largest.network.num_addresses
        for subnet in vnet.subnets:
            to_scale = max(1, unit * subnet.network.num_addresses)
            assert heights[subnet.key] == pytest.approx(to_scale, abs=0.02)
            offset = int(subnet.network.network_address) - int(largest.network.network_address)
            below = tops[subnet.key] - tops[largest.key]
            assert below == pytest.approx(unit * offset, abs=0.02)


def test_the_lines_of_the_picture_do_not_overlap():
    everything = full_request(
        firewall_management=True,
        dns_resolver=True,
        traffic_controller=True,
        api_server_vnet_integration=True,
        cluster=cluster_vnet("10.20.0.0/16", "10.21.0.0/24"),
    )
    drawing = ET.fromstring(render_svg(plan(everything)))  # noqa: S314 - our own text
    columns = {}
    for text in drawing.iter(f"{SVG}text"):
        if text.get("text-anchor") is None:
            columns.setdefault(text.attrib["x"], []).append(float(text.attrib["y"]))
    for lines in columns.values():
        gaps = [later - earlier for earlier, later in pairwise(lines)]
        assert all(gap >= 14 for gap in gaps)
    labels = max(columns.values(), key=len)
    bar_top = min(float(group[1].attrib["y"]) for group in drawing.iter(f"{SVG}g"))
    assert len(labels) >= 7
    assert min(labels) >= bar_top
    height = float(drawing.attrib["height"])
    assert all(float(text.attrib["y"]) < height for text in drawing.iter(f"{SVG}text"))


def test_names_are_escaped_in_the_picture():
    cluster = cluster_vnet(fixed={"a<b&c": "10.20.224.0/20"})
    planned = plan(request(cluster=cluster, pools=(pool(), pool(1, subnet="a<b&c"))))
    assert "a&lt;b&amp;c" in render_svg(planned)


def test_the_comparison_gives_each_models_need_for_the_same_pools():
    wanted = request(pools=(pool(max_count=50),))
    rows = {one.facts.title: one for one in compare(wanted)}
    assert {name: row.vnet_addresses for name, row in rows.items()} == {
        "node subnet": 1_581,
        "pod subnet": 51 + 16 * 51,
        "pod subnet, blocks": 51 + 32 * 51,
        "overlay": 51,
        "kubenet": 51,
    }
    assert rows["node subnet"].node_prefix == "/21"
    assert rows["overlay"].pod_prefix == "/18 outside"
    assert rows["kubenet"].most_nodes == 255
    assert rows["kubenet"].facts.retirement == "2028-03-31"
    assert all(row.obstacle is None for row in rows.values())


def test_the_comparison_says_which_model_the_pools_rule_out():
    wanted = full_request(
        pools=(pool(), pool(1, os="Windows", max_count=900)), pod_cidr="10.64.0.0/12"
    )
    rows = {one.facts.title: one for one in compare(wanted)}
    assert rows["overlay"].obstacle is None
    assert rows["kubenet"].obstacle == (
        "os must be Linux: kubenet supports no Windows nodes; "
        "nodePools must be at most 400 nodes with kubenet (aks/configure-kubenet)"
    )


def test_a_comparison_supplies_the_pod_range_that_other_models_need():
    rows = compare(request(NetworkModel.AZURE_CNI))
    assert all(row.obstacle is None for row in each(rows))


def test_a_comparison_puts_pools_of_further_subnets_into_one():
    wanted = request(
        NetworkModel.AZURE_CNI,
        cluster=cluster_vnet(fixed={"gpu": "10.20.224.0/20"}),
        pools=(pool(), pool(1, subnet="gpu")),
    )
    rows = compare(wanted)
    assert all(row.obstacle is None for row in each(rows))
    assert rows[0].node_addresses == 2 * 5 * 31
