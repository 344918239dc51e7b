"""WAF policies: rule groups, rules, and limits."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.landscape import Waf, policy, ref

DEFAULT = ("Microsoft_DefaultRuleSet", "2.1")
NEWEST = ("Microsoft_DefaultRuleSet", "2.2")
OWASP = ("OWASP", "3.2")
BOTS = ("Microsoft_BotManagerRuleSet", "1.1")
SQLI = "REQUEST-942-APPLICATION-ATTACK-SQLI"


def rule_set(kind: str, version: str, **more: Any) -> dict[str, Any]:
    return {"ruleSetType": kind, "ruleSetVersion": version, **more}


def excluded(chosen: tuple[str, str], group: str, *rules: str) -> dict[str, Any]:
    """A policy with an exclusion from the rules of a group."""
    ids = [{"ruleId": number} for number in rules]
    scope = rule_set(*chosen, ruleGroups=[{"ruleGroupName": group, "rules": ids}])
    entry = {
        "matchVariable": "RequestArgNames",
        "selectorMatchOperator": "Equals",
        "selector": "q",
        "exclusionManagedRuleSets": [scope],
    }
    managed = {"managedRuleSets": [rule_set(*chosen)], "exclusions": [entry]}
    return policy(managedRules=managed)


def overridden(chosen: tuple[str, str], group: str, *rules: str) -> dict[str, Any]:
    """A policy with an override of the rules of a group."""
    ids = [{"ruleId": number, "state": "Disabled"} for number in rules]
    override = {"ruleGroupName": group, "rules": ids}
    sets = [rule_set(*chosen, ruleGroupOverrides=[override])]
    if chosen == BOTS:
        sets.append(rule_set(*DEFAULT))
    return policy(managedRules={"managedRuleSets": sets})


@pytest.mark.parametrize("made", [excluded, overridden])
@pytest.mark.parametrize(
    ("chosen", "group", "rule"),
    [
        (DEFAULT, "SQLI", "942440"),
        (NEWEST, "MS-ThreatIntel-XSS", "99032001"),
        (OWASP, SQLI, "942440"),
        (OWASP, "Known-CVEs", "800100"),
        (DEFAULT, "MS-ThreatIntel-CVEs", "99001018"),
    ],
)
def test_a_group_of_the_rule_set_is_accepted(azure, made, chosen, group, rule):
    assert azure.put(**made(chosen, group, rule))
    assert azure.put(**made(chosen, group))


def test_a_group_of_the_bot_rules_is_accepted(azure):
    assert azure.put(**overridden(BOTS, "UnknownBots", "Bot300600"))


@pytest.mark.parametrize("made", [excluded, overridden])
@pytest.mark.parametrize(
    ("chosen", "group"),
    [
        (DEFAULT, "APPLICATION-ATTACK-SQLI"),
        (DEFAULT, SQLI),
        (DEFAULT, "MS-ThreatIntel-XSS"),
        (OWASP, "SQLI"),
        (("OWASP", "3.0"), "REQUEST-944-APPLICATION-ATTACK-JAVA"),
    ],
)
def test_a_group_that_the_rule_set_does_not_have_is_refused(azure, made, chosen, group):
    error = azure.refused(**made(chosen, group))
    assert error.code == "ApplicationGatewayFirewallUnknownRuleGroup"
    assert error.target == "managedRules"
    assert group in error.message


@pytest.mark.parametrize("made", [excluded, overridden])
@pytest.mark.parametrize(
    ("chosen", "group", "rule"),
    [(DEFAULT, "SQLI", "941100"), (NEWEST, "SQLI", "942130"), (OWASP, "General", "920100")],
)
def test_a_rule_that_the_group_does_not_have_is_refused(azure, made, chosen, group, rule):
    error = azure.refused(**made(chosen, group, rule))
    assert f"The override Rule '{rule}' is unknown for RuleGroup '{group}'" in error.message


@pytest.mark.parametrize(
    ("chosen", "group", "number", "action"),
    [
        (BOTS, "BadBots", "Bot100100", "AnomalyScoring"),
        (DEFAULT, "SQLI", "942100", "JSChallenge"),
    ],
)
def test_an_override_has_an_action_of_its_rule_set(azure, chosen, group, number, action):
    made = overridden(chosen, group, number)
    rules = made["managedRules"]["managedRuleSets"][0]["ruleGroupOverrides"][0]["rules"]
    rules[0] |= {"state": "Enabled", "action": action}
    error = azure.refused(**made)
    assert (error.code, error.target) == ("BadRequest", "managedRules")
    assert f"cannot have the action {action}" in error.message
    rules[0]["action"] = "Log"
    assert azure.put(**made)


def test_an_override_without_a_state_is_warned_of(azure):
    made = overridden(DEFAULT, "SQLI", "942100")
    del made["managedRules"]["managedRuleSets"][0]["ruleGroupOverrides"][0]["rules"][0]["state"]
    assert azure.put(**made)
    assert "it disables it" in azure.cloud.warnings[0]


def scrubbing(**rule: Any) -> dict[str, Any]:
    made = {"matchVariable": "RequestIPAddress", "selectorMatchOperator": "EqualsAny", **rule}
    return policy(policySettings={"logScrubbing": {"scrubbingRules": [made]}})


def test_addresses_of_clients_are_scrubbed_all_or_not_at_all(azure):
    named = {"matchVariable": "RequestArgNames", "selectorMatchOperator": "Equals"}
    assert azure.put(**scrubbing(**named, selector="q"))
    assert azure.put(**scrubbing())
    for wrong in ({"selectorMatchOperator": "Equals"}, {"selector": "10.0.0.1"}):
        error = azure.refused(**scrubbing(**wrong))
        assert (error.code, error.target) == ("BadRequest", "policySettings")
        assert "requires the operator EqualsAny" in error.message


def test_a_listener_has_a_policy_of_its_own(azure):
    waf = Waf(azure)
    own = azure.put(**policy(policyName="own"))
    gateway = waf.put(httpListeners=[waf.listener(firewallPolicy=ref(own))])
    listeners = [{"id": f"{gateway.id}/httpListeners/l"}]
    assert azure.put(**policy(policyName="own")).outputs["httpListeners"] == listeners
    assert azure.put(**policy()).outputs["applicationGateways"] == [{"id": gateway.id}]
    assert azure.delete_refused(own).code == "BadRequest"
    listener = waf.listener(firewallPolicy={"id": f"{own.id}x"})
    assert waf.refused(httpListeners=[listener]).code == "InvalidResourceReference"


def test_a_listeners_policy_needs_the_waf_sku_too(azure):
    waf = Waf(azure)
    standard = {"sku": {"name": "Standard_v2", "tier": "Standard_v2"}, "firewallPolicy": None}
    listener = waf.listener(firewallPolicy=ref(waf.policy))
    error = waf.refused(**standard, httpListeners=[listener])
    assert error.code == "ApplicationGatewayFirewallCannotBeEnabledForSelectedSku"
