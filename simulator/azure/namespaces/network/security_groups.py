"""Network security groups and their rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from simulator.azure.catalog import ResourceType
from simulator.azure.request import Request
from simulator.azure.rules import rule
from simulator.nested import items

_OVERVIEW = "Microsoft Learn: azure/virtual-network/network-security-groups-overview"

# name, priority, direction, access, source, destination, protocol
_DEFAULTS = (
    ("AllowVnetInBound", 65000, "Inbound", "Allow", "VirtualNetwork", "VirtualNetwork"),
    ("AllowAzureLoadBalancerInBound", 65001, "Inbound", "Allow", "AzureLoadBalancer", "*"),
    ("DenyAllInBound", 65500, "Inbound", "Deny", "*", "*"),
    ("AllowVnetOutBound", 65000, "Outbound", "Allow", "VirtualNetwork", "VirtualNetwork"),
    ("AllowInternetOutBound", 65001, "Outbound", "Allow", "*", "Internet"),
    ("DenyAllOutBound", 65500, "Outbound", "Deny", "*", "*"),
)


def default_rules(group_id: str) -> list[dict[str, Any]]:
    """The six rules that Azure gives every group."""
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


def _rules(request: Request) -> Iterable[Mapping[str, Any]]:
    return items(request.inputs, "securityRules")


@rule("SecurityRuleInvalidPriority", "network:NetworkSecurityGroup", source=_OVERVIEW)
def priorities_are_100_to_4096(request: Request) -> str | None:
    """The range that custom rules may use."""
    for item in _rules(request):
        if not 100 <= item.get("priority", 100) <= 4096:
            return (
                f"Security rule {item.get('name')}: priority {item['priority']} is not in 100-4096."
            )
    return None


@rule("SecurityRuleConflict", "network:NetworkSecurityGroup", source="aka.ms/nsgrules")
def priorities_differ_within_a_direction(request: Request) -> str | None:
    """One rule per direction and priority, and no name of a default rule."""
    seen: dict[tuple[str, Any], str] = {(str(name).lower(), None): name for name, *_ in _DEFAULTS}
    for item in _rules(request):
        name = str(item.get("name"))
        for key in (
            (name.lower(), None),
            (str(item.get("direction")).lower(), item.get("priority")),
        ):
            if key in seen:
                return (
                    f"Security rule {name} conflicts with rule {seen[key]}: same name, or same"
                    " priority and direction."
                )
            seen[key] = name
    return None


def _outputs(request: Request) -> dict[str, Any]:
    return {"defaultSecurityRules": default_rules(request.id)}


TYPES = [
    ResourceType(
        "network:NetworkSecurityGroup",
        "Microsoft.Network/networkSecurityGroups/{networkSecurityGroupName}",
        "2024-05-01",
        seconds=3,
        outputs=_outputs,
    ),
]
