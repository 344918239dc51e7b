"""Web application firewall policies of Application Gateways."""

from __future__ import annotations

from typing import Any

from simulator.azure.model import Request, ResourceType
from simulator.azure.namespaces.network.users import APPLICATION_GATEWAY
from simulator.azure.rules import Refusal, advice, rule
from support.nested import items

_POLICY = "network:WebApplicationFirewallPolicy"
_SETS = (
    "Microsoft Learn: azure/web-application-firewall/ag/application-gateway-crs-rulegroups-rules"
)
_CORE = ("OWASP", "Microsoft_DefaultRuleSet")
VERSIONS = {
    "OWASP": ("3.2", "3.1", "3.0"),
    "Microsoft_DefaultRuleSet": ("2.2", "2.1"),
    "Microsoft_BotManagerRuleSet": ("1.1", "1.0", "0.1"),
    "Microsoft_HTTPDDoSRuleSet": ("1.0",),
}
"""Rule sets and the versions that a new policy may name; newest first."""
_LEGACY = {("OWASP", "3.1"), ("OWASP", "3.0"), ("Microsoft_BotManagerRuleSet", "0.1")}


def _sets(request: Request) -> list[tuple[str, str]]:
    given = items(request.inputs, "managedRules", "managedRuleSets")
    return [(str(one.get("ruleSetType")), str(one.get("ruleSetVersion"))) for one in given]


@rule("BadRequest", _POLICY, source=_SETS)
def a_rule_set_and_its_version_exist(request: Request) -> Refusal | None:
    """By the table of managed rule sets."""
    for kind, version in _sets(request):
        if version not in VERSIONS.get(kind, ()):
            return Refusal(f"There is no managed rule set {kind} {version}.", "managedRules")
    return None


@rule("BadRequest", _POLICY, source=_SETS)
def a_policy_has_one_core_rule_set(request: Request) -> Refusal | None:
    """The default rule set or OWASP's, and the others beside it."""
    core = [kind for kind, _ in _sets(request) if kind in _CORE]
    if len(core) == 1:
        return None
    return Refusal(f"A policy needs one of {' and '.join(_CORE)}, not {len(core)}.", "managedRules")


@rule(
    "BadRequest",
    _POLICY,
    source="Microsoft Learn: azure/web-application-firewall/ag/custom-waf-rules-overview",
)
def priorities_of_custom_rules_differ(request: Request) -> Refusal | None:
    """No two custom rules with one priority."""
    seen: dict[Any, Any] = {}
    for item in items(request.inputs, "customRules"):
        priority = item.get("priority")
        if priority in seen:
            text = f"Custom rules {seen[priority]} and {item.get('name')} have one priority."
            return Refusal(text, "customRules")
        seen[priority] = item.get("name")
    return None


@advice(_POLICY, source=_SETS)
def an_old_rule_set_is_no_longer_supported(request: Request) -> str | None:
    """Microsoft supports the last versions only."""
    for kind, version in _sets(request):
        if (kind, version) in _LEGACY:
            return f"Managed rule set {kind} {version} is out of support; use {VERSIONS[kind][0]}."
    return None


def _outputs(request: Request) -> dict[str, Any]:
    gateways = [
        {"id": item.id}
        for item in request.cloud.store.referrers(request.id)
        if item.token == APPLICATION_GATEWAY
    ]
    result: dict[str, Any] = {"resourceState": "Enabled"}
    if gateways:
        result["applicationGateways"] = gateways
    return result


TYPES = [
    ResourceType(
        _POLICY,
        "2024-05-01",
        seconds=5,
        outputs=_outputs,
    ),
]
