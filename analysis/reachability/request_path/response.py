"""The response: whether it leaves where the request came in."""

from __future__ import annotations

from analysis.reachability.addresses import network
from analysis.reachability.request_path.request import Outcome, Request, Step
from analysis.reachability.virtual_networks import Route


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
