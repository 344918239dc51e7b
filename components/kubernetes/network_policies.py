"""The network policies of the applications: only declared connections are allowed.

Pods and namespaces are selected by labels; address ranges are for destinations outside the cluster.
The cluster's own node and pod ranges are always excepted from those ranges. With Cilium an
`ipBlock` never matches them; the exceptions make every policy engine behave the same. Ports are
those of pods: policy engines see a connection after the Service has been resolved.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from ipaddress import IPv4Network, collapse_addresses
from typing import NamedTuple

from components.addressing import AddressPlan, SubnetKey
from components.kubernetes.manifest import NAMESPACE_NAME, Manifest, manifest
from components.network.egress_rules import EVERYWHERE
from components.network.subnet_specs import cluster_ranges
from components.settings.kubernetes import (
    API_SERVER,
    INTERNET,
    PRIVATE_ENDPOINTS,
    Application,
    Egress,
    Pods,
)

NOT_INTERNET = (
    "10.0.0.0/8",
    "100.64.0.0/10",
    "168.63.129.16/32",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
)
"""Private ranges (RFC 1918, RFC 6598), the link-local range with the instance metadata service at
169.254.169.254, and the address of Azure's platform."""

LOCAL_DNS = "169.254.10.0/24"
"""The addresses of LocalDNS on every node (aks/localdns-custom)."""

DENY_ALL = "default-deny"
"""The name of the policy that denies all connections of a namespace, in both directions."""

Ports = tuple[str, ...]
"""Ports such as `443`, `53/UDP` or `30000-30100/TCP`."""


@dataclass(frozen=True)
class PolicyRanges:
    """The address ranges that policies refer to, in CIDR notation."""

    cluster: tuple[str, ...] = ()
    """The ranges of the cluster's nodes and pods."""
    private_endpoints: str | None = None
    """The range of the subnet for private endpoints; None without one."""
    api_server: str | None = None
    """The range of the API server's subnet; None without one."""
    local_dns: bool = False
    """Whether pods of some nodes ask an address of their node for DNS."""
    cilium: bool = False
    """Whether Cilium enforces the policies."""

    @classmethod
    def of(
        cls, plan: AddressPlan, *, local_dns: bool = False, cilium: bool = False
    ) -> PolicyRanges:
        """The ranges of an address plan."""

        def prefix(key: SubnetKey) -> str | None:
            return plan.subnet(key).prefix if plan.has(key) else None

        return cls(
            cluster=tuple(cluster_ranges(plan)),
            private_endpoints=prefix(SubnetKey.PRIVATE_ENDPOINTS),
            api_server=prefix(SubnetKey.API_SERVER),
            local_dns=local_dns,
            cilium=cilium,
        )

    @cached_property
    def named_peers(self) -> Mapping[str, Manifest]:
        """The peers of rules for the destinations that have names, by name."""
        ranges = {PRIVATE_ENDPOINTS: self.private_endpoints, API_SERVER: self.api_server}
        peers = {name: self.peer(cidr) for name, cidr in ranges.items() if cidr}
        return {**peers, INTERNET: _ip_block(EVERYWHERE, [*NOT_INTERNET, *self.cluster])}

    def peer(self, cidr: str) -> Manifest:
        """A range as the peer of a rule, without the nodes and pods in it."""
        return _ip_block(cidr, self.cluster)


def _ip_block(cidr: str, excluded: Iterable[str]) -> Manifest:
    """A range as the peer of a rule, without the excluded ranges that lie in it."""
    whole = IPv4Network(cidr)
    within = [n for n in map(IPv4Network, excluded) if n.subnet_of(whole) and n != whole]
    block: Manifest = {"cidr": cidr}
    if within:
        block["except"] = [str(network) for network in collapse_addresses(within)]
    return {"ipBlock": block}


class PodSelector(NamedTuple):
    """Pods: their application, which is their namespace, and the value of their label `app`."""

    application: str
    app: str

    def peer(self, namespace: str) -> Manifest:
        """The pods as the peer of a rule, for a policy in `namespace`."""
        pods: Manifest = {"podSelector": {"matchLabels": {"app": self.app}}}
        if self.application == namespace:
            return pods
        return {"namespaceSelector": {"matchLabels": {NAMESPACE_NAME: self.application}}, **pods}


PeersByPorts = dict[PodSelector, dict[Ports, list[PodSelector]]]
"""By pods and ports, the pods at the other end of the connections."""


def _peers_by_ports() -> PeersByPorts:
    return defaultdict(lambda: defaultdict(list))


@dataclass
class AllowedConnections:
    """The connections that all applications declare, by either end."""

    incoming: PeersByPorts = field(default_factory=_peers_by_ports)
    """By target and ports, the pods that may connect to it."""
    outgoing: PeersByPorts = field(default_factory=_peers_by_ports)
    """By source and ports, the pods to which it may connect."""
    _pods: dict[str, dict[PodSelector, None]] = field(default_factory=lambda: defaultdict(dict))

    @classmethod
    def of(cls, applications: Iterable[Application]) -> AllowedConnections:
        """The declared connections of all applications."""
        connections = cls()
        for application in applications:
            for pair in application.allow:
                declared = pair.source
                source = (
                    PodSelector(declared.application, declared.app)
                    if isinstance(declared, Pods)
                    else PodSelector(application.name, declared)
                )
                target = PodSelector(application.name, pair.target)
                connections.add(source, target, pair.ports)
        return connections

    def add(self, source: PodSelector, target: PodSelector, ports: Ports) -> None:
        """Add a connection; adding it twice has no effect."""
        for peers, pods, peer in (
            (self.incoming, target, source),
            (self.outgoing, source, target),
        ):
            known = peers[pods][ports]
            if peer not in known:
                known.append(peer)
        self._pods[source.application][source] = None
        self._pods[target.application][target] = None

    def pods_of(self, application: str) -> Iterable[PodSelector]:
        """The pods of an application that have a connection."""
        return self._pods.get(application, ())


