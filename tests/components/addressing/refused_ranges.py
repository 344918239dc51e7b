"""Requests with ranges that the planner refuses: of networks, pods, services and DNS."""

from __future__ import annotations

from dataclasses import replace

from components.addressing import NetworkModel
from tests.components.addressing.samples import (
    cluster_vnet,
    management_vnet,
    pool,
    request,
    reserved,
)

CNI = NetworkModel.AZURE_CNI
NETWORK = "aks-network:network"
MANAGEMENT = "aks-network:management"

# name: request, path of the problem, part of the rule
WITH_EDIT = {
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
}

# name: request, path of the problem, part of the rule, part of the remedy
WITHOUT_EDIT = {
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
    "a network without an address space": (
        request(cluster=replace(cluster_vnet(), address_space=())),
        f"{NETWORK}.addressSpace",
        "needs an address space",
        "add a range",
    ),
}
