"""Microsoft.ServiceNetworking: Application Gateway for Containers."""

from __future__ import annotations

from typing import Any

from simulator.azure import identifiers
from simulator.azure.model import Request, ResourceType
from simulator.azure.namespaces.network.prefixes import networks, prefixes
from simulator.azure.namespaces.network.subnets import delegations
from simulator.azure.rules import Refusal, rule
from support.nested import at, items, mapping

_API = "2025-01-01"
_ASSOCIATION = "servicenetworking:AssociationsInterface"
_COMPONENTS = (
    "Microsoft Learn: azure/application-gateway/for-containers/application-gateway-for-containers"
    "-components"
)
_SERVICE = "Microsoft.ServiceNetworking/trafficControllers"
_MAX_PREFIX_LENGTH = 24
_SECURITY_POLICY = "servicenetworking:SecurityPoliciesInterface"
_FIREWALL = (
    "Microsoft Learn: azure/web-application-firewall/ag/"
    "waf-application-gateway-for-containers-overview#limitations"
)
_BOTS = "Microsoft_BotManagerRuleSet"
_RULE_SETS = {"Microsoft_DefaultRuleSet": ("2.1",), _BOTS: ("1.0", "1.1")}
_BLOCK_RESPONSE = ("customBlockResponseStatusCode", "customBlockResponseBody")


@rule("BadRequest", _ASSOCIATION, source=_COMPONENTS)
def a_controller_has_one_association(request: Request) -> str | None:
    """An Application Gateway for Containers has at most one association."""
    for item in request.siblings():
        return f"The traffic controller already has the association {item.name}."
    return None


@rule("BadRequest", _ASSOCIATION, source=_COMPONENTS)
def an_associated_subnet_is_delegated(request: Request) -> Refusal | None:
    """The subnet of an association must be delegated to the traffic controllers."""
    subnet = request.find(request.inputs.get("subnet"))
    if subnet is None or delegations(subnet.inputs) == [_SERVICE]:
        return None
    return Refusal(f"Subnet {subnet.id} must be delegated to {_SERVICE}.", "subnet")


@rule("BadRequest", _ASSOCIATION, source=_COMPONENTS)
def an_associated_subnet_has_250_addresses(request: Request) -> Refusal | None:
    """The subnet of an association must be /24 or larger."""
    subnet = request.find(request.inputs.get("subnet"))
    for block in networks(prefixes(subnet.inputs)) if subnet else ():
        if block.version == 4 and block.prefixlen > _MAX_PREFIX_LENGTH:
            return Refusal(f"Subnet {block} must be /{_MAX_PREFIX_LENGTH} or larger.", "subnet")
    return None


@rule("BadRequest", _ASSOCIATION, source=_COMPONENTS)
def an_association_is_in_the_region_of_its_subnet(request: Request) -> Refusal | None:
    """An association must be in the region of its virtual network."""
    subnet = request.find(at(request.inputs, "subnet", "id"))
    network = request.find(subnet.id.rsplit("/", 2)[0]) if subnet else None
    there = str(network.inputs.get("location")).replace(" ", "").lower() if network else ""
    if network and there != request.location:
        return Refusal(f"{network.id} is in {there}, not in {request.location}.", "location")
    return None


@rule("BadRequest", _SECURITY_POLICY, source=_FIREWALL)
def a_policy_of_containers_has_supported_rules(request: Request) -> Refusal | None:
    """Default Rule Set 2.1 and Bot Manager 1.x, no challenge for bots, no response of its own."""
    policy = request.find(at(request.inputs, "wafPolicy", "id"))
    if policy is None:
        return None
    for item in items(policy.inputs, "managedRules", "managedRuleSets"):
        kind, version = str(at(item, "ruleSetType")), str(at(item, "ruleSetVersion"))
        if version not in _RULE_SETS.get(kind, ()):
            text = f"{policy.id}: the rule set {kind} {version} is not supported."
            return Refusal(text, "wafPolicy")
        for group in items(item, "ruleGroupOverrides"):
            actions = {str(at(one, "action")) for one in items(group, "rules")}
            if kind == _BOTS and "JSChallenge" in actions:
                text = f"{policy.id}: JSChallenge is not supported for rules against bots."
                return Refusal(text, "wafPolicy")
    settings = mapping(policy.inputs, "policySettings")
    if any(settings.get(key) for key in _BLOCK_RESPONSE):
        return Refusal(f"{policy.id}: a custom block response is not supported.", "wafPolicy")
    return None


@rule("BadRequest", _SECURITY_POLICY, source=_FIREWALL)
def a_policy_of_containers_is_in_their_region(request: Request) -> Refusal | None:
    """The WAF policy is in the region of the Application Gateway for Containers."""
    policy = request.find(at(request.inputs, "wafPolicy", "id"))
    there = str(policy.inputs.get("location")).replace(" ", "").lower() if policy else ""
    if policy and there != request.location:
        return Refusal(f"{policy.id} is in {there}, not in {request.location}.", "wafPolicy")
    return None


def _frontend_outputs(request: Request) -> dict[str, Any]:
    name = identifiers.digest(request.id, length=16)
    return {"fqdn": f"{name}.fz{int(name[:2], 16) % 100:02d}.alb.azure.com"}


TYPES = [
    ResourceType(
        "servicenetworking:TrafficControllerInterface",
        _API,
        replaces=("location",),
        seconds=30,
    ),
    ResourceType(
        "servicenetworking:FrontendsInterface",
        _API,
        replaces=("location",),
        seconds=10,
        outputs=_frontend_outputs,
    ),
    ResourceType(
        _ASSOCIATION,
        _API,
        replaces=("location",),
        seconds=120,
    ),
    ResourceType(
        _SECURITY_POLICY,
        _API,
        replaces=("location",),
        seconds=10,
    ),
]
