"""Address prefixes of virtual networks and subnets, and how they overlap."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any

from support.nested import items

Network = IPv4Network | IPv6Network


def prefixes(inputs: Mapping[str, Any]) -> list[str]:
    """The address prefixes of a subnet, from either property."""
    texts = inputs.get("addressPrefixes") or [inputs.get("addressPrefix")]
    return [text for text in texts if text]


def network_prefixes(inputs: Mapping[str, Any]) -> list[str]:
    """The address prefixes of a virtual network."""
    return items(inputs, "addressSpace", "addressPrefixes")


def networks(texts: Iterable[str]) -> list[Network]:
    """The valid prefixes as networks; a rule of their own refuses invalid ones."""
    blocks: list[Network] = []
    for text in texts:
        try:
            blocks.append(ip_network(text))
        except ValueError:
            continue
    return blocks


def overlaps(left: Iterable[str], right: Iterable[str]) -> list[tuple[Network, Network]]:
    """The pairs of prefixes that overlap."""
    return [(a, b) for a in networks(left) for b in networks(right) if a.overlaps(b)]


def contains(whole: Network, part: Network) -> bool:
    """Whether every address of `part` is in `whole`."""
    if isinstance(whole, IPv4Network) and isinstance(part, IPv4Network):
        return part.subnet_of(whole)
    if isinstance(whole, IPv6Network) and isinstance(part, IPv6Network):
        return part.subnet_of(whole)
    return False
