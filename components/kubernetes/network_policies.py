"""The network policies of the applications: everything is closed but for what is declared.

Policies go by labels of pods and namespaces. Addresses stand for what is outside the cluster, and
the ranges of its own nodes and pods are taken out of them: with Cilium an `ipBlock` never matches
these, and so it is with every engine. Ports are those of pods, since engines see a connection
after the Service has been resolved.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from ipaddress import IPv4Network, collapse_addresses
from typing import NamedTuple

from components.addressing import AddressPlan
from components.kubernetes.manifest import NAMESPACE_NAME, Manifest, manifest
from components.network.subnet_specs import cluster_ranges
from components.settings.kubernetes import (
    API_SERVER,
    INTERNET,
    PRIVATE_ENDPOINTS,
    Application,
    Egress,
    Pods,
)

EVERYWHERE = "0.0.0.0/0"
NOT_INTERNET = (
    "10.0.0.0/8",
    "100.64.0.0/10",
    "168.63.129.16/32",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
)
"""Private ranges (RFC 1918, RFC 6598), link-local ones with the metadata service of the machines
at 169.254.169.254, and the address of Azure's platform."""

DENY_ALL = "default-deny"
"""The name of the policy that closes a namespace in both directions."""

Ports = tuple[str, ...]


@dataclass(frozen=True)
class PolicyRanges:
    """The address ranges that policies have to know of."""

    inside: tuple[str, ...] = ()
    """Of the cluster's nodes and pods."""
    private_endpoints: str | None = None
    api_server: str | None = None

    @classmethod
    def of(cls, plan: AddressPlan) -> PolicyRanges:
        """What the network policies inside the cluster have to know of the plan."""
        return cls(
            inside=tuple(cluster_ranges(plan)),
            private_endpoints=plan.subnet("privateEndpoints").prefix
            if plan.has("privateEndpoints")
            else None,
            api_server=plan.subnet("apiServer").prefix if plan.has("apiServer") else None,
        )

    @cached_property
    def blocks(self) -> Mapping[str, Manifest]:
        """The peers of the destinations that have names."""
        named = {PRIVATE_ENDPOINTS: self.private_endpoints, API_SERVER: self.api_server}
        found = {name: self.block(cidr) for name, cidr in named.items() if cidr}
        return {**found, INTERNET: self._block(EVERYWHERE, [*NOT_INTERNET, *self.inside])}

    def block(self, cidr: str) -> Manifest:
        """A range as a rule's peer, without the nodes and pods in it."""
        return self._block(cidr, self.inside)

    @staticmethod
    def _block(cidr: str, excluded: Iterable[str]) -> Manifest:
        whole = IPv4Network(cidr)
        within = [n for n in map(IPv4Network, excluded) if n.subnet_of(whole) and n != whole]
        found: Manifest = {"cidr": cidr}
        if within:
            found["except"] = [str(network) for network in collapse_addresses(within)]
        return {"ipBlock": found}


class Party(NamedTuple):
    """Pods: their application, which is their namespace, and their `app` label."""

    application: str
    app: str

    def peer(self, namespace: str) -> Manifest:
        """The pods as a peer of a rule of a policy in `namespace`."""
        pods: Manifest = {"podSelector": {"matchLabels": {"app": self.app}}}
        if self.application == namespace:
            return pods
        return {"namespaceSelector": {"matchLabels": {NAMESPACE_NAME: self.application}}, **pods}


Sides = dict[Party, dict[Ports, list[Party]]]
"""For pods, the other ends of their connections by ports."""


def _sides() -> Sides:
    return defaultdict(lambda: defaultdict(list))


@dataclass
class AllowedConnections:
    """What all applications declare, found by either side."""

    to: Sides = field(default_factory=_sides)
    """Who may speak to these pods, by ports."""
    by: Sides = field(default_factory=_sides)
    """Whom these pods may speak to, by ports."""
    _talkers: dict[str, dict[Party, None]] = field(default_factory=lambda: defaultdict(dict))

    @classmethod
    def of(cls, applications: Iterable[Application]) -> AllowedConnections:
        """The declared pairs of all applications, in one pass."""
        found = cls()
        for application in applications:
            for pair in application.allow:
                source = pair.source
                speaker = (
                    Party(source.application, source.app)
                    if isinstance(source, Pods)
                    else Party(application.name, source)
                )
                found.add(speaker, Party(application.name, pair.target), pair.ports)
        return found

    def add(self, source: Party, target: Party, ports: Ports) -> None:
        """Note one pair; the same one twice is one."""
        for side, one, other in ((self.to, target, source), (self.by, source, target)):
            others = side[one][ports]
            if other not in others:
                others.append(other)
        self._talkers[source.application][source] = None
        self._talkers[target.application][target] = None

    def parties(self, application: str) -> Iterable[Party]:
        """The pods of an application that anything is declared of."""
        return self._talkers.get(application, ())


