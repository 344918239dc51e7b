"""Places the subnets of a network: prefixes fixed by hand, and the fixed slots of the layout."""

from __future__ import annotations

import re
from collections.abc import Sequence
from ipaddress import IPv4Network

from components.addressing.azure import (
    LARGEST_STATIC_BLOCK_SUBNET,
    SUBNET_DEFINITIONS,
    SubnetDefinition,
)
from components.addressing.findings import Change
from components.addressing.plan import PlannedSubnet, definition_of
from components.addressing.ranges import NamedRange, read_range
from components.addressing.remedies import fix_by_hand, home_for_missing, length_for
from components.addressing.subnet_keys import SubnetKey
from components.addressing.subnet_layout import smallest_first_range
from components.addressing.subnet_sizes import SubnetDemand, pod_subnet
from components.addressing.workspace import VnetDraft, Workspace

_NUMBERED = re.compile(r"(nodes|pods)-[2-9]\d*|(nodes|pods)-1\d+")


def place(work: Workspace, vnet: VnetDraft, demands: Sequence[SubnetDemand]) -> list[PlannedSubnet]:
    """The subnets for the demands. A subnet that can't be placed is reported."""
    _read_fixed(work, vnet, demands)
    _read_occupied(work, vnet)
    placed: list[PlannedSubnet] = []
    missing: list[SubnetDemand] = []
    for demand in demands:
        network = vnet.fixed.get(demand.key) or vnet.slots.get(demand.key)
        if network is not None:
            by_hand = demand.key in vnet.fixed
            placed.append(
                PlannedSubnet(
                    demand.key,
                    vnet.request.name,
                    network,
                    demand,
                    by_hand,
                    vnet.request.existing,
                )
            )
        elif demand.key not in vnet.request.fixed:
            missing.append(demand)
    _refuse_missing(work, vnet, missing)
    _refuse_overlaps(work, vnet, placed)
    return sorted(placed, key=lambda subnet: subnet.network)


def _read_fixed(work: Workspace, vnet: VnetDraft, demands: Sequence[SubnetDemand]) -> None:
    """Places the prefixes that the settings fix. One that is not valid is reported and left out."""
    by_key = {demand.key: demand for demand in demands}
    for key, text in vnet.request.fixed.items():
        if not _known(work, vnet, key, by_key):
            continue
        path = f"{vnet.subnets_path}.{key}"
        network = read_range(work.findings, path, text)
        if network is not None and _stands(work, vnet, key, network, by_key.get(key)):
            vnet.fixed[key] = network


def _stands(
    work: Workspace, vnet: VnetDraft, key: str, network: IPv4Network, demand: SubnetDemand | None
) -> bool:
    """Whether a prefix lies in its network and has a size that Azure accepts for this subnet."""
    definition = _definition(key, demand)
    path = f"{vnet.subnets_path}.{key}"
    length = length_for(demand, definition.minimum) if demand else definition.minimum
    if not vnet.contains(network):
        space = ", ".join(map(str, vnet.ranges))
        rule = f"must be inside the {vnet.request.name} network's address space, {space}"
    elif network.prefixlen > definition.minimum:
        rule = (
            f"must be a /{definition.minimum} or larger: Azure accepts no smaller subnet here "
            f"({definition.title}, {definition.source})"
        )
    elif (
        definition.key == SubnetKey.PODS
        and work.request.pod_allocation == "staticBlock"
        and network.prefixlen < LARGEST_STATIC_BLOCK_SUBNET
    ):
        rule = (
            f"must be a /{LARGEST_STATIC_BLOCK_SUBNET} or smaller: Azure accepts no larger subnet "
            f"for static blocks ({definition.source})"
        )
        length = LARGEST_STATIC_BLOCK_SUBNET
    else:
        return True
    text, changes = fix_by_hand(work, vnet, key, length) or (
        f"use a prefix of /{length} inside the address space",
        [],
    )
    work.findings.refuse(path, network, rule, text, changes)
    return False


def _known(work: Workspace, vnet: VnetDraft, key: str, by_key: dict[str, SubnetDemand]) -> bool:
    """Whether a prefix fixed by hand is for something that can exist in this network."""
    definition = SUBNET_DEFINITIONS.get(key)
    if definition is not None and definition.vnet == vnet.request.name:
        return True
    cluster = vnet.request.name == "cluster"
    if key in by_key or (cluster and (_NUMBERED.fullmatch(key) or _is_of_a_pool(work, key))):
        return True
    known = [one.key for one in SUBNET_DEFINITIONS.values() if one.vnet == vnet.request.name]
    if cluster:
        known += ["nodes-2, nodes-3, …", "the key that a node pool has as its subnet"]
    work.findings.refuse(
        f"{vnet.subnets_path}.{key}",
        vnet.request.fixed[key],
        f"must be a subnet of the {vnet.request.name} network: there is none with this key",
        f"remove it, or use one of {', '.join(known)}",
    )
    return False


def _is_of_a_pool(work: Workspace, key: str) -> bool:
    """Whether a node pool names the subnet, or may name it while not all pools are known."""
    named = {pool.subnet for pool in work.request.pools}
    named |= {pod_subnet(pool) for pool in work.request.pools}
    return key in named or not work.request.knows("pool_subnets")


