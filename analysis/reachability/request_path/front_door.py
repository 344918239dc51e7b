"""Azure Front Door: whether only one's own profile gets through.

All profiles of all customers connect from the addresses of one service tag. Each names itself in a
header (frontdoor/origin-security, "Front Door identifier").
"""

from __future__ import annotations

from collections.abc import Iterator

from analysis.reachability import hosts
from analysis.reachability.request_path.entry import listener_for
from analysis.reachability.request_path.request import Outcome, Request, Step
from analysis.reachability.web_firewalls import prevention_policy
from analysis.stack_state import Resource, reference
from support import nested

HEADER = "x-azure-fdid"
NAME = "Front Door"


def front_door(request: Request) -> Step | None:
    """Whether something compares the header with the ID of one's own profile."""
    if not request.only_front_door:
        return None
    found = next(_checks(request), None)
    if found is None:
        detail = (
            "any Front Door profile gets through, also those of others: nothing compares"
            " X-Azure-FDID; set frontDoorId"
        )
        return Step(NAME, Outcome.NOTE, detail)
    return Step(NAME, Outcome.PASSES, f"{found} answers only the profile in X-Azure-FDID")


def _checks(request: Request) -> Iterator[str]:
    """What compares the header: a WAF policy, an HTTPRoute, or a controller from a chart."""
    yield from _policies(request)
    for route in request.state.kubernetes("HTTPRoute"):
        spec = route.mapping("spec")
        names = [str(one) for one in nested.items(spec, "hostnames")]
        rules = nested.items(spec, "rules")
        if not any(hosts.common(name, request.host) is not None for name in names) or not rules:
            continue
        if all(_matches_header(match) for rule in rules for match in nested.items(rule, "matches")):
            yield f"HTTPRoute {route.name}"
    if request.load_balancer is not None:
        config = request.load_balancer.owner.mapping("values", "controller", "config")
        if HEADER in str(config.get("frontend-config-snippet") or "").lower():
            yield "the controller"


def _matches_header(match: object) -> bool:
    return any(
        str(nested.at(row, "name")).lower() == HEADER and nested.at(row, "value")
        for row in nested.items(match, "headers")
    )


def _policy(request: Request) -> Resource | None:
    """The WAF policy that inspects the request at the gateway."""
    if request.gateway is not None:
        listener = listener_for(request.gateway, request.host)
        own = reference(listener, "firewallPolicy") if listener else ""
        return request.state.get(own or reference(request.gateway.properties, "firewallPolicy"))
    if request.traffic_controller is None:
        return None
    policies = request.state.of_type("network:WebApplicationFirewallPolicy")
    return next((one for one in policies if one.name == request.route.waf_policy), None)


def _policies(request: Request) -> Iterator[str]:
    """The gateway's policy for the host, if a rule of it blocks other profiles."""
    policy = _policy(request)
    if policy is None or not prevention_policy(request.state, policy.key):
        return
    for rule in policy.items("customRules"):
        conditions = nested.items(rule, "matchConditions")
        if rule.get("action") != "Block" or len(conditions) != 1:
            continue
        (condition,) = conditions
        selectors = {
            str(nested.at(row, "selector")).lower()
            for row in nested.items(condition, "matchVariables")
        }
        if condition.get("negationConditon") and selectors == {HEADER}:
            yield f"{policy.name}: rule {rule.get('name')}"
