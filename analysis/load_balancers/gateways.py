"""Gateways of the Gateway API whose proxies are pods behind a load balancer."""

from __future__ import annotations

import yaml

from analysis.load_balancers.load_balancer import PORT_PREFIX, LoadBalancer
from analysis.stack_state import Json, Resource, State
from support import nested

GATEWAY_GROUP = "gateway.networking.k8s.io"
GATEWAY_CLASSES = frozenset({"approuting-istio", "istio"})
"""Gateway classes whose proxies are pods behind a load balancer: application routing and the Istio
add-on."""
_GATEWAY_LABEL = "gateway.networking.k8s.io/gateway-name"
_STATUS_PORT = 15021
"""The health port of a Gateway's proxies, which their Service exposes too."""
_APP_PROTOCOLS = {"HTTP": "http", "HTTPS": "https"}
"""`appProtocol` of the Service's ports, which Istio sets by the protocol of the listener."""
_ADDED_ANNOTATIONS = {
    f"{PORT_PREFIX}80_health-probe_port": str(_STATUS_PORT),
    f"{PORT_PREFIX}80_health-probe_protocol": "http",
    f"{PORT_PREFIX}80_health-probe_request-path": "/healthz/ready",
}
"""What the add-ons set on the Service, for port 80 only (aks/app-routing-gateway-api, "Gateway
resource customization")."""


def customization(state: State, gateway: Resource, resource: str) -> Json:
    """What the ConfigMap of a Gateway sets on one of its resources, such as `service`.

    Source: aks/istio-gateway-api, "ConfigMap customizations".
    """
    reference = gateway.mapping("spec", "infrastructure", "parametersRef")
    namespace = gateway.at("metadata", "namespace")
    for item in state.kubernetes("ConfigMap"):
        metadata = item.mapping("metadata")
        if (metadata.get("namespace"), metadata.get("name")) == (namespace, reference.get("name")):
            found = yaml.safe_load(str(item.mapping("data").get(resource) or ""))
            return found if nested.is_mapping(found) else {}
    return {}


def of_gateway(state: State, gateway: Resource) -> LoadBalancer | None:
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
    listeners = nested.items(spec, "listeners")
    ports = {int(row["port"]) for row in listeners}
    service = customization(state, gateway, "service")
    annotations = {
        **_ADDED_ANNOTATIONS,
        **nested.mapping(spec, "infrastructure", "annotations"),
        **nested.mapping(service, "metadata", "annotations"),
    }
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
        # A null removes what the add-on adds.
        annotations={key: value for key, value in annotations.items() if value is not None},
        classes=(f"Gateway {namespace}/{name}",),
        ports=tuple(("tcp", port) for port in sorted({_STATUS_PORT, *ports})),
        app_protocols={
            ("tcp", int(row["port"])): _APP_PROTOCOLS[row["protocol"]]
            for row in listeners
            if row.get("protocol") in _APP_PROTOCOLS
        },
        static_address=next(iter(static), ""),
        service=nested.mapping(service, "spec"),
    )
