"""The rule groups of each managed rule set, and which rules are in them."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

_OWASP = {
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
    "REQUEST-944-APPLICATION-ATTACK-JAVA": "944",
}
_DEFAULT = {
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

RULE_GROUPS: Mapping[str, Mapping[str, str]] = {
    "OWASP 3.2": _OWASP,
    "Microsoft_DefaultRuleSet 2.1": _DEFAULT,
    "Microsoft_DefaultRuleSet 2.2": {**_DEFAULT, "MS-ThreatIntel-XSS": "99032"},
    "Microsoft_BotManagerRuleSet 1.0": _BOTS,
    "Microsoft_BotManagerRuleSet 1.1": _BOTS,
}
"""The groups of each rule set, each with the beginning of its rules' IDs
(ag/application-gateway-crs-rulegroups-rules, ag/upgrade-ruleset-version)."""

_RULES_OF_2_2 = """
200002 200003 911100
920100 920120 920121 920160 920170 920171 920180 920181 920190 920200 920201 920210 920220 920230
920240 920260 920270 920271 920280 920290 920300 920310 920311 920320 920330 920340 920341 920350
920420 920430 920440 920450 920470 920480 920500 920530 920620
921110 921120 921130 921140 921150 921151 921160 921190 921200 921422
930100 930110 930120 930130 931100 931110 931120 931130
932100 932105 932110 932115 932120 932130 932140 932150 932160 932170 932171 932180
933100 933110 933120 933130 933140 933150 933151 933160 933170 933180 933200 933210 934100
941100 941101 941110 941120 941130 941140 941150 941160 941170 941180 941190 941200 941210 941220
941230 941240 941250 941260 941270 941280 941290 941300 941310 941320 941330 941340 941350 941360
941370 941380
942100 942110 942120 942140 942150 942160 942170 942180 942190 942200 942210 942220 942230 942240
942250 942260 942270 942280 942290 942300 942310 942320 942330 942340 942350 942360 942361 942370
942380 942390 942400 942410 942430 942440 942450 942470 942480 942500 942510
943100 943110 943120 944100 944110 944120 944130 944200 944210 944240 944250
99005002 99005003 99005004 99005005 99005006
99030001 99030002 99030003 99030004 99030005 99030006
99031001 99031002 99031003 99031004 99031005 99031006
99001001 99001002 99001003 99001004 99001005 99001006 99001007 99001008 99001009 99001010 99001011
99001012 99001013 99001014 99001015 99001016 99001017 99001018
99032001 99032002
"""
ALL_RULES: Mapping[str, frozenset[str]] = {
    "Microsoft_DefaultRuleSet 2.2": frozenset(_RULES_OF_2_2.split())
}
"""All rules of the rule sets for which Microsoft publishes a complete list
(ag/upgrade-ruleset-version, 2026-06). Of the other sets only the groups are known."""


def has_rule(rule_set: str, group: str, rule: str) -> bool:
    """Whether the rule may be in that group of the set. The group must be one of the set."""
    known = ALL_RULES.get(rule_set)
    return rule.startswith(RULE_GROUPS[rule_set][group]) and (known is None or rule in known)


def group_of_rule(rule_set: str, rule: str) -> str | None:
    """The group of the set with the rule; None where no group has it."""
    groups = RULE_GROUPS[rule_set]
    return next((group for group in groups if has_rule(rule_set, group, rule)), None)


def likely_group(rule_set: str, name: str, rules: tuple[str, ...] = ()) -> str | None:
    """The group of the set that a wrong name most likely means.

    That is the group of its rules, the one that has the same rules as the group of that name in
    another set, or the one with the most similar name.
    """
    groups = RULE_GROUPS[rule_set]
    by_rule = next((found for rule in rules if (found := group_of_rule(rule_set, rule))), None)
    if by_rule:
        return by_rule
    elsewhere = next((other[name] for other in RULE_GROUPS.values() if name in other), None)
    last = name.rpartition("-")[2].upper()
    same_rules = [group for group, beginning in groups.items() if beginning == elsewhere]
    same_name = [group for group in groups if group.upper() in {name.upper(), last}]
    same_end = [group for group in groups if group.upper().rpartition("-")[2] == last]
    found = same_rules + same_name + same_end + get_close_matches(name, groups, 1)
    return found[0] if found else None
