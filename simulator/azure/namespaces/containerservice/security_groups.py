"""Security groups on the subnets of nodes and pods: AKS supports no block inside the cluster.

Azure accepts such rules, and the cluster then fails in ways that are hard to explain.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from ipaddress import ip_network
from typing import Any

from simulator.azure.model import Request
from simulator.azure.namespaces.containerservice.network_profile import pod_ranges
from simulator.azure.namespaces.containerservice.view import CLUSTER, POOL, View, view
from simulator.azure.namespaces.network import inline
from simulator.azure.namespaces.network.prefixes import contains, networks, overlaps, prefixes
from simulator.azure.namespaces.network.security_rules import GROUP, RULE
from simulator.azure.namespaces.network.traffic import values
from simulator.azure.rules import advice
from simulator.store import Resource

_EVERYTHING = frozenset({"*", "any", "0.0.0.0/0", "virtualnetwork"})
_SIDES = {"source": "sourceAddressPrefix", "destination": "destinationAddressPrefix"}
Rules = Sequence[Mapping[str, Any]]


@advice(
    CLUSTER,
    POOL,
    GROUP,
    RULE,
    source="Microsoft Learn: azure/aks/concepts-network#custom-virtual-network-requirements",
)
def nodes_and_pods_talk_to_each_other(request: Request) -> str | None:
    """All ports and protocols between nodes, between pods, and between nodes and pods are needed.

    azure/aks/outbound-rules-control-egress refers to network policies instead.
    """
    for cluster, subnet, rules in _guarded(request):
        pods = pod_ranges(cluster)
        every = [*_ranges(cluster), *pods]
        own = [*prefixes(subnet.inputs), *pods]
        for direction, sources, targets in (("Inbound", every, own), ("Outbound", own, every)):
            for source in sources:
                for target in targets:
                    rule = _first_denial(rules, direction, source, target)
                    if rule is not None:
                        return (
                            f"AKS does not support security rule {rule.get('name')} on subnet"
                            f" '{subnet.name}': it denies traffic from {source} to {target}, which"
                            " is inside the cluster."
                        )
    return None


def _guarded(request: Request) -> Iterator[tuple[View, Resource, Rules]]:
    """Subnets of pools that the request concerns, with the rules of their groups after it."""
    if request.type.token in (CLUSTER, POOL):
        cluster = view(request)
        for subnet in _subnets(cluster):
            group = request.find(subnet.inputs.get("networkSecurityGroup"))
            if group is not None:
                yield cluster, subnet, inline.children_of(request.cloud.store, group, RULE)
        return
    group_id = request.id if request.type.token == GROUP else request.id.rsplit("/", 2)[0]
    store = request.cloud.store
    rules = inline.children(request, "securityRules", RULE)
    guarded = [item for item in store.referrers(group_id) if item.token == "network:Subnet"]
    for subnet in guarded:
        owners = {
            item.id.rpartition("/agentPools/")[0]
            for item in store.referrers(subnet.id)
            if item.token == POOL
        }
        for owner in map(store.get, sorted(owners)):
            if owner is not None:
                yield View(request, owner.id, owner.inputs, ()), subnet, rules


def _subnets(cluster: View) -> list[Resource]:
    """The subnets of all pools, each once."""
    ids = {subnet.lower(): subnet for pool in cluster.pools for subnet in pool.subnets}
    return [subnet for subnet in map(cluster.subnet, ids.values()) if subnet is not None]


def _ranges(cluster: View) -> list[str]:
    return [prefix for subnet in _subnets(cluster) for prefix in prefixes(subnet.inputs)]


def _first_denial(
    rules: Rules, direction: str, source: str, target: str
) -> Mapping[str, Any] | None:
    """The rule that denies any of this traffic; None if all is allowed.

    A rule that allows only a part of it decides nothing here.
    """
    ends = {"source": source, "destination": target}
    for rule in sorted(rules, key=lambda item: int(item.get("priority") or 0)):
        if str(rule.get("direction")).lower() != direction.lower():
            continue
        if str(rule.get("access")).lower() == "deny":
            if all(_touches(values(rule, _SIDES[side]), ends[side]) for side in ends):
                return rule
        elif _is_about_all_ports(rule) and all(
            _holds(values(rule, _SIDES[side]), ends[side]) for side in ends
        ):
            return None
    return None


def _is_about_all_ports(rule: Mapping[str, Any]) -> bool:
    return rule.get("protocol") == "*" and "*" in values(rule, "destinationPortRange")


def _touches(given: Sequence[str], part: str) -> bool:
    return bool({text.lower() for text in given} & _EVERYTHING) or bool(overlaps(given, [part]))


def _holds(given: Sequence[str], part: str) -> bool:
    if {text.lower() for text in given} & _EVERYTHING:
        return True
    return any(contains(whole, ip_network(part)) for whole in networks(given))


TYPES = ()
