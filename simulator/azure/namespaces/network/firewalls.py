"""Azure Firewall and its policies."""

from __future__ import annotations

from typing import Any

from simulator.azure.model import Request, ResourceType
from simulator.azure.namespaces.network.interfaces import with_addresses
from simulator.azure.namespaces.network.tokens import FIREWALL
from simulator.azure.rules import Refusal, rule
from support.nested import at, items

_POLICY, _GROUP = "network:FirewallPolicy", "network:FirewallPolicyRuleCollectionGroup"


@rule(
    "AzureFirewallDNSProxyMustBeEnabled",
    _GROUP,
    source="Microsoft Learn: azure/firewall/fqdn-filtering-network-rules",
)
def network_rules_by_name_need_the_dns_proxy(request: Request) -> Refusal | None:
    """Network rules with `destinationFqdns` require the DNS proxy of the policy."""
    policy = request.parent
    if policy is None or at(policy.inputs, "dnsSettings", "enableProxy"):
        return None
    for collection in items(request.inputs, "ruleCollections"):
        for item in items(collection, "rules"):
            if item.get("ruleType") == "NetworkRule" and items(item, "destinationFqdns"):
                return Refusal(
                    f"Network rule {item.get('name')} has destinationFqdns, which requires the"
                    f" DNS proxy in {policy.id}.",
                    "ruleCollections",
                )
    return None


@rule("BadRequest", FIREWALL, source="Microsoft Learn: azure/firewall/basic-features")
def a_basic_firewall_is_managed_apart(request: Request) -> Refusal | None:
    """The Basic tier requires a management IP configuration."""
    tier = str(at(request.inputs, "sku", "tier")).lower()
    if tier == "basic" and not request.inputs.get("managementIpConfiguration"):
        return Refusal(
            "The tier Basic of Azure Firewall requires a management IP configuration.",
            "managementIpConfiguration",
        )
    return None


def _outputs(request: Request) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ipConfigurations": with_addresses(request, "ipConfigurations"),
        "ipGroups": [],
    }
    if "managementIpConfiguration" in request.inputs:
        result["managementIpConfiguration"] = request.inputs["managementIpConfiguration"]
    return result


TYPES = [
    ResourceType(
        FIREWALL,
        "2024-05-01",
        seconds=480,
        outputs=_outputs,
    ),
    ResourceType(_POLICY, "2024-05-01", seconds=10),
    ResourceType(
        _GROUP,
        "2024-05-01",
        seconds=15,
    ),
]
