"""Type tokens, and which types depend on a subnet or a public IP address."""

from __future__ import annotations

GATEWAY = "network:VirtualNetworkGateway"
FIREWALL = "network:AzureFirewall"
BASTION = "network:BastionHost"
APPLICATION_GATEWAY = "network:ApplicationGateway"
INTERFACE = "network:NetworkInterface"
NAT = "network:NatGateway"
ADDRESS = "network:PublicIPAddress"
PREFIX = "network:PublicIPPrefix"

SUBNET_DEPENDENTS = (
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
"""Types whose resources use addresses of a subnet."""

ADDRESS_DEPENDENTS = (
    GATEWAY,
    FIREWALL,
    BASTION,
    NAT,
    APPLICATION_GATEWAY,
    INTERFACE,
    "containerservice:ManagedCluster",
)
"""Types whose resources use a public IP address."""
