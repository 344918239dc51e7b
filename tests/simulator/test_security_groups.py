"""Security rules one by one, and the rules that Bastion and Application Gateway need."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.store import Resource
from tests.simulator.landscape import DELEGATED, Waf, bastion_rules, group, ref, rule
from tests.simulator.subscription import Subscription

GROUP, RULE = "network:NetworkSecurityGroup", "network:SecurityRule"
NOT_COMPLIANT = "NetworkSecurityGroupNotCompliantForAzureBastionSubnet"
BLOCKED_IN = "ApplicationGatewaySubnetInboundTrafficBlockedByNetworkSecurityGroup"
BLOCKED_OUT = "ApplicationGatewaySubnetOutboundTrafficBlockedByNetworkSecurityGroup"


def plain(**more: Any) -> dict[str, Any]:
    """A rule in which None takes a property away."""
    return {key: value for key, value in rule("r", **more).items() if value is not None}


@pytest.mark.parametrize(
    ("item", "code"),
    [
        (plain(description="x" * 141), "BadRequest"),
        (plain(sourceAddressPrefix="VirtualNetwrok"), "SecurityRuleInvalidAddressPrefix"),
        (plain(sourceAddressPrefix="AzureBastionSubnet"), "SecurityRuleInvalidAddressPrefix"),
        (plain(destinationAddressPrefix="10.0.0.300"), "SecurityRuleInvalidAddressPrefix"),
        (
            plain(sourceAddressPrefix=None, sourceAddressPrefixes=["10.0.0.0/33"]),
            "SecurityRuleInvalidAddressPrefix",
        ),
        (
            plain(sourceAddressPrefix=None, sourceAddressPrefixes=["10.0.0.0/8", "Internet"]),
            "SecurityRuleParameterContainsUnsupportedValue",
        ),
        (
            plain(destinationAddressPrefix=None, destinationAddressPrefixes=["*"]),
            "SecurityRuleParameterContainsUnsupportedValue",
        ),
        (plain(destinationPortRange="80,443"), "SecurityRuleInvalidPortRange"),
        (plain(destinationPortRange="443-80"), "SecurityRuleInvalidPortRange"),
        (plain(destinationPortRange="65536"), "SecurityRuleInvalidPortRange"),
        (
            plain(destinationPortRange=None, destinationPortRanges=["80", "*"]),
            "SecurityRuleParameterContainsInvalidPortRanges",
        ),
        (plain(destinationAddressPrefix="AzurePlatformDNS"), "SecurityRuleInvalidAccessType"),
    ],
)
def test_a_rule_that_says_what_it_cannot_is_refused(azure, item, code):
    inputs = {"networkSecurityGroupName": "nsg", "securityRules": [item]}
    assert azure.refused(GROUP, **inputs).code == code
    group(azure)
    settings = {key: value for key, value in item.items() if key != "name"}
    alone = {"networkSecurityGroupName": "nsg", "securityRuleName": "r", **settings}
    assert azure.refused(RULE, **alone).code == code


@pytest.mark.parametrize(
    "item",
    [
        plain(description="x" * 140),
        plain(sourceAddressPrefix="AzureCloud.westeurope", destinationPortRange="0-65535"),
        plain(sourceAddressPrefix="10.0.0.4", destinationAddressPrefix="fd00::/64"),
        plain(destinationAddressPrefix="AzurePlatformDNS", access="Deny"),
    ],
)
def test_a_rule_at_the_edge_of_what_is_allowed_is_accepted(azure, item):
    assert group(azure, item)


def test_rules_as_resources_conflict_with_those_inside_the_group(azure):
    group(azure, rule("a", 100))
    settings = {key: value for key, value in rule("b", 100).items() if key != "name"}
    error = azure.refused(RULE, networkSecurityGroupName="nsg", securityRuleName="b", **settings)
    assert error.code == "SecurityRuleConflict"


def test_a_list_of_rules_takes_away_the_others_and_none_keeps_them(azure):
    group(azure, rule("a", 100), rule("b", 110))
    group(azure, rule("a", 100))
    assert [item.name for item in azure.cloud.store.of_type(RULE)] == ["a"]
    kept = azure.put(GROUP, networkSecurityGroupName="nsg", tags={"t": "1"})
    assert [item["name"] for item in kept.outputs["securityRules"]] == ["a"]


def test_a_rule_named_as_a_default_one_is_refused_by_its_exact_name_only(azure):
    taken = rule("AllowAzureLoadBalancerInBound")
    inputs = {"networkSecurityGroupName": "nsg", "securityRules": [taken]}
    assert azure.refused(GROUP, **inputs).code == "SecurityRuleConflict"
    assert group(azure, rule("AllowAzureLoadBalancerInbound"))


def test_microsofts_own_bastion_sample_is_accepted(azure):
    azure.network()
    made = group(azure, *bastion_rules())
    assert azure.subnet("AzureBastionSubnet", "10.0.0.0/26", networkSecurityGroup=ref(made))


def test_the_clients_of_a_bastion_may_be_narrowed(azure):
    azure.network()
    rules = bastion_rules()
    rules[0]["sourceAddressPrefix"] = "203.0.113.0/24"
    made = group(azure, *rules)
    assert azure.subnet("AzureBastionSubnet", "10.0.0.0/26", networkSecurityGroup=ref(made))


@pytest.mark.parametrize("missing", range(8))
def test_a_bastion_subnet_without_one_of_the_eight_rules_is_refused(azure, missing):
    azure.network()
    made = group(azure, *(item for at, item in enumerate(bastion_rules()) if at != missing))
    error = azure.refused(
        "network:Subnet",
        virtualNetworkName="vnet",
        subnetName="AzureBastionSubnet",
        addressPrefix="10.0.0.0/26",
        networkSecurityGroup=ref(made),
    )
    assert error.code == NOT_COMPLIANT


def test_a_group_on_a_bastion_subnet_stays_complete(azure):
    azure.network()
    rules = bastion_rules()
    made = group(azure, *rules)
    azure.subnet("AzureBastionSubnet", "10.0.0.0/26", networkSecurityGroup=ref(made))
    inputs = {"networkSecurityGroupName": "nsg", "securityRules": rules[1:]}
    assert azure.refused(GROUP, **inputs).code == NOT_COMPLIANT
    deny = rule("DenyAll", 100, access="Deny")
    settings = {key: value for key, value in deny.items() if key != "name"}
    alone = {"networkSecurityGroupName": "nsg", "securityRuleName": "DenyAll", **settings}
    assert azure.refused(RULE, **alone).code == NOT_COMPLIANT
    one = azure.cloud.get(f"{made.id}/securityRules/{rules[0]['name']}")
    assert azure.delete_refused(one).code == NOT_COMPLIANT


def test_a_complete_group_goes_with_its_resource_group(azure):
    azure.network()
    made = group(azure, *bastion_rules())
    azure.subnet("AzureBastionSubnet", "10.0.0.0/26", networkSecurityGroup=ref(made))
    azure.cloud.delete(made.id.split("/providers/")[0])
    assert azure.cloud.get(made.id) is None


MANAGED = rule("m", 100, sourceAddressPrefix="GatewayManager", destinationPortRange="65200-65535")


def gateway_subnet(azure: Subscription, made: Resource) -> None:
    """Write the Application Gateway's subnet with this security group."""
    more = {"networkSecurityGroup": ref(made), "delegations": [DELEGATED]}
    azure.subnet("agw", "10.0.1.0/24", **more)


