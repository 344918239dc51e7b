"""The rule groups of managed rule sets, to which exclusions and overrides of a policy refer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from simulator.azure.model import Request
from simulator.azure.rules import Refusal, advice, rule
from support.nested import items

_POLICY = "network:WebApplicationFirewallPolicy"
_GROUPS = (
    "Microsoft Learn: azure/web-application-firewall/ag/application-gateway-crs-rulegroups-rules"
)
_UPGRADE = "Microsoft Learn: azure/web-application-firewall/ag/upgrade-ruleset-version"

_CRS_3_0 = {
    "General": "200",
    "Known-CVEs": "800",
    "REQUEST-911-METHOD-ENFORCEMENT": "911",
    "REQUEST-913-SCANNER-DETECTION": "913",
    "REQUEST-920-PROTOCOL-ENFORCEMENT": "920",
    "REQUEST-921-PROTOCOL-ATTACK": "921",
    "REQUEST-930-APPLICATION-ATTACK-LFI": "930",
    "REQUEST-931-APPLICATION-ATTACK-RFI": "931",
    "REQUEST-932-APPLICATION-ATTACK-RCE": "932",
    "REQUEST-933-APPLICATION-ATTACK-PHP": "933",
    "REQUEST-941-APPLICATION-ATTACK-XSS": "941",
    "REQUEST-942-APPLICATION-ATTACK-SQLI": "942",
    "REQUEST-943-APPLICATION-ATTACK-SESSION-FIXATION": "943",
}
_CRS = {**_CRS_3_0, "REQUEST-944-APPLICATION-ATTACK-JAVA": "944"}
_DRS = {
    "General": "200",
    "METHOD-ENFORCEMENT": "911",
    "PROTOCOL-ENFORCEMENT": "920",
    "PROTOCOL-ATTACK": "921",
    "LFI": "930",
    "RFI": "931",
    "RCE": "932",
    "PHP": "933",
    "NODEJS": "934",
    "XSS": "941",
    "SQLI": "942",
    "FIX": "943",
    "JAVA": "944",
    "MS-ThreatIntel-WebShells": "99005",
    "MS-ThreatIntel-AppSec": "99030",
    "MS-ThreatIntel-SQLI": "99031",
    "MS-ThreatIntel-CVEs": "99001",
}
_BOTS = {"BadBots": "Bot100", "GoodBots": "Bot200", "UnknownBots": "Bot300"}

GROUPS: dict[tuple[str, str], dict[str, str]] = {
    ("OWASP", "3.0"): _CRS_3_0,
    ("OWASP", "3.1"): _CRS,
    ("OWASP", "3.2"): _CRS,
    ("Microsoft_DefaultRuleSet", "2.1"): _DRS,
    ("Microsoft_DefaultRuleSet", "2.2"): {**_DRS, "MS-ThreatIntel-XSS": "99032"},
    ("Microsoft_BotManagerRuleSet", "0.1"): {"KnownBadBots": ""},
    ("Microsoft_BotManagerRuleSet", "1.0"): _BOTS,
    ("Microsoft_BotManagerRuleSet", "1.1"): _BOTS,
}
"""The groups of each rule set, each with the beginning of its rules' ids."""

NOT_IN_DRS_2_2 = frozenset(
    {
        *("920250", "920460", "942130", "200004"),
        *("920202", "920272", "920273", "920274", "921170", "921180", "932106"),
    }
)
"""Rules of older sets, in groups that the Default Rule Set 2.2 has, but without these rules."""


class _Use(NamedTuple):
    """A place in a policy that names a rule group, and perhaps rules of it."""

    kind: str
    version: str
    group: str
    rules: list[str]


def _uses(request: Request) -> Iterator[_Use]:
    for item in items(request.inputs, "managedRules", "managedRuleSets"):
        yield from _groups(item, "ruleGroupOverrides")
    for exclusion in items(request.inputs, "managedRules", "exclusions"):
        for item in items(exclusion, "exclusionManagedRuleSets"):
            yield from _groups(item, "ruleGroups")


def _groups(rule_set: Any, key: str) -> Iterator[_Use]:
    kind, version = str(rule_set.get("ruleSetType")), str(rule_set.get("ruleSetVersion"))
    for group in items(rule_set, key):
        rules = [str(item.get("ruleId")) for item in items(group, "rules")]
        yield _Use(kind, version, str(group.get("ruleGroupName")), rules)


@rule(
    "ApplicationGatewayFirewallUnknownRuleGroup",
    _POLICY,
    source="GitHub: hashicorp/terraform-provider-azurerm#24160, MicrosoftDocs/azure-docs#121060",
)
def a_rule_group_is_one_of_its_rule_set(request: Request) -> Refusal | None:
    """Exclusions and overrides name groups that the rule set has."""
    for use in _uses(request):
        groups = GROUPS.get((use.kind, use.version))
        if groups is not None and use.group not in groups:
            text = (
                f"RuleGroup '{use.group}' cannot be configured since it does not exist for"
                f" Application Gateway Firewall in context: {use.kind} {use.version} has"
                f" {', '.join(groups)}."
            )
            return Refusal(text, "managedRules")
    return None


@rule("BadRequest", _POLICY, source=_UPGRADE)
def a_rule_is_one_of_its_group(request: Request) -> Refusal | None:
    """Exclusions and overrides name rules that the group has."""
    for use in _uses(request):
        if unknown := _unknown_rule(use):
            text = f"The override Rule '{unknown}' is unknown for RuleGroup '{use.group}'."
            return Refusal(text, "managedRules")
    return None


def _unknown_rule(use: _Use) -> str | None:
    beginning = GROUPS.get((use.kind, use.version), {}).get(use.group, "")
    newest = (use.kind, use.version) == ("Microsoft_DefaultRuleSet", "2.2")
    for number in use.rules:
        if not number.startswith(beginning) or (newest and number in NOT_IN_DRS_2_2):
            return number
    return None


@rule("BadRequest", _POLICY, source=_GROUPS)
def an_override_has_an_action_of_its_rule_set(request: Request) -> Refusal | None:
    """Rules against bots have no score, and only they have a JavaScript challenge."""
    for rule_set in items(request.inputs, "managedRules", "managedRuleSets"):
        bots = "Bot" in str(rule_set.get("ruleSetType"))
        wrong = "AnomalyScoring" if bots else "JSChallenge"
        for group in items(rule_set, "ruleGroupOverrides"):
            for item in items(group, "rules"):
                if item.get("action") == wrong:
                    text = f"Rule {item.get('ruleId')} cannot have the action {wrong}."
                    return Refusal(text, "managedRules")
    return None


@advice(_POLICY, source="REST: webApplicationFirewallPolicies, ManagedRuleOverride.state")
def an_override_without_a_state_disables_its_rule(request: Request) -> str | None:
    """The state of an override is Disabled by default."""
    for rule_set in items(request.inputs, "managedRules", "managedRuleSets"):
        for group in items(rule_set, "ruleGroupOverrides"):
            for item in items(group, "rules"):
                if not item.get("state"):
                    return (
                        f"The override of rule {item.get('ruleId')} has no state: it disables it."
                    )
    return None


TYPES = ()
