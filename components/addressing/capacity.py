"""Checks that everything fits with all pools at their maximum and in an upgrade."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Network

from components.addressing.azure import (
    FORBIDDEN_RANGES,
    MODEL_LIMITS,
    NODE_POD_RANGE,
    PRIVATE_RANGES,
    VNET_PRIVATE_ADDRESSES,
)
from components.addressing.findings import Change
from components.addressing.plan import PlannedSubnet, PodRange
from components.addressing.ranges import free_range
from components.addressing.remedies import (
    fix_by_hand,
    length_for,
    lower_largest,
    lower_maximum,
    move_pools,
)
from components.addressing.request import NetworkModel
from components.addressing.subnet_sizes import vnet_addresses
from components.addressing.workspace import VnetDraft, Workspace


def check_subnets(work: Workspace, vnet: VnetDraft, subnets: Sequence[PlannedSubnet]) -> None:
    """Refuses subnets that are too small, and a network with too many addresses."""
    for subnet in subnets:
        if subnet.upgrade_required > subnet.usable:
            _refuse(work, vnet, subnet)
        _advise(work, vnet, subnet)
    others = sum(subnet.demand.other_required for subnet in subnets)
    total = others
    if vnet.request.name == "cluster":
        total += sum(
            pool.nodes_upgrading * vnet_addresses(work.request, pool.request) for pool in work.pools
        )
    if total > VNET_PRIVATE_ADDRESSES:
        text, changes = lower_largest(
            work.pools,
            lambda pool: vnet_addresses(work.request, pool),
            VNET_PRIVATE_ADDRESSES - others,
        ) or ("lower maxCount or maxPods of the pools", [])
        work.findings.refuse(
            work.request.path_of("nodePools"),
            f"{total} addresses",
            f"must fit into the {VNET_PRIVATE_ADDRESSES} private addresses that Azure allows in a "
            "virtual network",
            f"{text}, or use azure-cni-overlay, whose pods take none of them",
            changes,
        )


def _refuse(work: Workspace, vnet: VnetDraft, subnet: PlannedSubnet) -> None:
    demand, usable = subnet.demand, subnet.usable
    if subnet.azure_required > usable:
        rule = (
            f"must have {subnet.azure_required} usable addresses for the pools' maximum "
            f"({subnet.upgrade_required} during an upgrade), and has {usable}: Azure refuses it "
            "with InsufficientSubnetSize"
            if demand.pools
            else f"must have {subnet.azure_required} usable addresses, and has {usable}"
        )
    else:
        rule = (
            f"must have {subnet.upgrade_required} usable addresses for an upgrade at the pools' "
            f"maximum, and has {usable}: enough for the {subnet.azure_required} that Azure counts, "
            "but the upgrade fails with SubnetIsFull"
        )
    path = f"{vnet.subnets_path}.{subnet.key}" if subnet.fixed else demand.path
    text, changes = _remedy(work, vnet, subnet)
    work.findings.refuse(path, f"subnet {subnet.key} {subnet.prefix}", rule, text, changes)


def _remedy(work: Workspace, vnet: VnetDraft, subnet: PlannedSubnet) -> tuple[str, list[Change]]:
    demand = subnet.demand
    length = length_for(demand, subnet.definition.minimum)
    if demand.per_node is None:
        if vnet.request.existing:
            return f"ask the owner of the network for a subnet of /{length} or larger", []
        remedy = fix_by_hand(work, vnet, subnet.key, length)
        text = remedy[0] if remedy else f"use a prefix of /{length} or larger"
        in_use = f"once something is, use no more than {subnet.usable} addresses"
        return f"while nothing is in the subnet, {text}; {in_use}", remedy[1] if remedy else []
    choices = [move_pools(work, vnet, demand, subnet.usable), lower_maximum(demand, subnet.usable)]
    remedies = [choice for choice in choices if choice is not None]
    texts = [text for text, _ in remedies]
    if vnet.request.existing:
        texts.append(
            f"ask the owner of the network for a subnet of /{length} or larger, or for a second "
            "one for some of the pools"
        )
    if work.request.model is NetworkModel.AZURE_CNI:
        texts.append("lower maxPods of pools that do not exist yet")
    edits = remedies[0][1] if remedies else []
    return ", or ".join(texts or ["lower maxCount of the pools"]), edits


def _advise(work: Workspace, vnet: VnetDraft, subnet: PlannedSubnet) -> None:
    definition = subnet.definition
    if definition.minimum >= subnet.network.prefixlen > definition.recommended:
        work.findings.advise(
            f"{vnet.subnets_path}.{subnet.key}",
            subnet.prefix,
            f"should be a /{definition.recommended}, as Microsoft recommends "
            f"({definition.title}, {definition.source})",
            f"while nothing is in the subnet, use a /{definition.recommended}",
        )
    if subnet.demand.family != "pods" or work.request.pod_allocation != "dynamic":
        return
    pods = sum(pool.nodes_at_most * (pool.request.max_pods + 1) for pool in subnet.demand.pools)
    if pods > subnet.usable:
        work.findings.advise(
            f"{vnet.subnets_path}.{subnet.key}",
            subnet.prefix,
            f"should have {pods} usable addresses for every node at maxPods, and has "
            f"{subnet.usable}, which the nodes share",
            "lower maxPods or maxCount if all pods have to run at once",
        )


def check_pod_range(work: Workspace, network: IPv4Network) -> PodRange:
    """The pod range of overlay and kubenet: a /24 for each node at the maximum, with surge."""
    planned = PodRange(
        network,
        NODE_POD_RANGE * sum(pool.nodes_at_most for pool in work.pools),
        NODE_POD_RANGE * sum(pool.nodes_upgrading for pool in work.pools),
    )
    if planned.required <= planned.usable:
        return planned
    path = work.request.path_of("podCidr")
    model = MODEL_LIMITS[work.request.model].name
    nodes = planned.usable // NODE_POD_RANGE
    length = 32 - (planned.required - 1).bit_length()
    others = [one for one in work.taken if one != network]
    larger = _grown(network, length, others) or free_range(length, others)
    azure = planned.azure_required > planned.usable
    rule = (
        f"must have a /24 for each of the pools' {planned.azure_required // NODE_POD_RANGE} nodes "
        f"at their maximum, as {model} needs, and has {nodes}"
        if azure
        else "must have a /24 for each of the "
        f"{planned.upgrade_required // NODE_POD_RANGE} nodes during an upgrade at the pools' "
        f"maximum, as {model} needs, and has {nodes}"
    )
    if azure:
        rule += f" ({planned.azure_required} > {planned.usable} addresses: InsufficientSubnetSize)"
    widened = (f"use {larger}", [Change(path, str(larger))]) if larger else None
    lowered = lower_largest(work.pools, lambda _: NODE_POD_RANGE, planned.usable)
    remedies = [remedy for remedy in (widened, lowered) if remedy]
    work.findings.refuse(
        path,
        network,
        rule,
        ", or ".join(text for text, _ in remedies) or "lower maxCount of the pools",
        remedies[0][1] if remedies else [],
    )
    return planned


def _grown(network: IPv4Network, length: int, others: Sequence[IPv4Network]) -> IPv4Network | None:
    """The superset of this size, to which Azure can grow a pod range in place, where it is free."""
    wider = network.supernet(new_prefix=length)
    blocked = [*others, *FORBIDDEN_RANGES]
    private = any(wider.subnet_of(one) for one in PRIVATE_RANGES)
    return wider if private and not any(wider.overlaps(one) for one in blocked) else None
