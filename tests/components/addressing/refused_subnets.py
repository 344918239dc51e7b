"""Requests with subnets that the planner refuses."""

from __future__ import annotations

from components.addressing import NetworkModel, RangeRequest
from tests.components.addressing.samples import (
    cluster_vnet,
    management_vnet,
    pool,
    request,
)

CNI = NetworkModel.AZURE_CNI
POD_SUBNET = NetworkModel.POD_SUBNET
NETWORK = "aks-network:network"
MANAGEMENT = "aks-network:management"

# name: request, path of the problem, part of the rule
WITH_EDIT = {
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
    "another team's network without a node subnet": (
        request(cluster=cluster_vnet(existing=True, subnets_path=f"{NETWORK}.existing.subnets")),
        f"{NETWORK}.existing.subnets.nodes",
        "network is another team's",
    ),
}

# name: request, path of the problem, part of the rule, part of the remedy
WITHOUT_EDIT = {
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
    "another team's network that is too small": (
        request(
            CNI,
            cluster=cluster_vnet(existing=True, fixed={"nodes": "10.20.0.0/26"}),
        ),
        f"{NETWORK}.subnets.nodes",
        "must have 124 usable addresses",
        "ask the owner of the network for a subnet of /24 or larger",
    ),
}
