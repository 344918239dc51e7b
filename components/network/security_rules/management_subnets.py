"""Rules of the security groups in the management network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from components.network.security_rules.rule import (
    DNS,
    RDP,
    SSH,
    Rule,
    deny_virtual_network,
    inbound,
)


def jump_box(*, sources: Sequence[str], on_premises: Sequence[str] = ()) -> tuple[Rule, ...]:
    """Rules of the jump box's subnet.

    `sources`, the range of Bastion, reaches SSH and RDP; the ranges `on_premises` reach SSH.
    """
    rules = [
        inbound("AllowBastionInbound", 100, sources, [SSH, RDP], "Operators come through Bastion.")
    ]
    if on_premises:
        what = "Operators on-premises come through the gateway."
        rules.append(inbound("AllowOnPremisesInbound", 110, on_premises, [SSH], what))
    return (*rules, deny_virtual_network())


def dns_resolver(*, on_premises: Sequence[str], cluster_ranges: Sequence[str]) -> tuple[Rule, ...]:
    """Rules of the DNS private resolver's subnet: DNS from these ranges only.

    `cluster_ranges` are empty unless the resolver is a DNS server of the cluster's network.
    """
    clients = (
        (
            "AllowDnsInbound",
            100,
            on_premises,
            "On-premises asks for the names in the private zones.",
        ),
        (
            "AllowClusterDnsInbound",
            110,
            cluster_ranges,
            "The cluster's network resolves names here.",
        ),
    )
    allowed = [
        inbound(name, priority, ranges, [DNS], what, protocol="*")
        for name, priority, ranges, what in clients
        if ranges
    ]
    return (*allowed, deny_virtual_network())


_BASTION: tuple[
    tuple[str, Literal["Inbound", "Outbound"], str, str, str, Literal["Tcp", "*"]], ...
] = (
    ("AllowHttpsInbound", "Inbound", "Internet", "*", "443", "Tcp"),
    ("AllowGatewayManagerInbound", "Inbound", "GatewayManager", "*", "443", "Tcp"),
    ("AllowLoadBalancerInbound", "Inbound", "AzureLoadBalancer", "*", "443", "Tcp"),
    (
        "AllowBastionHostCommunication",
        "Inbound",
        "VirtualNetwork",
        "VirtualNetwork",
        "8080,5701",
        "*",
    ),
    ("AllowSshRdpOutbound", "Outbound", "*", "VirtualNetwork", "22,3389", "*"),
    ("AllowAzureCloudOutbound", "Outbound", "*", "AzureCloud", "443", "Tcp"),
    (
        "AllowBastionCommunication",
        "Outbound",
        "VirtualNetwork",
        "VirtualNetwork",
        "8080,5701",
        "*",
    ),
    ("AllowHttpOutbound", "Outbound", "*", "Internet", "80", "*"),
)
"""Name, direction, source, destination, ports and protocol of the rules that Azure requires."""


def bastion(*, api_server_ranges: Sequence[str] = ()) -> tuple[Rule, ...]:
    """Rules of AzureBastionSubnet: all that Azure requires there, and the API server's tunnel.

    Source: Azure Bastion, "Working with NSG access and Azure Bastion". Azure refuses the group if
    one of them is missing (NetworkSecurityGroupNotCompliantForAzureBastionSubnet).
    `api_server_ranges` are the ranges of a private API server that tunnels lead to.
    """
    next_priority = {"Inbound": 100, "Outbound": 100}
    rules: list[Rule] = []
    for name, direction, source, destination, ports, protocol in _BASTION:
        rules.append(
            Rule(
                name,
                direction,
                next_priority[direction],
                "Allow",
                (source,),
                (destination,),
                tuple(ports.split(",")),
                protocol,
                "Required by Azure Bastion.",
            )
        )
        next_priority[direction] += 10
    if api_server_ranges:
        tunnel = Rule(
            "AllowApiServerOutbound",
            "Outbound",
            next_priority["Outbound"],
            "Allow",
            ("*",),
            tuple(api_server_ranges),
            ("443",),
            "Tcp",
            "Tunnels of operators lead to the private API server.",
        )
        rules.append(tunnel)
    return (*rules, _deny_other("Inbound"), _deny_other("Outbound"))


def _deny_other(direction: Literal["Inbound", "Outbound"]) -> Rule:
    """Deny what Azure's default rules allow: the whole virtual network, and all egress."""
    name, any_value = f"DenyOther{direction}", ("*",)
    description = "Nothing else comes in or goes out."
    return Rule(name, direction, 4096, "Deny", any_value, any_value, any_value, "*", description)
