"""What a set of security rules lets through."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from support.nested import items

_ANYONE = frozenset({"*", "any", "0.0.0.0/0"})
HIGHEST_PORT = 65535


@dataclass(frozen=True)
class Flow:
    """Connections that must be possible, such as those that Azure manages a service by."""

    direction: str
    sources: tuple[str, ...]
    """A rule for any one of these lets it in; `*` in a rule covers all."""
    destinations: tuple[str, ...]
    ports: frozenset[int]
    protocol: str = "Tcp"


def lets_through(rules: Iterable[Mapping[str, Any]], flow: Flow) -> bool:
    """Whether the rules, by priority, allow all ports of a flow. What no rule names is denied."""
    left = set(flow.ports)
    for rule in sorted(rules, key=lambda one: int(one.get("priority") or 0)):
        if not _concerns(rule, flow):
            continue
        hit = left & ports(rule, "destinationPort")
        if str(rule.get("access")).lower() == "deny" and hit:
            return False
        left -= hit
        if not left:
            return True
    return not left


def _concerns(rule: Mapping[str, Any], flow: Flow) -> bool:
    return (
        str(rule.get("direction")).lower() == flow.direction.lower()
        and str(rule.get("protocol")).lower() in ("*", flow.protocol.lower())
        and _covers(rule, "sourceAddressPrefix", flow.sources)
        and _covers(rule, "destinationAddressPrefix", flow.destinations)
    )


def _covers(rule: Mapping[str, Any], key: str, wanted: tuple[str, ...]) -> bool:
    given = {text.lower() for text in values(rule, key)}
    return bool(given & _ANYONE) or any(one.lower() in given for one in wanted)


def values(rule: Mapping[str, Any], key: str) -> list[str]:
    """What stands in the singular property and in the plural one."""
    plural = f"{key}es" if key.endswith("x") else f"{key}s"
    single = rule.get(key)
    return ([str(single)] if single else []) + [str(one) for one in items(rule, plural)]


def ports(rule: Mapping[str, Any], key: str) -> set[int]:
    """The ports that `<key>Range` and `<key>Ranges` name."""
    found: set[int] = set()
    for text in values(rule, f"{key}Range"):
        found |= _span(text)
    return found


def _span(text: str) -> set[int]:
    if text == "*":
        return set(range(HIGHEST_PORT + 1))
    low, _, high = text.partition("-")
    return set(range(int(low), int(high or low) + 1)) if is_port_range(text) else set()


def is_port_range(text: str) -> bool:
    """A port, or two with a hyphen between in ascending order."""
    low, hyphen, high = text.partition("-")
    if not low.isdigit() or (hyphen and not high.isdigit()):
        return False
    return int(low) <= int(high or low) <= HIGHEST_PORT
