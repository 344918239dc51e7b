"""Everything that is drawn with an icon, and its icon from the package `diagrams`.

The icons are Microsoft's, which permits their use in architecture diagrams:
https://learn.microsoft.com/azure/architecture/icons
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True)
class Appearance:
    """A kind's title and its icon; the abbreviation replaces a missing icon."""

    title: str
    icon: str
    """Path below the package's `resources/azure`, without `.png`."""
    abbreviation: str


class Kind(Enum):
    """Everything that has an icon."""

    NETWORK = Appearance("Virtual network", "networking/virtual-networks", "VN")
    SECURITY_GROUP = Appearance(
        "Network security group", "networking/network-security-groups", "SG"
    )
    ROUTE_TABLE = Appearance("Route table", "networking/route-tables", "RT")
    NAT_GATEWAY = Appearance("NAT gateway", "networking/nat", "NAT")
    CLUSTER = Appearance("Kubernetes service", "containers/kubernetes-services", "AKS")
    POOL = Appearance("Node pool", "compute/vm-scale-sets", "NP")
    APPLICATION_GATEWAY = Appearance(
        "Application Gateway", "networking/application-gateways", "AGW"
    )
    INGRESS = Appearance("Ingress controller", "networking/load-balancers", "IN")
    TRAFFIC_CONTROLLER = Appearance(
        "Application Gateway for Containers", "networking/application-gateways", "AGC"
    )
    GATEWAY_API = Appearance("Kubernetes Gateway", "networking/load-balancers", "GW")
    CHART = Appearance("Helm chart", "networking/load-balancer-hub", "HELM")
    ROUTE = Appearance("HTTP route", "networking/virtual-router", "HTTP")
    HOSTS = Appearance("Ingress", "networking/virtual-router", "HTTP")
    BASTION = Appearance("Bastion", "networking/bastions", "BAS")
    MACHINE = Appearance("Virtual machine", "compute/virtual-machine", "VM")
    FIREWALL = Appearance("Firewall", "networking/firewalls", "FW")
    GATEWAY = Appearance("Virtual network gateway", "networking/virtual-network-gateways", "GW")
    PRIVATE_ENDPOINT = Appearance("Private endpoint", "network/private-endpoint", "PE")
    RESOLVER = Appearance("DNS resolver", "networking/dns-private-resolver", "DR")
    SITE = Appearance("On-premises", "networking/local-network-gateways", "OP")
    CIRCUIT = Appearance("ExpressRoute circuit", "networking/expressroute-circuits", "ER")
    DNS_ZONE = Appearance("DNS zone", "networking/dns-zones", "DNS")
    PRIVATE_ZONE = Appearance("Private DNS zone", "network/dns-private-zones", "DNS")
    VAULT = Appearance("Key vault", "security/key-vaults", "KV")
    REGISTRY = Appearance("Container registry", "containers/container-registries", "CR")
    IDENTITY = Appearance("Managed identity", "identity/managed-identities", "ID")
    WORKSPACE = Appearance("Log Analytics", "monitor/log-analytics-workspaces", "LOG")
    STORAGE = Appearance("Storage account", "storage/storage-accounts", "ST")

    @property
    def title(self) -> str:
        return self.value.title
