"""The WAF: a policy of Azure's, or the firewall of a third party."""

from __future__ import annotations

from tests.components.ingress.recordings import (
    PREFIX,
    deployed,
    example,
    nested,
    node_rules,
    one,
    run,
)


def test_only_a_third_partys_firewall_reaches_the_public_controller():
    made = deployed("external-waf")
    ranges = ["198.51.100.0/24", "203.0.113.0/24"]
    gateway = one(made, "Gateway").inputs["spec"]
    assert gateway["infrastructure"]["annotations"] == {
        "service.beta.kubernetes.io/azure-allowed-ip-ranges": ",".join(ranges),
        "service.beta.kubernetes.io/azure-pip-name": "pip-shop-external-westeurope-gateway-origin",
        f"{PREFIX}-resource-group": "rg-shop-external-westeurope-gateway-origin",
    }
    rule = node_rules(made)["AllowIngressInbound"]
    assert rule["sourceAddressPrefixes"] == ranges
    assert not made.of_type("network:ApplicationGateway")


def test_exclusions_and_custom_rules_reach_the_policy_as_azure_names_them():
    policy = deployed("waf-rules").one("network:WebApplicationFirewallPolicy").inputs
    scoped, everywhere = policy["managedRules"]["exclusions"]
    assert scoped == {
        "matchVariable": "RequestCookieValues",
        "selectorMatchOperator": "StartsWith",
        "selector": "session",
        "exclusionManagedRuleSets": [
            {
                "ruleSetType": "Microsoft_DefaultRuleSet",
                "ruleSetVersion": "2.2",
                "ruleGroups": [{"ruleGroupName": "SQLI", "rules": [{"ruleId": "942440"}]}],
            }
        ],
    }
    assert "exclusionManagedRuleSets" not in everywhere
    offices, limit = policy["customRules"]
    assert offices["ruleType"] == "MatchRule"
    assert [c["negationConditon"] for c in offices["matchConditions"]] == [False, True]
    assert offices["matchConditions"][0]["transforms"] == ["Lowercase"]
    assert (limit["ruleType"], limit["rateLimitThreshold"]) == ("RateLimitRule", 300)
    assert set(nested(limit["groupByUserSession"], "variableName")) == {"ClientAddr"}


def test_managed_rules_are_overridden_in_their_rule_set_and_requests_limited_as_set():
    config = example("traefik")
    config["aks-network:ingress"]["waf"] |= {
        "ruleOverrides": [
            {"ruleGroup": "SQLI", "rules": ["942430"], "enabled": False},
            {"ruleGroup": "SQLI", "rules": ["942440"], "action": "Log"},
            {"ruleGroup": "UnknownBots", "rules": "Bot300600", "action": "Block"},
        ],
        "requestLimits": {"bodyKb": 1024, "inspectedKb": 512, "fileUploadMb": 750},
    }
    policy = run("traefik", config).one("network:WebApplicationFirewallPolicy").inputs
    core, bots = policy["managedRules"]["managedRuleSets"]
    assert core["ruleGroupOverrides"] == [
        {
            "ruleGroupName": "SQLI",
            "rules": [
                {"ruleId": "942430", "state": "Disabled"},
                {"ruleId": "942440", "state": "Enabled", "action": "Log"},
            ],
        }
    ]
    (group,) = bots["ruleGroupOverrides"]
    assert group["ruleGroupName"] == "UnknownBots"
    assert group["rules"] == [{"ruleId": "Bot300600", "state": "Enabled", "action": "Block"}]
    limits = policy["policySettings"]
    assert (limits["maxRequestBodySizeInKb"], limits["requestBodyInspectLimitInKB"]) == (1024, 512)
    assert limits["fileUploadLimitInMb"] == 750
