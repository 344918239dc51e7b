"""The address by which the ingress controller is reached: pure data, the same for every controller.

Whichever controller there is, its Service of type LoadBalancer carries these annotations, so that
what stands in front of it does not care which one it is.
"""

from __future__ import annotations

from dataclasses import dataclass

from components.addressing import AddressPlan
from components.azure.naming import Names
from components.azure.resource_ids import resource_name
from components.settings.ingress import IngressSettings
from components.settings.network import NetworkSettings
from components.settings.waf import ExternalWaf

_PREFIX = "service.beta.kubernetes.io/azure-load-balancer"
ALLOWED_RANGES = "service.beta.kubernetes.io/azure-allowed-ip-ranges"


@dataclass(frozen=True)
class LoadBalancer:
    """Where the controller is reached, and by whom."""

    internal_subnet: str | None = None
    """Azure name of the subnet of a private address; without it the address is public."""
    address: str | None = None
    """The private address."""
    source_ranges: tuple[str, ...] = ()
    """Who may reach a public address; empty for everyone."""

    def annotations(self) -> dict[str, str]:
        """What the Service says to Azure ("Use a public standard load balancer in AKS")."""
        if self.internal_subnet and self.address:
            return {
                f"{_PREFIX}-internal": "true",
                f"{_PREFIX}-internal-subnet": self.internal_subnet,
                f"{_PREFIX}-ipv4": self.address,
            }
        if self.source_ranges:
            return {ALLOWED_RANGES: ",".join(self.source_ranges)}
        return {}


def ingress_load_balancer(
    plan: AddressPlan, network: NetworkSettings, ingress: IngressSettings, names: Names
) -> LoadBalancer:
    """Where the controller's load balancer stands, and who may reach it."""
    if not ingress.has_load_balancer:
        return LoadBalancer()
    if ingress.exposure == "internal":
        return LoadBalancer(
            internal_subnet=_ingress_subnet(network, names), address=plan.address("ingress")
        )
    if isinstance(ingress.waf, ExternalWaf):
        return LoadBalancer(source_ranges=ingress.waf.external.source_ranges)
    return LoadBalancer()


def internal_load_balancer(
    plan: AddressPlan, network: NetworkSettings, ingress: IngressSettings, names: Names
) -> LoadBalancer | None:
    """Where the second, internal class stands: after the first controller's private address."""
    if ingress.app_routing.internal_class is None:
        return None
    return LoadBalancer(
        internal_subnet=_ingress_subnet(network, names),
        address=plan.address("ingress", ingress.internal_addresses),
    )


def _ingress_subnet(network: NetworkSettings, names: Names) -> str:
    if network.existing:
        return resource_name(network.existing.subnets["ingress"])
    return names.of("snet", "ingress")
