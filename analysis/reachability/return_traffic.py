"""The route of responses to requests that come in at a public address.

Source: Microsoft Learn, aks/limit-egress-traffic, "Add a DNAT rule": a firewall drops the answers
to requests that it did not see (asymmetric routing).
"""

from __future__ import annotations

from collections.abc import Sequence

from analysis.reachability import services
from analysis.reachability.addresses import EVERYWHERE, network
from analysis.reachability.traffic import Rule, Stage, first_match
from analysis.reachability.virtual_networks import Route


def answers_leave(routes: Sequence[Route]) -> Stage:
    """Whether the answers from a subnet with these routes get back to the sources."""
    by_length = sorted(routes, key=lambda route: -route.length)
    rules = [_answer(route) for route in by_length]
    rest = Rule(
        "answers leave by Azure's own routes", allow=True, sources=EVERYWHERE,
        destinations=EVERYWHERE, services=services.EVERYTHING,
    )  # fmt: skip
    return lambda flow: first_match([*rules, rest], flow)


def _answer(route: Route) -> Rule:
    match route.next_hop:
        case "VirtualAppliance":
            why = f"sends the answers to {route.address}, which drops them: it saw no request"
        case "None":
            why = "drops the answers"
        case _:
            why = ""
    return Rule(
        f"route {route.name} {why}" if why else f"answers leave by route {route.name}",
        allow=not why,
        sources=network(route.prefix),
        destinations=EVERYWHERE,
        services=services.EVERYTHING,
    )
