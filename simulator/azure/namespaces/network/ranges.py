"""Numeric properties and their ranges, as a table."""

from __future__ import annotations

from functools import partial

from simulator.azure.model import Request
from simulator.azure.namespaces.network.tokens import APPLICATION_GATEWAY, BASTION, NAT
from simulator.azure.rules import Refusal, Rule, register
from support.nested import values_at

_POLICY = "network:WebApplicationFirewallPolicy"
_COLLECTIONS = "network:FirewallPolicyRuleCollectionGroup"
_WAF = "REST: webApplicationFirewallPolicies"
_SCALING = (
    "Microsoft Learn: azure/application-gateway/application-gateway-autoscaling-zone-redundant"
)
_REST = "REST: applicationGateways"
_RULE_SETS = "Microsoft Learn: azure/firewall/policy-rule-sets#rule-collections"

# (type, property with list items as [], minimum, maximum, source)
RANGES: tuple[tuple[str, str, int, int, str], ...] = (
    ("network:PublicIPAddress", "idleTimeoutInMinutes", 4, 30, "REST: publicIPAddresses"),
    (NAT, "idleTimeoutInMinutes", 4, 120, "REST: natGateways"),
    ("network:PublicIPPrefix", "prefixLength", 28, 31, "REST: publicIPPrefixes"),
    (BASTION, "scaleUnits", 2, 50, "REST: bastionHosts"),
    (APPLICATION_GATEWAY, "sku.capacity", 1, 125, _SCALING),
    (APPLICATION_GATEWAY, "autoscaleConfiguration.minCapacity", 0, 125, _SCALING),
    (APPLICATION_GATEWAY, "autoscaleConfiguration.maxCapacity", 2, 125, _SCALING),
    (APPLICATION_GATEWAY, "requestRoutingRules[].priority", 1, 20000, _REST),
    (APPLICATION_GATEWAY, "backendHttpSettingsCollection[].requestTimeout", 1, 86400, _REST),
    (APPLICATION_GATEWAY, "probes[].interval", 1, 86400, _REST),
    (APPLICATION_GATEWAY, "probes[].timeout", 1, 86400, _REST),
    (APPLICATION_GATEWAY, "probes[].unhealthyThreshold", 1, 20, _REST),
    (_POLICY, "policySettings.maxRequestBodySizeInKb", 8, 2000, _WAF),
    (_POLICY, "policySettings.fileUploadLimitInMb", 1, 4000, _WAF),
    (_POLICY, "policySettings.jsChallengeCookieExpirationInMins", 5, 1440, _WAF),
    (_POLICY, "customRules[].priority", 1, 100, _WAF),
    (_COLLECTIONS, "priority", 100, 65000, "REST: firewallPolicies/ruleCollectionGroups"),
    (_COLLECTIONS, "ruleCollections[].priority", 100, 65000, _RULE_SETS),
    ("network:LocalNetworkGateway", "bgpSettings.asn", 0, 4294967295, "REST: bgpSettings"),
)


def _in_range(request: Request, path: str, least: int, most: int) -> Refusal | None:
    for _, value in values_at(request.inputs, path):
        if isinstance(value, (int, float)) and not least <= value <= most:
            return Refusal(f"{path} must be in {least}-{most}, not {value}.", path)
    return None


def rule_name(token: str, path: str) -> str:
    """The name of the rule for a row."""
    return f"{token.split(':')[1]}.{path}_is_in_range"


for _token, _path, _least, _most, _source in RANGES:
    _check = partial(_in_range, path=_path, least=_least, most=_most)
    _name = rule_name(_token, _path)
    register(Rule(_name, "BadRequest", 400, _source, "network.ranges", (_token,), "put", _check))

TYPES = ()
