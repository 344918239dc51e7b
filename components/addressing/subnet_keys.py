"""The keys of subnets, which settings, plan, resources and outputs have in common."""

from __future__ import annotations

from enum import StrEnum


class SubnetKey(StrEnum):
    """What a subnet is for.

    A stack may have further subnets for nodes and pods. Their keys are text: `further` makes those
    with a number, and a node pool may name any other.
    """

    NODES = "nodes"
    PODS = "pods"
    APPLICATION_GATEWAY = "applicationGateway"
    INGRESS = "ingress"
    PRIVATE_ENDPOINTS = "privateEndpoints"
    API_SERVER = "apiServer"
    TRAFFIC_CONTROLLER = "trafficController"
    BASTION = "bastion"
    JUMP_BOX = "jumpBox"
    GATEWAY = "gateway"
    FIREWALL = "firewall"
    FIREWALL_MANAGEMENT = "firewallManagement"
    DNS_RESOLVER = "dnsResolver"


def further(key: SubnetKey, number: int) -> str:
    """The key of a further subnet of the same kind, such as `nodes-2`."""
    return f"{key}-{number}"
