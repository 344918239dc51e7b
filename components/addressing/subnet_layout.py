"""Where each subnet lies: fixed slots, a function of the address space and the model alone.

Every subnet has its slot from the start, whether it is in use or not. So nothing that is added or
raised later (a pool, a maximum, a gateway) can move a subnet. The first range of the address space
decides the sizes. Ranges that are appended later hold further node subnets, and the subnets for
which the earlier ranges had no room. Appending a range never moves a slot. Changing or reordering
the ranges does.

Within a range the slots are ordered from the largest to the smallest. Each slot is therefore
aligned to its size, and there are no gaps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from ipaddress import IPv4Network
from typing import Literal

from components.addressing.azure import (
    LARGEST_STATIC_BLOCK_SUBNET,
    SMALLEST_SUBNET,
    SUBNET_DEFINITIONS,
)
from components.addressing.request import NetworkModel
from components.addressing.subnet_keys import SubnetKey, further

_NODES_2 = further(SubnetKey.NODES, 2)

Sizes = Mapping[str, int]
"""Prefix length of each slot, by the subnet's key."""

_SERVICES_20: Sizes = {
    SubnetKey.APPLICATION_GATEWAY: 24,
    SubnetKey.TRAFFIC_CONTROLLER: 24,
    SubnetKey.PRIVATE_ENDPOINTS: 25,
    SubnetKey.INGRESS: 26,
    SubnetKey.API_SERVER: 27,
}

_SMALL_CLUSTER: Mapping[int, Sizes] = {
    20: {SubnetKey.NODES: 21, _NODES_2: 22, **_SERVICES_20},
    21: {SubnetKey.NODES: 22, _NODES_2: 24, **_SERVICES_20},
    22: {
        SubnetKey.NODES: 23,
        SubnetKey.APPLICATION_GATEWAY: 24,
        _NODES_2: 25,
        SubnetKey.PRIVATE_ENDPOINTS: 26,
        SubnetKey.INGRESS: 27,
        SubnetKey.API_SERVER: 28,
    },
    23: {
        SubnetKey.NODES: 24,
        SubnetKey.APPLICATION_GATEWAY: 25,
        SubnetKey.PRIVATE_ENDPOINTS: 26,
        SubnetKey.INGRESS: 27,
        SubnetKey.API_SERVER: 28,
    },
    24: {
        SubnetKey.NODES: 25,
        SubnetKey.APPLICATION_GATEWAY: 26,
        SubnetKey.INGRESS: 27,
        SubnetKey.PRIVATE_ENDPOINTS: 28,
        SubnetKey.API_SERVER: 28,
    },
    25: {
        SubnetKey.NODES: 26,
        SubnetKey.APPLICATION_GATEWAY: 27,
        SubnetKey.INGRESS: 28,
        SubnetKey.API_SERVER: 28,
    },
    26: {SubnetKey.NODES: 27, SubnetKey.INGRESS: 28, SubnetKey.API_SERVER: 28},
    27: {SubnetKey.NODES: 28, SubnetKey.INGRESS: 29},
    28: {SubnetKey.NODES: 29, SubnetKey.INGRESS: 29},
    29: {SubnetKey.NODES: 29},
}

_SMALL_POD_SUBNET_CLUSTER: Mapping[int, Sizes] = {
    20: {SubnetKey.PODS: 21, SubnetKey.NODES: 22, **_SERVICES_20},
    21: {SubnetKey.PODS: 22, SubnetKey.NODES: 24, **_SERVICES_20},
    22: {
        SubnetKey.PODS: 23,
        SubnetKey.APPLICATION_GATEWAY: 24,
        SubnetKey.NODES: 25,
        SubnetKey.PRIVATE_ENDPOINTS: 26,
        SubnetKey.INGRESS: 27,
        SubnetKey.API_SERVER: 28,
    },
    23: {
        SubnetKey.PODS: 24,
        SubnetKey.APPLICATION_GATEWAY: 25,
        SubnetKey.NODES: 26,
        SubnetKey.INGRESS: 27,
        SubnetKey.PRIVATE_ENDPOINTS: 28,
        SubnetKey.API_SERVER: 28,
    },
    24: {
        SubnetKey.PODS: 25,
        SubnetKey.APPLICATION_GATEWAY: 26,
        SubnetKey.NODES: 27,
        SubnetKey.INGRESS: 28,
        SubnetKey.API_SERVER: 28,
    },
    25: {
        SubnetKey.PODS: 26,
        SubnetKey.APPLICATION_GATEWAY: 27,
        SubnetKey.NODES: 28,
        SubnetKey.INGRESS: 28,
    },
    26: {SubnetKey.PODS: 27, SubnetKey.NODES: 28, SubnetKey.INGRESS: 28},
    27: {SubnetKey.PODS: 28, SubnetKey.NODES: 29, SubnetKey.INGRESS: 29},
    28: {},
    29: {},
}

