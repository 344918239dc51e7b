"""The web application firewall (WAF) policy: managed rule sets, exclusions and custom rules."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
from pulumi_azure_native import network

from components.azure.common import CommonArgs
from components.settings.waf import FIRST_PRIORITY, FRONT_DOOR_HEADER, GatewayWaf
from components.settings.waf_policy import CustomRule, Exclusion, MatchCondition, ScrubbingRule


def waf_policy(
    name: str,
    *,
    common: CommonArgs,
    resource_group_name: pulumi.Input[str],
    settings: GatewayWaf,
    parent: pulumi.Resource,
    part: str = "",
) -> network.WebApplicationFirewallPolicy:
    """A WAF policy for an Application Gateway or for Application Gateway for Containers.

    `part` is a further part of its Azure name, for a policy of single hosts.
    """
    kind, version = settings.rule_set.split(" ")
    return network.WebApplicationFirewallPolicy(
        f"{name}-policy",
        policy_name=common.names.of("waf", *([part] if part else [])),
        resource_group_name=resource_group_name,
        location=common.location,
        policy_settings=network.PolicySettingsArgs(
            state="Enabled",
            mode=settings.mode,
            request_body_check=True,
            request_body_enforcement=True,
            max_request_body_size_in_kb=settings.request_limits.body_kb,
            request_body_inspect_limit_in_kb=settings.request_limits.inspected_kb,
            file_upload_enforcement=True,
            file_upload_limit_in_mb=settings.request_limits.file_upload_mb,
            log_scrubbing=_log_scrubbing(settings.log_scrubbing),
        ),
        managed_rules=network.ManagedRulesDefinitionArgs(
            managed_rule_sets=[
                _rule_set(name_and_version, settings)
                for name_and_version in (settings.rule_set, settings.bot_rule_set)
            ],
            exclusions=[_exclusion(item, kind, version) for item in settings.exclusions] or None,
        ),
        custom_rules=[
            *_own_front_door(settings.front_door_id),
            *(_custom_rule(rule) for rule in settings.custom_rules),
        ]
        or None,
        tags=common.tags,
        opts=pulumi.ResourceOptions(parent=parent),
    )


def _log_scrubbing(
    rules: Sequence[ScrubbingRule],
) -> network.PolicySettingsLogScrubbingArgs | None:
    if not rules:
        return None
    return network.PolicySettingsLogScrubbingArgs(
        state="Enabled",
        scrubbing_rules=[
            network.WebApplicationFirewallScrubbingRulesArgs(
                match_variable=rule.variable,
                selector_match_operator="Equals" if rule.selector else "EqualsAny",
                selector=rule.selector,
                state="Enabled",
            )
            for rule in rules
        ],
    )


def _rule_set(name_and_version: str, settings: GatewayWaf) -> network.ManagedRuleSetArgs:
    """A managed rule set with its overrides, by group."""
    kind, version = name_and_version.split(" ")
    by_group: dict[str, list[network.ManagedRuleOverrideArgs]] = {}
    for override in settings.rule_overrides:
        if settings.rule_set_of(override) == name_and_version:
            by_group.setdefault(override.rule_group, []).extend(
                network.ManagedRuleOverrideArgs(
                    rule_id=number,
                    # Without a state the rule would be disabled.
                    state="Enabled" if override.enabled else "Disabled",
                    action=override.action,
                )
                for number in override.rules
            )
    overrides = [
        network.ManagedRuleGroupOverrideArgs(rule_group_name=group, rules=rules)
        for group, rules in by_group.items()
    ]
    return network.ManagedRuleSetArgs(
        rule_set_type=kind, rule_set_version=version, rule_group_overrides=overrides or None
    )


def _exclusion(exclusion: Exclusion, kind: str, version: str) -> network.OwaspCrsExclusionEntryArgs:
    """An exclusion from all rules, from a rule group, or from some rules of a group."""
    scope = None
    if exclusion.rule_group:
        rules = [network.ExclusionManagedRuleArgs(rule_id=number) for number in exclusion.rules]
        scope = [
            network.ExclusionManagedRuleSetArgs(
                rule_set_type=kind,
                rule_set_version=version,
                rule_groups=[
                    network.ExclusionManagedRuleGroupArgs(
                        rule_group_name=exclusion.rule_group, rules=rules or None
                    )
                ],
            )
        ]
    return network.OwaspCrsExclusionEntryArgs(
        match_variable=exclusion.variable,
        selector_match_operator=exclusion.operator,
        # With EqualsAny Azure replaces any selector by this.
        selector=exclusion.selector or "*",
        exclusion_managed_rule_sets=scope,
    )


def _custom_rule(rule: CustomRule) -> network.WebApplicationFirewallCustomRuleArgs:
    limit = rule.rate_limit
    return network.WebApplicationFirewallCustomRuleArgs(
        name=rule.name,
        priority=rule.priority,
        state="Enabled",
        action=rule.action,
        rule_type="RateLimitRule" if limit else "MatchRule",
        match_conditions=[_condition(condition) for condition in rule.conditions],
        rate_limit_threshold=limit.threshold if limit else None,
        rate_limit_duration=limit.duration if limit else None,
        group_by_user_session=[
            network.GroupByUserSessionArgs(
                group_by_variables=[network.GroupByVariableArgs(variable_name=limit.group_by)]
            )
        ]
        if limit
        else None,
    )


def _own_front_door(
    front_door_id: str | None,
) -> list[network.WebApplicationFirewallCustomRuleArgs]:
    """The rule that lets only one Front Door profile through; none without a profile.

    Source: web-application-firewall/ag/create-custom-waf-rules, "Example 7".
    """
    if front_door_id is None:
        return []
    return [
        network.WebApplicationFirewallCustomRuleArgs(
            name="OwnFrontDoorOnly",
            priority=FIRST_PRIORITY,
            state="Enabled",
            action="Block",
            rule_type="MatchRule",
            match_conditions=[
                network.MatchConditionArgs(
                    match_variables=[
                        network.MatchVariableArgs(
                            variable_name="RequestHeaders", selector=FRONT_DOOR_HEADER
                        )
                    ],
                    operator="Equal",
                    match_values=[front_door_id],
                    negation_conditon=True,
                    transforms=["Lowercase"],
                )
            ],
        )
    ]


def _condition(condition: MatchCondition) -> network.MatchConditionArgs:
    return network.MatchConditionArgs(
        match_variables=[
            network.MatchVariableArgs(variable_name=condition.variable, selector=condition.selector)
        ],
        operator=condition.operator,
        match_values=list(condition.values),
        negation_conditon=condition.negate,
        transforms=list(condition.transforms),
    )
