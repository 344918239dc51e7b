"""Azure Firewall, firewall policies and their rule collection groups."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.azure.namespaces.network.firewall_policies import POLICY
from simulator.azure.namespaces.network.firewall_rule_groups import GROUP
from simulator.store import Resource
from tests.simulator.conftest import Subscription
from tests.simulator.landscape import hosted, ref

TIERS = ("Basic", "Standard", "Premium")
Rule = dict[str, Any]


def policy(azure: Subscription, tier: str = "Standard", name: str = "afwp", **more: Any) -> Any:
    return azure.put(POLICY, firewallPolicyName=name, sku={"tier": tier}, **more)


def firewall(azure: Subscription, tier: str, **more: Any) -> dict[str, Any]:
    """A firewall of this tier, with everything else that it needs."""
    azure.network()
    subnet = azure.subnet("AzureFirewallSubnet", "10.0.0.0/26")
    management = azure.subnet("AzureFirewallManagementSubnet", "10.0.1.0/26")
    inputs: dict[str, Any] = {
        "token": "network:AzureFirewall",
        "azureFirewallName": "afw",
        "sku": {"name": "AZFW_VNet", "tier": tier},
        "ipConfigurations": hosted(subnet, azure.address()),
    }
    if tier == "Basic":
        inputs["managementIpConfiguration"] = hosted(management, azure.address("pip-2"))[0]
    return {**inputs, **more}


def network_rule(name: str = "n", **changes: Any) -> Rule:
    rule = {
        "name": name,
        "ruleType": "NetworkRule",
        "ipProtocols": ["UDP"],
        "sourceAddresses": ["*"],
        "destinationAddresses": ["*"],
        "destinationPorts": ["123"],
        **changes,
    }
    return {key: value for key, value in rule.items() if value is not None}


def application_rule(name: str = "a", **changes: Any) -> Rule:
    rule = {
        "name": name,
        "ruleType": "ApplicationRule",
        "sourceAddresses": ["*"],
        "targetFqdns": ["example.com"],
        "protocols": [{"protocolType": "Https", "port": 443}],
        **changes,
    }
    return {key: value for key, value in rule.items() if value is not None}


def nat_rule() -> Rule:
    return {
        "name": "d",
        "ruleType": "NatRule",
        "ipProtocols": ["TCP"],
        "sourceAddresses": ["*"],
        "destinationAddresses": ["192.0.2.1"],
        "destinationPorts": ["443"],
        "translatedAddress": "10.0.0.4",
        "translatedPort": "443",
    }


def collection(*rules: Rule, priority: int = 200, nat: bool = False) -> dict[str, Any]:
    kind = "Nat" if nat else "Filter"
    return {
        "name": f"c{priority}",
        "ruleCollectionType": f"FirewallPolicy{kind}RuleCollection",
        "priority": priority,
        "action": {"type": "DNAT" if nat else "Allow"},
        "rules": list(rules),
    }


def group(*collections: dict[str, Any], name: str = "g", priority: int = 200) -> dict[str, Any]:
    return {
        "token": GROUP,
        "firewallPolicyName": "afwp",
        "ruleCollectionGroupName": name,
        "priority": priority,
        "ruleCollections": list(collections),
    }


def test_a_basic_firewall_needs_a_management_address(azure):
    inputs = firewall(azure, "Basic")
    del inputs["managementIpConfiguration"]
    assert azure.refused(**inputs).target == "managementIpConfiguration"


def test_a_firewalls_further_addresses_name_no_subnet(azure):
    inputs = firewall(azure, "Standard")
    (first,) = inputs["ipConfigurations"]
    second = {"name": "second", "publicIPAddress": ref(azure.address("pip-3"))}
    both = {**inputs, "ipConfigurations": [first, {**second, "subnet": first["subnet"]}]}
    error = azure.refused(**both)
    assert (error.code, error.target) == ("BadRequest", "ipConfigurations")
    assert "more than one subnet reference" in error.message
    made = azure.put(**{**inputs, "ipConfigurations": [first, second]})
    addresses = [item.get("privateIPAddress") for item in made.outputs["ipConfigurations"]]
    assert addresses == ["10.0.0.4", None]


@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize("of_policy", TIERS)
def test_a_policy_of_a_higher_tier_than_the_firewalls_is_refused(azure, tier, of_policy):
    inputs = firewall(azure, tier, firewallPolicy=ref(policy(azure, of_policy)))
    if TIERS.index(of_policy) <= TIERS.index(tier):
        assert azure.put(**inputs)
        return
    error = azure.refused(**inputs)
    assert (error.code, error.target) == ("BadRequest", "firewallPolicy")
    assert f"A {of_policy} policy cannot be attached to a {tier} tier firewall" in error.message


def test_a_basic_policy_on_a_higher_firewall_is_worth_a_warning(azure):
    inputs = firewall(azure, "Standard", firewallPolicy=ref(policy(azure, "Basic")))
    azure.put(**inputs)
    assert [text for text in azure.cloud.warnings if "A Basic policy is not supported" in text]


@pytest.mark.parametrize("kind", ["application", "nat", "network"])
def test_a_firewall_has_a_policy_or_classic_rules(azure, kind):
    name = f"{kind}RuleCollections"
    rules = {name: [{"name": "r", "priority": 200}]}
    inputs = firewall(azure, "Standard", firewallPolicy=ref(policy(azure)), **rules)
    error = azure.refused(**inputs)
    assert error.code == "AzureFirewallPolicyAndRuleCollectionsConflict"
    assert error.target == name
    assert azure.put(**{**inputs, name: []})
    del inputs["firewallPolicy"]
    assert azure.put(**inputs)


@pytest.mark.parametrize(
    ("lowest", "inputs", "name"),
    [
        ("Standard", {"dnsSettings": {"enableProxy": True}}, "DNS Proxy and Custom DNS"),
        ("Standard", {"dnsSettings": {"enableProxy": False}}, "DNS Proxy and Custom DNS"),
        ("Standard", {"threatIntelMode": "Deny"}, "Threat Intelligence"),
        ("Basic", {"threatIntelMode": "Alert"}, ""),
        ("Premium", {"intrusionDetection": {"mode": "Off"}}, "Intrusion Detection"),
        (
            "Premium",
            {"transportSecurity": {"certificateAuthority": {"name": "ca"}}},
            "Transport Security",
        ),
    ],
)
@pytest.mark.parametrize("tier", TIERS)
def test_a_policy_has_no_features_of_a_higher_tier(azure, tier, lowest, inputs, name):
    if TIERS.index(tier) >= TIERS.index(lowest):
        assert policy(azure, tier, **inputs)
        return
    error = azure.refused(POLICY, firewallPolicyName="afwp", sku={"tier": tier}, **inputs)
    assert error.code == "FirewallPolicyHigherTierOnlyProperties"
    assert error.target in inputs
    assert f"contains higher tier only properties - {name}" in error.message


def test_the_tier_of_a_policy_stays(azure):
    policy(azure, "Standard")
    policy(azure, "Standard", threatIntelMode="Deny")
    error = azure.refused(POLICY, firewallPolicyName="afwp", sku={"tier": "Premium"})
    assert (error.code, error.target) == ("FirewallPolicySkuChangeDisallowed", "sku")


@pytest.mark.parametrize("before", TIERS)
@pytest.mark.parametrize("after", TIERS)
def test_a_firewall_changes_between_standard_and_premium_only(azure, before, after):
    inputs = firewall(azure, "Basic", sku={"name": "AZFW_VNet", "tier": before})
    azure.put(**inputs)
    changed = {**inputs, "sku": {"name": "AZFW_VNet", "tier": after}}
    if before == after or "Basic" not in {before, after}:
        assert azure.put(**changed)
        return
    error = azure.refused(**changed)
    assert (error.code, error.target) == ("BadRequest", "sku")
    assert f"from {before} to {after}" in error.message


def test_a_firewall_that_runs_gets_no_management_address(azure):
    inputs = firewall(azure, "Basic", sku={"name": "AZFW_VNet", "tier": "Standard"})
    management = inputs.pop("managementIpConfiguration")
    azure.put(**inputs)
    error = azure.refused(**inputs, managementIpConfiguration=management)
    assert error.code == "AzureFirewallManagementIpConfigCannotBeAdded"
    assert error.target == "managementIpConfiguration"


@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize("of_base", TIERS)
def test_a_base_policy_has_no_higher_tier(azure, tier, of_base):
    base = ref(policy(azure, of_base, "base"))
    if TIERS.index(of_base) <= TIERS.index(tier):
        assert policy(azure, tier, basePolicy=base)
        return
    inputs = {"firewallPolicyName": "afwp", "sku": {"tier": tier}, "basePolicy": base}
    error = azure.refused(POLICY, **inputs)
    assert (error.code, error.target) == ("FirewallPolicyBasePolicyCannotBeHigherSku", "basePolicy")


def test_a_base_policy_is_in_the_same_region(azure):
    base = ref(policy(azure, name="base", location="northeurope"))
    error = azure.refused(POLICY, firewallPolicyName="afwp", basePolicy=base)
    assert (error.code, error.target) == ("BadRequest", "basePolicy")
    assert policy(azure, basePolicy=base, location="North Europe")


def test_network_rules_by_name_need_the_dns_proxy(azure):
    policy(azure)
    rules = collection(network_rule(destinationAddresses=None, destinationFqdns=["ntp.ubuntu.com"]))
    error = azure.refused(**group(rules))
    assert error.code == "AzureFirewallDNSProxyMustBeEnabled"
    policy(azure, dnsSettings={"enableProxy": True})
    assert azure.put(**group(rules))


@pytest.mark.parametrize(
    ("lowest", "more"),
    [
        ("Standard", {"targetFqdns": None, "webCategories": ["gambling"]}),
        ("Premium", {"targetFqdns": None, "targetUrls": ["example.com/shop"]}),
        ("Premium", {"terminateTLS": True}),
        ("Basic", {"terminateTLS": False}),
    ],
)
@pytest.mark.parametrize("tier", TIERS)
def test_rules_have_no_features_of_a_higher_tier(azure, tier, lowest, more):
    policy(azure, tier)
    inputs = group(collection(application_rule(**more)))
    if TIERS.index(tier) >= TIERS.index(lowest):
        assert azure.put(**inputs)
        return
    error = azure.refused(**inputs)
    assert (error.code, error.target) == ("BadRequest", "ruleCollections")
    assert f"requires the tier {lowest}" in error.message


@pytest.fixture
def rules(azure) -> Resource:
    """A policy for rules."""
    return policy(azure)


@pytest.mark.usefixtures("rules")
def test_collections_of_a_group_have_different_priorities(azure):
    both = [collection(network_rule()), collection(application_rule())]
    error = azure.refused(**group(*both))
    code = "FirewallPolicyRuleCollectionGroupRuleCollectionPrioritiesMustBeUnique"
    assert error.code == code
    assert "Priority 200 used for more than one rule collection" in error.message
    both[1]["priority"] = 300
    assert azure.put(**group(*both))


@pytest.mark.usefixtures("rules")
@pytest.mark.parametrize(("priority", "accepted"), [(99, 0), (100, 1), (65000, 1), (65001, 0)])
def test_a_collection_has_a_priority_in_range(azure, priority, accepted):
    inputs = group(collection(network_rule(), priority=priority))
    if accepted:
        assert azure.put(**inputs)
    else:
        assert "must be in 100-65000" in azure.refused(**inputs).message


@pytest.mark.usefixtures("rules")
def test_groups_of_a_policy_have_different_priorities(azure):
    azure.put(**group(name="one", priority=200))
    azure.put(**group(name="one", priority=200))
    error = azure.refused(**group(name="two", priority=200))
    assert (error.code, error.target) == ("BadRequest", "priority")
    assert azure.put(**group(name="two", priority=201))


@pytest.mark.usefixtures("rules")
def test_a_policy_has_90_groups_at_most(azure):
    for number in range(90):
        azure.put(**group(name=f"g{number}", priority=100 + number))
    assert "at most 90" in azure.refused(**group(name="more", priority=500)).message
    assert azure.put(**group(name="g0", priority=501))


@pytest.mark.usefixtures("rules")
@pytest.mark.parametrize(
    ("given", "nat", "accepted"),
    [
        ([network_rule(), network_rule("m")], False, True),
        ([application_rule()], False, True),
        ([nat_rule()], True, True),
        ([], False, True),
        ([network_rule(), application_rule()], False, False),
        ([nat_rule()], False, False),
        ([network_rule()], True, False),
    ],
)
def test_a_collection_has_rules_of_one_kind(azure, given, nat, accepted):
    inputs = group(collection(*given, nat=nat))
    if accepted:
        assert azure.put(**inputs)
        return
    error = azure.refused(**inputs)
    assert (error.code, error.target) == ("BadRequest", "ruleCollections")
    assert "cannot contain rules of the types" in error.message


@pytest.mark.usefixtures("rules")
@pytest.mark.parametrize("missing", ["sourceAddresses", "destinationAddresses", "destinationPorts"])
def test_a_network_rule_names_both_sides_and_ports(azure, missing):
    error = azure.refused(**group(collection(network_rule("n", **{missing: None}))))
    assert error.code == "FirewallPolicyRuleIpAddressesAndPortsMustBeSpecified"


@pytest.mark.usefixtures("rules")
def test_a_rule_by_fqdn_tag_needs_protocols(azure):
    tag = application_rule(targetFqdns=None, fqdnTags=["AzureKubernetesService"])
    assert azure.put(**group(collection(tag)))
    error = azure.refused(**group(collection({**tag, "protocols": []})))
    assert (error.code, error.target) == ("Failed", "ruleCollections")
    assert "InternalServerError" in error.message
