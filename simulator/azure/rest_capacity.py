"""The REST API's answers on VM sizes and quotas, with the usage by the simulated resources."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from simulator.azure.rest_query import RestRequest, RestResponse
from support import arm_ids
from support.nested import at, is_list


def skus(request: RestRequest) -> RestResponse:
    """The VM sizes of a region, with their restrictions."""
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
    """`[westeurope]` restricts a size in whole regions, `{westeurope: ["1"]}` in zones."""
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
    """Usage and limits of the vCPU quotas of a region."""
    data, used = request.subscription.data, _cores(request, request.parts["location"])
    limits: dict[str, int] = {k: row["quota"] for k, row in data["families"].items()}
    # `quotas` may also set the quota of a family, by its name.
    limits |= data["quotas"]
    return RestResponse(
        200,
        {
            "value": [
                _usage(name, _title(name), limit, used[name]) for name, limit in limits.items()
            ]
        },
    )


def _title(quota: str) -> str:
    """`Standard DDSv5 Family vCPUs` of `standardDDSv5Family`."""
    titles = {"cores": "Total Regional vCPUs", "lowPriorityCores": "Total Regional Spot vCPUs"}
    return titles.get(quota) or re.sub(r"standard(.+)Family", r"Standard \1 Family vCPUs", quota)


def _cores(request: RestRequest, location: str) -> Counter[str]:
    """VCPUs in use in a region, by quota. A cluster's first pool is a resource here, too."""
    sizes = {size.name.lower(): size for size in request.subscription.sizes}
    used: Counter[str] = Counter()

    def add(pool: Any, count: int) -> None:
        size = sizes.get(str(at(pool, "vmSize")).lower())
        if size is not None:
            spot = at(pool, "scaleSetPriority") == "Spot"
            for quota in ("lowPriorityCores",) if spot else ("cores", size.family):
                used[quota] += size.vcpus * count

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
    return used


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
    """Usage and limits of the networking quotas of a region."""
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
