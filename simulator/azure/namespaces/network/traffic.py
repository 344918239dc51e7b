"""What traffic a set of security rules allows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from support.nested import items

_ANYONE = frozenset({"*", "any", "0.0.0.0/0"})
HIGHEST_PORT = 65535


@dataclass(frozen=True)
class Flow:
    """Connections that must be possible, such as those of Azure's management of a service."""

    direction: str
    sources: tuple[str, ...]
    """A rule for any of these allows the flow; `*` in a rule covers all of them."""
    destinations: tuple[str, ...]
    ports: frozenset[int]
    protocol: str = "Tcp"


def allows(rules: Iterable[Mapping[str, Any]], flow: Flow) -> bool:
    """Whether the rules, by priority, allow all ports of a flow. Other traffic is denied."""
    remaining = set(flow.ports)
    for rule in sorted(rules, key=lambda item: int(item.get("priority") or 0)):
        if not _concerns(rule, flow):
            continue
        covered = remaining & ports(rule, "destinationPort")
        if str(rule.get("access")).lower() == "deny" and covered:
            return False
        remaining -= covered
        if not remaining:
            return True
    return not remaining


def _concerns(rule: Mapping[str, Any], flow: Flow) -> bool:
    return (
        str(rule.get("direction")).lower() == flow.direction.lower()
        and str(rule.get("protocol")).lower() in ("*", flow.protocol.lower())
        and _covers(rule, "sourceAddressPrefix", flow.sources)
        and _covers(rule, "destinationAddressPrefix", flow.destinations)
    )


def _covers(rule: Mapping[str, Any], key: str, tags: tuple[str, ...]) -> bool:
    prefixes = {text.lower() for text in values(rule, key)}
    return bool(prefixes & _ANYONE) or any(tag.lower() in prefixes for tag in tags)


def values(rule: Mapping[str, Any], key: str) -> list[str]:
    """The values of the singular property and of the plural one."""
    plural = f"{key}es" if key.endswith("x") else f"{key}s"
    single = rule.get(key)
    return ([str(single)] if single else []) + [str(text) for text in items(rule, plural)]


def ports(rule: Mapping[str, Any], key: str) -> set[int]:
    """The ports in `<key>Range` and `<key>Ranges`."""
    numbers: set[int] = set()
    for text in values(rule, f"{key}Range"):
        numbers |= _span(text)
    return numbers


def _span(text: str) -> set[int]:
    if text == "*":
        return set(range(HIGHEST_PORT + 1))
    low, _, high = text.partition("-")
    return set(range(int(low), int(high or low) + 1)) if is_port_range(text) else set()


def is_port_range(text: str) -> bool:
    """Whether the text is a port, or two ports in ascending order with a hyphen."""
    low, hyphen, high = text.partition("-")
    if not low.isdigit() or (hyphen and not high.isdigit()):
        return False
    return int(low) <= int(high or low) <= HIGHEST_PORT