def _read_occupied(work: Workspace, vnet: VnetDraft) -> None:
    for one in vnet.request.occupied:
        network = read_range(work.findings, one.path, one.cidr)
        if network is not None:
            vnet.occupied.append(NamedRange(f"subnet {one.name}", network, one.path, "existing"))


def _definition(key: str, demand: SubnetDemand | None) -> SubnetDefinition:
    if demand is not None:
        return definition_of(key, demand)
    family = SubnetKey.PODS if key.startswith(SubnetKey.PODS) else SubnetKey.NODES
    return SUBNET_DEFINITIONS.get(key) or SUBNET_DEFINITIONS[family]


def _refuse_missing(work: Workspace, vnet: VnetDraft, missing: Sequence[SubnetDemand]) -> None:
    if not missing:
        return
    sized = [(demand, definition_of(demand.key, demand).minimum) for demand in missing]
    if vnet.request.existing:
        for demand, minimum in sized:
            _refuse_missing_in_existing(work, vnet, demand, length_for(demand, minimum))
        return
    slotted = [
        (demand, minimum)
        for demand, minimum in sized
        if demand.key in SUBNET_DEFINITIONS or _NUMBERED.fullmatch(demand.key)
    ]
    home = home_for_missing(work, vnet, slotted) if slotted else None
    for demand, minimum in sized:
        space = ", ".join(map(str, vnet.ranges))
        rule = (
            f"must have room for the subnet {demand.key} of {demand.upgrade_required} addresses: "
            f"{vnet.space_path} {space} has none left"
        )
        if demand.key in SUBNET_DEFINITIONS:
            least = smallest_first_range(vnet.request.name, work.request.model, demand.key)
            rule += f" (a first range of /{least} or larger has)"
        if home is not None and (demand, minimum) in slotted:
            text = (
                f"append {home} (a /{home.prefixlen} or larger) to {vnet.space_path}; no other "
                "subnet moves"
            )
            changes = [Change(f"{vnet.space_path}[+]", str(home))]
        else:
            length = length_for(demand, minimum)
            text, changes = fix_by_hand(work, vnet, demand.key, length) or (
                f"set {vnet.subnets_path}.{demand.key} to a prefix of /{length} or larger",
                [],
            )
        work.findings.refuse(demand.path, demand.key, rule, text, changes)


def _refuse_missing_in_existing(
    work: Workspace, vnet: VnetDraft, demand: SubnetDemand, length: int
) -> None:
    path = f"{vnet.subnets_path}.{demand.key}"
    proposal = fix_by_hand(work, vnet, demand.key, length)
    example = f" ({proposal[1][0].value} is free)" if proposal else ""
    work.findings.refuse(
        path,
        "",
        f"is required: the {vnet.request.name} network is another team's, so no subnet is placed "
        f"in it, and {demand.key} needs {demand.upgrade_required} addresses",
        f"ask its owner for a subnet of /{length} or larger{example}, and set its prefix here",
        proposal[1] if proposal else [],
    )


def _refuse_overlaps(work: Workspace, vnet: VnetDraft, placed: Sequence[PlannedSubnet]) -> None:
    """Every pair in the network that shares addresses; fixed prefixes count even when unused."""
    by_hand = [
        NamedRange(key, network, f"{vnet.subnets_path}.{key}", vnet.request.name)
        for key, network in vnet.fixed.items()
    ]
    planned = [
        NamedRange(subnet.key, subnet.network, subnet.demand.path, vnet.request.name)
        for subnet in placed
        if not subnet.fixed
    ]
    for index, mine in enumerate(by_hand):
        _refuse_overlap(work, vnet, mine, [*by_hand[:index], *planned, *vnet.occupied])
    for mine in planned:
        _refuse_overlap(work, vnet, mine, vnet.occupied)
    _advise_on_slots(work, vnet, by_hand, {subnet.key for subnet in placed})


def _refuse_overlap(
    work: Workspace, vnet: VnetDraft, mine: NamedRange, others: Sequence[NamedRange]
) -> None:
    overlapped = [other for other in others if mine.network.overlaps(other.network)]
    if not overlapped:
        return
    text, changes = fix_by_hand(work, vnet, mine.label, mine.network.prefixlen) or (
        "use a free prefix for one of the two",
        [],
    )
    for other in overlapped:
        rule = f"must not overlap {other.label} {other.network} ({other.path})"
        if not mine.path.endswith(mine.label):
            rule = f"the subnet {mine.label} {rule}"
        work.findings.refuse(mine.path, mine.network, rule, text, changes)


def _advise_on_slots(
    work: Workspace, vnet: VnetDraft, by_hand: Sequence[NamedRange], in_use: set[str]
) -> None:
    """Advise against a fixed prefix in the slot of a subnet that is not in use yet."""
    for mine in by_hand:
        for key, slot in vnet.slots.items():
            free = key not in in_use and key not in vnet.fixed
            if key != mine.label and free and slot.overlaps(mine.network):
                work.findings.advise(
                    mine.path,
                    mine.network,
                    f"should not overlap {slot}, which is set aside for {key}, not in use yet",
                    f"when {key} comes into use, set its prefix by hand as well",
                )
