"""Whether the application learns the client's address, and from where.

A proxy in front of the controller connects to it with an address of its own and names the client in
X-Forwarded-For. A controller replaces that header unless it trusts the proxy. Application Gateway
appends the client's port to the address there, which Envoy and HAProxy do not read
(application-gateway/how-application-gateway-works, "Modifications to the request";
envoyproxy/envoy#25517).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from analysis.load_balancers import LoadBalancer, customization
from analysis.reachability.addresses import networks
from analysis.reachability.request_path.backend import rule_for
from analysis.reachability.request_path.request import Outcome, Request, Step
from analysis.stack_state import Json, Resource, reference
from support import nested

NAME = "client address"
FORWARDED = "X-Forwarded-For"
SNIPPET = "nginx.ingress.kubernetes.io/configuration-snippet"
_NGINX_RANGE = re.compile(r"set_real_ip_from\s+([^;\s]+)\s*;")
_NGINX_HEADER = re.compile(r"real_ip_header\s+([^;\s]+)\s*;")
_HAPROXY_FRONT_DOOR = re.compile(r"http-request set-src hdr\([^)]*\) if \{ req\.hdr\(")
_HAPROXY_RANGES = re.compile(r"http-request set-src hdr\(([^)]*)\) if \{ src ([^}]*)\}")
_PORTLESS = frozenset({"{var_add_x_forwarded_for_proxy}", "{var_client_ip}"})


@dataclass(frozen=True)
class _Trust:
    """The proxies whose header a controller believes."""

    ranges: tuple[str, ...] = ()
    """Their addresses; empty for any that connects."""
    reads_ports: bool = False
    """Whether it reads an address with a port."""
    header: str = FORWARDED


def client_address(request: Request) -> Step:
    """Whether the application learns the client's address, and from where."""
    balancer = request.load_balancer
    if balancer is None:
        detail = "the gateway passes it on in X-Forwarded-For"
        if request.gateway is not None:
            detail = f"{detail}, with the client's port: 203.0.113.7:50123"
        return Step(NAME, Outcome.PASSES, detail)
    proxies = _proxies(request, balancer)
    tags = () if request.gateway is not None else balancer.allowed_tags
    if not proxies and not tags:
        return _of_the_connection(balancer)
    trust = _trust(request, balancer)
    if trust is None:
        detail = (
            "the controller does not trust the proxy in front and replaces X-Forwarded-For: the"
            f" application sees an address of {', '.join((*proxies, *tags))}"
        )
        return Step(NAME, Outcome.NOTE, detail)
    if trust.ranges and not networks(proxies) <= networks(trust.ranges):
        detail = (
            f"the controller trusts X-Forwarded-For of {', '.join(trust.ranges)} only: the"
            f" application sees an address of {', '.join(proxies)}"
        )
        return Step(NAME, Outcome.NOTE, detail)
    if request.gateway is not None and not trust.reads_ports and not _removes_port(request):
        detail = (
            "the gateway appends the client's port to X-Forwarded-For, and the controller does not"
            " read it; rewrite the header to {var_add_x_forwarded_for_proxy}"
        )
        return Step(NAME, Outcome.NOTE, detail)
    return Step(NAME, Outcome.PASSES, f"the controller takes it from the {trust.header} in front")


def _of_the_connection(balancer: LoadBalancer) -> Step:
    """Clients connect to the load balancer themselves."""
    if balancer.service.get("externalTrafficPolicy") == "Local":
        return Step(NAME, Outcome.PASSES, "externalTrafficPolicy: Local keeps it")
    detail = "the controller sees the address of a node: externalTrafficPolicy is not Local"
    return Step(NAME, Outcome.NOTE, detail)


def _proxies(request: Request, balancer: LoadBalancer) -> tuple[str, ...]:
    """The ranges of what is in front of the controller; empty if clients connect to it."""
    if request.gateway is not None:
        return tuple(_subnet_ranges(request, request.gateway))
    return () if balancer.open_to_all or not balancer.public else balancer.allowed_ranges


def _subnet_ranges(request: Request, gateway: Resource) -> Iterator[str]:
    for row in gateway.items("gatewayIPConfigurations"):
        subnet = request.state.get(reference(row, "subnet"))
        if subnet is not None:
            single = subnet.at("addressPrefix")
            yield from (
                str(one) for one in ([single] if single else subnet.items("addressPrefixes"))
            )


def _trust(request: Request, balancer: LoadBalancer) -> _Trust | None:
    """What a controller believes, by its settings; None if it believes nobody."""
    kind = balancer.owner.kind
    if kind == "Release":
        return _of_chart(balancer.owner.mapping("values"))
    if kind == "Gateway":
        pods = customization(request.state, balancer.owner, "deployment")
        annotations = (
            nested.mapping(balancer.owner.mapping("spec"), "infrastructure", "annotations"),
            nested.mapping(pods, "spec", "template", "metadata", "annotations"),
        )
        trusted = any("numTrustedProxies" in str(one) for one in annotations)
        return _Trust() if trusted else None
    snippets = list(_snippets(request))
    ranges = tuple(one for text in snippets for one in _NGINX_RANGE.findall(text))
    header = next((one for text in snippets for one in _NGINX_HEADER.findall(text)), FORWARDED)
    # NGINX reads an address with a port since 1.11.
    return _Trust(ranges, reads_ports=True, header=header) if ranges else None


def _of_chart(values: Json) -> _Trust | None:
    """The values of Traefik, Contour and HAProxy."""
    entry = nested.items(values, "ports", "websecure", "forwardedHeaders", "trustedIPs")
    if entry:
        # Traefik passes the header on as it is.
        return _Trust(tuple(map(str, entry)), reads_ports=True)
    hops = nested.at(values, "configInline", "network", "num-trusted-hops")
    config = nested.mapping(values, "controller", "config")
    if hops or config.get("src-ip-header"):
        return _Trust()
    snippet = str(config.get("frontend-config-snippet") or "")
    if _HAPROXY_FRONT_DOOR.search(snippet):
        return _Trust()
    found = _HAPROXY_RANGES.findall(snippet)
    ranges = tuple(one for _, text in found for one in text.split())
    header = found[0][0] if found else FORWARDED
    # Only Application Gateway appends a port, and only to X-Forwarded-For.
    return _Trust(ranges, header != FORWARDED, header) if ranges else None


def _snippets(request: Request) -> Iterator[str]:
    """The snippets of the Ingress objects of the request's host."""
    for item in request.state.kubernetes("Ingress"):
        metadata = item.mapping("metadata")
        found = {
            str(rule.get("host") or "") for rule in nested.items(item.mapping("spec"), "rules")
        }
        if metadata.get("namespace") == request.route.namespace and request.host in found:
            yield str(nested.mapping(metadata, "annotations").get(SNIPPET) or "")


def _removes_port(request: Request) -> bool:
    """Whether the gateway's rule for the host rewrites X-Forwarded-For without the port."""
    gateway = request.gateway
    routing = rule_for(gateway, request.host) if gateway is not None else None
    if gateway is None or routing is None:
        return False
    name = str(nested.at(routing, "rewriteRuleSet", "id") or "").rpartition("/")[2]
    return any(
        str(header.get("headerName")).lower() == "x-forwarded-for"
        and header.get("headerValue") in _PORTLESS
        for one in gateway.items("rewriteRuleSets")
        if one.get("name") == name
        for row in nested.items(one, "rewriteRules")
        for header in nested.items(row, "actionSet", "requestHeaderConfigurations")
    )
