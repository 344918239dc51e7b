"""Remedies: changes of the configuration with which everything fits.

Each remedy names ranges that are free, and moves no subnet that is already placed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from ipaddress import IPv4Network

from components.addressing.azure import (
    LARGEST_VNET,
    SMALLEST_SUBNET,
    smallest_subnet,
    usable_addresses,
)
from components.addressing.findings import Change
from components.addressing.ranges import free_range, free_subnet
from components.addressing.request import NetworkModel, PoolRequest
from components.addressing.subnet_keys import SubnetKey
from components.addressing.subnet_layout import next_node_subnet, pod_subnet_of, slots
from components.addressing.subnet_sizes import Pool, SubnetDemand, node_addresses, pod_addresses
from components.addressing.workspace import VnetDraft, Workspace

Remedy = tuple[str, list[Change]]


def length_for(demand: SubnetDemand, minimum: int) -> int:
    """The longest prefix that holds a demand and that Azure accepts for it."""
    return min(minimum, smallest_subnet(demand.upgrade_required))


def fix_by_hand(work: Workspace, vnet: VnetDraft, key: str, length: int) -> Remedy | None:
    """A prefix of this size for a subnet: free within the network, or else in a range to append."""
    path = f"{vnet.subnets_path}.{key}"
    for network in vnet.ranges:
        found = free_subnet(network, length, vnet.spoken_for())
        if found is not None:
            vnet.proposed.append(found)
            return f"set {path} to {found}, which is free", [Change(path, str(found))]
    if vnet.request.existing:
        return None
    found = _free_for_vnet(work, vnet, length)
    if found is None:
        return None
    work.taken.append(found)
    return (
        f"append {found} to {vnet.space_path} and set {path} to it; no other subnet moves",
        [Change(f"{vnet.space_path}[+]", str(found)), Change(path, str(found))],
    )


def home_for_missing(
    work: Workspace, vnet: VnetDraft, missing: Sequence[tuple[SubnetDemand, int]]
) -> IPv4Network | None:
    """The smallest range that, appended, gives every missing subnet a slot that is large enough.

    `missing` pairs each demand with its minimum. None where no range does.
    """
    for length in range(SMALLEST_SUBNET, LARGEST_VNET - 1, -1):
        candidate = _free_for_vnet(work, vnet, length)
        if candidate is None:
            return None
        found = slots(vnet.request.name, work.request.model, (*vnet.ranges, candidate))
        if all(_holds(found.get(demand.key), demand, minimum) for demand, minimum in missing):
            work.taken.append(candidate)
            return candidate
    return None


def _holds(slot: IPv4Network | None, demand: SubnetDemand, minimum: int) -> bool:
    return (
        slot is not None
        and slot.prefixlen <= minimum
        and usable_addresses(slot) >= demand.upgrade_required
    )


def move_pools(
    work: Workspace, vnet: VnetDraft, demand: SubnetDemand, usable: int
) -> Remedy | None:
    """Puts the pools that a node or pod subnet can't hold into a further node subnet."""
    moving = _overflow(demand, usable)
    if not moving:
        return None
    used = {pool.subnet for pool in work.request.pools}
    for name, slot in vnet.slots.items():
        unused = name.startswith(f"{SubnetKey.NODES}-") and name not in used
        if unused and _holds_pools(work, vnet.slots, name, moving):
            text = (
                f"move {_names(moving)} to the further node subnet {name}, for which {slot} is "
                "set aside"
            )
            return text, [Change(f"{pool.request.path}.subnet", name) for pool in moving]
    if vnet.request.existing:
        return None
    name = next_node_subnet(vnet.slots)
    for length in range(SMALLEST_SUBNET, LARGEST_VNET - 1, -1):
        candidate = _free_for_vnet(work, vnet, length)
        if candidate is None:
            return None
        found = slots("cluster", work.request.model, (*vnet.ranges, candidate))
        if _holds_pools(work, found, name, moving):
            work.taken.append(candidate)
            text = (
                f"append {candidate} to {vnet.space_path} and move {_names(moving)} to the "
                f"further node subnet {name}, which has room there"
            )
            moves = [Change(f"{pool.request.path}.subnet", name) for pool in moving]
            return text, [Change(f"{vnet.space_path}[+]", str(candidate)), *moves]
    return None


def _overflow(demand: SubnetDemand, usable: int) -> list[Pool]:
    """The pools that don't fit in addition to the pools before them."""
    per_node = demand.per_node
    if per_node is None:
        return []
    left = usable - demand.other_required
    moving: list[Pool] = []
    for pool in demand.pools:
        size = pool.nodes_upgrading * per_node(pool.request)
        if size <= left:
            left -= size
        else:
            moving.append(pool)
    return moving


def _holds_pools(
    work: Workspace, found: dict[str, IPv4Network], name: str, pools: Iterable[Pool]
) -> bool:
    model, allocation = work.request.model, work.request.pod_allocation
    moving = list(pools)

    def fits(key: str, addresses: int) -> bool:
        slot = found.get(key)
        # A load balancer may follow the first pool, and a private endpoint with it.
        spare = work.request.internal_load_balancers + work.request.private_cluster
        return slot is not None and usable_addresses(slot) >= addresses + spare

    nodes = sum(
        pool.nodes_upgrading * node_addresses(model, pool.request.max_pods) for pool in moving
    )
    pods = sum(
        pool.nodes_upgrading * pod_addresses(model, pool.request.max_pods, allocation)
        for pool in moving
    )
    return fits(name, nodes) and (
        model is not NetworkModel.POD_SUBNET or fits(pod_subnet_of(name), pods)
    )


def lower_largest(
    pools: Sequence[Pool], weight: Callable[[PoolRequest], int], budget: int
) -> Remedy | None:
    """Lowers the maximum of the pool that takes most, where that alone is enough.

    `weight` is what a node of a pool takes of the `budget`, which all pools share with their surge.
    """
    if not pools:
        return None
    takes = {pool.request.path: pool.nodes_upgrading * weight(pool.request) for pool in pools}
    largest = max(pools, key=lambda pool: takes[pool.request.path])
    left = budget - (sum(takes.values()) - takes[largest.request.path])
    most = largest.surge.most_nodes(left // weight(largest.request))
    if most < max(1, largest.request.min_count):
        return None
    path = f"{largest.request.path}.maxCount"
    return f"lower {path} to {most}", [Change(path, most)]


def lower_maximum(demand: SubnetDemand, usable: int) -> Remedy | None:
    """How far the largest pool of a node or pod subnet must come down to fit."""
    if demand.per_node is None:
        return None
    return lower_largest(demand.pools, demand.per_node, usable - demand.other_required)


def _names(pools: Sequence[Pool]) -> str:
    noun = "pool" if len(pools) == 1 else "pools"
    return f"{noun} {', '.join(pool.request.name for pool in pools)}"


def _free_for_vnet(work: Workspace, vnet: VnetDraft, length: int) -> IPv4Network | None:
    after = vnet.ranges[-1] if vnet.ranges else None
    return free_range(length, work.taken, after=after)
