"""Who may open a port, by the rules of a network security group in the order of Azure.

`analysis/reachability` computes far more; this reading of the rules is independent of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from components.network.security_rules import Rule

MANAGEMENT_PORTS = (22, 3389)
"""SSH and RDP."""


def covers(rule: Rule, port: int) -> bool:
    """Whether a rule is about the port: its ports are like `22`, `20-30`, `22,3389` or `*`."""
    parts = [part for ports in rule.ports for part in ports.split(",")]
    return any(part == "*" or _first(part) <= port <= _last(part) for part in parts)


def _first(ports: str) -> int:
    return int(ports.partition("-")[0])


def _last(ports: str) -> int:
    return int(ports.rpartition("-")[2])


def allowed_sources(rules: Iterable[Rule], port: int, destinations: Sequence[str]) -> set[str]:
    """Sources that may open the port on the destinations, the ranges of the group's own subnets.

    Rules are read by priority until one denies the port to everyone. A rule that denies it to some
    does not count: a source that a later rule allows is returned.
    """
    allowed: set[str] = set()
    inbound = (rule for rule in rules if rule.direction == "Inbound" and covers(rule, port))
    for rule in sorted(inbound, key=lambda rule: rule.priority):
        if rule.access == "Allow":
            allowed |= set(rule.sources)
        elif "*" in rule.sources and (
            "*" in rule.destinations or set(destinations) <= set(rule.destinations)
        ):
            break
    return allowed


def rule_of(registered: Mapping[str, Any]) -> Rule:
    """A rule of a security group as it is registered."""

    def values(one: str, several: str) -> tuple[str, ...]:
        return (*([registered[one]] if registered.get(one) else []), *registered.get(several, ()))

    return Rule(
        registered["name"],
        registered["direction"],
        registered["priority"],
        registered["access"],
        values("sourceAddressPrefix", "sourceAddressPrefixes"),
        values("destinationAddressPrefix", "destinationAddressPrefixes"),
        values("destinationPortRange", "destinationPortRanges"),
        registered["protocol"],
        registered.get("description", ""),
    )
