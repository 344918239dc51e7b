"""Azure Firewall and its policies."""

from __future__ import annotations

from typing import Any

from simulator.azure.catalog import ResourceType
from simulator.azure.namespaces.network.interfaces import with_addresses
from simulator.azure.request import Request

_POLICY = "Microsoft.Network/firewallPolicies/{firewallPolicyName}"


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
        "network:AzureFirewall",
        "Microsoft.Network/azureFirewalls/{azureFirewallName}",
        "2024-05-01",
        seconds=480,
        outputs=_outputs,
    ),
    ResourceType("network:FirewallPolicy", _POLICY, "2024-05-01", seconds=10),
    ResourceType(
        "network:FirewallPolicyRuleCollectionGroup",
        f"{_POLICY}/ruleCollectionGroups/{{ruleCollectionGroupName}}",
        "2024-05-01",
        seconds=15,
    ),
]
