"""Pods of applications, by the labels that workloads, Services and policies use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from analysis.load_balancers import APP_ROUTING_NAMESPACE
from analysis.reachability import services
from analysis.reachability.cluster import Cluster, namespace_labels
from analysis.reachability.endpoints import Endpoint, Kind
from analysis.reachability.intervals import Intervals
from analysis.reachability.policies import Pod
from analysis.reachability.virtual_networks import VirtualNetworks
from analysis.stack_state import Json, Resource, State
from support import nested

OTHER_PODS = "other pods"
UNLABELED_PODS = f"({OTHER_PODS})"
"""Pods of a namespace whose labels no object in the state uses."""
_WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "Pod")


def from_state(state: State, cluster: Cluster, nets: VirtualNetworks) -> Iterator[Endpoint]:
    """Cluster DNS, the pods of each application, and pods that no object in the state describes."""
    dns = Pod("kube-system", {"k8s-app": "kube-dns"}, namespace_labels(state, "kube-system"), {})
    yield cluster.pods("cluster DNS", Kind.DNS, dns, nets)
    for namespace in _namespaces(state):
        labels = namespace_labels(state, namespace)
        groups = _groups(state, namespace)
        for name, of in groups.items():
            named = _named_ports(state, namespace, of)
            pod = Pod(namespace, of, labels, named)
            yield cluster.pods(f"{namespace}/{name}", Kind.PODS, pod, nets)
        anyone = Pod(namespace, {}, labels, {})
        yield cluster.pods(f"{namespace}/{UNLABELED_PODS}", Kind.PODS, anyone, nets)
    elsewhere = Pod("", {}, {}, {})
    yield cluster.pods(OTHER_PODS, Kind.PODS, elsewhere, nets)


def _namespaces(state: State) -> list[str]:
    """Namespaces of applications: those of Services, workloads and policies."""
    found = {
        str(item.mapping("metadata")["namespace"])
        for kind in ("Service", "Ingress", "NetworkPolicy", *_WORKLOADS)
        for item in state.kubernetes(kind)
        if item.mapping("metadata").get("namespace")
    }
    return sorted(found - {"kube-system", APP_ROUTING_NAMESPACE})


def _groups(state: State, namespace: str) -> dict[str, Mapping[str, str]]:
    """Labels of the pods in a namespace, by name, from workloads, or else from selectors."""
    found: dict[str, Mapping[str, str]] = {}
    for labels, _ in _templates(state, namespace):
        found[_title(labels)] = labels
    selectors: list[Json] = [
        item.mapping("spec").get("selector") or {} for item in _in(state, "Service", namespace)
    ]
    for item in _in(state, "NetworkPolicy", namespace):
        selector = item.mapping("spec", "podSelector")
        selectors.append(selector.get("matchLabels") or {})
    for selector in selectors:
        matched = any(
            all(labels.get(name) == value for name, value in selector.items())
            for labels in found.values()
        )
        if selector and not matched:
            found[_title(selector)] = selector
    return dict(sorted(found.items()))


def _in(state: State, kind: str, namespace: str) -> Sequence[Resource]:
    return [
        item
        for item in state.kubernetes(kind)
        if item.mapping("metadata").get("namespace") == namespace
    ]


def _templates(state: State, namespace: str) -> Iterator[tuple[Mapping[str, str], Json]]:
    """Labels and specs of the pods that workloads create."""
    for kind in _WORKLOADS:
        for item in _in(state, kind, namespace):
            body: Any = item.properties
            if kind == "CronJob":
                body = body["spec"]["jobTemplate"]
            if kind != "Pod":
                body = body["spec"]["template"]
            yield nested.mapping(body, "metadata").get("labels") or {}, body.get("spec") or {}


def _named_ports(
    state: State, namespace: str, labels: Mapping[str, str]
) -> Mapping[str, Intervals]:
    found: dict[str, Intervals] = {}
    for of, spec in _templates(state, namespace):
        if of != labels:
            continue
        for container in spec.get("containers") or ():
            for row in container.get("ports") or ():
                if row.get("name"):
                    protocol = str(row.get("protocol") or "TCP").lower()
                    found[row["name"]] = services.ports(protocol, int(row["containerPort"]))
    return found


def _title(labels: Mapping[str, str]) -> str:
    for name in ("app", "app.kubernetes.io/name", "k8s-app"):
        if name in labels:
            return labels[name]
    return ",".join(f"{name}={value}" for name, value in sorted(labels.items())) or "(no labels)"
