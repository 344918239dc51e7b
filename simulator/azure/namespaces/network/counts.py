"""How many network resources there can be in a region, a network and the like: a table.

`limits` has the lists inside a resource.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulator.azure.namespaces.counts import register_counts
from support import arm_ids
from support.nested import at, items

_SOURCE = (
    "Microsoft Learn: azure-resource-manager/management/azure-subscription-service-limits"
    "#networking-limits"
)
_ENDPOINT = "network:PrivateEndpoint"
_REGION = "region of a subscription"

# The maximum, by type and by what the resources are counted in.
MOST: dict[tuple[str, str], int] = {
    ("network:VirtualNetwork", _REGION): 1_000,
    ("network:NetworkSecurityGroup", _REGION): 5_000,
    # Since May 2026 (azure.microsoft.com/updates?id=562695), as are the routes of a table.
    ("network:RouteTable", _REGION): 600,
    ("network:ApplicationGateway", _REGION): 1_000,
    ("network:Subnet", "virtual network"): 3_000,
    ("network:VirtualNetworkPeering", "virtual network"): 650,
    ("network:SecurityRule", "network security group"): 1_000,
    ("network:Route", "route table"): 1_000,
    (_ENDPOINT, "virtual network"): 1_000,
    (_ENDPOINT, "key vault"): 64,
    ("dnsresolver:DnsResolver", "virtual network"): 1,
    ("dnsresolver:InboundEndpoint", "DNS resolver"): 5,
}


def _scope(resource_id: str, inputs: Mapping[str, Any], scope: str) -> str | None:
    if scope == _REGION:
        region = str(inputs.get("location") or "").replace(" ", "").lower()
        return f"{resource_id.lower().split('/')[2]} {region}" if region else None
    if scope == "key vault":
        targets = [
            str(at(item, "privateLinkServiceId")).lower()
            for item in items(inputs, "privateLinkServiceConnections")
        ]
        return next((one for one in targets if "/microsoft.keyvault/vaults/" in one), None)
    for reference in (at(inputs, "subnet", "id"), at(inputs, "virtualNetwork", "id")):
        if reference:
            return str(reference).lower().partition("/subnets/")[0]
    return arm_ids.parent_of(resource_id).lower()


register_counts(MOST, _scope, _SOURCE, "network.counts")

TYPES = ()
