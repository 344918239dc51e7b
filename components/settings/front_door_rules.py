"""The settings by which only your own Azure Front Door profile gets through.

All profiles of all customers connect from the same addresses, so the header with the profile's ID
must be checked, too (frontdoor/origin-security, "Public IP address-based origins").
"""

from __future__ import annotations

from collections.abc import Iterator

from components.problems import Problem
from components.settings.ingress import IngressSettings
from components.settings.partial import readable, skips_unreadable
from components.settings.paths import APP_ROUTING, INGRESS
from components.settings.waf import FIRST_PRIORITY, ExternalWaf, GatewayWaf
from components.settings.waf_policy import CustomRule

_CANNOT_CHECK = {
    "app-routing": "application routing's NGINX blocks the snippets that would compare the header",
    "traefik": "Traefik compares no header of requests for an Ingress",
    "contour": "Contour compares no header of requests for an Ingress",
}


@skips_unreadable
def problems(ingress: IngressSettings) -> Iterator[Problem]:
    """Settings that would let another profile through, or nobody."""
    if isinstance(ingress.waf, ExternalWaf):
        yield from _sources(ingress.waf)
        yield from _controller(ingress, ingress.waf)
    if isinstance(ingress.waf, GatewayWaf) and ingress.waf.front_door_id is not None:
        yield from _detection(ingress.waf)
        yield from _custom_rules(f"{INGRESS}.waf.customRules", ingress.waf.custom_rules)
        for position, site in enumerate(ingress.waf.sites):
            path = f"{INGRESS}.waf.sites[{position}]"
            yield from _site(path, site.mode, site.custom_rules)


@skips_unreadable
def _sources(waf: ExternalWaf) -> Iterator[Problem]:
    path = f"{INGRESS}.waf.external"
    sources = waf.external
    if bool(sources.source_ranges) == (sources.front_door_id is not None):
        rule = "must have exactly one of sourceRanges and frontDoorId"
        yield Problem(path, "", rule, "set the ranges of the firewall, or the ID of Front Door")


@skips_unreadable
def _controller(ingress: IngressSettings, waf: ExternalWaf) -> Iterator[Problem]:
    given = waf.external.front_door_id
    if given is None or ingress.controller not in _CANNOT_CHECK:
        return
    if ingress.controller == "app-routing" and not ingress.runs_nginx:
        return
    rule = (
        f"must not be set: any Front Door profile would get through, because "
        f"{_CANNOT_CHECK[ingress.controller]}"
    )
    remedy = (
        f"use {APP_ROUTING}.implementation: gateway-api, controller: haproxy, or the waf of an "
        "Application Gateway with frontDoorId"
    )
    yield Problem(f"{INGRESS}.waf.external.frontDoorId", given, rule, remedy)


@skips_unreadable
def _detection(waf: GatewayWaf) -> Iterator[Problem]:
    if waf.mode == "Detection":
        yield _must_block(f"{INGRESS}.waf.mode")


@skips_unreadable
def _site(path: str, mode: str | None, rules: tuple[CustomRule, ...] | None) -> Iterator[Problem]:
    if mode == "Detection":
        yield _must_block(f"{path}.mode")
    yield from _custom_rules(f"{path}.customRules", rules or ())


def _must_block(path: str) -> Problem:
    rule = (
        "must be Prevention: with frontDoorId, the firewall must block the requests of other Front "
        "Door profiles"
    )
    remedy = "use Prevention, with ruleOverrides of action Log while you try the rules"
    return Problem(path, "Detection", rule, remedy)


@skips_unreadable
def _custom_rules(path: str, rules: tuple[CustomRule, ...]) -> Iterator[Problem]:
    for position, priority in readable(lambda rule: rule.priority, rules):
        if priority == FIRST_PRIORITY:
            rule = (
                f"must be at least {FIRST_PRIORITY + 1}: the rule that checks Front Door is first"
            )
            yield Problem(f"{path}[{position}].priority", str(priority), rule, "raise it")
    for position, rule in enumerate(rules):
        yield from _addresses(f"{path}[{position}]", rule)


@skips_unreadable
def _addresses(path: str, rule: CustomRule) -> Iterator[Problem]:
    """The gateway sees the addresses of Front Door, not those of clients."""
    for number, variable in readable(lambda one: one.variable, rule.conditions):
        if variable == "RemoteAddr":
            text = "must not be RemoteAddr: the gateway sees the addresses of Front Door"
            remedy = "compare addresses in Front Door's own policy"
            yield Problem(f"{path}.conditions[{number}].variable", variable, text, remedy)
    if rule.rate_limit and rule.rate_limit.group_by != "None":
        text = "must be None: the gateway sees Front Door's addresses, and cannot count by client"
        remedy = "use None, or limit rates in Front Door's own policy"
        yield Problem(f"{path}.rateLimit.groupBy", rule.rate_limit.group_by, text, remedy)
