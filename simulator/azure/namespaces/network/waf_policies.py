"""Web application firewall policies of Application Gateways."""

from __future__ import annotations

from typing import Any

from simulator.azure.model import Request, ResourceType
from simulator.azure.namespaces.network.tokens import APPLICATION_GATEWAY
from simulator.azure.rules import Refusal, advice, rule
from support.nested import at, items

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
"""Rule sets, and the versions that a new policy can have, newest first."""
_LEGACY = {("OWASP", "3.1"), ("OWASP", "3.0"), ("Microsoft_BotManagerRuleSet", "0.1")}


def _sets(request: Request) -> list[tuple[str, str]]:
    rule_sets = items(request.inputs, "managedRules", "managedRuleSets")
    return [(str(item.get("ruleSetType")), str(item.get("ruleSetVersion"))) for item in rule_sets]


@rule("BadRequest", _POLICY, source=_SETS)
def a_rule_set_and_its_version_exist(request: Request) -> Refusal | None:
    """A managed rule set and its version must be in `VERSIONS`."""
    for kind, version in _sets(request):
        if version not in VERSIONS.get(kind, ()):
            return Refusal(f"The managed rule set {kind} {version} does not exist.", "managedRules")
    return None


@rule("BadRequest", _POLICY, source=_SETS)
def a_policy_has_one_core_rule_set(request: Request) -> Refusal | None:
    """A policy has exactly one core rule set: the default one or OWASP's."""
    core = [kind for kind, _ in _sets(request) if kind in _CORE]
    if len(core) == 1:
        return None
    return Refusal(
        f"A policy requires one rule set of {' or '.join(_CORE)}, not {len(core)}.", "managedRules"
    )


@rule(
    "BadRequest",
    _POLICY,
    source="Microsoft Learn: azure/web-application-firewall/ag/custom-waf-rules-overview",
)
def priorities_of_custom_rules_differ(request: Request) -> Refusal | None:
    """The priorities of custom rules must differ."""
    seen: dict[Any, Any] = {}
    for item in items(request.inputs, "customRules"):
        priority = item.get("priority")
        if priority in seen:
            text = f"Custom rules {seen[priority]} and {item.get('name')} have the same priority."
            return Refusal(text, "customRules")
        seen[priority] = item.get("name")
    return None


@advice(_POLICY, source=_SETS)
def an_old_rule_set_is_no_longer_supported(request: Request) -> str | None:
    """Microsoft no longer supports the oldest versions."""
    for kind, version in _sets(request):
        if (kind, version) in _LEGACY:
            return f"Managed rule set {kind} {version} is out of support; use {VERSIONS[kind][0]}."
    return None


@rule(
    "BadRequest",
    _POLICY,
    source="Microsoft Learn: azure/web-application-firewall/ag/"
    "waf-sensitive-data-protection-configure",
)
def all_addresses_of_clients_are_scrubbed_or_none(request: Request) -> Refusal | None:
    """A scrubbing rule for the client's address has the operator EqualsAny and no selector."""
    for item in items(request.inputs, "policySettings", "logScrubbing", "scrubbingRules"):
        if at(item, "matchVariable") != "RequestIPAddress":
            continue
        if at(item, "selectorMatchOperator") != "EqualsAny" or at(item, "selector"):
            text = "A log scrubbing rule for RequestIPAddress requires the operator EqualsAny."
            return Refusal(text, "policySettings")
    return None


def _outputs(request: Request) -> dict[str, Any]:
    """The gateways and listeners that the policy belongs to."""
    own = request.id.lower()
    found: dict[str, list[dict[str, str]]] = {"applicationGateways": [], "httpListeners": []}
    for item in request.cloud.store.referrers(request.id):
        if item.token != APPLICATION_GATEWAY:
            continue
        if str(at(item.inputs, "firewallPolicy", "id")).lower() == own:
            found["applicationGateways"].append({"id": item.id})
        for listener in items(item.inputs, "httpListeners"):
            if str(at(listener, "firewallPolicy", "id")).lower() == own:
                name = at(listener, "name")
                found["httpListeners"].append({"id": f"{item.id}/httpListeners/{name}"})
    return {"resourceState": "Enabled", **{key: rows for key, rows in found.items() if rows}}


TYPES = [
    ResourceType(
        _POLICY,
        "2024-05-01",
        seconds=5,
        outputs=_outputs,
    ),
]
