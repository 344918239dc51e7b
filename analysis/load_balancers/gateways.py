"""Gateways of the Gateway API whose proxies are pods behind a load balancer."""

from __future__ import annotations

from analysis.load_balancers.load_balancer import LoadBalancer
from analysis.stack_state import Resource
from support import nested

GATEWAY_GROUP = "gateway.networking.k8s.io"
GATEWAY_CLASSES = frozenset({"approuting-istio", "istio"})
"""Gateway classes whose proxies are pods behind a load balancer: application routing and the Istio
add-on."""
_GATEWAY_LABEL = "gateway.networking.k8s.io/gateway-name"
_STATUS_PORT = 15021
"""The health port of a Gateway's proxies, which their Service exposes too."""


def of_gateway(gateway: Resource) -> LoadBalancer | None:
    """The load balancer of a Gateway's proxies; None if its class runs none in the cluster.

    A Gateway with an address of type `Hostname` uses a Service that exists.
    """
    spec, metadata = gateway.mapping("spec"), gateway.mapping("metadata")
    addresses = nested.items(spec, "addresses")
    if (
        str(gateway.properties.get("apiVersion")).partition("/")[0] != GATEWAY_GROUP
        or spec.get("gatewayClassName") not in GATEWAY_CLASSES
        or any(row.get("type") == "Hostname" for row in addresses)
    ):
        return None
    name, namespace = str(metadata["name"]), str(metadata.get("namespace") or "default")
    ports = {int(row["port"]) for row in nested.items(spec, "listeners")}
    static = [
        str(row.get("value") or "")
        for row in addresses
        if (row.get("type") or "IPAddress") == "IPAddress"
    ]
    return LoadBalancer(
        owner=gateway,
        name=name,
        namespace=namespace,
        selector={**nested.mapping(spec, "infrastructure", "labels"), _GATEWAY_LABEL: name},
        annotations=nested.mapping(spec, "infrastructure", "annotations"),
        classes=(f"Gateway {namespace}/{name}",),
        ports=tuple(("tcp", port) for port in sorted({_STATUS_PORT, *ports})),
        static_address=next(iter(static), ""),
    )
