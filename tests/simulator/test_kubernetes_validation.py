"""What the API server refuses beyond the schema, in objects of every kind."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.kubernetes.validation import problems
from simulator.wire import UNKNOWN

VERSIONS = {
    "Ingress": "networking.k8s.io/v1",
    "NetworkPolicy": "networking.k8s.io/v1",
    "ClusterRole": "rbac.authorization.k8s.io/v1",
}


def manifest(kind: str, spec: Any = None, **metadata: Any) -> dict[str, Any]:
    version = VERSIONS.get(kind, "v1")
    made = {"apiVersion": version, "kind": kind, "metadata": {"name": "thing", **metadata}}
    return made if spec is None else {**made, "spec": spec}


def refused(made: dict[str, Any]) -> list[str]:
    return [item.path for item in problems(made)]


def ingress(**more: Any) -> dict[str, Any]:
    path = {"path": "/", "pathType": "Prefix", "backend": {"service": {"name": "web"}}}
    path["backend"]["service"]["port"] = {"number": 80}
    rules = [{"host": "shop.example.com", "http": {"paths": [{**path, **more.pop("path", {})}]}}]
    return manifest("Ingress", {"ingressClassName": "internal", "rules": rules, **more})


def service(*ports: dict[str, Any], **more: Any) -> dict[str, Any]:
    return manifest("Service", {"ports": list(ports), **more})


def policy(**spec: Any) -> dict[str, Any]:
    return manifest("NetworkPolicy", {"podSelector": {}, **spec})


def let_in(**rule: Any) -> dict[str, Any]:
    return policy(policyTypes=["Ingress"], ingress=[rule])


def security(level: str, key: str = "enforce") -> dict[str, Any]:
    return manifest("Namespace", labels={f"pod-security.kubernetes.io/{key}": level})


PATHS = "spec.rules[0].http.paths[0]"
FROM = "spec.ingress[0].from[0]"


REFUSED = [
    (manifest("IngressClass", name="PublicIngress"), "metadata.name"),
    (manifest("ConfigMap", name="a_b"), "metadata.name"),
    (manifest("ConfigMap", name="a" * 254), "metadata.name"),
    (manifest("Namespace", name="a.b"), "metadata.name"),
    (manifest("Service", {"ports": [{"port": 80}]}, name="1web"), "metadata.name"),
    (manifest("ClusterRole", name="a/b"), "metadata.name"),
    (manifest("ConfigMap", namespace="Shop"), "metadata.namespace"),
    (manifest("ConfigMap", labels={"-a": "b"}), "metadata.labels"),
    (manifest("ConfigMap", labels={"Example.com/a": "b"}), "metadata.labels"),
    (manifest("ConfigMap", labels={"a": "b c"}), "metadata.labels[a]"),
    (manifest("ConfigMap", labels={"a": "b" * 64}), "metadata.labels[a]"),
    (manifest("ConfigMap", annotations={"a b": "c"}), "metadata.annotations"),
    (ingress(ingressClassName="PublicIngress"), "spec.ingressClassName"),
    (ingress(path={"path": "blog"}), f"{PATHS}.path"),
    (ingress(path={"path": "/a//b"}), f"{PATHS}.path"),
    (ingress(path={"path": "/a/.."}), f"{PATHS}.path"),
    (ingress(path={"pathType": "prefix"}), f"{PATHS}.pathType"),
    (ingress(path={"backend": {}}), f"{PATHS}.backend"),
    (
        ingress(path={"backend": {"service": {"name": "web", "port": {}}}}),
        f"{PATHS}.backend.service.port",
    ),
    (ingress(tls=[{"hosts": ["Shop.example.com"]}]), "spec.tls[0].hosts[0]"),
    (ingress(rules=[{"host": "*shop.example.com"}]), "spec.rules[0].host"),
    (ingress(rules=[{"host": "192.0.2.7"}]), "spec.rules[0].host"),
    (manifest("Ingress", {"ingressClassName": "internal"}), "spec"),
    (manifest("Service", {"selector": {"app": "web"}}), "spec.ports"),
    (service({"port": 0}), "spec.ports[0].port"),
    (service({"port": 65536}), "spec.ports[0].port"),
    (service({"port": 80, "targetPort": "HTTP"}), "spec.ports[0].targetPort"),
    (service({"port": 80, "protocol": "tcp"}), "spec.ports[0].protocol"),
    (service({"port": 80, "name": "a"}, {"port": 81}), "spec.ports[1].name"),
    (service({"port": 80, "name": "a"}, {"port": 81, "name": "a"}), "spec.ports[1].name"),
    (service({"port": 80, "name": "a"}, {"port": 80, "name": "b"}), "spec.ports[1]"),
    (service({"port": 80}, type="Public"), "spec.type"),
    (service({"port": 80}, selector={"app": "a b"}), "spec.selector[app]"),
    (
        service({"port": 80}, loadBalancerSourceRanges=["10.0.0.1"]),
        "spec.loadBalancerSourceRanges[0]",
    ),
    (policy(policyTypes=["ingress"]), "spec.policyTypes[0]"),
    (policy(podSelector={"matchLabels": {"a": "b c"}}), "spec.podSelector.matchLabels[a]"),
    (
        policy(podSelector={"matchExpressions": [{"key": "a", "operator": "In"}]}),
        "spec.podSelector.matchExpressions[0].values",
    ),
    (
        policy(podSelector={"matchExpressions": [{"key": "a", "operator": "Is"}]}),
        "spec.podSelector.matchExpressions[0].operator",
    ),
    (let_in(ports=[{"port": 70000}]), "spec.ingress[0].ports[0].port"),
    (let_in(ports=[{"port": "http", "endPort": 90}]), "spec.ingress[0].ports[0].endPort"),
    (let_in(ports=[{"port": 80, "endPort": 79}]), "spec.ingress[0].ports[0].endPort"),
    (let_in(ports=[{"port": 80, "protocol": "ICMP"}]), "spec.ingress[0].ports[0].protocol"),
    (let_in(**{"from": [{}]}), FROM),
    (let_in(**{"from": [{"ipBlock": {"cidr": "10.0.0.0/8"}, "podSelector": {}}]}), FROM),
    (let_in(**{"from": [{"ipBlock": {"cidr": "10.0.0.0/33"}}]}), f"{FROM}.ipBlock.cidr"),
    (
        let_in(**{"from": [{"ipBlock": {"cidr": "10.0.0.0/16", "except": ["10.1.0.0/24"]}}]}),
        f"{FROM}.ipBlock.except[0]",
    ),
    (security("strict"), "metadata.labels[pod-security.kubernetes.io/enforce]"),
    (
        security("1.35", "warn-version"),
        "metadata.labels[pod-security.kubernetes.io/warn-version]",
    ),
]
"""Objects, and the one path at which the API server finds something wrong."""


@pytest.mark.parametrize(("made", "path"), REFUSED)
def test_the_api_server_refuses(made, path):
    assert refused(made) == [path]


@pytest.mark.parametrize(
    "made",
    [
        manifest("ClusterRole", name="system:node-reader"),
        manifest("ConfigMap", labels={"app.kubernetes.io/name": "web", "empty": ""}),
        ingress(),
        ingress(rules=[{"host": "*.example.com"}]),
        ingress(path={"pathType": "ImplementationSpecific", "path": "anything"}),
        manifest("Ingress", {"defaultBackend": {"service": {"name": "web"}}}),
        service({"port": 53, "name": "dns", "protocol": "UDP"}, {"port": 53, "name": "dns-tcp"}),
        manifest("Service", {"type": "ExternalName", "externalName": "example.com"}),
        manifest("Service", {"clusterIP": "None"}),
        let_in(),
        let_in(ports=[{"port": 80, "endPort": 90}, {"port": "http"}]),
        let_in(**{"from": [{"ipBlock": {"cidr": "10.0.0.0/16", "except": ["10.0.1.0/24"]}}]}),
        security("restricted"),
        security("latest", "enforce-version"),
        security("v1.35", "audit-version"),
    ],
)
def test_the_api_server_accepts(made):
    assert refused(made) == []


@pytest.mark.parametrize(
    "made",
    [
        manifest("Ingress", UNKNOWN, name=UNKNOWN, labels=UNKNOWN),
        service({"port": UNKNOWN, "name": UNKNOWN, "protocol": UNKNOWN}),
        service(selector={"app": UNKNOWN}, type=UNKNOWN),
        ingress(ingressClassName=UNKNOWN, tls=[{"hosts": UNKNOWN}]),
        let_in(**{"from": [{"ipBlock": {"cidr": UNKNOWN, "except": [UNKNOWN]}}], "ports": UNKNOWN}),
        manifest("Service", {"ports": UNKNOWN}),
    ],
)
def test_what_is_not_known_yet_passes(made):
    assert refused(made) == []
