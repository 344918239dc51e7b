"""The proxies in front of the ingress controller, and how it learns from them who the client is.

A proxy connects with an address of its own and names the client in X-Forwarded-For. A controller
replaces that header, which anybody may send, unless it trusts who connects. Pure data.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from components.addressing import AddressPlan, SubnetKey
from components.settings.ingress import IngressSettings
from components.settings.waf import FRONT_DOOR_HEADER, ExternalWaf

_RANGES_OF_A_LINE = 16
"""Of HAProxy's configuration, where a line has at most 64 words."""


@dataclass(frozen=True)
class Proxies:
    """What connects to the controller in the place of clients."""

    hops: int = 0
    """The number of proxies, each of which appends to X-Forwarded-For; 0 if clients connect."""
    ranges: tuple[str, ...] = ()
    """The ranges of what connects, in CIDR notation; empty where only a service tag is known."""
    header: str = "X-Forwarded-For"
    """The header whose last address is the client's."""
    front_door_id: str | None = None
    """The ID of the Front Door profile that the controller itself must ask for; None without."""


NO_PROXIES = Proxies()


def proxies_in_front(plan: AddressPlan, ingress: IngressSettings) -> Proxies:
    """What connects to the controller: an Application Gateway, a firewall, or Azure Front Door.

    Nothing where clients connect to the controller themselves, or a gateway connects to the pods.
    """
    if not ingress.has_load_balancer:
        return NO_PROXIES
    if ingress.has_application_gateway:
        subnet = (plan.subnet(SubnetKey.APPLICATION_GATEWAY).prefix,)
        if ingress.front_door_id is None:
            return Proxies(1, subnet)
        # The gateway appends Front Door's address to X-Forwarded-For. Front Door names its client
        # in a header of its own, too (frontdoor/front-door-http-headers-protocol).
        return Proxies(2, subnet, "X-Azure-SocketIP")
    if not isinstance(ingress.waf, ExternalWaf):
        return NO_PROXIES
    return Proxies(1, ingress.waf.external.source_ranges, front_door_id=ingress.front_door_id)


def nginx_annotations(proxies: Proxies) -> dict[str, str]:
    """The annotation of an Ingress of application routing's NGINX.

    AKS does not support changes of the add-on's ConfigMap, but the add-on accepts snippets without
    certain words (aks/app-routing, "Limitations").
    """
    if not proxies.ranges:
        return {}
    trusted = [f"set_real_ip_from {cidr};" for cidr in proxies.ranges]
    lines = [*trusted, f"real_ip_header {proxies.header};", "real_ip_recursive on;"]
    return {"nginx.ingress.kubernetes.io/configuration-snippet": "\n".join(lines) + "\n"}


def traefik_values(proxies: Proxies) -> dict[str, Any]:
    """Values of Traefik's chart: the proxies, at both entry points."""
    if not proxies.ranges:
        return {}
    entry_point = {"forwardedHeaders": {"trustedIPs": list(proxies.ranges)}}
    return {"ports": {"web": entry_point, "websecure": entry_point}}


def contour_values(proxies: Proxies) -> dict[str, Any]:
    """Values of Contour's chart. Envoy counts proxies and takes no ranges."""
    if not proxies.hops:
        return {}
    return {"configInline": {"network": {"num-trusted-hops": proxies.hops}}}


def haproxy_config(proxies: Proxies) -> dict[str, Any]:
    """Values of HAProxy's ConfigMap. Its key `src-ip-header` would trust every client."""
    client = f"http-request set-src hdr({proxies.header})"
    if proxies.front_door_id:
        profile = f"{{ req.hdr({FRONT_DOOR_HEADER}) -m str {proxies.front_door_id} }}"
        lines = [f"http-request deny deny_status 403 unless {profile}", f"{client} if {profile}"]
    else:
        size = _RANGES_OF_A_LINE
        starts = range(0, len(proxies.ranges), size)
        chunks = (" ".join(proxies.ranges[start : start + size]) for start in starts)
        lines = [f"{client} if {{ src {chunk} }}" for chunk in chunks]
    return {"config": {"frontend-config-snippet": "\n".join(lines) + "\n"}} if lines else {}


def istio_annotations(proxies: Proxies) -> dict[str, str]:
    """Annotations of the pods of a Gateway. Envoy counts proxies and takes no ranges.

    Sources: istio.io, "Configuring Gateway Network Topology"; aks/istio-gateway-api, "Deployment
    customization allow list fields".
    """
    if not proxies.hops:
        return {}
    topology = {"gatewayTopology": {"numTrustedProxies": proxies.hops}}
    return {"proxy.istio.io/config": json.dumps(topology)}


def required_headers(proxies: Proxies) -> dict[str, str]:
    """The headers that an HTTPRoute asks for: those of one's own Front Door profile."""
    return {FRONT_DOOR_HEADER: proxies.front_door_id} if proxies.front_door_id else {}
