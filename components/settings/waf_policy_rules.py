"""Azure's rules for the exclusions, overrides and custom rules of a WAF policy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from ipaddress import ip_network

from components.problems import Problem
from components.settings.partial import readable, skips_unreadable
from components.settings.waf import GatewayWaf
from components.settings.waf_policy import (
    SELECTABLE,
    CustomRule,
    Exclusion,
    MatchCondition,
    RuleOverride,
)
from components.settings.waf_rule_groups import RULE_GROUPS, group_of_rule, has_rule, likely_group

MOST_EXCLUSIONS = 200
"""Of a policy with CRS 3.2 or a Default Rule Set (azure-subscription-service-limits, "Application
Gateway limits", as the following ones)."""
MOST_CUSTOM_RULES = 100
MOST_VALUES = 10
"""Strings of a match condition."""
MOST_ADDRESSES = 600
"""Addresses and ranges of a match condition."""


@skips_unreadable
def exclusions(path: str, waf: GatewayWaf) -> Iterator[Problem]:
    """The parts that each exclusion must have ("WAF exclusion lists")."""
    yield from _at_most(path, len(waf.exclusions), MOST_EXCLUSIONS, "exclusions")
    for position, exclusion in enumerate(waf.exclusions):
        yield from _selector(f"{path}[{position}]", exclusion)
        yield from _rules_of_group(f"{path}[{position}]", exclusion)
        yield from _group(f"{path}[{position}]", waf, exclusion)


def _at_most(path: str, count: int, most: int, what: str) -> Iterator[Problem]:
    if count > most:
        rule = f"must be at most {most} {what}: a WAF policy allows no more"
        yield Problem(path, str(count), rule, "merge some of them, or remove some")


@skips_unreadable
def request_limits(path: str, waf: GatewayWaf) -> Iterator[Problem]:
    """The firewall inspects no more of a body than it accepts."""
    limits = waf.request_limits
    if limits.inspected_kb > limits.body_kb:
        rule = f"must be at most bodyKb, {limits.body_kb}: larger bodies are refused anyway"
        yield Problem(f"{path}.inspectedKb", str(limits.inspected_kb), rule, "lower it to bodyKb")


@skips_unreadable
def _selector(path: str, exclusion: Exclusion) -> Iterator[Problem]:
    if (exclusion.selector is None) != (exclusion.operator == "EqualsAny"):
        value = exclusion.selector or ""
        if exclusion.selector is None:
            rule = f"is required: operator {exclusion.operator} compares names with it"
            remedy = "set it to a name, or use operator: EqualsAny"
        else:
            rule = "must not be set: operator EqualsAny selects everything"
            remedy = "remove it, or use operator: Equals"
        yield Problem(f"{path}.selector", value, rule, remedy)


@skips_unreadable
def _rules_of_group(path: str, exclusion: Exclusion) -> Iterator[Problem]:
    if exclusion.rules and exclusion.rule_group is None:
        rule = "must come with ruleGroup: Azure looks a rule up in its group"
        remedy = "set ruleGroup to their group, such as SQLI"
        yield Problem(f"{path}.rules", ", ".join(exclusion.rules), rule, remedy)


@skips_unreadable
def _group(path: str, waf: GatewayWaf, exclusion: Exclusion) -> Iterator[Problem]:
    if exclusion.rule_group is not None:
        yield from group_and_rules(path, waf.rule_set, exclusion.rule_group, exclusion.rules)


@skips_unreadable
def rule_overrides(path: str, waf: GatewayWaf, *, js_challenge_for_bots: bool) -> Iterator[Problem]:
    """Overrides name existing rules, each once, with actions that these rules support."""
    seen: set[str] = set()
    for position, override in enumerate(waf.rule_overrides):
        place = f"{path}[{position}]"
        rule_set = waf.rule_set_of(override)
        yield from group_and_rules(place, rule_set, override.rule_group, override.rules)
        for number, rule_id in enumerate(override.rules):
            if rule_id in seen:
                rule = "must be unique: another override is for the same rule"
                yield Problem(f"{place}.rules[{number}]", rule_id, rule, "remove one of them")
            seen.add(rule_id)
        yield from _action(place, waf, override, js_challenge_for_bots=js_challenge_for_bots)


@skips_unreadable
def _action(
    path: str, waf: GatewayWaf, override: RuleOverride, *, js_challenge_for_bots: bool
) -> Iterator[Problem]:
    bots = waf.rule_set_of(override) == waf.bot_rule_set
    action = override.action
    rule = ""
    if action is not None and not override.enabled:
        rule = "must not be set: enabled is false"
    elif action == "AnomalyScoring" and bots:
        rule = "must not be AnomalyScoring: rules against bots have no score"
    elif action == "JSChallenge" and not bots:
        rule = "must not be JSChallenge: only rules against bots have it"
    elif action == "JSChallenge" and not js_challenge_for_bots:
        rule = (
            "must not be JSChallenge: Application Gateway for Containers does not support it for "
            "rules against bots"
        )
    if rule:
        yield Problem(f"{path}.action", str(action), rule, "remove it, or use Block or Log")


def group_and_rules(
    path: str, rule_set: str, group: str, rules: tuple[str, ...]
) -> Iterator[Problem]:
    """A rule group must be one of the rule set, and the rules must be in it."""
    if group not in RULE_GROUPS[rule_set]:
        likely = likely_group(rule_set, group, rules)
        remedy = f"use {likely}" if likely else f"use one of {', '.join(RULE_GROUPS[rule_set])}"
        rule = f"must be a rule group of {rule_set}: Azure refuses any other"
        yield Problem(f"{path}.ruleGroup", group, rule, remedy)
        return
    for position, number in enumerate(rules):
        if not has_rule(rule_set, group, number):
            actual = group_of_rule(rule_set, number)
            remedy = f"use ruleGroup: {actual} for it" if actual else f"remove {number}"
            rule = f"must be a rule of {group} in {rule_set}: Azure refuses any other"
            yield Problem(f"{path}.rules[{position}]", number, rule, remedy)


@skips_unreadable
def custom_rules(path: str, waf: GatewayWaf) -> Iterator[Problem]:
    """Rules between custom rules, and the rules for their conditions."""
    yield from _at_most(path, len(waf.custom_rules), MOST_CUSTOM_RULES, "rules")
    named = list(readable(lambda own: own.name, waf.custom_rules))
    names = Counter(name for _, name in named)
    for position, name in named:
        if names[name] > 1:
            rule = f"must be unique: {names[name]} rules have this name"
            remedy = "use a different name for each rule"
            yield Problem(f"{path}[{position}].name", name, rule, remedy)
    ranked = list(readable(lambda own: own.priority, waf.custom_rules))
    priorities = Counter(priority for _, priority in ranked)
    for position, priority in ranked:
        if priorities[priority] > 1:
            rule = f"must be unique: {priorities[priority]} rules have this priority"
            remedy = "use a different priority for each rule"
            yield Problem(f"{path}[{position}].priority", str(priority), rule, remedy)
    for position, own in enumerate(waf.custom_rules):
        yield from _rate_limit(f"{path}[{position}]", own)
        yield from _conditions(f"{path}[{position}]", own)


@skips_unreadable
def _rate_limit(path: str, own: CustomRule) -> Iterator[Problem]:
    if own.rate_limit and own.action not in {"Block", "Log"}:
        rule = "must be Block or Log: the rule has a rate limit"
        yield Problem(f"{path}.action", own.action, rule, "use Block or Log")


@skips_unreadable
def _conditions(path: str, own: CustomRule) -> Iterator[Problem]:
    for number, condition in enumerate(own.conditions):
        place = f"{path}.conditions[{number}]"
        yield from _one_value(place, condition)
        yield from _addresses_only(place, condition)
        yield from _values(place, condition)


@skips_unreadable
def _one_value(path: str, condition: MatchCondition) -> Iterator[Problem]:
    if condition.selector and condition.variable not in SELECTABLE:
        rule = f"must not be set: {condition.variable} is one value and no collection"
        yield Problem(f"{path}.selector", condition.selector, rule, "remove the selector")


@skips_unreadable
def _addresses_only(path: str, condition: MatchCondition) -> Iterator[Problem]:
    if condition.operator in {"IPMatch", "GeoMatch"} and condition.variable != "RemoteAddr":
        rule = f"must not compare addresses: variable is {condition.variable}"
        remedy = "use variable: RemoteAddr, or another operator"
        yield Problem(f"{path}.operator", condition.operator, rule, remedy)


@skips_unreadable
def _values(path: str, condition: MatchCondition) -> Iterator[Problem]:
    if bool(condition.values) == (condition.operator == "Any"):
        if condition.values:
            rule = "must be empty: operator Any matches every value"
            remedy = "remove them, or use another operator"
        else:
            rule = f"must not be empty: operator {condition.operator} compares with them"
            remedy = "add a value, or use operator: Any"
        yield Problem(f"{path}.values", ", ".join(condition.values), rule, remedy)
    yield from _number_of_values(path, condition)
    yield from _kind_of_values(path, condition)


@skips_unreadable
def _number_of_values(path: str, condition: MatchCondition) -> Iterator[Problem]:
    most = MOST_ADDRESSES if condition.operator == "IPMatch" else MOST_VALUES
    if len(condition.values) > most:
        rule = f"must be at most {most} values: a condition allows no more"
        # All conditions of a rule must match, so that only what is negated can be split there.
        place = "condition of the same rule" if condition.negate else "rule"
        remedy = f"use another {place} for the others"
        yield Problem(f"{path}.values", str(len(condition.values)), rule, remedy)


@skips_unreadable
def _kind_of_values(path: str, condition: MatchCondition) -> Iterator[Problem]:
    if condition.operator == "IPMatch":
        for position, value in enumerate(condition.values):
            try:
                ip_network(value, strict=False)
            except ValueError:
                rule = "must be an address or a range: operator is IPMatch"
                remedy = "use a value such as 203.0.113.0/24"
                yield Problem(f"{path}.values[{position}]", value, rule, remedy)
    if condition.operator == "GeoMatch":
        for position, value in enumerate(condition.values):
            if len(value) != 2 or not value.isalpha() or not value.isupper():  # noqa: PLR2004
                rule = "must be a country code of two capital letters: operator is GeoMatch"
                remedy = "use a code such as DE"
                yield Problem(f"{path}.values[{position}]", value, rule, remedy)
