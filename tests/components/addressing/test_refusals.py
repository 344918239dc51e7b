"""What the planner refuses: with the setting's path, and a remedy that works."""

from dataclasses import replace
from functools import reduce

import pytest

from components.addressing import AddressPlanError, NetworkModel, RangeRequest, draft, plan
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

# name: request, path of the problem, part of the rule
MENDABLE = {
    "a management network inside the cluster network": (
        request(management=management_vnet("10.20.7.0/24")),
        f"{MANAGEMENT}.addressSpace",
        "overlap the cluster network 10.20.0.0/16",
    ),
    "a pod range inside the cluster network": (
        request(pod_cidr="10.20.0.0/18"),
        f"{NETWORK}.podCidr",
        "overlap the cluster network 10.20.0.0/16",
    ),
    "a pod range inside the management network": (
        request(pod_cidr="10.30.0.0/16", management=management_vnet()),
        f"{NETWORK}.podCidr",
        "overlap the management network 10.30.0.0/24",
    ),
    "a service range inside the cluster network": (
        request(service_cidr="10.20.240.0/24", dns_service_ip="10.20.240.10"),
        f"{NETWORK}.serviceCidr",
        "overlap the cluster network",
    ),
    "a service range inside the pod range": (
        request(service_cidr="10.244.0.0/24", dns_service_ip="10.244.0.10"),
        f"{NETWORK}.serviceCidr",
        "overlap the pod range",
    ),
    "a network inside an on-premises range": (
        request(reserved=(reserved("10.0.0.0/11"),)),
        f"{NETWORK}.addressSpace",
        "overlap the reserved range head-office 10.0.0.0/11",
    ),
    "a pod range inside an on-premises range": (
        request(reserved=(reserved("10.240.0.0/12"),)),
        f"{NETWORK}.podCidr",
        "overlap the reserved range",
    ),
    "two ranges of one network that overlap": (
        request(cluster=cluster_vnet("10.20.0.0/16", "10.20.128.0/17")),
        f"{NETWORK}.addressSpace[1]",
        "overlap the cluster network",
    ),
    "a range with bits behind its prefix": (
        request(cluster=cluster_vnet("10.20.3.0/16")),
        f"{NETWORK}.addressSpace",
        "must not have host bits",
    ),
    "a network range of AKS": (
        request(cluster=cluster_vnet("172.31.0.0/16")),
        f"{NETWORK}.addressSpace",
        "172.31.0.0/16",
    ),
    "a network in the link-local range": (
        request(cluster=cluster_vnet("169.254.0.0/20")),
        f"{NETWORK}.addressSpace",
        "169.254.0.0/16",
    ),
    "a service range of AKS": (
        request(service_cidr="192.0.2.0/24", dns_service_ip="192.0.2.10"),
        f"{NETWORK}.serviceCidr",
        "192.0.2.0/24",
    ),
    "a pod range around those of AKS": (
        request(pod_cidr="172.16.0.0/12"),
        f"{NETWORK}.podCidr",
        "172.30.0.0/16",
    ),
    "a service range of a /12": (
        request(service_cidr="10.96.0.0/12", dns_service_ip="10.96.0.10"),
        f"{NETWORK}.serviceCidr",
        "a /13 or smaller",
    ),
    "a service range without room for DNS": (
        request(service_cidr="10.100.0.0/30", dns_service_ip="10.100.0.2"),
        f"{NETWORK}.serviceCidr",
        "must have room",
    ),
    "a virtual network larger than a /8": (
        request(cluster=cluster_vnet("100.0.0.0/7")),
        f"{NETWORK}.addressSpace",
        "a /8 or smaller",
    ),
    "a network in which no subnet fits": (
        request(management=management_vnet("10.30.0.0/30")),
        f"{MANAGEMENT}.addressSpace",
        "a /29 or larger",
    ),
    "a DNS address outside the service range": (
        request(dns_service_ip="10.0.0.10"),
        f"{NETWORK}.dnsServiceIp",
        "DnsServiceIpOutOfServiceCidr",
    ),
    "a DNS address that is the first of its range": (
        request(dns_service_ip="10.100.0.1"),
        f"{NETWORK}.dnsServiceIp",
        "not be the first address",
    ),
    "a DNS address that is the last of its range": (
        request(dns_service_ip="10.100.255.255"),
        f"{NETWORK}.dnsServiceIp",
        "last address",
    ),
    "a DNS address that is none": (
        request(dns_service_ip="dns"),
        f"{NETWORK}.dnsServiceIp",
        "must be an IPv4 address",
    ),
    "overlay without a pod range": (
        request(pod_cidr=None),
        f"{NETWORK}.podCidr",
        "needs a range for its pods",
    ),
    "a pod range too small for the maxima": (
        request(pod_cidr="10.244.0.0/22", pools=(pool(max_count=8),)),
        f"{NETWORK}.podCidr",
        "InsufficientSubnetSize",
    ),
    "a pod range too small for an upgrade": (
        request(pod_cidr="10.244.0.0/22", pools=(pool(max_count=4),)),
        f"{NETWORK}.podCidr",
        "each of the 5 nodes during an upgrade",
    ),
    "a pod range whose superset is taken": (
        request(
            pod_cidr="10.244.0.0/22",
            pools=(pool(max_count=8),),
            reserved=(reserved("10.244.4.0/22"),),
        ),
        f"{NETWORK}.podCidr",
        "a /24 for each of the pools'",
    ),
    "a Bastion subnet of a /27": (
        request(
            management=management_vnet(fixed={"bastion": "10.30.0.0/27"}), bastion_scale_units=2
        ),
        f"{MANAGEMENT}.subnets.bastion",
        "a /26",
    ),
    "a firewall subnet of a /27": (
        request(management=management_vnet(fixed={"firewall": "10.30.0.64/27"}), firewall=True),
        f"{MANAGEMENT}.subnets.firewall",
        "a /26",
    ),
    "a gateway subnet of a /30": (
        request(management=management_vnet(fixed={"gateway": "10.30.0.192/30"}), vpn_gateway=True),
        f"{MANAGEMENT}.subnets.gateway",
        "a /29",
    ),
    "an API server subnet of a /29": (
        request(
            cluster=cluster_vnet(fixed={"apiServer": "10.20.196.0/29"}),
            api_server_vnet_integration=True,
        ),
        f"{NETWORK}.subnets.apiServer",
        "a /28",
    ),
    "an Application Gateway for Containers subnet of a /25": (
        request(
            cluster=cluster_vnet(fixed={"trafficController": "10.20.193.0/25"}),
            traffic_controller=True,
        ),
        f"{NETWORK}.subnets.trafficController",
        "a /24",
    ),
    "a subnet outside its network": (
        request(cluster=cluster_vnet(fixed={"nodes": "10.99.0.0/24"})),
        f"{NETWORK}.subnets.nodes",
        "must be inside the cluster network's",
    ),
    "a subnet over another's place": (
        request(cluster=cluster_vnet(fixed={"nodes": "10.20.128.0/17"}), ingress_frontends=1),
        f"{NETWORK}.subnets.nodes",
        "overlap ingress 10.20.195.0/24",
    ),
    "two fixed subnets that overlap": (
        request(
            cluster=cluster_vnet(
                fixed={"nodes": "10.20.0.0/18", "privateEndpoints": "10.20.4.0/24"}
            )
        ),
        f"{NETWORK}.subnets.privateEndpoints",
        "overlap nodes 10.20.0.0/18",
    ),
    "a place taken by someone else's subnet": (
        request(
            cluster=cluster_vnet(
                occupied=(RangeRequest("db", "10.20.0.0/24", f"{NETWORK}.occupied[0]"),)
            )
        ),
        "aks-network:cluster.nodePools",
        "overlap subnet db",
    ),
    "a pool that breaks the pool minimum": (
        request(pools=(pool(max_pods=14, min_count=2),)),
        f"{POOL}.maxPods",
        "have room for 28",
    ),
    "too many pods a node": (
        request(pools=(pool(max_pods=251),)),
        f"{POOL}.maxPods",
        "10 to 250",
    ),
    "too few pods a node": (
        request(pools=(pool(max_pods=9, min_count=4),)),
        f"{POOL}.maxPods",
        "10 to 250",
    ),
    "a maximum below the minimum": (
        request(pools=(pool(min_count=3, max_count=2),)),
        f"{POOL}.maxCount",
        "at least minCount, 3",
    ),
    "a pool that can never have a node": (
        request(pools=(pool(), pool(1, min_count=0, max_count=0))),
        "aks-network:cluster.nodePools[1].maxCount",
        "never have a node",
    ),
    "an empty system pool": (
        request(pools=(pool(min_count=0),)),
        f"{POOL}.minCount",
        "at least 1: mode is System",
    ),
    "a surge of nothing": (
        request(pools=(pool(max_surge=0),)),
        f"{POOL}.maxSurge",
        "must be a number of nodes, at least 1",
    ),
    "a surge of more than all": (
        request(pools=(pool(max_surge="101%"),)),
        f"{POOL}.maxSurge",
        "from 1% to 100%",
    ),
    "a pool that outgrows a scale set in an upgrade": (
        request(
            pod_cidr="10.64.0.0/10",
            service_cidr="10.200.0.0/16",
            dns_service_ip="10.200.0.10",
            pools=(pool(max_count=990, max_surge="33%"),),
        ),
        f"{POOL}.maxCount",
        "at most 1000",
    ),
    "more kubenet nodes than routes": (
        request(KUBENET, pod_cidr="10.64.0.0/12", pools=(pool(max_count=400),)),
        "aks-network:cluster.nodePools",
        "at most 400 nodes",
    ),
    "more overlay nodes than the model has": (
        request(
            pod_cidr="11.0.0.0/8",
            pools=tuple(pool(index, max_count=900) for index in range(6)),
        ),
        "aks-network:cluster.nodePools",
        "at most 5000 nodes",
    ),
    "more addresses than a virtual network holds": (
        request(
            CNI,
            cluster=cluster_vnet("10.0.0.0/10"),
            pools=tuple(pool(index, max_count=400, max_pods=110) for index in range(2)),
        ),
        "aks-network:cluster.nodePools",
        "the 65536 private addresses",
    ),
    "a second pool that does not fit beside the first": (
        request(
            CNI,
            cluster=cluster_vnet("10.20.0.0/20"),
            pools=(pool(max_count=40), pool(1, max_count=30)),
        ),
        "aks-network:cluster.nodePools",
        "must have 2170 usable addresses",
    ),
    "a pool that fits no slot of a small network": (
        request(CNI, cluster=cluster_vnet("10.20.0.0/24"), pools=(pool(max_count=40),)),
        "aks-network:cluster.nodePools",
        "must have 1240 usable addresses",
    ),
    "an upgrade that does not fit": (
        request(CNI, cluster=cluster_vnet("10.20.0.0/23"), pools=(pool(max_count=8),)),
        "aks-network:cluster.nodePools",
        "SubnetIsFull",
    ),
    "pods that do not fit into their subnet": (
        request(POD_SUBNET, cluster=cluster_vnet("10.20.0.0/22"), pools=(pool(max_count=60),)),
        "aks-network:cluster.nodePools",
        "must have 960 usable addresses",
    ),
    "static blocks that do not fit into their subnet": (
        request(
            POD_SUBNET,
            pod_allocation="staticBlock",
            cluster=cluster_vnet("10.20.0.0/20"),
            pools=(pool(max_count=40, max_pods=110),),
        ),
        "aks-network:cluster.nodePools",
        "must have 4480 usable addresses",
    ),
    "a pod subnet larger than static blocks allow": (
        request(
            POD_SUBNET,
            pod_allocation="staticBlock",
            cluster=cluster_vnet(
                "10.0.0.0/9", fixed={"pods": "10.0.0.0/11", "nodes": "10.64.0.0/16"}
            ),
            service_cidr="10.200.0.0/16",
            dns_service_ip="10.200.0.10",
        ),
        f"{NETWORK}.subnets.pods",
        "a /12 or smaller",
    ),
    "a gateway with more instances than its subnet": (
        request(cluster=cluster_vnet("10.20.0.0/24"), application_gateway_max_capacity=100),
        "aks-network:ingress.waf.maxCapacity",
        "must have 100 usable addresses",
    ),
    "more private endpoints than their subnet": (
        request(cluster=cluster_vnet("10.20.0.0/24"), private_endpoints=20),
        f"{NETWORK}.privateEndpoints",
        "must have 20 usable addresses",
    ),
    "Application Gateway for Containers in a small network": (
        request(cluster=cluster_vnet("10.20.0.0/23"), traffic_controller=True),
        "aks-network:ingress.controller",
        "a first range of /21 or larger",
    ),
    "a firewall in a small management network": (
        request(management=management_vnet("10.30.0.0/25"), firewall=True),
        f"{NETWORK}.egress",
        "a first range of /24 or larger",
    ),
    "Bastion in a tiny management network": (
        request(
            management=management_vnet("10.30.0.0/27"), bastion_scale_units=2, vpn_gateway=True
        ),
        f"{MANAGEMENT}.bastion.scaleUnits",
        "a first range of /25 or larger",
    ),
    "a further node subnet that has no range yet": (
        request(cluster=cluster_vnet("10.20.0.0/23"), pools=(pool(), pool(1, subnet="nodes-2"))),
        "aks-network:cluster.nodePools",
        "room for the subnet nodes-2",
    ),
    "a node subnet of one's own without a prefix": (
        request(pools=(pool(), pool(1, subnet="gpu"))),
        "aks-network:cluster.nodePools",
        "room for the subnet gpu",
    ),
    "a node subnet of one's own without pods": (
        request(
            POD_SUBNET,
            cluster=cluster_vnet(fixed={"gpu": "10.20.200.0/24"}),
            pools=(pool(), pool(1, subnet="gpu")),
        ),
        "aks-network:cluster.nodePools",
        "room for the subnet gpu-pods",
    ),
    "a pool in a subnet kept for something else": (
        request(pools=(pool(subnet="ingress"),)),
        f"{POOL}.subnet",
        "this one is for internal ingress",
    ),
    "another team's network without a node subnet": (
        request(cluster=cluster_vnet(existing=True, subnets_path=f"{NETWORK}.existing.subnets")),
        f"{NETWORK}.existing.subnets.nodes",
        "network is another team's",
    ),
}