def policies(
    application: Application, connections: AllowedConnections, ranges: PolicyRanges
) -> Iterator[Manifest]:
    """All policies of an application but those for requests from outside (`allow_sources`)."""
    name = application.name
    yield policy(name, DENY_ALL, podSelector={}, policyTypes=["Ingress", "Egress"])
    yield _allow_dns(name, local_dns=ranges.local_dns)
    if ranges.local_dns and ranges.cilium:
        yield _allow_local_dns(name)
    for pods in connections.pods_of(name):
        if sources := connections.incoming.get(pods):
            yield _pods_policy(pods, "policy", "Ingress", list(_rules(name, "from", sources)))
    for app, rules in _egress_rules(application, connections, ranges).items():
        if app is None:
            yield policy(
                name, "allow-outbound", podSelector={}, policyTypes=["Egress"], egress=rules
            )
        else:
            yield _pods_policy(PodSelector(name, app), "egress", "Egress", rules)


def policy(namespace: str, name: str, **spec: object) -> Manifest:
    """A network policy."""
    return manifest("networking.k8s.io/v1", "NetworkPolicy", name, namespace, spec=spec)


def allow_sources(
    namespace: str, target_ports: Mapping[str, Collection[int]], peers: Sequence[Manifest]
) -> Iterator[Manifest]:
    """The policies that let the ingress controller, or a gateway, connect to the pods.

    `target_ports` are the ports by `app` to which routes lead. Apps with the same ports share a
    policy.
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


def _pods_policy(pods: PodSelector, suffix: str, direction: str, rules: list[Manifest]) -> Manifest:
    """A policy for one direction, `Ingress` or `Egress`."""
    return policy(
        pods.application,
        f"{pods.app}-{suffix}",
        podSelector={"matchLabels": {"app": pods.app}},
        policyTypes=[direction],
        **{direction.lower(): rules},
    )


def _allow_dns(namespace: str, *, local_dns: bool) -> Manifest:
    dns: Manifest = {
        "namespaceSelector": {"matchLabels": {NAMESPACE_NAME: "kube-system"}},
        "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
    }
    ports = [{"protocol": protocol, "port": 53} for protocol in ("UDP", "TCP")]
    return policy(
        namespace,
        "allow-dns",
        podSelector={},
        policyTypes=["Egress"],
        egress=[{"to": [dns, *([_ip_block(LOCAL_DNS, [])] if local_dns else [])], "ports": ports}],
    )


def _allow_local_dns(namespace: str) -> Manifest:
    """Cilium's own policy for LocalDNS: from 1.17, no NetworkPolicy matches a node's address.

    Source: aks/localdns-custom, "Update Cilium Network Policies".
    """
    ports = [{"port": "53", "protocol": protocol} for protocol in ("UDP", "TCP")]
    egress = [
        {peer: values, "toPorts": [{"ports": ports}]}
        for peer, values in (("toCIDR", [LOCAL_DNS]), ("toEntities", ["host"]))
    ]
    spec: Manifest = {"endpointSelector": {}, "egress": egress}
    return manifest("cilium.io/v2", "CiliumNetworkPolicy", "allow-local-dns", namespace, spec=spec)


def _rules(
    namespace: str, key: str, peers: Mapping[Ports, Sequence[PodSelector]]
) -> Iterator[Manifest]:
    """A rule for each set of ports; `key` is `from` or `to`."""
    for ports, pods in peers.items():
        rule: Manifest = {key: [selector.peer(namespace) for selector in pods]}
        if ports:
            rule["ports"] = [_port(text) for text in ports]
        yield rule


def _egress_rules(
    application: Application, connections: AllowedConnections, ranges: PolicyRanges
) -> dict[str | None, list[Manifest]]:
    """The egress rules by `app`; None is for all pods of the application."""
    rules: dict[str | None, list[Manifest]] = defaultdict(list)
    for pods in connections.pods_of(application.name):
        if targets := connections.outgoing.get(pods):
            rules[pods.app] += _rules(application.name, "to", targets)
    for egress in application.egress:
        rules[egress.source].append(_outside_rule(egress, ranges))
    return rules


def _outside_rule(egress: Egress, ranges: PolicyRanges) -> Manifest:
    """The rule for destinations outside the cluster: named ones, or ranges."""
    peers = ranges.named_peers
    return {
        "to": [peers[name] if name in peers else ranges.peer(name) for name in egress.to],
        "ports": [_port(text) for text in egress.ports],
    }


def _port(text: str) -> Manifest:
    """`443`, `53/UDP` or `30000-30100/TCP` as the port of a rule."""
    numbers, _, protocol = text.partition("/")
    first, _, last = numbers.partition("-")
    port: Manifest = {"protocol": protocol or "TCP", "port": int(first)}
    if last:
        port["endPort"] = int(last)
    return port