@pytest.mark.parametrize(
    ("rules", "code"),
    [
        ([rule("web", 100, destinationPortRange="443")], BLOCKED_IN),
        ([{**MANAGED, "destinationPortRange": "65200-65300"}], BLOCKED_IN),
        ([{**MANAGED, "priority": 200}, rule("deny", 150, access="Deny")], BLOCKED_IN),
        ([MANAGED, rule("out", 100, direction="Outbound", access="Deny")], BLOCKED_OUT),
    ],
)
def test_an_application_gateway_behind_a_group_that_blocks_it_is_refused(azure, rules, code):
    waf = Waf(azure)
    made = group(azure, *rules)
    gateway_subnet(azure, made)
    assert waf.refused().code == code


def test_a_group_that_lets_the_gateway_be_managed_is_accepted(azure):
    waf = Waf(azure)
    denied = rule("rest", 4096, access="Deny", sourceAddressPrefix="VirtualNetwork")
    gateway_subnet(azure, group(azure, MANAGED, denied))
    assert waf.put()


def test_a_gateway_in_place_stays_managed(azure):
    waf = Waf(azure)
    made = group(azure, MANAGED)
    gateway_subnet(azure, made)
    waf.put()
    inputs = {"networkSecurityGroupName": "nsg", "securityRules": []}
    assert azure.refused(GROUP, **inputs).code == BLOCKED_IN
    assert azure.delete_refused(azure.cloud.get(f"{made.id}/securityRules/m")).code == BLOCKED_IN
    closed = {
        "virtualNetworkName": "vnet",
        "subnetName": "agw",
        "addressPrefix": "10.0.1.0/24",
        "delegations": [DELEGATED],
        "networkSecurityGroup": ref(group(azure, rule("x", access="Deny"), name="closed")),
    }
    assert azure.refused("network:Subnet", **closed).code == BLOCKED_IN


def test_an_exception_from_closed_egress_stays(azure):
    waf = Waf(azure)
    out = {"direction": "Outbound"}
    made = group(
        azure, MANAGED, rule("open", 100, **out), rule("closed", 110, access="Deny", **out)
    )
    gateway_subnet(azure, made)
    waf.put()
    one = azure.cloud.get(f"{made.id}/securityRules/open")
    assert azure.delete_refused(one).code == BLOCKED_OUT
