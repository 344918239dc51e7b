"""Ingress controllers, as pods behind a load balancer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from analysis.load_balancers import LoadBalancer, failing_probes
from analysis.reachability import services
from analysis.reachability.addresses import INTERNET, network, service_tag
from analysis.reachability.intervals import Intervals, union


@dataclass(frozen=True)
class IngressController:
    """An ingress controller with its load balancer."""

    name: str
    classes: frozenset[str]
    namespace: str
    labels: Mapping[str, str]
    address: Intervals
    public: bool
    services: Intervals
    allowed_sources: Intervals | None
    target_ports: Mapping[tuple[str, int], int | str]
    """The ports of the pods, by protocol and port of the load balancer."""
    failing_probes: Mapping[tuple[str, int], str]
    """Why the load balancer sends nothing to any node, by its protocol and port."""


def behind(load_balancer: LoadBalancer) -> IngressController:
    """The pods behind a load balancer, as an ingress controller."""
    admitted = [
        *map(network, load_balancer.allowed_ranges),
        *(
            INTERNET if one == "Internet" else service_tag(one)
            for one in load_balancer.allowed_tags
        ),
    ]
    return IngressController(
        name=load_balancer.name,
        classes=frozenset(load_balancer.classes),
        namespace=load_balancer.namespace,
        labels=load_balancer.selector,
        address=network(load_balancer.address)
        if load_balancer.address
        else service_tag("AzureCloud"),
        public=load_balancer.public,
        services=union(services.ports(*one) for one in load_balancer.ports),
        allowed_sources=union(admitted) if admitted else None,
        target_ports=load_balancer.target_ports,
        failing_probes=failing_probes(load_balancer),
    )