def policies(
    application: Application, connections: AllowedConnections, ranges: PolicyRanges
) -> Iterator[Manifest]:
    """Everything but what lets requests from outside in (`allow_sources`)."""
    name = application.name
    yield policy(name, DENY_ALL, podSelector={}, policyTypes=["Ingress", "Egress"])
    yield _allow_dns(name)
    for party in connections.parties(name):
        if heard := connections.to.get(party):
            yield _app_policy(party, "policy", "Ingress", list(_rules(name, "from", heard)))
    for app, rules in _outgoing(application, connections, ranges).items():
        if app is None:
            yield policy(
                name, "allow-outbound", podSelector={}, policyTypes=["Egress"], egress=rules
            )
        else:
            yield _app_policy(Party(name, app), "egress", "Egress", rules)


def policy(namespace: str, name: str, **spec: object) -> Manifest:
    """A network policy."""
    return manifest("networking.k8s.io/v1", "NetworkPolicy", name, namespace, spec=spec)


def allow_sources(
    namespace: str, target_ports: Mapping[str, Collection[int]], peers: Sequence[Manifest]
) -> Iterator[Manifest]:
    """Let the ingress controller, or whoever else serves Ingress objects, reach the pods.

    `target_ports` are the ports of each `app` that an Ingress leads to; apps with the same ports
    share a policy.
    """
    groups: dict[tuple[int, ...], list[str]] = {}
    for app, numbers in target_ports.items():
        groups.setdefault(tuple(sorted(numbers)), []).append(app)
    for position, (ports, apps) in enumerate(groups.items()):
        suffix = "".join(f"-{port}" for port in ports) if position else ""
        yield policy(
            namespace,
            f"allow-ingress-controller{suffix}",
            podSelector={"matchExpressions": [{"key": "app", "operator": "In", "values": apps}]},
            policyTypes=["Ingress"],
            ingress=[
                {
                    "from": list(peers),
                    "ports": [{"protocol": "TCP", "port": port} for port in ports],
                }
            ],
        )


def _app_policy(party: Party, suffix: str, way: str, rules: list[Manifest]) -> Manifest:
    return policy(
        party.application,
        f"{party.app}-{suffix}",
        podSelector={"matchLabels": {"app": party.app}},
        policyTypes=[way],
        **{way.lower(): rules},
    )


def _allow_dns(namespace: str) -> Manifest:
    dns = {
        "namespaceSelector": {"matchLabels": {NAMESPACE_NAME: "kube-system"}},
        "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
    }
    ports = [{"protocol": protocol, "port": 53} for protocol in ("UDP", "TCP")]
    return policy(
        namespace,
        "allow-dns",
        podSelector={},
        policyTypes=["Egress"],
        egress=[{"to": [dns], "ports": ports}],
    )


def _rules(namespace: str, key: str, others: Mapping[Ports, Sequence[Party]]) -> Iterator[Manifest]:
    for ports, parties in others.items():
        rule: Manifest = {key: [party.peer(namespace) for party in parties]}
        if ports:
            rule["ports"] = [_port(text) for text in ports]
        yield rule


def _outgoing(
    application: Application, connections: AllowedConnections, ranges: PolicyRanges
) -> dict[str | None, list[Manifest]]:
    """The rules of what each app may open to; None is every pod."""
    found: dict[str | None, list[Manifest]] = defaultdict(list)
    for party in connections.parties(application.name):
        if heard := connections.by.get(party):
            found[party.app] += _rules(application.name, "to", heard)
    for way in application.egress:
        found[way.source].append(_outside(way, ranges))
    return found


def _outside(way: Egress, ranges: PolicyRanges) -> Manifest:
    blocks = ranges.blocks
    return {
        "to": [blocks[place] if place in blocks else ranges.block(place) for place in way.to],
        "ports": [_port(text) for text in way.ports],
    }


def _port(text: str) -> Manifest:
    """`443`, `53/UDP` or `30000-30100/TCP` as a rule's port."""
    numbers, _, protocol = text.partition("/")
    first, _, last = numbers.partition("-")
    port: Manifest = {"protocol": protocol or "TCP", "port": int(first)}
    if last:
        port["endPort"] = int(last)
    return port
