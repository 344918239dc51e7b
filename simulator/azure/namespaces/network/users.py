"""Which types of resources use what, as the rules count it."""

from __future__ import annotations

GATEWAY = "network:VirtualNetworkGateway"
FIREWALL = "network:AzureFirewall"
BASTION = "network:BastionHost"
APPLICATION_GATEWAY = "network:ApplicationGateway"
INTERFACE = "network:NetworkInterface"
NAT = "network:NatGateway"

SUBNET_USERS = (
    GATEWAY,
    FIREWALL,
    BASTION,
    INTERFACE,
    APPLICATION_GATEWAY,
    "network:PrivateEndpoint",
    "containerservice:ManagedCluster",
    "containerservice:AgentPool",
    "servicenetworking:AssociationsInterface",
    "dnsresolver:InboundEndpoint",
)
"""Types whose resources take addresses of a subnet."""

ADDRESS_USERS = (
    GATEWAY,
    FIREWALL,
    BASTION,
    NAT,
    APPLICATION_GATEWAY,
    INTERFACE,
    "containerservice:ManagedCluster",
)
"""Types whose resources hold a public address."""
