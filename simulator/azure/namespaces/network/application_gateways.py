"""Application Gateway and its WAF policies."""

from __future__ import annotations

from typing import Any

from simulator.azure.catalog import ResourceType
from simulator.azure.namespaces.network.interfaces import with_addresses
from simulator.azure.request import Request


def _gateway_outputs(request: Request) -> dict[str, Any]:
    return {
        "operationalState": "Running",
        "frontendIPConfigurations": with_addresses(request, "frontendIPConfigurations"),
        "defaultPredefinedSslPolicy": "AppGwSslPolicy20220101",
    }


def _policy_outputs(request: Request) -> dict[str, Any]:
    gateways = [
        {"id": item.id}
        for item in request.cloud.store.referrers(request.id)
        if item.token == "network:ApplicationGateway"
    ]
    result: dict[str, Any] = {"resourceState": "Enabled"}
    if gateways:
        result["applicationGateways"] = gateways
    return result


TYPES = [
    ResourceType(
        "network:ApplicationGateway",
        "Microsoft.Network/applicationGateways/{applicationGatewayName}",
        "2024-05-01",
        seconds=420,
        outputs=_gateway_outputs,
    ),
    ResourceType(
        "network:WebApplicationFirewallPolicy",
        "Microsoft.Network/ApplicationGatewayWebApplicationFirewallPolicies/{policyName}",
        "2024-05-01",
        seconds=5,
        outputs=_policy_outputs,
    ),
]
