"""Whether the rules of a firewall's policy allow a connection over TCP 443.

Source: Microsoft Learn, azure/firewall/rule-processing: what no rule allows is denied. An
application rule needs the server's name in the TLS handshake (SNI); without it, only network rules
apply.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fnmatch import fnmatch
from typing import Any

from simulator.azure.namespaces.network.prefixes import overlaps
from simulator.store import MemoryStore, Resource
from support.nested import at, items, text

_GROUP = "network:FirewallPolicyRuleCollectionGroup"
_HTTPS = 443

_BEHIND_TAGS = {
    "azurekubernetesservice": (
        "mcr.microsoft.com",
        "*.data.mcr.microsoft.com",
        "login.microsoftonline.com",
        "management.azure.com",
        "packages.microsoft.com",
        "*.azmk8s.io",
    )
}
"""FQDN tags and names behind them (aks/outbound-rules-control-egress)."""


def allows(
    store: MemoryStore,
    firewall: Resource,
    sources: Sequence[str],
    name: str,
    *,
    tags: Sequence[str] = (),
    by_name: bool = True,
) -> bool:
    """Whether connections to this host name pass.

    `tags` are the service tags of its address. `by_name` says that the client sends the name.
    """
    return any(
        _has_source(rule, sources)
        and (_network(rule, name, tags) or (by_name and _application(rule, name)))
        for rule in _allowing(store, text(firewall.inputs, "firewallPolicy", "id"))
    )


def _allowing(store: MemoryStore, policy: str) -> Iterator[Any]:
    for group in store.below(policy, _GROUP):
        for collection in items(group.inputs, "ruleCollections"):
            if text(collection, "action", "type").lower() == "allow":
                yield from items(collection, "rules")


def _has_source(rule: Any, sources: Sequence[str]) -> bool:
    given = [str(item) for item in items(rule, "sourceAddresses")]
    # IP groups are not resolved.
    grouped = bool(items(rule, "sourceIpGroups"))
    return "*" in given or grouped or bool(overlaps(given, sources))


def _network(rule: Any, name: str, tags: Sequence[str]) -> bool:
    if rule.get("ruleType") != "NetworkRule":
        return False
    protocols = {str(item).lower() for item in items(rule, "ipProtocols")}
    ports = [str(item) for item in items(rule, "destinationPorts")]
    if not protocols & {"tcp", "any"} or not any(map(_has_https, ports)):
        return False
    addresses = {str(item).lower() for item in items(rule, "destinationAddresses")}
    everyone = {"*", "0.0.0.0/0", "internet"}
    return bool(addresses & {*everyone, *(tag.lower() for tag in tags)}) or name in items(
        rule, "destinationFqdns"
    )


def _has_https(ports: str) -> bool:
    first, _, last = ports.partition("-")
    return ports == "*" or int(first) <= _HTTPS <= int(last or first)


def _application(rule: Any, name: str) -> bool:
    if rule.get("ruleType") != "ApplicationRule":
        return False
    behind = [
        pattern
        for tag in items(rule, "fqdnTags")
        for pattern in _BEHIND_TAGS.get(str(tag).lower(), ())
    ]
    https = any(at(item, "protocolType") == "Https" for item in items(rule, "protocols"))
    named = [str(item) for item in items(rule, "targetFqdns")] if https else []
    return any(fnmatch(name, pattern) for pattern in (*behind, *named))
