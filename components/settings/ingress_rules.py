"""Azure's rules within the ingress settings: controller, exposure, firewall.

The controllers, the firewall, the hosts and the certificates have modules of their own:
`controller_rules`, `ingress_waf_rules`, `host_rules` and `certificate_rules`.
"""

from __future__ import annotations

from collections.abc import Iterator

from components.problems import Problem
from components.settings import (
    application_gateway_rules,
    certificate_rules,
    controller_rules,
    ingress_waf_rules,
)
from components.settings.ingress import AGC, IngressSettings
from components.settings.partial import skips_unreadable
from components.settings.paths import APP_ROUTING, INGRESS
from components.settings.waf import GatewayWaf
from components.settings.waf_policy_rules import (
    custom_rules,
    exclusions,
    request_limits,
    rule_overrides,
)

AGC_REGIONS = frozenset(
    {
        "australiaeast",
        "brazilsouth",
        "canadacentral",
        "centralindia",
        "centralus",
        "eastasia",
        "eastus",
        "eastus2",
        "francecentral",
        "germanywestcentral",
        "koreacentral",
        "northcentralus",
        "northeurope",
        "norwayeast",
        "southcentralus",
        "southeastasia",
        "switzerlandnorth",
        "uaenorth",
        "uksouth",
        "westus",
        "westeurope",
    }
)
"""application-gateway/for-containers/overview, "Supported regions", of 2025-07-21. The list grows,
so another region causes only a warning."""


@skips_unreadable
def problems(ingress: IngressSettings) -> Iterator[Problem]:
    """Problems within the ingress settings."""
    yield from controller_rules.problems(ingress)
    yield from exposure(ingress)
    yield from ingress_waf_rules.problems(ingress)
    yield from certificate_rules.of_gateway(ingress)
    yield from application_gateway_rules.source_ranges(ingress)
    if isinstance(ingress.waf, GatewayWaf):
        yield from application_gateway_rules.root_certificates(f"{INGRESS}.waf", ingress.waf)
        yield from custom_rules(f"{INGRESS}.waf.customRules", ingress.waf)
        yield from exclusions(f"{INGRESS}.waf.exclusions", ingress.waf)
        yield from request_limits(f"{INGRESS}.waf.requestLimits", ingress.waf)
        yield from rule_overrides(
            f"{INGRESS}.waf.ruleOverrides",
            ingress.waf,
            js_challenge_for_bots=ingress.controller != AGC,
        )


@skips_unreadable
def exposure(ingress: IngressSettings) -> Iterator[Problem]:
    """Whether the controller may have a public or a private address."""
    if ingress.controller == AGC and ingress.exposure == "internal":
        yield Problem(
            f"{INGRESS}.exposure",
            ingress.exposure,
            f"must be external: {AGC} has public frontends only",
            "use exposure: external, or another controller",
        )
    if (
        isinstance(ingress.waf, GatewayWaf)
        and ingress.exposure == "external"
        and ingress.controller != AGC
    ):
        rule = "must be internal: clients would bypass the firewall at the controller's own address"
        yield Problem(f"{INGRESS}.exposure", ingress.exposure, rule, "use exposure: internal")


def advice(ingress: IngressSettings, location: str) -> Iterator[str]:
    """Warnings about settings that work."""
    if ingress.controller == AGC and location not in AGC_REGIONS:
        yield (
            f"{AGC} may not be available in {location}: it was not in Microsoft's list of regions "
            "of 2025-07; check application-gateway/for-containers/overview"
        )
    if len(running := ingress.app_routing_implementations) > 1:
        yield (
            f"{APP_ROUTING}.sideBySide: {running[0]} serves all requests, and {running[1]} runs "
            "beside it; docs/migrating.md has the next step"
        )
    if ingress.controller == AGC and ingress.waf == "none":
        yield f"no firewall inspects requests: {INGRESS}.waf is none, and {AGC} is public"
    if ingress.has_load_balancer and ingress.exposure == "external" and ingress.waf == "none":
        yield (
            f"every address of the Internet reaches the ingress controller, and no firewall "
            f"inspects requests: {INGRESS}.exposure is external and {INGRESS}.waf is none. "
            "`make audit` reports it as K8S-3. Use exposure: internal, with the waf of an "
            "Application Gateway in front, or waf.external.sourceRanges with the ranges of a "
            "firewall of another vendor"
        )
