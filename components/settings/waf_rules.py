"""What Azure asks of a firewall policy's exclusions and custom rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from ipaddress import ip_network

from components.problems import Problem
from components.settings.waf import SELECTABLE, CustomRule, Exclusion, MatchCondition


def exclusions(path: str, excluded: Sequence[Exclusion]) -> Iterator[Problem]:
    """What each exclusion must name ("WAF exclusion lists")."""
    for position, exclusion in enumerate(excluded):
        place = f"{path}[{position}]"
        if (exclusion.selector is None) != (exclusion.operator == "EqualsAny"):
            value = exclusion.selector or ""
            rule = f"and operator {exclusion.operator} do not go together"
            remedy = "give a selector with every operator but EqualsAny, which takes all"
            yield Problem(f"{place}.selector", value, rule, remedy)
        if exclusion.rules and exclusion.rule_group is None:
            rule = "are rules of no group"
            remedy = "name their group, such as ruleGroup: SQLI"
            yield Problem(f"{place}.rules", ", ".join(exclusion.rules), rule, remedy)


def custom_rules(path: str, rules: Sequence[CustomRule]) -> Iterator[Problem]:
    """Rules among each other, and what each of their conditions must be."""
    names = Counter(rule.name for rule in rules)
    priorities = Counter(rule.priority for rule in rules)
    for position, own in enumerate(rules):
        place = f"{path}[{position}]"
        if names[own.name] > 1:
            rule = "is the name of several rules"
            yield Problem(f"{place}.name", own.name, rule, "give each rule a name of its own")
        if priorities[own.priority] > 1:
            rule = "is the priority of several rules"
            yield Problem(f"{place}.priority", str(own.priority), rule, "give each its own")
        if own.rate_limit and own.action not in {"Block", "Log"}:
            rule = "is not what a rate limit may do"
            yield Problem(f"{place}.action", own.action, rule, "set action: Block or Log")
        for number, condition in enumerate(own.conditions):
            yield from _condition(f"{place}.conditions[{number}]", condition)


def _condition(path: str, condition: MatchCondition) -> Iterator[Problem]:
    if condition.selector and condition.variable not in SELECTABLE:
        rule = f"{condition.variable} is one value and no collection"
        yield Problem(f"{path}.selector", condition.selector, rule, "remove the selector")
    if condition.operator in {"IPMatch", "GeoMatch"} and condition.variable != "RemoteAddr":
        rule = "compares addresses, and the variable is not RemoteAddr"
        remedy = "set variable: RemoteAddr, or another operator"
        yield Problem(f"{path}.operator", condition.operator, rule, remedy)
    if bool(condition.values) == (condition.operator == "Any"):
        rule = f"and operator {condition.operator} do not go together"
        remedy = "give values with every operator but Any, which takes all"
        yield Problem(f"{path}.values", ", ".join(condition.values), rule, remedy)
    if condition.operator == "IPMatch":
        for position, value in enumerate(condition.values):
            try:
                ip_network(value, strict=False)
            except ValueError:
                rule = "is neither an address nor a range"
                yield Problem(f"{path}.values[{position}]", value, rule, "write 203.0.113.0/24")
    if condition.operator == "GeoMatch":
        for position, value in enumerate(condition.values):
            if len(value) != 2 or not value.isalpha() or not value.isupper():  # noqa: PLR2004
                rule = "is not the code of a country"
                yield Problem(f"{path}.values[{position}]", value, rule, "write DE for Germany")
