"""Rule collection groups of firewall policies, with their collections and rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from simulator.azure.model import Request, ResourceType
from simulator.azure.namespaces.network.firewall_policies import rank, tier_of
from simulator.azure.rules import Refusal, rule
from support.nested import at, items

GROUP = "network:FirewallPolicyRuleCollectionGroup"

_SETS = "Microsoft Learn: azure/firewall/policy-rule-sets"
_MOST_GROUPS = 90
_NAT = "FirewallPolicyNatRuleCollection"

# (property of a rule, lowest tier of the policy that has it)
_FEATURES = (("targetUrls", "Premium"), ("terminateTLS", "Premium"), ("webCategories", "Standard"))

# What a network rule names: any one property of each row.
_SIDES = (
    ("sourceAddresses", "sourceIpGroups"),
    ("destinationAddresses", "destinationIpGroups", "destinationFqdns"),
    ("destinationPorts",),
)


def _collections(request: Request) -> Iterator[Mapping[str, Any]]:
    yield from items(request.inputs, "ruleCollections")


def _rules(request: Request, kind: str) -> Iterator[Mapping[str, Any]]:
    for collection in _collections(request):
        for item in items(collection, "rules"):
            if item.get("ruleType") == kind:
                yield item


@rule(
    "AzureFirewallDNSProxyMustBeEnabled",
    GROUP,
    source="Microsoft Learn: azure/firewall/fqdn-filtering-network-rules",
)
def network_rules_by_name_need_the_dns_proxy(request: Request) -> Refusal | None:
    """Network rules with `destinationFqdns` require the DNS proxy of the policy."""
    policy = request.parent
    if policy is None or at(policy.inputs, "dnsSettings", "enableProxy"):
        return None
    for item in _rules(request, "NetworkRule"):
        if items(item, "destinationFqdns"):
            return Refusal(
                f"Network rule {item.get('name')} has destinationFqdns, which requires the"
                f" DNS proxy in {policy.id}.",
                "ruleCollections",
            )
    return None


@rule("BadRequest", GROUP, source="Microsoft Learn: azure/firewall/features-by-sku")
def rules_have_what_the_policys_tier_has(request: Request) -> Refusal | None:
    """URLs and TLS inspection need a Premium policy, web categories a Standard one."""
    if request.parent is None:
        return None
    tier = tier_of(request.parent.inputs)
    for item in _rules(request, "ApplicationRule"):
        for name, lowest in _FEATURES:
            if rank(tier) < rank(lowest) and item.get(name):
                text = (
                    f"Rule {item.get('name')}: {name} requires the tier {lowest}, and the policy"
                    f" has the tier {tier}."
                )
                return Refusal(text, "ruleCollections")
    return None


@rule(
    "FirewallPolicyRuleCollectionGroupRuleCollectionPrioritiesMustBeUnique",
    GROUP,
    source=f"{_SETS}#rule-collections",
)
def collections_of_a_group_have_priorities_of_their_own(request: Request) -> Refusal | None:
    """Network, application and NAT collections of a group share one range of priorities."""
    seen: set[Any] = set()
    for collection in _collections(request):
        priority = collection.get("priority")
        if priority is not None and priority in seen:
            text = (
                "Invalid Rule Collection Group. Priority"
                f" {priority} used for more than one rule collection."
            )
            return Refusal(text, "ruleCollections")
        seen.add(priority)
    return None


@rule("BadRequest", GROUP, source=f"{_SETS}#rule-collection-groups")
def groups_of_a_policy_have_priorities_of_their_own(request: Request) -> Refusal | None:
    """No two groups of a policy have one priority."""
    for other in request.siblings():
        if other.inputs.get("priority") == request.inputs.get("priority"):
            text = (
                f"Priority {request.inputs.get('priority')} is used by the rule collection group"
                f" {other.name}, too."
            )
            return Refusal(text, "priority")
    return None


@rule("BadRequest", GROUP, source=f"{_SETS}#rule-collection-groups")
def a_policy_has_few_enough_groups(request: Request) -> str | None:
    """A policy can have 90 groups."""
    if request.old is None and len(request.siblings()) >= _MOST_GROUPS:
        return f"A firewall policy can have at most {_MOST_GROUPS} rule collection groups."
    return None


@rule(
    "BadRequest",
    GROUP,
    source="Microsoft Learn: cli/azure/network/firewall/policy/rule-collection-group/collection",
)
def rules_of_a_collection_are_of_one_kind(request: Request) -> Refusal | None:
    """A filter collection has network rules or application rules, a NAT collection NAT rules."""
    for collection in _collections(request):
        nat = collection.get("ruleCollectionType") == _NAT
        kinds = {str(item.get("ruleType")) for item in items(collection, "rules")}
        if len(kinds) > 1 or (kinds and nat != (kinds == {"NatRule"})):
            text = (
                f"Rule collection {collection.get('name')} of type"
                f" {collection.get('ruleCollectionType')} cannot contain rules of the types"
                f" {', '.join(sorted(kinds))}."
            )
            return Refusal(text, "ruleCollections")
    return None


@rule(
    "FirewallPolicyRuleIpAddressesAndPortsMustBeSpecified",
    GROUP,
    source="github.com/Azure/azure-cli/issues/24493",
)
def network_rules_name_both_sides_and_ports(request: Request) -> Refusal | None:
    """`*` stands for all addresses or ports."""
    for item in _rules(request, "NetworkRule"):
        if not all(any(items(item, name) for name in side) for side in _SIDES):
            text = (
                f"Firewall Policy Rule {item.get('name')} should have IP addresses and ports"
                " specified. * is used to match all."
            )
            return Refusal(text, "ruleCollections")
    return None


@rule("Failed", GROUP, source="github.com/hashicorp/terraform-provider-azurerm/issues/15760")
def application_rules_name_their_protocols(request: Request) -> Refusal | None:
    """A rule with an FQDN tag needs protocols, too. Azure answers with an internal server error."""
    for item in _rules(request, "ApplicationRule"):
        if not items(item, "protocols"):
            text = (
                "The async operation failed: InternalServerError. Application rule"
                f" {item.get('name')} has no protocols."
            )
            return Refusal(text, "ruleCollections")
    return None


TYPES = [ResourceType(GROUP, "2024-05-01", seconds=15)]
