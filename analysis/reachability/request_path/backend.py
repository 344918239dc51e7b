"""What is behind the entry: backend, health probes, the pods of controller and application."""

from __future__ import annotations

from analysis.load_balancers import failing_probes
from analysis.reachability import services
from analysis.reachability.request_path.entry import listener_for
from analysis.reachability.request_path.request import Outcome, Request, Step
from analysis.stack_state import Json, Resource
from support import nested

_SETTINGS = "backendHttpSettingsCollection"
NOT_FOUND = 404
"""What a controller answers for a path that no route has."""


def backend(request: Request) -> Step | None:
    """Whether the gateway forwards the host to the controller, and reaches it."""
    if request.gateway is None or request.load_balancer is None:
        return None
    name, address = "backend", request.load_balancer.address
    settings = settings_for(request.gateway, request.host)
    if settings is None:
        detail = f"the listener for {request.host} has no rule with a backend; add one"
        return Step(name, Outcome.BREAKS, detail)
    port = int(settings["port"])
    cell = request.matrix.between(request.gateway_endpoint, request.controller_endpoint)
    if not cell.services & services.tcp(port):
        reasons = sorted(
            {flow.reasons[-1] for flow in cell.denied if flow.services & services.tcp(port)}
        )
        detail = f"the gateway does not reach {address}:{port}"
        return Step(name, Outcome.BREAKS, f"{detail}: {'; '.join(reasons) or 'nothing listens'}")
    return Step(name, Outcome.PASSES, f"{address}:{port} by {settings.get('protocol')}")


def backend_probe(request: Request) -> Step | None:
    """Whether the gateway's health probe gets an answer that it takes for healthy.

    The probe is a request for a host and path of its own. A controller answers 404 where no route
    has them (application-gateway-probe-overview).
    """
    if request.gateway is None or request.load_balancer is None:
        return None
    name = "backend probe"
    settings = settings_for(request.gateway, request.host) or {}
    probe = _child(request.gateway, "probes", settings, "probe")
    path = str(probe.get("path") or "/") if probe else "/"
    accepted = [str(one) for one in nested.items(probe, "match", "statusCodes")] or ["200-399"]
    where = f"{settings.get('protocol', 'http')} {path}, healthy at {', '.join(accepted)}".lower()
    routed = any(
        path == route or path.startswith(route.rstrip("/") + "/")
        for route in _paths(request, str(nested.at(probe, "host") or request.host))
    )
    if routed:
        detail = f"{where}: the application must answer with this status"
        return Step(name, Outcome.NOTE, detail)
    if not any(_contains(one, NOT_FOUND) for one in accepted):
        detail = (
            f"{where}: no route has the path {path}, so the controller answers {NOT_FOUND} and the"
            " gateway counts it as unhealthy (502); probe a path of a route, or accept 200-499"
        )
        return Step(name, Outcome.BREAKS, detail)
    return Step(name, Outcome.PASSES, f"{where}: the controller answers {NOT_FOUND}, which counts")


def load_balancer(request: Request) -> Step | None:
    """Whether the load balancer's health probes reach the nodes.

    The security groups decide that.
    """
    if request.load_balancer is None:
        return None
    name, row = "load balancer", request.controller_endpoint
    source = request.gateway_endpoint or "Internet"
    cell = request.matrix.between(source, row)
    blocked = {
        reason for flow in cell.denied for reason in flow.reasons[-1:] if "health probes" in reason
    }
    if blocked:
        return Step(name, Outcome.BREAKS, f"{'; '.join(sorted(blocked))}; admit AzureLoadBalancer")
    kind = "public" if request.load_balancer.public else "internal"
    return Step(name, Outcome.PASSES, f"{kind}, and the security groups admit its health probes")


def load_balancer_probe(request: Request) -> Step | None:
    """Whether the pods give the load balancer's health probe the answer 200.

    A controller answers 404 for `/` without a host, so an HTTP probe of it takes every node out
    (haproxytech/helm-charts, issue 205; Azure/AKS, issue 3646).
    """
    balancer = request.load_balancer
    if balancer is None:
        return None
    name = "load balancer probe"
    if balancer.owner.kind not in {"Service", "Release", "Gateway"}:
        return Step(name, Outcome.PASSES, f"the add-on maintains the Service of {balancer.name}")
    port = _port_of(request)
    if reason := failing_probes(balancer).get(("tcp", port)):
        remedy = (
            "use externalTrafficPolicy: Local, or the annotation"
            f" service.beta.kubernetes.io/port_{port}_health-probe_protocol: tcp"
        )
        return Step(name, Outcome.BREAKS, f"{reason}: no node gets a request; {remedy}")
    return Step(name, Outcome.PASSES, f"the nodes pass the probe of port {port}")


def _port_of(request: Request) -> int:
    """The port of the load balancer that the request uses."""
    settings = settings_for(request.gateway, request.host) if request.gateway else None
    return int(settings["port"]) if settings else 443


def pods(request: Request) -> Step:
    """Whether the last proxy reaches the application's pods on the port of its Service."""
    name, last = "pods", request.last_proxy
    if not last:
        return Step(name, Outcome.BREAKS, "nothing in the state serves the route")
    cell = request.matrix.between(last, request.target.name)
    port = request.route.backend.port
    wanted = (
        services.tcp(port)
        if isinstance(port, int)
        else request.target.pod.named_ports.get(port, services.EVERYTHING)
        if request.target.pod
        else services.EVERYTHING
    )
    if not wanted <= cell.services:
        reasons = sorted({flow.reasons[-1] for flow in cell.denied if flow.services & wanted})
        detail = f"{last} does not reach {request.target.name} on {port}"
        return Step(name, Outcome.BREAKS, f"{detail}: {'; '.join(reasons) or 'no such port'}")
    return Step(name, Outcome.PASSES, f"{last} → {request.target.name}:{port}")


def settings_for(gateway: Resource, host: str) -> Json | None:
    """The backend settings of the rule of a host's listener, or of its path map's default."""
    rule = rule_for(gateway, host)
    if rule is None:
        return None
    if settings := _child(gateway, _SETTINGS, rule, "backendHttpSettings"):
        return settings
    path_map = _child(gateway, "urlPathMaps", rule, "urlPathMap")
    return _child(gateway, _SETTINGS, path_map or {}, "defaultBackendHttpSettings")


def rule_for(gateway: Resource, host: str) -> Json | None:
    """The rule of a host's listener."""
    found = listener_for(gateway, host)
    for rule in gateway.items("requestRoutingRules") if found else ():
        if _name(rule, "httpListener") == (found or {}).get("name"):
            return rule
    return None


def _child(gateway: Resource, collection: str, row: Json, name: str) -> Json | None:
    """The child object of a gateway that another one refers to."""
    wanted = _name(row, name)
    return next((one for one in gateway.items(collection) if one.get("name") == wanted), None)


def _name(row: Json, name: str) -> str:
    return str(nested.at(row, name, "id") or "").rsplit("/", 1)[-1]


def _paths(request: Request, host: str) -> list[str]:
    """The paths that Ingress objects of any namespace have for a host."""
    return [
        str(path.get("path") or "/")
        for item in request.state.kubernetes("Ingress")
        for rule in nested.items(item.mapping("spec"), "rules")
        if str(rule.get("host") or host) == host
        for path in nested.items(rule, "http", "paths")
    ]


def _contains(codes: str, code: int) -> bool:
    first, _, last = codes.partition("-")
    return first.isdigit() and int(first) <= code <= int(last or first)
