"""Network security groups, and what their rules require of each other."""

from __future__ import annotations

from typing import Any

from simulator.azure.model import Request, ResourceType
from simulator.azure.namespaces.network import inline
from simulator.azure.namespaces.network.security_rules import GROUP, RULE
from simulator.azure.rules import rule

# Each row: name, priority, direction, access, source, destination.
_DEFAULTS = (
    ("AllowVnetInBound", 65000, "Inbound", "Allow", "VirtualNetwork", "VirtualNetwork"),
    ("AllowAzureLoadBalancerInBound", 65001, "Inbound", "Allow", "AzureLoadBalancer", "*"),
    ("DenyAllInBound", 65500, "Inbound", "Deny", "*", "*"),
    ("AllowVnetOutBound", 65000, "Outbound", "Allow", "VirtualNetwork", "VirtualNetwork"),
    ("AllowInternetOutBound", 65001, "Outbound", "Allow", "*", "Internet"),
    ("DenyAllOutBound", 65500, "Outbound", "Deny", "*", "*"),
)


def default_rules(group_id: str) -> list[dict[str, Any]]:
    """The six default rules of every group."""
    return [
        {
            "id": f"{group_id}/defaultSecurityRules/{name}",
            "name": name,
            "type": "Microsoft.Network/networkSecurityGroups/defaultSecurityRules",
            "priority": priority,
            "direction": direction,
            "access": access,
            "sourceAddressPrefix": source,
            "destinationAddressPrefix": destination,
            "sourcePortRange": "*",
            "destinationPortRange": "*",
            "protocol": "*",
            "provisioningState": "Succeeded",
        }
        for name, priority, direction, access, source, destination in _DEFAULTS
    ]


@rule("SecurityRuleConflict", GROUP, RULE, source="aka.ms/nsgrules")
def priorities_differ_within_a_direction(request: Request) -> str | None:
    """The rules of a direction have different priorities."""
    seen: dict[tuple[str, Any], str] = {}
    for item in inline.children(request, "securityRules", RULE):
        name = str(item["name"])
        key = (str(item.get("direction")).lower(), item.get("priority"))
        if key in seen:
            return (
                f"Security rule {name} conflicts with rule {seen[key]}: same direction and"
                f" priority {item.get('priority')}."
            )
        seen[key] = name
    return None


@rule("SecurityRuleConflict", GROUP, RULE, source="aka.ms/nsgrules")
def no_rule_is_named_as_a_default_one(request: Request) -> str | None:
    """A rule cannot have the name of a default rule.

    Case matters: Bastion's own `AllowAzureLoadBalancerInbound` is not the default rule.
    """
    reserved = {name for name, *_ in _DEFAULTS}
    for item in inline.children(request, "securityRules", RULE):
        if item["name"] in reserved:
            return f"Security rule {item['name']} conflicts with the default rule of that name."
    return None


def _outputs(request: Request) -> dict[str, Any]:
    shown = inline.collection_outputs(request, "securityRules", RULE)
    return {"defaultSecurityRules": default_rules(request.id), **shown}


TYPES = [
    ResourceType(
        GROUP,
        "2024-05-01",
        seconds=3,
        outputs=_outputs,
        after_put=lambda request: inline.write(request, "securityRules", RULE),
    ),
    ResourceType(RULE, "2024-05-01", seconds=3),
]