_LARGE_SERVICES: Sizes = {
    SubnetKey.APPLICATION_GATEWAY: 24,
    SubnetKey.TRAFFIC_CONTROLLER: 24,
    SubnetKey.PRIVATE_ENDPOINTS: 24,
    SubnetKey.INGRESS: 24,
    SubnetKey.API_SERVER: 26,
}
"""What the last quarter of a cluster's first range holds, from /19 up; half of it stays free."""

_MANAGEMENT: Mapping[int, Sizes] = {
    23: {
        SubnetKey.BASTION: 26,
        SubnetKey.FIREWALL: 26,
        SubnetKey.FIREWALL_MANAGEMENT: 26,
        SubnetKey.GATEWAY: 26,
        SubnetKey.JUMP_BOX: 26,
        SubnetKey.DNS_RESOLVER: 27,
    },
    24: {
        SubnetKey.BASTION: 26,
        SubnetKey.FIREWALL: 26,
        SubnetKey.FIREWALL_MANAGEMENT: 26,
        SubnetKey.GATEWAY: 27,
        SubnetKey.JUMP_BOX: 28,
        SubnetKey.DNS_RESOLVER: 28,
    },
    25: {
        SubnetKey.BASTION: 26,
        SubnetKey.GATEWAY: 27,
        SubnetKey.JUMP_BOX: 28,
        SubnetKey.DNS_RESOLVER: 28,
    },
    26: {SubnetKey.GATEWAY: 27, SubnetKey.JUMP_BOX: 28, SubnetKey.DNS_RESOLVER: 28},
    27: {SubnetKey.JUMP_BOX: 28, SubnetKey.DNS_RESOLVER: 28},
    28: {SubnetKey.JUMP_BOX: 28},
    29: {SubnetKey.JUMP_BOX: 29},
}

_LATER_SIZES: Mapping[str, int] = {
    SubnetKey.APPLICATION_GATEWAY: 26,
    SubnetKey.INGRESS: 28,
    SubnetKey.PRIVATE_ENDPOINTS: 27,
    SubnetKey.API_SERVER: 28,
    SubnetKey.TRAFFIC_CONTROLLER: 24,
    SubnetKey.BASTION: 26,
    SubnetKey.JUMP_BOX: 28,
    SubnetKey.GATEWAY: 27,
    SubnetKey.FIREWALL: 26,
    SubnetKey.FIREWALL_MANAGEMENT: 26,
    SubnetKey.DNS_RESOLVER: 28,
}
"""The minimum slot of each subnet in a later range, in the order of their assignment."""

_SMALLEST_NODE_SLOT = 28
LARGEST_LAYOUT = 19
"""From this size up the layout of a first range only scales."""


def slots(
    vnet: Literal["cluster", "management"],
    model: NetworkModel,
    ranges: Sequence[IPv4Network],
) -> dict[str, IPv4Network]:
    """The slots by the subnets' keys; a subnet that no range has room for is missing.

    Further node subnets are called `nodes-2`, `nodes-3` and so on, with `pods-2`, `pods-3` beside
    them in the pod-subnet model.
    """
    found: dict[str, IPv4Network] = {}
    for index, network in enumerate(ranges):
        sizes = (
            _first_sizes(vnet, model, network.prefixlen)
            if index == 0
            else _later_sizes(vnet, model, network.prefixlen, found)
        )
        found.update(_pack(network, sizes))
    return found


