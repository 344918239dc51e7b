"""The response: its route, and whether the application learns the client's address."""

from __future__ import annotations

from analysis.load_balancers import LoadBalancer
from analysis.reachability.addresses import network
from analysis.reachability.request_path.request import Outcome, Request, Step
from analysis.reachability.virtual_networks import Route
from analysis.stack_state import Resource, State
from support import nested


def return_path(request: Request) -> Step:
    """Whether the answers leave where the request came in.

    A route to an appliance sends the answers of a public address to a firewall that saw no request
    (aks/limit-egress-traffic, "Add a DNAT rule"). Application Gateway supports no such route
    (application-gateway/configuration-infrastructure).
    """
    name, source = "return path", request.entry
    endpoint = next((one for one in request.matrix.endpoints if one.name == source), None)
    for destination in endpoint.destinations if endpoint else ():
        subnet = destination.filtered_by
        if not destination.public or subnet is None:
            continue
        for route in _default_routes(subnet.routes):
            if route.next_hop in {"VirtualAppliance", "VirtualNetworkGateway", "None"}:
                detail = (
                    f"route {route.name} sends the answers to {route.address or route.next_hop},"
                    " which saw no request; remove the route, so that answers go to the Internet"
                )
                return Step(name, Outcome.BREAKS, detail)
    return Step(name, Outcome.PASSES, "the answers take the path of the request")


def _default_routes(routes: tuple[Route, ...]) -> list[Route]:
    """The routes that apply to clients on the Internet: those of all addresses."""
    return [route for route in routes if network(route.prefix) == network("0.0.0.0/0")]


def client_address(request: Request) -> Step | None:
    """Whether the application learns the client's address behind a gateway."""
    name = "client address"
    balancer = request.load_balancer
    if balancer is None:
        return Step(name, Outcome.PASSES, "the gateway passes it on in X-Forwarded-For")
    if not request.gateway_endpoint:
        policy = balancer.service.get("externalTrafficPolicy")
        if policy == "Local":
            return Step(name, Outcome.PASSES, "externalTrafficPolicy: Local keeps it")
        detail = "the controller sees the address of a node: externalTrafficPolicy is not Local"
        return Step(name, Outcome.NOTE, detail)
    if _trusts_gateway(request.state, balancer):
        return Step(name, Outcome.PASSES, "the controller takes it from the gateway's header")
    detail = "the controller replaces X-Forwarded-For: the application sees the gateway's address"
    return Step(name, Outcome.NOTE, detail)


def _trusts_gateway(state: State, balancer: LoadBalancer) -> bool:
    """Whether a controller takes the client's address from the header of a proxy in front."""
    values = balancer.owner.mapping("values")
    ports = nested.mapping(values, "ports")
    return bool(
        nested.items(ports, "websecure", "forwardedHeaders", "trustedIPs")
        or nested.at(values, "configInline", "network", "num-trusted-hops")
        or nested.at(values, "contour", "configInline", "network", "num-trusted-hops")
        or nested.at(values, "controller", "config", "src-ip-header")
        or (balancer.owner.kind == "Gateway" and _trusted_hops(state, balancer.owner))
    )


def _trusted_hops(state: State, gateway: Resource) -> bool:
    """Whether a Gateway's annotations or its ConfigMap name trusted proxies."""
    infrastructure = gateway.mapping("spec", "infrastructure")
    if "numTrustedProxies" in str(nested.mapping(infrastructure, "annotations")):
        return True
    name = nested.at(infrastructure, "parametersRef", "name")
    return any(
        item.at("metadata", "name") == name and "numTrustedProxies" in str(item.at("data"))
        for item in state.kubernetes("ConfigMap")
    )
