"""Requests to plan, and the means to edit them as an operator edits a stack file."""

from __future__ import annotations

import re
from dataclasses import replace

from components.addressing import (
    Change,
    NetworkModel,
    PlanRequest,
    PoolRequest,
    RangeRequest,
    VnetRequest,
)

CLUSTER = "aks-network:network"
MANAGEMENT = "aks-network:management"
POOLS = "aks-network:cluster.nodePools"

POOL_FIELDS = {
    "maxCount": "max_count",
    "minCount": "min_count",
    "maxPods": "max_pods",
    "maxSurge": "max_surge",
    "subnet": "subnet",
}
REQUEST_FIELDS = {
    "podCidr": "pod_cidr",
    "serviceCidr": "service_cidr",
    "dnsServiceIp": "dns_service_ip",
}


def pool(index=0, **overrides):
    values = {
        "name": f"pool{index}",
        "max_pods": 30,
        "min_count": 2,
        "max_count": 4,
        "mode": "System" if index == 0 else "User",
        "path": f"{POOLS}[{index}]",
    }
    return PoolRequest(**{**values, **overrides})


def cluster_vnet(*ranges, **overrides):
    return VnetRequest("cluster", ranges or ("10.20.0.0/16",), CLUSTER, **overrides)


def management_vnet(*ranges, **overrides):
    return VnetRequest("management", ranges or ("10.30.0.0/24",), MANAGEMENT, **overrides)


def reserved(cidr, name="head-office", index=0):
    return RangeRequest(name, cidr, f"{CLUSTER}.reserved[{index}].cidr")


def request(model=NetworkModel.OVERLAY, **overrides):
    values = {
        "cluster": cluster_vnet(),
        "service_cidr": "10.100.0.0/16",
        "dns_service_ip": "10.100.0.10",
        "pools": (pool(),),
    }
    if model in (NetworkModel.OVERLAY, NetworkModel.KUBENET):
        values["pod_cidr"] = "10.244.0.0/16"
    return PlanRequest(model=model, **{**values, **overrides})


def full_request(model=NetworkModel.OVERLAY, **overrides):
    return request(
        model,
        **{
            "management": management_vnet(),
            "pools": (pool(), pool(1, max_count=40, max_surge="33%")),
            "application_gateway_max_capacity": 10,
            "ingress_frontends": 1,
            "private_endpoints": 3,
            "bastion_scale_units": 2,
            "jump_boxes": 1,
            "firewall": True,
            "vpn_gateway": True,
            "reserved": (reserved("192.168.0.0/16"),),
            **overrides,
        },
    )


def apply(edited: PlanRequest, change: Change) -> PlanRequest:
    """The request after an operator has made one change in the stack file."""
    path, value = change.path, change.value
    if match := re.fullmatch(rf"{re.escape(POOLS)}\[(\d+)\]\.(\w+)", path):
        pools = [
            replace(one, **{POOL_FIELDS[match[2]]: value})
            if one.path == path.rpartition(".")[0]
            else one
            for one in edited.pools
        ]
        assert pools != list(edited.pools), path
        return replace(edited, pools=tuple(pools))
    for name in ("cluster", "management"):
        vnet = getattr(edited, name)
        if vnet is not None and path.startswith(f"{vnet.path}."):
            changed = _apply_to_vnet(vnet, path.removeprefix(f"{vnet.path}."), value)
            if changed is not None:
                return replace(edited, **{name: changed})
    field = REQUEST_FIELDS[path.removeprefix(f"{CLUSTER}.")]
    return replace(edited, **{field: value})


def _apply_to_vnet(vnet, setting, value):
    if setting == "addressSpace[+]":
        return replace(vnet, address_space=(*vnet.address_space, value))
    if setting == "addressSpace":
        return replace(vnet, address_space=(value,))
    if match := re.fullmatch(r"addressSpace\[(\d+)\]", setting):
        space = list(vnet.address_space)
        space[int(match[1])] = value
        return replace(vnet, address_space=tuple(space))
    if match := re.fullmatch(r"(?:existing\.)?subnets\.([\w-]+)", setting):
        return replace(vnet, fixed={**vnet.fixed, match[1]: value})
    return None
