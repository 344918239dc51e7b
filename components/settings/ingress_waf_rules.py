"""Which firewall works with which ingress controller, and which of its settings have an effect.

The rules of its policy are checked in `waf_rules`.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network

from components.problems import Problem
from components.settings.ingress import AGC, IngressSettings
from components.settings.partial import readable, skips_unreadable
from components.settings.paths import INGRESS
from components.settings.waf import ExternalWaf, GatewayWaf

_OF_AN_APPLICATION_GATEWAY = {
    "min_capacity": "minCapacity",
    "max_capacity": "maxCapacity",
    "zones": "zones",
    "tls_policy": "tlsPolicy",
    "certificate": "certificate",
    "backend_protocol": "backendProtocol",
    "backend_root_certificates": "backendRootCertificates",
}
"""Settings of the firewall that Application Gateway for Containers does not have."""
_RULE_SET_OF_AGC = "Microsoft_DefaultRuleSet 2.1"
"""web-application-firewall/ag/waf-application-gateway-for-containers-overview, "Limitations", of
2026-08-21, as the conditions below."""


@skips_unreadable
def problems(ingress: IngressSettings) -> Iterator[Problem]:
    """Which firewall works with which controller."""
    yield from _external_firewall(ingress)
    yield from _source_ranges(ingress)
    waf = ingress.waf
    path = f"{INGRESS}.waf"
    if isinstance(waf, GatewayWaf):
        yield from _capacity(path, waf)
        yield from _root_certificates(path, waf)
    if ingress.controller == "agic" and not isinstance(waf, GatewayWaf):
        rule = "must be an Application Gateway: controller agic configures one"
        yield Problem(path, "", rule, "set waf with a certificate, or use another controller")
    if not isinstance(waf, GatewayWaf):
        return
    if ingress.controller == "none":
        rule = "must not be none: the Application Gateway sends requests to a controller"
        yield Problem(f"{INGRESS}.controller", "none", rule, "use a controller, or waf: none")
    yield from _without_effect(path, ingress, waf)
    yield from _rule_set(path, ingress, waf)
    yield from _forwarded_for(path, ingress, waf)
    yield from _backend_protocol(path, ingress, waf)


@skips_unreadable
def _capacity(path: str, waf: GatewayWaf) -> Iterator[Problem]:
    if waf.min_capacity > waf.max_capacity:
        value = str(waf.min_capacity)
        rule = f"must be at most maxCapacity, {waf.max_capacity}"
        remedy = f"use {waf.max_capacity} or less, or raise maxCapacity"
        yield Problem(f"{path}.minCapacity", value, rule, remedy)


@skips_unreadable
def _root_certificates(path: str, waf: GatewayWaf) -> Iterator[Problem]:
    if waf.backend_protocol == "Http" and waf.backend_root_certificates:
        rule = "must be empty: they are for HTTPS, and backendProtocol is Http"
        remedy = "remove them, or use backendProtocol: Https"
        yield Problem(f"{path}.backendRootCertificates", "", rule, remedy)


@skips_unreadable
def _without_effect(path: str, ingress: IngressSettings, waf: GatewayWaf) -> Iterator[Problem]:
    """Settings that would have no effect."""
    given = waf.model_fields_set
    if ingress.controller == AGC:
        for field, key in _OF_AN_APPLICATION_GATEWAY.items():
            if field in given:
                rule = f"must not be set: {AGC} has no Application Gateway to configure"
                yield Problem(f"{path}.{key}", "", rule, "remove it")
    if ingress.controller == "agic":
        for field in ("backend_protocol", "backend_root_certificates"):
            if field in given:
                key = _OF_AN_APPLICATION_GATEWAY[field]
                rule = "must not be set: agic reads it from the annotations of each Ingress"
                yield Problem(f"{path}.{key}", "", rule, "remove it")


@skips_unreadable
def _rule_set(path: str, ingress: IngressSettings, waf: GatewayWaf) -> Iterator[Problem]:
    if ingress.controller == AGC and waf.rule_set != _RULE_SET_OF_AGC:
        rule = f"must be {_RULE_SET_OF_AGC}: {AGC} supports no other"
        remedy = f"use {_RULE_SET_OF_AGC}"
        yield Problem(f"{path}.ruleSet", waf.rule_set, rule, remedy)


@skips_unreadable
def _forwarded_for(path: str, ingress: IngressSettings, waf: GatewayWaf) -> Iterator[Problem]:
    """Conditions of custom rules that Application Gateway for Containers does not support."""
    if ingress.controller != AGC:
        return
    for position, rule in enumerate(waf.custom_rules):
        for number, condition in readable(lambda one: one.selector or "", rule.conditions):
            if condition.lower() == "x-forwarded-for":
                text = f"must not be X-Forwarded-For: {AGC} does not support it in custom rules"
                place = f"{path}.customRules[{position}].conditions[{number}].selector"
                remedy = "use variable: RemoteAddr, or another controller"
                yield Problem(place, condition, text, remedy)


@skips_unreadable
def _backend_protocol(path: str, ingress: IngressSettings, waf: GatewayWaf) -> Iterator[Problem]:
    if ingress.runs_gateway and waf.backend_protocol == "Http":
        rule = "must be Https: the Gateway redirects HTTP to HTTPS, which would be an endless loop"
        yield Problem(f"{path}.backendProtocol", "Http", rule, "use Https, or remove it")


@skips_unreadable
def _external_firewall(ingress: IngressSettings) -> Iterator[Problem]:
    if not isinstance(ingress.waf, ExternalWaf):
        return
    if not ingress.has_load_balancer:
        rule = "must not be set: it restricts a load balancer of the cluster, and there is none"
        remedy = f"use a controller other than {ingress.controller}, or another waf"
        yield Problem(f"{INGRESS}.waf.external", "", rule, remedy)
    elif ingress.exposure == "internal":
        rule = "must be external: a third party's firewall reaches the controller from the Internet"
        yield Problem(f"{INGRESS}.exposure", "internal", rule, "use exposure: external")


@skips_unreadable
def _source_ranges(ingress: IngressSettings) -> Iterator[Problem]:
    if not isinstance(ingress.waf, ExternalWaf):
        return
    for position, cidr in enumerate(ingress.waf.external.source_ranges):
        if IPv4Network(cidr).prefixlen == 0:
            rule = "must not be every address: clients would bypass the firewall"
            remedy = "use the ranges that the firewall's operator publishes"
            yield Problem(f"{INGRESS}.waf.external.sourceRanges[{position}]", cidr, rule, remedy)
