"""The load balancer of the ingress controller: its address and its clients. Pure data.

The Service of every controller has these annotations, so that a firewall or gateway in front of it
does not depend on which controller it is.
"""

from __future__ import annotations

from dataclasses import dataclass

from components.addressing import AddressPlan, SubnetKey
from components.azure.naming import GATEWAY_ORIGIN, ORIGIN, Names
from components.azure.resource_ids import resource_name
from components.settings.ingress import IngressSettings
from components.settings.network import NetworkSettings
from components.settings.waf import FRONT_DOOR_TAG, ExternalWaf

_PREFIX = "service.beta.kubernetes.io/azure-load-balancer"
ALLOWED_TAGS = "service.beta.kubernetes.io/azure-allowed-service-tags"
ALLOWED_RANGES = "service.beta.kubernetes.io/azure-allowed-ip-ranges"


@dataclass(frozen=True)
class LoadBalancer:
    """The address of a controller's load balancer, and the clients that it admits."""

    internal_subnet: str | None = None
    """Azure name of the subnet of the private address; None for a public address."""
    address: str | None = None
    """The private address; None for a public one."""
    source_ranges: tuple[str, ...] = ()
    """Ranges that may reach a public address; empty for all."""
    service_tags: tuple[str, ...] = ()
    """Service tags of what may reach a public address, instead of ranges."""
    public_ip: tuple[str, str] | None = None
    """Azure names of a static public address and of its resource group; None where AKS creates the
    address."""

    def annotations(self) -> dict[str, str]:
        """The annotations of the Service ("Use a public standard load balancer in AKS")."""
        if self.internal_subnet and self.address:
            return {
                f"{_PREFIX}-internal": "true",
                f"{_PREFIX}-internal-subnet": self.internal_subnet,
                f"{_PREFIX}-ipv4": self.address,
            }
        found: dict[str, str] = {}
        if self.source_ranges:
            found[ALLOWED_RANGES] = ",".join(self.source_ranges)
        if self.service_tags:
            found[ALLOWED_TAGS] = ",".join(self.service_tags)
        if self.public_ip:
            # "Use a static public IP address and DNS label with the AKS load balancer"
            found["service.beta.kubernetes.io/azure-pip-name"] = self.public_ip[0]
            found[f"{_PREFIX}-resource-group"] = self.public_ip[1]
        return found


def ingress_load_balancer(
    plan: AddressPlan,
    network: NetworkSettings,
    ingress: IngressSettings,
    names: Names,
    *,
    gateway: bool,
) -> LoadBalancer:
    """The load balancer of application routing's Gateway, or of any other ingress controller."""
    if not ingress.has_load_balancer:
        return LoadBalancer()
    if ingress.exposure == "internal":
        return LoadBalancer(
            internal_subnet=_ingress_subnet(network, names),
            address=plan.address(SubnetKey.INGRESS, ingress.numbers_of(gateway=gateway)[0]),
        )
    waf = ingress.waf
    part = GATEWAY_ORIGIN if gateway else ORIGIN
    static = (names.of("pip", part), names.of("rg", part))
    return LoadBalancer(
        source_ranges=waf.external.source_ranges if isinstance(waf, ExternalWaf) else (),
        service_tags=(FRONT_DOOR_TAG,) if ingress.front_door_id else (),
        public_ip=static if ingress.has_static_public_address else None,
    )


def internal_load_balancer(
    plan: AddressPlan,
    network: NetworkSettings,
    ingress: IngressSettings,
    names: Names,
    *,
    gateway: bool,
) -> LoadBalancer | None:
    """The load balancer of the second, internal Gateway or ingress class; None without it."""
    if ingress.app_routing.internal_class is None:
        return None
    return LoadBalancer(
        internal_subnet=_ingress_subnet(network, names),
        address=plan.address(SubnetKey.INGRESS, ingress.numbers_of(gateway=gateway)[-1]),
    )


def _ingress_subnet(network: NetworkSettings, names: Names) -> str:
    if network.existing:
        return resource_name(network.existing.subnets[SubnetKey.INGRESS])
    return names.of("snet", SubnetKey.INGRESS)
