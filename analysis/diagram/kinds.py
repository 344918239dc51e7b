"""What is drawn with an icon, and which one of Microsoft's, as the package `diagrams` has them.

Microsoft permits the use of its icons in architecture diagrams:
https://learn.microsoft.com/azure/architecture/icons
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True)
class Look:
    """How a kind is titled, and its icon; the letters stand where there are no icons."""

    title: str
    icon: str
    """Path below the package's `resources/azure`, without `.png`."""
    letters: str


class Kind(Enum):
    """Everything that has an icon."""

    NETWORK = Look("Virtual network", "networking/virtual-networks", "VN")
    SECURITY_GROUP = Look("Security group", "networking/network-security-groups", "SG")
    ROUTE_TABLE = Look("Route table", "networking/route-tables", "RT")
    NAT_GATEWAY = Look("NAT gateway", "networking/nat", "NAT")
    CLUSTER = Look("Kubernetes service", "containers/kubernetes-services", "AKS")
    POOL = Look("Node pool", "compute/vm-scale-sets", "NP")
    APPLICATION_GATEWAY = Look("Application Gateway", "networking/application-gateways", "AGW")
    INGRESS = Look("Ingress controller", "networking/load-balancers", "IN")
    TRAFFIC_CONTROLLER = Look(
        "Application Gateway for Containers", "networking/application-gateways", "AGC"
    )
    GATEWAY_API = Look("Gateway API's gateway", "networking/load-balancers", "GW")
    CHART = Look("Helm chart", "networking/load-balancer-hub", "HELM")
    ROUTE = Look("HTTP route", "networking/virtual-router", "HTTP")
    HOSTS = Look("Ingress", "networking/virtual-router", "HTTP")
    BASTION = Look("Bastion", "networking/bastions", "BAS")
    MACHINE = Look("Virtual machine", "compute/virtual-machine", "VM")
    FIREWALL = Look("Firewall", "networking/firewalls", "FW")
    GATEWAY = Look("Network gateway", "networking/virtual-network-gateways", "GW")
    PRIVATE_ENDPOINT = Look("Private endpoint", "network/private-endpoint", "PE")
    RESOLVER = Look("DNS resolver", "networking/dns-private-resolver", "DR")
    SITE = Look("On-premises", "networking/local-network-gateways", "OP")
    CIRCUIT = Look("ExpressRoute circuit", "networking/expressroute-circuits", "ER")
    DNS_ZONE = Look("DNS zone", "networking/dns-zones", "DNS")
    PRIVATE_ZONE = Look("Private DNS zone", "network/dns-private-zones", "DNS")
    VAULT = Look("Key vault", "security/key-vaults", "KV")
    IDENTITY = Look("Managed identity", "identity/managed-identities", "ID")
    WORKSPACE = Look("Log Analytics", "monitor/log-analytics-workspaces", "LOG")
    STORAGE = Look("Storage account", "storage/storage-accounts", "ST")

    @property
    def title(self) -> str:
        return self.value.title
