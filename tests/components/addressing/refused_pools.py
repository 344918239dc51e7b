"""Requests with node pools that the planner refuses."""

from __future__ import annotations

from components.addressing import NetworkModel
from tests.components.addressing.samples import (
    cluster_vnet,
    pool,
    request,
)

CNI = NetworkModel.AZURE_CNI
POD_SUBNET = NetworkModel.POD_SUBNET
KUBENET = NetworkModel.KUBENET
NETWORK = "aks-network:network"
POOL = "aks-network:cluster.nodePools[0]"

# name: request, path of the problem, part of the rule
WITH_EDIT = {
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
    "a pool in a subnet kept for something else": (
        request(pools=(pool(subnet="ingress"),)),
        f"{POOL}.subnet",
        "this one is for internal ingress",
    ),
}

# name: request, path of the problem, part of the rule, part of the remedy
WITHOUT_EDIT = {
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
}
