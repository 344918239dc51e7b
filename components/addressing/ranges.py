"""Address ranges: reading them, what AKS and Azure forbid, overlaps, and finding free ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Network, collapse_addresses, ip_network
from typing import Literal

from components.addressing.azure import (
    FORBIDDEN_RANGES,
    LARGEST_SERVICE_RANGE,
    LARGEST_VNET,
    PRIVATE_RANGES,
    SMALLEST_SUBNET,
)
from components.addressing.findings import Change, Findings

RangeKind = Literal["reserved", "existing", "cluster", "management", "pod", "service"]

_FIRMNESS: tuple[RangeKind, ...] = (
    "reserved",
    "existing",
    "cluster",
    "management",
    "pod",
    "service",
)
"""Of two ranges that overlap, the one later in this list is easier to change, so it is reported."""


@dataclass(frozen=True)
class NamedRange:
    """A range with its name for messages and the path it is set at."""

    label: str
    network: IPv4Network
    path: str
    kind: RangeKind


def read_range(findings: Findings, path: str, text: str) -> IPv4Network | None:
    """The range that a setting holds, or None after the problem has been noted."""
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        findings.refuse(
            path,
            text,
            "must be an IPv4 range in CIDR notation",
            "use a range such as 10.20.0.0/16",
        )
        return None
    if isinstance(network, IPv6Network):
        findings.refuse(
            path,
            text,
            "must be an IPv4 range: the program does not support IPv6",
            "use a range such as 10.20.0.0/16",
        )
        return None
    address, slash, _ = text.partition("/")
    if not slash:
        example = ip_network(f"{text}/16", strict=False)
        rule = "must have a prefix length in bits after a slash"
        findings.refuse(path, text, rule, f"use one such as {example}")
        return None
    if network.network_address != IPv4Address(address):
        findings.refuse(
            path,
            text,
            "must not have host bits: the address lies inside the range",
            f"use {network}",
            [Change(path, str(network))],
        )
        return None
    return network


def check_range(findings: Findings, candidate: NamedRange, taken: Iterable[IPv4Network]) -> None:
    """Refuses what AKS or Azure forbid for a range of this kind; no remedy proposes `taken`."""
    network, path = candidate.network, candidate.path
    largest = LARGEST_SERVICE_RANGE if candidate.kind == "service" else LARGEST_VNET
    if network.prefixlen < largest and candidate.kind != "pod":
        what = "service range" if candidate.kind == "service" else "virtual network's range"
        replacement = free_range(max(16, largest), taken)
        findings.refuse(
            path,
            network,
            f"must be a /{largest} or smaller: a {what} may not be larger",
            f"use a range such as {replacement}",
            [Change(path, str(replacement))] if replacement else [],
        )
        return
    if candidate.kind in ("cluster", "management") and network.prefixlen > SMALLEST_SUBNET:
        replacement = free_range(24, taken)
        findings.refuse(
            path,
            network,
            f"must be a /{SMALLEST_SUBNET} or larger: Azure allows no smaller subnet",
            f"use a range such as {replacement}",
            [Change(path, str(replacement))] if replacement else [],
        )
    for forbidden, why in FORBIDDEN_RANGES.items():
        if network.overlaps(forbidden):
            replacement = free_range(max(network.prefixlen, 16), taken)
            findings.refuse(
                path,
                network,
                f"must not overlap {forbidden}, which no cluster may use ({why})",
                f"use another range such as {replacement}",
                [Change(path, str(replacement))] if replacement else [],
            )
            return
    if not any(network.subnet_of(private) for private in PRIVATE_RANGES):
        findings.advise(
            path,
            network,
            "should be private address space (RFC 1918, RFC 6598): AKS supports no other",
            "use a range of 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or 100.64.0.0/10",
        )


def check_overlaps(findings: Findings, ranges: Sequence[NamedRange]) -> None:
    """Refuses every pair of ranges that share addresses, each with a free range as its remedy."""
    taken = [item.network for item in ranges]
    replacements: dict[NamedRange, IPv4Network | None] = {}
    for index, first in enumerate(ranges):
        for second in ranges[index + 1 :]:
            if not first.network.overlaps(second.network):
                continue
            firmer, looser = sorted((first, second), key=lambda item: _FIRMNESS.index(item.kind))
            rule = f"must not overlap {firmer.label} {firmer.network} ({firmer.path})"
            if {firmer.kind, looser.kind} == {"existing", "service"}:
                findings.advise(
                    looser.path,
                    looser.network,
                    f"{rule}: Azure refuses it as soon as a subnet is there",
                    "use a range outside the network, unless its owner keeps this one free",
                )
                continue
            if looser.kind in ("reserved", "existing"):
                remedy = "correct the two ranges, which belong to others, or list one of them only"
                findings.refuse(looser.path, looser.network, rule, remedy)
                continue
            if looser not in replacements:
                replacements[looser] = free_range(
                    looser.network.prefixlen, taken, after=looser.network
                )
                taken.extend(filter(None, [replacements[looser]]))
            replacement = replacements[looser]
            findings.refuse(
                looser.path,
                looser.network,
                rule,
                f"use a free range such as {replacement}"
                if replacement
                else "use smaller ranges: no private range of this size is free",
                [Change(looser.path, str(replacement))] if replacement else [],
            )


def free_range(
    prefix_length: int, taken: Iterable[IPv4Network], after: IPv4Network | None = None
) -> IPv4Network | None:
    """The first private range of this size that touches neither `taken` nor a forbidden range.

    The search starts after the range `after`, if there is one, so that the proposal for a network
    is next to its other ranges.
    """
    blocked = sorted(collapse_addresses([*taken, *FORBIDDEN_RANGES]))
    places = list(PRIVATE_RANGES)
    for index, place in enumerate(places):
        if after is not None and after.subnet_of(place):
            places.insert(0, places.pop(index))
            found = free_subnet(place, prefix_length, blocked, int(after.broadcast_address) + 1)
            if found is not None:
                return found
            break
    found_anywhere = (free_subnet(place, prefix_length, blocked) for place in places)
    return next((found for found in found_anywhere if found is not None), None)


def free_subnet(
    space: IPv4Network, prefix_length: int, taken: Iterable[IPv4Network], start: int = 0
) -> IPv4Network | None:
    """The first subnet of `space` of this size, from `start` on, that touches none of `taken`."""
    if prefix_length < space.prefixlen:
        return None
    size = 1 << (32 - prefix_length)
    position = max(start, int(space.network_address))
    position = -(-position // size) * size
    for block in sorted(collapse_addresses(taken)):
        if position + size - 1 < int(block.network_address):
            break
        end = int(block.broadcast_address) + 1
        if end > position:
            position = -(-end // size) * size
    if position + size - 1 > int(space.broadcast_address):
        return None
    return IPv4Network((position, prefix_length))
