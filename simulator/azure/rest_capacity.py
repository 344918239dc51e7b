"""What the simulated REST API says of machine sizes and quotas, counting what is there."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from simulator.azure.rest_query import RestRequest, RestResponse
from support import arm_ids
from support.nested import at, is_list


def skus(request: RestRequest) -> RestResponse:
    """The machine sizes of a region, with what restricts them."""
    data = request.subscription.data
    match = re.fullmatch(r"location eq '([a-z0-9]+)'", request.query.get("$filter", ""))
    location = match[1] if match else ""
    region = data["regions"].get(location)
    if region is None:
        return RestResponse(200, {"value": []})
    return RestResponse(
        200,
        {
            "value": [
                {
                    "resourceType": "virtualMachines",
                    "name": size.name,
                    "tier": "Standard",
                    "size": size.name.removeprefix("Standard_"),
                    "family": size.family,
                    "locations": [location],
                    "locationInfo": [{"location": location, "zones": region["zones"]}],
                    "capabilities": [
                        {"name": "vCPUs", "value": str(size.vcpus)},
                        {"name": "LowPriorityCapable", "value": str(size.spot)},
                    ],
                    "restrictions": _restrictions(data["restrictions"].get(size.name), location),
                }
                for size in request.subscription.sizes
            ]
        },
    )


def _restrictions(row: Any, location: str) -> list[dict[str, Any]]:
    """`[westeurope]` shuts a size out of regions, `{westeurope: ["1"]}` out of zones."""
    if row is None or location not in row:
        return []
    info: dict[str, Any] = {"locations": [location]}
    if not is_list(row):
        info["zones"] = row[location]
    return [
        {
            "type": "Location" if is_list(row) else "Zone",
            "values": [location],
            "restrictionInfo": info,
            "reasonCode": "NotAvailableForSubscription",
        }
    ]


def compute_usages(request: RestRequest) -> RestResponse:
    """VCPUs of a region, by quota."""
    data, taken = request.subscription.data, _cores(request, request.parts["location"])
    limits: dict[str, int] = {k: row["quota"] for k, row in data["families"].items()}
    # A quota of a family is set by its name among the quotas, too.
    limits |= data["quotas"]
    return RestResponse(
        200,
        {
            "value": [
                _usage(name, _title(name), limit, taken[name]) for name, limit in limits.items()
            ]
        },
    )


def _title(quota: str) -> str:
    """`Standard DDSv5 Family vCPUs` of `standardDDSv5Family`."""
    titles = {"cores": "Total Regional vCPUs", "lowPriorityCores": "Total Regional Spot vCPUs"}
    return titles.get(quota) or re.sub(r"standard(.+)Family", r"Standard \1 Family vCPUs", quota)


def _cores(request: RestRequest, location: str) -> Counter[str]:
    """VCPUs of machines in a region, by quota. A cluster's first pool is a resource here, too."""
    sizes = {size.name.lower(): size for size in request.subscription.sizes}
    taken: Counter[str] = Counter()

    def add(pool: Any, count: int) -> None:
        size = sizes.get(str(at(pool, "vmSize")).lower())
        if size is not None:
            spot = at(pool, "scaleSetPriority") == "Spot"
            for quota in ("lowPriorityCores",) if spot else ("cores", size.family):
                taken[quota] += size.vcpus * count

    for item in request.resources():
        place = item.inputs.get("location")
        if item.token == "containerservice:AgentPool":
            cluster = request.cloud.get(item.id.rpartition("/agentPools/")[0])
            place = cluster.inputs.get("location") if cluster else None
        if not place or not arm_ids.same(str(place), location):
            continue
        if item.token == "containerservice:AgentPool":
            add(item.inputs, int(item.inputs.get("count") or 0))
        if item.token == "compute:VirtualMachine":
            add(item.inputs.get("hardwareProfile"), 1)
    return taken


_NETWORK_TYPES = {
    "VirtualNetworks": "network:VirtualNetwork",
    "NetworkSecurityGroups": "network:NetworkSecurityGroup",
    "RouteTables": "network:RouteTable",
    "NatGateways": "network:NatGateway",
    "ApplicationGateways": "network:ApplicationGateway",
    "PrivateEndpoints": "network:PrivateEndpoint",
    "PublicIPAddresses": "network:PublicIPAddress",
    "StandardSkuPublicIpAddresses": "network:PublicIPAddress",
}


def network_usages(request: RestRequest) -> RestResponse:
    """Networks and the like of a region, by quota."""
    location = request.parts["location"]
    counts = Counter(
        item.token
        for item in request.resources()
        if arm_ids.same(str(item.inputs.get("location")), location)
    )
    return RestResponse(
        200,
        {
            "value": [
                _usage(name, name, limit, counts[_NETWORK_TYPES[name]])
                for name, limit in request.subscription.data["networkQuotas"].items()
            ]
        },
    )


def _usage(name: str, title: str, limit: int, value: int) -> dict[str, Any]:
    return {
        "unit": "Count",
        "currentValue": value,
        "limit": limit,
        "name": {"value": name, "localizedValue": title},
    }
