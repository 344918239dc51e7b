"""A security rule, and the ports and rules that several groups share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

SSH = "22"
RDP = "3389"
DNS = "53"
WEB = ("80", "443")


@dataclass(frozen=True)
class Rule:
    """One security rule.

    Sources and destinations are CIDR ranges or a single service tag. `*` is any range or port.
    """

    name: str
    direction: Literal["Inbound", "Outbound"]
    priority: int
    access: Literal["Allow", "Deny"]
    sources: tuple[str, ...]
    destinations: tuple[str, ...]
    ports: tuple[str, ...]
    protocol: Literal["Tcp", "Udp", "*"]
    description: str


def inbound(
    name: str,
    priority: int,
    sources: Sequence[str],
    ports: Sequence[str],
    description: str,
    *,
    destinations: Sequence[str] = ("*",),
    protocol: Literal["Tcp", "Udp", "*"] = "Tcp",
    access: Literal["Allow", "Deny"] = "Allow",
) -> Rule:
    """A rule for inbound traffic; unless stated otherwise, it allows TCP to any destination."""
    return Rule(
        name,
        "Inbound",
        priority,
        access,
        tuple(sources),
        tuple(destinations),
        tuple(ports),
        protocol,
        description,
    )


def deny_virtual_network() -> Rule:
    """The last rule of a group that is stricter than Azure's default rule 65000."""
    return inbound(
        "DenyVirtualNetworkInbound",
        4096,
        ["VirtualNetwork"],
        ["*"],
        "Nothing else of the virtual network, its peers or on-premises comes in.",
        protocol="*",
        access="Deny",
    )
