"""Kubernetes network policies.

Source: Kubernetes, "Network Policies": a pod that no policy selects for a direction is not
restricted in it; a selected pod accepts the union of what its policies allow. With Cilium an
`ipBlock` matches only addresses outside the cluster: pods and nodes have identities instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, cast

from analysis.reachability import addresses, services
from analysis.reachability.intervals import EMPTY, Intervals, union
from analysis.reachability.traffic import Flow, Rule, Verdict, first_match
from analysis.stack_state import Json, State
from support import nested

PolicyType = Literal["Ingress", "Egress"]
NAMESPACE_LABEL = "kubernetes.io/metadata.name"


@dataclass(frozen=True)
class Pod:
    """The properties of a pod that policies refer to. `named_ports` are its containers'."""

    namespace: str
    labels: Mapping[str, str]
    namespace_labels: Mapping[str, str]
    named_ports: Mapping[str, Intervals]


@dataclass(frozen=True)
class Peer:
    """The other end of a pod's connection."""

    addresses: Intervals
    pod: Pod | None = None
    in_cluster: bool = False
    """Whether it is a pod or a node, which with Cilium no `ipBlock` matches."""


@dataclass(frozen=True)
class NetworkPolicies:
    """All network policies, and the engine that enforces them (empty or `none`: no engine)."""

    engine: str
    policies: tuple[Json, ...]

    def evaluate(self, policy_type: PolicyType, pod: Pod, peer: Peer, flow: Flow) -> Verdict:
        """Split a flow from `peer` to `pod` (Ingress), or from `pod` to `peer` (Egress)."""
        if self.engine in {"", "none"}:
            return _allowed(flow, "no engine enforces network policies")
        near = self._by_namespace.get(pod.namespace, ())
        selecting = [one for one in near if self._selects(one, policy_type, pod)]
        if not selecting:
            return _allowed(flow, f"no policy selects the pods for {policy_type.lower()}")
        rules = [rule for one in selecting for rule in self._rules(one, policy_type, pod, peer)]
        names = ", ".join(_title(one) for one in selecting)
        rest = Rule(
            f"not allowed by {names}", allow=False, sources=addresses.EVERYWHERE,
            destinations=addresses.EVERYWHERE, services=services.EVERYTHING,
        )  # fmt: skip
        return first_match([*rules, rest], flow)

    @cached_property
    def _by_namespace(self) -> Mapping[str, Sequence[Json]]:
        found: dict[str, list[Json]] = {}
        for one in self.policies:
            found.setdefault(one["metadata"].get("namespace", "default"), []).append(one)
        return found

    @staticmethod
    def _selects(policy: Json, policy_type: PolicyType, pod: Pod) -> bool:
        """Whether a policy of the pod's namespace applies to the pod."""
        spec = nested.mapping(policy, "spec")
        # Without policyTypes it applies to egress only if it has egress rules: an empty list has
        # none.
        types = spec.get("policyTypes") or ["Ingress", *(["Egress"] if spec.get("egress") else [])]
        return policy_type in types and matches_selector(spec.get("podSelector"), pod.labels)

    def _rules(self, policy: Json, policy_type: PolicyType, pod: Pod, peer: Peer) -> Iterator[Rule]:
        ingress = policy_type == "Ingress"
        for row in nested.items(policy, "spec", policy_type.lower()):
            selectors = nested.items(row, "from" if ingress else "to")
            matched = (
                union(self._addresses(one, pod, peer) for one in selectors)
                if selectors
                else addresses.EVERYWHERE
            )
            if not matched:
                continue
            yield Rule(
                name=_title(policy),
                allow=True,
                sources=matched if ingress else addresses.EVERYWHERE,
                destinations=addresses.EVERYWHERE if ingress else matched,
                services=_ports(row.get("ports"), pod if ingress else peer.pod),
            )

    def _addresses(self, selector: Json, pod: Pod, peer: Peer) -> Intervals:
        """The addresses of `peer` that an entry of `from` or `to` matches."""
        if block := cast("Json | None", selector.get("ipBlock")):
            if peer.in_cluster and self.engine == "cilium":
                return EMPTY
            excepted = addresses.networks(block.get("except") or ())
            return addresses.network(str(block["cidr"])) - excepted
        if peer.pod is None:
            return EMPTY
        if "namespaceSelector" in selector:
            near = matches_selector(selector["namespaceSelector"], peer.pod.namespace_labels)
        else:
            near = peer.pod.namespace == pod.namespace
        selected = "podSelector" not in selector or matches_selector(
            selector["podSelector"], peer.pod.labels
        )
        return peer.addresses if near and selected else EMPTY


def _allowed(flow: Flow, reason: str) -> Verdict:
    return Verdict(allowed=(flow.with_reasons(reason),))


def matches_selector(selector: Json | None, labels: Mapping[str, str]) -> bool:
    """Whether a label selector matches; an empty selector matches everything."""
    selector = selector or {}
    wanted = cast("Mapping[str, str]", selector.get("matchLabels") or {})
    if any(labels.get(name) != value for name, value in wanted.items()):
        return False
    return all(_matches(one, labels) for one in selector.get("matchExpressions") or ())


def _matches(expression: Json, labels: Mapping[str, str]) -> bool:
    name, values = expression["key"], expression.get("values") or ()
    match expression["operator"]:
        case "In":
            return labels.get(name) in values
        case "NotIn":
            return labels.get(name) not in values
        case "Exists":
            return name in labels
        case "DoesNotExist":
            return name not in labels
        case unknown:
            raise ValueError(f"label selector: operator {unknown} does not exist")


def _ports(rows: Iterable[Json] | None, listener: Pod | None) -> Intervals:
    """The services that the `ports` of a rule match; without ports it matches all."""
    if not rows:
        return services.EVERYTHING
    found: list[Intervals] = []
    for row in rows:
        protocol = str(row.get("protocol") or "TCP").lower()
        port: Any = row.get("port")
        if port is None:
            found.append(services.all_of(protocol))
        elif isinstance(port, str) and not port.isdigit():
            named = listener.named_ports.get(port, EMPTY) if listener else EMPTY
            found.append(named & services.all_of(protocol))
        else:
            found.append(services.ports(protocol, int(port), int(row.get("endPort") or port)))
    return union(found)


def _title(policy: Json) -> str:
    metadata = policy["metadata"]
    return f"policy {metadata.get('namespace', 'default')}/{metadata['name']}"


def from_state(state: State, engine: str) -> NetworkPolicies:
    """All policies of a state, sorted by name."""
    found = [item.properties for item in state.kubernetes("NetworkPolicy")]
    return NetworkPolicies(engine, tuple(sorted(found, key=_title)))
