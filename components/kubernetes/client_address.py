"""The proxies in front of the ingress controller, and how it learns from them who the client is.

A proxy connects with an address of its own and names the client in X-Forwarded-For. A controller
replaces that header, which anybody may send, unless it trusts who connects. Pure data.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from components.addressing import AddressPlan, SubnetKey
from components.settings.ingress import IngressSettings
from components.settings.waf import ExternalWaf

HEADER = "X-Forwarded-For"
_RANGES_OF_A_LINE = 16
"""Of HAProxy's configuration, where a line has at most 64 words."""


def proxies_in_front(plan: AddressPlan, ingress: IngressSettings) -> tuple[str, ...]:
    """The ranges of what connects to the controller in the place of clients, in CIDR notation.

    That is the subnet of an Application Gateway, or a third party's firewall. Empty where clients
    connect to the controller themselves, or a gateway connects to the pods.
    """
    if not ingress.has_load_balancer:
        return ()
    if ingress.has_application_gateway:
        return (plan.subnet(SubnetKey.APPLICATION_GATEWAY).prefix,)
    waf = ingress.waf
    return waf.external.source_ranges if isinstance(waf, ExternalWaf) else ()


def nginx_annotations(ranges: Sequence[str]) -> dict[str, str]:
    """The annotation of an Ingress of application routing's NGINX.

    AKS does not support changes of the add-on's ConfigMap, but the add-on accepts snippets without
    certain words (aks/app-routing, "Limitations").
    """
    if not ranges:
        return {}
    trusted = [f"set_real_ip_from {cidr};" for cidr in ranges]
    lines = [*trusted, f"real_ip_header {HEADER};", "real_ip_recursive on;"]
    return {"nginx.ingress.kubernetes.io/configuration-snippet": "\n".join(lines) + "\n"}


def traefik_values(ranges: Sequence[str]) -> dict[str, Any]:
    """Values of Traefik's chart: the proxies, at both entry points."""
    if not ranges:
        return {}
    entry_point = {"forwardedHeaders": {"trustedIPs": list(ranges)}}
    return {"ports": {"web": entry_point, "websecure": entry_point}}


def contour_values(ranges: Sequence[str]) -> dict[str, Any]:
    """Values of Contour's chart. Envoy counts proxies and takes no ranges."""
    return {"configInline": {"network": {"num-trusted-hops": 1}}} if ranges else {}


def haproxy_config(ranges: Sequence[str]) -> dict[str, Any]:
    """Values of HAProxy's ConfigMap. Its key `src-ip-header` would trust every client."""
    if not ranges:
        return {}
    size = _RANGES_OF_A_LINE
    chunks = (ranges[start : start + size] for start in range(0, len(ranges), size))
    lines = [
        f"http-request set-src hdr({HEADER}) if {{ src {' '.join(chunk)} }}" for chunk in chunks
    ]
    return {"config": {"frontend-config-snippet": "\n".join(lines) + "\n"}}


def istio_annotations(ranges: Sequence[str]) -> dict[str, str]:
    """Annotations of the pods of a Gateway. Envoy counts proxies and takes no ranges.

    Sources: istio.io, "Configuring Gateway Network Topology"; aks/istio-gateway-api, "Deployment
    customization allow list fields".
    """
    if not ranges:
        return {}
    topology = {"gatewayTopology": {"numTrustedProxies": 1}}
    return {"proxy.istio.io/config": json.dumps(topology)}
