"""Who may talk to whom by a set of NetworkPolicies, after the text of the API's specification.

Written apart from what makes the policies, and as plainly as can be: for one connection, every
policy is asked. Kubernetes, "Network Policies": a pod that no policy selects for a direction is
open in it; otherwise at least one rule of those that select it has to allow the connection; both
ends have to agree.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

Policy = dict[str, Any]


@dataclass(frozen=True)
class Pod:
    namespace: str
    labels: tuple[tuple[str, str], ...]


def pod(namespace: str, **labels: str) -> Pod:
    return Pod(namespace, tuple(sorted(labels.items())))


Peer = Pod | str
"""A pod, or an address outside the cluster."""


def may_connect(
    policies: Sequence[Policy], source: Peer, target: Peer, port: int, protocol: str = "TCP"
) -> bool:
    """Whether both ends let the connection through."""
    leaves = not isinstance(source, Pod) or _open(
        policies, "Egress", source, target, port=port, protocol=protocol
    )
    arrives = not isinstance(target, Pod) or _open(
        policies, "Ingress", target, source, port=port, protocol=protocol
    )
    return leaves and arrives


def _open(
    policies: Iterable[Policy], way: str, own: Pod, other: Peer, *, port: int, protocol: str
) -> bool:
    selecting = [
        policy["spec"]
        for policy in policies
        if policy["metadata"]["namespace"] == own.namespace
        and way in policy["spec"]["policyTypes"]
        and _selects(policy["spec"]["podSelector"], dict(own.labels))
    ]
    if not selecting:
        return True
    key, peers = ("ingress", "from") if way == "Ingress" else ("egress", "to")
    return any(
        _is_peer(rule.get(peers), own, other) and _is_port(rule.get("ports"), port, protocol)
        for spec in selecting
        for rule in spec.get(key, [])
    )


def _is_peer(peers: list[dict[str, Any]] | None, own: Pod, other: Peer) -> bool:
    if not peers:
        return True
    return any(_matches(peer, own, other) for peer in peers)


def _matches(peer: dict[str, Any], own: Pod, other: Peer) -> bool:
    if isinstance(other, str):
        if "ipBlock" not in peer:
            return False
        address = ipaddress.ip_address(other)
        block = peer["ipBlock"]
        return address in ipaddress.ip_network(block["cidr"]) and not any(
            address in ipaddress.ip_network(part) for part in block.get("except", [])
        )
    if "ipBlock" in peer:
        return False
    if "namespaceSelector" in peer:
        names = {"kubernetes.io/metadata.name": other.namespace}
        if not _selects(peer["namespaceSelector"], names):
            return False
    elif other.namespace != own.namespace:
        return False
    return _selects(peer.get("podSelector", {}), dict(other.labels))


def _selects(selector: dict[str, Any], labels: dict[str, str]) -> bool:
    for name, value in selector.get("matchLabels", {}).items():
        if labels.get(name) != value:
            return False
    for expression in selector.get("matchExpressions", []):
        assert expression["operator"] == "In", "no other operator is in use"
        if labels.get(expression["key"]) not in expression["values"]:
            return False
    return True


def _is_port(ports: list[dict[str, Any]] | None, port: int, protocol: str) -> bool:
    if not ports:
        return True
    return any(
        row["protocol"] == protocol and row["port"] <= port <= row.get("endPort", row["port"])
        for row in ports
    )
