"""Valid properties of a single security rule."""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import ip_network
from typing import Any

from simulator.azure.model import Request
from simulator.azure.namespaces.network import inline, service_tags
from simulator.azure.namespaces.network.traffic import is_port_range
from simulator.azure.rules import Refusal, rule
from support.nested import items

_OVERVIEW = "Microsoft Learn: azure/virtual-network/network-security-groups-overview"
GROUP, RULE = "network:NetworkSecurityGroup", "network:SecurityRule"
_SIDES = ("source", "destination")
_MAX_DESCRIPTION = 140
_DENY_ONLY_TAGS = ("AzurePlatformDNS", "AzurePlatformIMDS", "AzurePlatformLKM")
"""Tags that can only be denied: Azure always allows their traffic otherwise."""


def _written(request: Request) -> list[Mapping[str, Any]]:
    """The rules that the request writes."""
    if request.type.token == RULE:
        return [{**request.inputs, "name": request.name}]
    return inline.children(request, "securityRules", RULE)


@rule("SecurityRuleInvalidPriority", GROUP, RULE, source=_OVERVIEW)
def priorities_are_100_to_4096(request: Request) -> str | None:
    """The priority of a custom rule must be 100 to 4096."""
    for item in _written(request):
        if not 100 <= item.get("priority", 100) <= 4096:
            return (
                f"Security rule {item['name']}: priority must be in 100-4096, not"
                f" {item['priority']}."
            )
    return None


@rule("BadRequest", GROUP, RULE, source="REST: networkSecurityGroups, description: 140 characters")
def descriptions_have_140_characters(request: Request) -> str | None:
    """A description has at most 140 characters."""
    for item in _written(request):
        length = len(str(item.get("description") or ""))
        if length > _MAX_DESCRIPTION:
            return (
                f"Security rule {item['name']}: its description has {length} characters, more than"
                f" {_MAX_DESCRIPTION}."
            )
    return None


@rule("SecurityRuleParameterContainsUnsupportedValue", GROUP, RULE, source=_OVERVIEW)
def a_list_of_prefixes_holds_no_tags(request: Request) -> str | None:
    """A list of prefixes cannot contain a tag or `*`, unlike the singular property."""
    for item in _written(request):
        for side in _SIDES:
            for text in items(item, f"{side}AddressPrefixes"):
                if text == "*" or _looks_like_a_tag(str(text)):
                    return (
                        f"Security rule {item['name']}: {side}AddressPrefixes cannot contain"
                        f" {text}; use {side}AddressPrefix."
                    )
    return None


@rule("SecurityRuleInvalidAddressPrefix", GROUP, RULE, source=_OVERVIEW)
def prefixes_of_rules_are_ranges_or_tags(request: Request) -> str | None:
    """A prefix is an address, a CIDR block, `*`, or a known service tag."""
    for item in _written(request):
        for side in _SIDES:
            single = item.get(f"{side}AddressPrefix")
            listed = items(item, f"{side}AddressPrefixes")
            for text in [*([single] if single else []), *listed]:
                if not _is_prefix(str(text)):
                    return (
                        f"Security rule {item['name']}: {side} {text} is neither a range nor a"
                        " service tag."
                    )
    return None


def _looks_like_a_tag(text: str) -> bool:
    return re.fullmatch(r"[A-Za-z][A-Za-z0-9]*(\.\w+)?", text) is not None


def _is_prefix(text: str) -> bool:
    if text == "*" or service_tags.exists(text):
        return True
    try:
        ip_network(text, strict=False)
    except ValueError:
        return False
    return True


@rule("SecurityRuleInvalidPortRange", GROUP, RULE, source=_OVERVIEW)
def ports_of_rules_are_ports(request: Request) -> str | None:
    """A port range is a port, two ports with a hyphen, or `*`."""
    for item in _written(request):
        for side in _SIDES:
            text = item.get(f"{side}PortRange")
            if text and text != "*" and not is_port_range(str(text)):
                return (
                    f"Security rule {item['name']} has an invalid port range {text}: use a"
                    " port, two ports with a hyphen, or *."
                )
    return None


@rule("SecurityRuleParameterContainsInvalidPortRanges", GROUP, RULE, source=_OVERVIEW)
def a_list_of_ports_holds_ports_only(request: Request) -> str | None:
    """A list of port ranges cannot contain `*`, which is for the singular property."""
    for item in _written(request):
        for side in _SIDES:
            for text in items(item, f"{side}PortRanges"):
                if not is_port_range(str(text)):
                    return f"Security rule {item['name']}: {side}PortRanges cannot contain {text}."
    return None


@rule("SecurityRuleInvalidAccessType", GROUP, RULE, source=f"{_OVERVIEW}#azure-platform")
def what_the_platform_always_allows_is_not_allowed_again(request: Request) -> Refusal | None:
    """The tags of Azure's DNS, metadata and licensing services can only be denied."""
    for item in _written(request):
        tag = item.get("destinationAddressPrefix")
        if tag in _DENY_ONLY_TAGS and str(item.get("access")).lower() == "allow":
            return Refusal(f"Security rule {item['name']}: {tag} can only be denied.", "access")
    return None