# name: request, path of the problem, part of the rule, part of the remedy
BY_HAND = {
    "an IPv6 network": (
        request(cluster=cluster_vnet("fd00::/48")),
        f"{NETWORK}.addressSpace",
        "must be an IPv4 range",
        "10.20.0.0/16",
    ),
    "a range that is none": (
        request(service_cidr="ten"),
        f"{NETWORK}.serviceCidr",
        "must be an IPv4 range",
        "such as 10.20.0.0/16",
    ),
    "a range without a prefix length": (
        request(service_cidr="10.100.0.0"),
        f"{NETWORK}.serviceCidr",
        "must have a prefix length",
        "such as 10.100.0.0/16",
    ),
    "two reserved ranges that overlap": (
        request(reserved=(reserved("192.168.0.0/16"), reserved("192.168.4.0/24", "branch", 1))),
        f"{NETWORK}.reserved[1].cidr",
        "overlap the reserved range head-office",
        "list one of them",
    ),
    "a pod range for Azure CNI": (
        request(CNI, pod_cidr="10.244.0.0/16"),
        f"{NETWORK}.podCidr",
        "pods have addresses of the virtual network",
        "remove podCidr",
    ),
    "a subnet of an unknown name": (
        request(cluster=cluster_vnet(fixed={"node": "10.20.0.0/24"})),
        f"{NETWORK}.subnets.node",
        "must be a subnet of the cluster network",
        "nodes, pods, applicationGateway",
    ),
    "a subnet of the other network": (
        request(cluster=cluster_vnet(fixed={"bastion": "10.20.0.0/24"})),
        f"{NETWORK}.subnets.bastion",
        "must be a subnet of the cluster network",
        "nodes, pods",
    ),
    "Bastion without a management network": (
        request(bastion_scale_units=2),
        f"{MANAGEMENT}.bastion.scaleUnits",
        "must have a management network",
        "set aks-network:management",
    ),
    "kubenet with Windows nodes": (
        request(KUBENET, pools=(pool(), pool(1, os="Windows"))),
        "aks-network:cluster.nodePools[1].os",
        "kubenet supports no Windows nodes",
        "use os: Linux",
    ),
    "Cilium with Windows nodes": (
        request(dataplane="cilium", pools=(pool(), pool(1, os="Windows"))),
        "aks-network:cluster.nodePools[1].os",
        "the Cilium data plane supports no Windows nodes",
        "use os: Linux",
    ),
    "kubenet with Cilium": (
        request(KUBENET, dataplane="cilium"),
        f"{NETWORK}.dataplane",
        "kubenet does not support the Cilium data plane",
        "use dataplane: azure",
    ),
    "more than 100 pools": (
        request(
            pools=tuple(pool(index, max_count=2) for index in range(101)),
            pod_cidr="10.64.0.0/12",
        ),
        "aks-network:cluster.nodePools",
        "at most 100 node pools",
        "merge pools",
    ),
    "nodes and pods in one subnet": (
        request(POD_SUBNET, pools=(pool(pod_subnet="nodes"),)),
        f"{POOL}.podSubnet",
        "nodes and pods need different ones",
        "remove podSubnet",
    ),
    "another team's network that is too small": (
        request(
            CNI,
            cluster=cluster_vnet(existing=True, fixed={"nodes": "10.20.0.0/26"}),
        ),
        f"{NETWORK}.subnets.nodes",
        "must have 124 usable addresses",
        "ask the owner of the network for a subnet of /24 or larger",
    ),
    "a network without an address space": (
        request(cluster=replace(cluster_vnet(), address_space=())),
        f"{NETWORK}.addressSpace",
        "needs an address space",
        "add a range",
    ),
}


def refusal(refused):
    with pytest.raises(AddressPlanError) as caught:
        plan(refused)
    return caught.value


@pytest.mark.parametrize("name", [*MENDABLE, *BY_HAND])
def test_it_is_refused_at_its_path_with_a_remedy(name):
    refused, path, rule, *remedy = (MENDABLE | BY_HAND)[name]
    found = [one for one in refusal(refused).problems if one.path == path and rule in one.rule]
    assert len(found) == 1, [str(one) for one in refusal(refused).problems]
    assert found[0].remedy
    assert all(text in found[0].remedy for text in remedy)
    assert str(found[0]).startswith(f"{path}: ")


@pytest.mark.parametrize("name", MENDABLE)
def test_the_remedy_works(name):
    mended, path, rule = MENDABLE[name]
    error = refusal(mended)
    problem = next(one for one in error.problems if one.path == path and rule in one.rule)
    mended = reduce(apply, error.changes[problem], mended)
    for _ in range(4):
        # One edit can bring the next rule to bear: a moved service range, its DNS address.
        _, findings = draft(mended)
        assert problem not in findings.problems
        edits = {edit for one in findings.problems for edit in findings.changes[one]}
        mended = reduce(apply, sorted(edits, key=str), mended)
    assert plan(mended)


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
