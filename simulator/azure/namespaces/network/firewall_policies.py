"""Firewall policies: what each tier allows, and which firewalls and policies go together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulator.azure.model import Request, ResourceType
from simulator.azure.namespaces.network.tokens import FIREWALL
from simulator.azure.rules import Refusal, advice, rule
from support.nested import at, items

POLICY = "network:FirewallPolicy"

_RANKS = {"basic": 0, "standard": 1, "premium": 2}
_OVERVIEW = "Microsoft Learn: azure/firewall-manager/policy-overview"
_CHANGE = "Microsoft Learn: azure/firewall/change-sku"
_CLASSIC = ("applicationRuleCollections", "natRuleCollections", "networkRuleCollections")

# (property of a policy, lowest tier that has it, its name in Azure's message)
_FEATURES = (
    ("dnsSettings", "Standard", "DNS Proxy and Custom DNS"),
    ("intrusionDetection", "Premium", "Intrusion Detection"),
    ("transportSecurity", "Premium", "Transport Security"),
)


def tier_of(inputs: Mapping[str, Any]) -> str:
    """The tier of a firewall or of a policy."""
    return str(at(inputs, "sku", "tier") or "Standard").capitalize()


def rank(tier: str) -> int:
    """The place of a tier: a higher one has all that a lower one has."""
    return _RANKS.get(tier.lower(), _RANKS["standard"])


@rule(
    "FirewallPolicyHigherTierOnlyProperties",
    POLICY,
    source="github.com/Azure/missionlz/issues/736",
)
def a_policy_has_what_its_tier_has(request: Request) -> Refusal | None:
    """A property of a higher tier is refused even if it turns the feature off."""
    tier = tier_of(request.inputs)
    found = [
        (path, name)
        for path, lowest, name in _FEATURES
        if rank(tier) < rank(lowest) and request.inputs.get(path) is not None
    ]
    # The Basic tier can only alert.
    if rank(tier) == 0 and str(request.inputs.get("threatIntelMode")).lower() == "deny":
        found.append(("threatIntelMode", "Threat Intelligence"))
    if not found:
        return None
    names = ", ".join(name for _, name in found)
    text = f"Firewall Policy {request.id} contains higher tier only properties - {names}"
    return Refusal(text, found[0][0])


@rule(
    "FirewallPolicySkuChangeDisallowed",
    POLICY,
    source="github.com/MicrosoftDocs/azure-docs/issues/88954",
)
def a_policy_keeps_its_tier(request: Request) -> Refusal | None:
    """Another tier needs another policy."""
    if request.old is None:
        return None
    before, after = tier_of(request.old.inputs), tier_of(request.inputs)
    if before == after:
        return None
    text = f"Firewall Policy {request.id} cannot change sku from Tier={before} to Tier={after}"
    return Refusal(text, "sku")


@rule(
    "FirewallPolicyBasePolicyCannotBeHigherSku",
    POLICY,
    source=f"{_OVERVIEW}#basic-standard-and-premium-policies",
)
def a_base_policy_has_no_higher_tier(request: Request) -> Refusal | None:
    """A policy can inherit from a policy of the same tier or of a lower one."""
    base = request.find(request.inputs.get("basePolicy"))
    if base is None or rank(tier_of(base.inputs)) <= rank(tier_of(request.inputs)):
        return None
    text = (
        f"The base policy {base.id} has the tier {tier_of(base.inputs)}, which is higher than the"
        f" tier {tier_of(request.inputs)} of {request.id}."
    )
    return Refusal(text, "basePolicy")


@rule("BadRequest", POLICY, source=f"{_OVERVIEW}#hierarchical-policies")
def a_base_policy_is_in_the_same_region(request: Request) -> Refusal | None:
    """A policy and its base policy must be in one region. Its firewalls can be elsewhere."""
    base = request.find(request.inputs.get("basePolicy"))
    if base is None:
        return None
    region = str(base.outputs.get("location", "")).replace(" ", "").lower()
    if region == request.location:
        return None
    text = f"The base policy {base.id} is in {region}, and {request.id} in {request.location}."
    return Refusal(text, "basePolicy")


@rule("BadRequest", FIREWALL, source=_CHANGE)
def a_firewall_has_the_tier_of_its_policy(request: Request) -> Refusal | None:
    """A policy of a higher tier cannot be attached to a firewall of a lower tier."""
    policy = request.find(request.inputs.get("firewallPolicy"))
    if policy is None or rank(tier_of(policy.inputs)) <= rank(tier_of(request.inputs)):
        return None
    text = (
        f"A {tier_of(policy.inputs)} policy cannot be attached to a {tier_of(request.inputs)} tier"
        f" firewall: {policy.id}."
    )
    return Refusal(text, "firewallPolicy")


@advice(FIREWALL, source=f"{_OVERVIEW}#basic-standard-and-premium-policies")
def basic_policies_are_for_basic_firewalls(request: Request) -> str | None:
    """Basic policies are documented for Basic firewalls only."""
    policy = request.find(request.inputs.get("firewallPolicy"))
    if policy is None or rank(tier_of(policy.inputs)) > 0 or rank(tier_of(request.inputs)) == 0:
        return None
    return f"A Basic policy is not supported on a {tier_of(request.inputs)} firewall: {policy.id}."


@rule("BadRequest", FIREWALL, source=_CHANGE)
def a_basic_firewall_keeps_its_tier(request: Request) -> Refusal | None:
    """The tier Basic does not support changes of the tier; Standard and Premium do."""
    if request.old is None:
        return None
    before, after = tier_of(request.old.inputs), tier_of(request.inputs)
    if before == after or rank("Basic") not in {rank(before), rank(after)}:
        return None
    text = (
        f"Azure Firewall cannot change its tier from {before} to {after}: the tier Basic does not"
        " support it. Delete the firewall and create it again."
    )
    return Refusal(text, "sku")


@rule(
    "AzureFirewallPolicyAndRuleCollectionsConflict",
    FIREWALL,
    source="github.com/Azure/azure-cli/issues/11834",
)
def a_firewall_has_a_policy_or_rules_of_its_own(request: Request) -> Refusal | None:
    """A firewall with a policy has no classic rules."""
    policy = at(request.inputs, "firewallPolicy", "id")
    for name in _CLASSIC:
        if policy and items(request.inputs, name):
            text = f"{request.id} has the policy {policy} and {name}, which exclude each other."
            return Refusal(text, name)
    return None


TYPES = [ResourceType(POLICY, "2024-05-01", seconds=10)]