def next_node_subnet(taken: Mapping[str, object]) -> str:
    """The name of the first further node subnet that has no slot yet."""
    number = 2
    while further(SubnetKey.NODES, number) in taken:
        number += 1
    return SubnetKey.NODES if SubnetKey.NODES not in taken else further(SubnetKey.NODES, number)


def pod_subnet_of(node_subnet: str) -> str:
    """The pod subnet that belongs to a node subnet: `nodes-2` -> `pods-2`, `gpu` -> `gpu-pods`."""
    head, dash, number = node_subnet.partition("-")
    if head == SubnetKey.NODES and (not dash or number.isdigit()):
        return f"{SubnetKey.PODS}{dash}{number}"
    return f"{node_subnet}-pods"


def _first_sizes(vnet: str, model: NetworkModel, length: int) -> Sizes:
    if vnet == "management":
        return _MANAGEMENT[max(23, length)]
    pod_subnet = model is NetworkModel.POD_SUBNET
    if length > LARGEST_LAYOUT:
        return (_SMALL_POD_SUBNET_CLUSTER if pod_subnet else _SMALL_CLUSTER)[length]
    if pod_subnet:
        pods = max(length + 1, LARGEST_STATIC_BLOCK_SUBNET)
        return {SubnetKey.PODS: pods, SubnetKey.NODES: pods + 1, **_LARGE_SERVICES}
    return {SubnetKey.NODES: length + 1, _NODES_2: length + 2, **_LARGE_SERVICES}


def _later_sizes(
    vnet: str, model: NetworkModel, length: int, found: Mapping[str, IPv4Network]
) -> Sizes:
    """Subnets without a slot first, as many as fit; the largest remaining block is for nodes."""
    usual = _first_sizes(vnet, model, length)
    free = 1 << (32 - length)
    sizes: dict[str, int] = {}
    for key, least in _LATER_SIZES.items():
        if SUBNET_DEFINITIONS[key].vnet != vnet or key in found:
            continue
        for wanted in (min(usual.get(key, least), least), least):
            if 1 << (32 - wanted) <= free:
                sizes[key] = wanted
                free -= 1 << (32 - wanted)
                break
    if vnet == "cluster":
        sizes.update(_node_sizes(model, next_node_subnet(found), free))
    return sizes


def _node_sizes(model: NetworkModel, nodes: str, free: int) -> Sizes:
    """The slots of a further node subnet and of its pod subnet, within so many free addresses."""
    least = 1 << (32 - _SMALLEST_NODE_SLOT)
    largest = _length_within(free)
    if model is not NetworkModel.POD_SUBNET:
        return {nodes: largest} if free >= least else {}
    if free < 2 * least:
        return {}
    pods = largest if free - (1 << (32 - largest)) >= least else largest + 1
    pods = max(pods, LARGEST_STATIC_BLOCK_SUBNET)
    rest = _length_within(free - (1 << (32 - pods)))
    return {pod_subnet_of(nodes): pods, nodes: max(rest, pods + 1)}


def _length_within(addresses: int) -> int:
    """Prefix length of the largest block within so many addresses."""
    return 33 - addresses.bit_length()


def _pack(network: IPv4Network, sizes: Sizes) -> dict[str, IPv4Network]:
    """Lays slots side by side from the start of a range, the largest first."""
    position = int(network.network_address)
    placed: dict[str, IPv4Network] = {}
    for key, length in sorted(sizes.items(), key=lambda item: item[1]):
        placed[key] = IPv4Network((position, min(length, 32)))
        position += 1 << (32 - length)
    return placed


def smallest_first_range(
    vnet: Literal["cluster", "management"], model: NetworkModel, key: str
) -> int:
    """Prefix length of the smallest first range that has a slot for this subnet."""
    lengths = range(SMALLEST_SUBNET, LARGEST_LAYOUT - 1, -1)
    return next(
        (length for length in lengths if key in _first_sizes(vnet, model, length)),
        LARGEST_LAYOUT,
    )
