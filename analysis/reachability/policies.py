"""Kubernetes network policies.

Source: Kubernetes, "Network Policies": a pod that no policy selects for a direction is open in it;
one that is selected accepts the union of what its policies allow. With Cilium an `ipBlock` stands
for addresses outside the cluster only: pods and nodes have identities and never match it.
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

Way = Literal["Ingress", "Egress"]
NAMESPACE_NAME = "kubernetes.io/metadata.name"


@dataclass(frozen=True)
class Pod:
    """What policies know of a pod: labels. `named_ports` are its containers'."""

    namespace: str
    labels: Mapping[str, str]
    namespace_labels: Mapping[str, str]
    named_ports: Mapping[str, Intervals]


@dataclass(frozen=True)
class Party:
    """The other end of a connection, as policies see it."""

    addresses: Intervals
    pod: Pod | None = None
    in_cluster: bool = False
    """A pod or a node: with Cilium no `ipBlock` matches it."""


@dataclass(frozen=True)
class Policies:
    """All network policies, and which engine enforces them ('' or 'none': nobody does)."""

    engine: str
    policies: tuple[Json, ...]

    def decide(self, way: Way, pod: Pod, other: Party, flow: Flow) -> Verdict:
        """Split a flow that comes in to `pod`, or goes out of it, from or to `other`."""
        if self.engine in {"", "none"}:
            return Verdict(allowed=(flow.because("nothing enforces network policies"),))
        near = self._by_namespace.get(pod.namespace, ())
        selecting = [one for one in near if self._selects(one, way, pod)]
        if not selecting:
            return Verdict(allowed=(flow.because(f"no policy selects the pods for {way.lower()}"),))
        rules = [rule for one in selecting for rule in self._rules(one, way, pod, other)]
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
    def _selects(policy: Json, way: Way, pod: Pod) -> bool:
        """Whether a policy of the pod's namespace is about it."""
        spec = nested.mapping(policy, "spec")
        # Without types it is about egress only if it has rules of it: an empty list is none.
        kinds = spec.get("policyTypes") or ["Ingress", *(["Egress"] if spec.get("egress") else [])]
        return way in kinds and selected(spec.get("podSelector"), pod.labels)

    def _rules(self, policy: Json, way: Way, pod: Pod, other: Party) -> Iterator[Rule]:
        rows = cast("Sequence[Json]", policy["spec"].get(way.lower()) or ())
        for row in rows:
            peers = cast("Sequence[Json]", row.get("from" if way == "Ingress" else "to") or ())
            places = (
                union(self._place(peer, pod, other) for peer in peers)
                if peers
                else addresses.EVERYWHERE
            )
            if not places:
                continue
            listener = pod if way == "Ingress" else other.pod
            yield Rule(
                name=_title(policy),
                allow=True,
                sources=places if way == "Ingress" else addresses.EVERYWHERE,
                destinations=places if way == "Egress" else addresses.EVERYWHERE,
                services=_ports(row.get("ports"), listener),
            )

    def _place(self, peer: Json, pod: Pod, other: Party) -> Intervals:
        """The addresses of `other` that a peer of a rule stands for."""
        if block := cast("Json | None", peer.get("ipBlock")):
            if other.in_cluster and self.engine == "cilium":
                return EMPTY
            excepted = addresses.networks(block.get("except") or ())
            return addresses.network(str(block["cidr"])) - excepted
        if other.pod is None:
            return EMPTY
        if "namespaceSelector" in peer:
            near = selected(peer["namespaceSelector"], other.pod.namespace_labels)
        else:
            near = other.pod.namespace == pod.namespace
        chosen = "podSelector" not in peer or selected(peer["podSelector"], other.pod.labels)
        return other.addresses if near and chosen else EMPTY


def selected(selector: Json | None, labels: Mapping[str, str]) -> bool:
    """Whether a label selector matches; an empty one matches everything."""
    selector = selector or {}
    wanted = cast("Mapping[str, str]", selector.get("matchLabels") or {})
    if any(labels.get(name) != value for name, value in wanted.items()):
        return False
    return all(_holds(one, labels) for one in selector.get("matchExpressions") or ())


def _holds(expression: Json, labels: Mapping[str, str]) -> bool:
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
    """What the `ports` of a rule match; no ports are all."""
    if not rows:
        return services.EVERYTHING
    found: list[Intervals] = []
    for row in rows:
        protocol = str(row.get("protocol") or "TCP").lower()
        port: Any = row.get("port")
        if port is None:
            found.append(services.whole(protocol))
        elif isinstance(port, str) and not port.isdigit():
            named = listener.named_ports.get(port, EMPTY) if listener else EMPTY
            found.append(named & services.whole(protocol))
        else:
            found.append(services.ports(protocol, int(port), int(row.get("endPort") or port)))
    return union(found)


def _title(policy: Json) -> str:
    metadata = policy["metadata"]
    return f"policy {metadata.get('namespace', 'default')}/{metadata['name']}"


def from_state(state: State, engine: str) -> Policies:
    """All policies of a state, in the order of their names."""
    found = [item.properties for item in state.kubernetes("NetworkPolicy")]
    return Policies(engine, tuple(sorted(found, key=_title)))
