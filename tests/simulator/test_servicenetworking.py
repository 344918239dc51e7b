"""Application Gateway for Containers."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.landscape import policy, ref

ASSOCIATION = "servicenetworking:AssociationsInterface"
SECURITY_POLICY = "servicenetworking:SecurityPoliciesInterface"
DELEGATED = [{"name": "agc", "serviceName": "Microsoft.ServiceNetworking/trafficControllers"}]


@pytest.fixture(autouse=True)
def controller(azure) -> Any:
    azure.network()
    return azure.put("servicenetworking:TrafficControllerInterface", trafficControllerName="agc")


def association(subnet: Any, name: str = "one", **more: Any) -> dict[str, Any]:
    path = {"token": ASSOCIATION, "trafficControllerName": "agc", "associationName": name}
    return {**path, "associationType": "subnets", "subnet": ref(subnet), **more}


def test_an_association_to_a_subnet_that_is_not_delegated_is_refused(azure):
    error = azure.refused(**association(azure.subnet("s", "10.0.0.0/24")))
    assert "must be delegated" in error.message


def test_an_association_to_a_subnet_smaller_than_24_is_refused(azure):
    subnet = azure.subnet("s", "10.0.0.0/25", delegations=DELEGATED)
    assert "/24 or larger" in azure.refused(**association(subnet)).message


def test_an_association_in_another_region_is_refused(azure):
    subnet = azure.subnet("s", "10.0.0.0/24", delegations=DELEGATED)
    assert azure.refused(**association(subnet, location="northeurope")).target == "location"


def test_a_second_association_is_refused(azure):
    subnet = azure.subnet("s", "10.0.0.0/24", delegations=DELEGATED)
    made = azure.put(**association(subnet))
    other = azure.subnet("t", "10.0.1.0/24", delegations=DELEGATED)
    assert "already" in azure.refused(**association(other, "two")).message
    assert azure.delete_refused(subnet).code == "InUseSubnetCannotBeDeleted"
    azure.cloud.delete(made.id)
    azure.cloud.delete(subnet.id)


def security_policy(waf: Any, **more: Any) -> dict[str, Any]:
    path = {"token": SECURITY_POLICY, "trafficControllerName": "agc", "securityPolicyName": "waf"}
    return {**path, "wafPolicy": ref(waf), **more}


def test_a_policy_of_containers_has_the_supported_rule_sets(azure):
    assert azure.put(**security_policy(azure.put(**policy())))


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (policy(("Microsoft_DefaultRuleSet", "2.2")), "Microsoft_DefaultRuleSet 2.2 is not"),
        (policy(("OWASP", "3.2")), "OWASP 3.2 is not supported"),
        (
            policy(("Microsoft_DefaultRuleSet", "2.1"), ("Microsoft_BotManagerRuleSet", "0.1")),
            "Microsoft_BotManagerRuleSet 0.1 is not",
        ),
        (
            policy(("Microsoft_DefaultRuleSet", "2.1"), ("Microsoft_HTTPDDoSRuleSet", "1.0")),
            "Microsoft_HTTPDDoSRuleSet 1.0 is not",
        ),
        (
            policy(policySettings={"customBlockResponseStatusCode": 429}),
            "a custom block response is not supported",
        ),
    ],
)
def test_what_containers_do_not_support_of_a_policy_is_refused(azure, made, text):
    error = azure.refused(**security_policy(azure.put(**made)))
    assert (error.code, error.target) == ("BadRequest", "wafPolicy")
    assert text in error.message


def test_containers_challenge_no_bots(azure):
    rule = {"ruleId": "Bot100100", "state": "Enabled", "action": "JSChallenge"}
    override = {"ruleGroupName": "BadBots", "rules": [rule]}
    sets = [
        {"ruleSetType": "Microsoft_DefaultRuleSet", "ruleSetVersion": "2.1"},
        {
            "ruleSetType": "Microsoft_BotManagerRuleSet",
            "ruleSetVersion": "1.1",
            "ruleGroupOverrides": [override],
        },
    ]
    waf = azure.put(**policy(managedRules={"managedRuleSets": sets}))
    error = azure.refused(**security_policy(waf))
    assert error.code == "BadRequest"
    assert "JSChallenge is not supported for rules against bots" in error.message


def test_a_policy_of_containers_is_in_their_region(azure):
    waf = azure.put(**policy(location="northeurope"))
    error = azure.refused(**security_policy(waf))
    assert (error.code, error.target) == ("BadRequest", "wafPolicy")
    assert "is in northeurope, not in westeurope" in error.message
