"""A load balancer that Azure creates for a Service in the cluster.

A Service of type LoadBalancer gets a public address, unless an annotation makes it internal
(aks/load-balancer-standard, aks/internal-lb).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from analysis.stack_state import Json, Resource

PREFIX = "service.beta.kubernetes.io/azure-load-balancer"
PORT_PREFIX = "service.beta.kubernetes.io/port_"
"""How the annotations of one port of the Service begin."""
ALLOWED_RANGES = "service.beta.kubernetes.io/azure-allowed-ip-ranges"
ALLOWED_TAGS = "service.beta.kubernetes.io/azure-allowed-service-tags"
EVERYONE = frozenset({"0.0.0.0/0", "*", "internet"})

WEB_PORTS = (("tcp", 80), ("tcp", 443))


@dataclass(frozen=True)
class LoadBalancer:
    """A load balancer that Azure creates for a Service in the cluster."""

    owner: Resource
    """What is in the state: the Service, the controller, the Helm release or the Gateway."""
    name: str
    namespace: str
    selector: Mapping[str, str]
    """Labels of the pods behind it."""
    annotations: Json
    classes: tuple[str, ...] = ()
    """The ingress classes that the pods serve, or the title of their Gateway."""
    ports: tuple[tuple[str, int], ...] = WEB_PORTS
    """Protocol and port of each port of the Service."""
    target_ports: Mapping[tuple[str, int], int | str] = field(
        default_factory=dict[tuple[str, int], int | str]
    )
    """The ports of the pods by port of the Service, as a number or a container port's name; a port
    without an entry is the same at the pods."""
    app_protocols: Mapping[tuple[str, int], str] = field(default_factory=dict[tuple[str, int], str])
    """`appProtocol` by protocol and port of the Service."""
    source_ranges: tuple[str, ...] = ()
    """`loadBalancerSourceRanges` of the Service."""
    static_address: str = ""
    service: Json = field(default_factory=dict[str, Any])
    """The `spec` of the Service as far as it is known: `externalTrafficPolicy`, `ports`."""

    @property
    def public(self) -> bool:
        """Whether it has a public address; the annotation for a private one is missing."""
        return str(self.annotations.get(f"{PREFIX}-internal") or "").lower() != "true"

    @property
    def address(self) -> str:
        """Its static address; empty if Azure chooses one."""
        return str(self.annotations.get(f"{PREFIX}-ipv4") or self.static_address)

    @property
    def allowed_ranges(self) -> tuple[str, ...]:
        return (*self.source_ranges, *_listed(self.annotations.get(ALLOWED_RANGES)))

    @property
    def allowed_tags(self) -> tuple[str, ...]:
        """The service tags that it admits, besides the ranges."""
        return _listed(self.annotations.get(ALLOWED_TAGS))

    @property
    def open_to_all(self) -> bool:
        """Whether every address of the Internet may connect."""
        allowed = (*self.allowed_ranges, *self.allowed_tags)
        return self.public and (not allowed or any(one.lower() in EVERYONE for one in allowed))


def _listed(annotation: object) -> tuple[str, ...]:
    return tuple(part.strip() for part in str(annotation or "").split(",") if part.strip())
