"""The rules of every network security group (NSG), as plain data: one function per subnet.

`cluster_subnets` has the rules in the cluster's network, those of nodes and pods included, and
`management_subnets` those in the management network. `subnet_specs` fills in the ranges.

Azure evaluates its default rules after these: 65000 allows traffic within the virtual network,
65001 allows the probes of load balancers, 65500 denies everything else. The service tag
`VirtualNetwork` includes peered networks and on-premises behind a gateway. A group that must be
stricter than rule 65000 therefore ends with a rule that denies `VirtualNetwork`.
"""

from components.network.security_rules.cluster_subnets import (
    api_server,
    application_gateway,
    ingress,
    nodes,
    private_endpoints,
    traffic_controller,
)
from components.network.security_rules.management_subnets import bastion, dns_resolver, jump_box
from components.network.security_rules.rule import WEB, Rule

__all__ = [
    "WEB",
    "Rule",
    "api_server",
    "application_gateway",
    "bastion",
    "dns_resolver",
    "ingress",
    "jump_box",
    "nodes",
    "private_endpoints",
    "traffic_controller",
]
