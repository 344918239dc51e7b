"""The Kubernetes objects of the applications, as manifests: pure data.

For each application: a namespace, a policy that denies everything, policies that allow what is
declared, and an Ingress for what is reached from outside. Names follow Microsoft's article on
network best practices where it has them (`backend-policy`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from components.ingress_routes import IngressRoute, peers, way_in
from components.manifest import NAMESPACE_NAME, Manifest, manifest, namespace_of
from components.settings.kubernetes import Application, Service


def manifests(application: Application, route: IngressRoute) -> tuple[Manifest, ...]:
    """All objects of an application, the namespace first."""
    exposed = [service for service in application.services if service.path]
    objects = [
        namespace_of(application.name, application.pod_security),
        _deny_all(application.name),
        _allow_dns(application.name),
        *_conversations(application),
        *(_service(application.name, service) for service in application.services),
    ]
    if exposed and application.host:
        objects.append(_allow_controller(application.name, exposed, route))
        objects.extend(way_in(application, route))
    return tuple(objects)


def _policy(namespace: str, name: str, **spec: Any) -> Manifest:
    return manifest("networking.k8s.io/v1", "NetworkPolicy", name, namespace, spec=spec)


def _deny_all(namespace: str) -> Manifest:
    return _policy(namespace, "default-deny", podSelector={}, policyTypes=["Ingress", "Egress"])


def _allow_dns(namespace: str) -> Manifest:
    dns = {
        "namespaceSelector": {"matchLabels": {NAMESPACE_NAME: "kube-system"}},
        "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
    }
    ports = [{"protocol": protocol, "port": 53} for protocol in ("UDP", "TCP")]
    return _policy(
        namespace,
        "allow-dns",
        podSelector={},
        policyTypes=["Egress"],
        egress=[{"to": [dns], "ports": ports}],
    )


def _apps(names: Sequence[str]) -> list[Manifest]:
    return [{"podSelector": {"matchLabels": {"app": name}}} for name in names]


def _conversations(application: Application) -> Iterator[Manifest]:
    """For each side of what is declared: who may come in, and where it may go out to."""
    for target in _in_order(pair.target for pair in application.allow):
        sources = _in_order(p.source for p in application.allow if p.target == target)
        yield _policy(
            application.name,
            f"{target}-policy",
            podSelector={"matchLabels": {"app": target}},
            policyTypes=["Ingress"],
            ingress=[{"from": _apps(sources)}],
        )
    for source in _in_order(pair.source for pair in application.allow):
        targets = _in_order(p.target for p in application.allow if p.source == source)
        yield _policy(
            application.name,
            f"{source}-egress",
            podSelector={"matchLabels": {"app": source}},
            policyTypes=["Egress"],
            egress=[{"to": _apps(targets)}],
        )


def _in_order(names: Iterator[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _service(namespace: str, service: Service) -> Manifest:
    return manifest(
        "v1",
        "Service",
        service.name,
        namespace,
        spec={
            "type": "ClusterIP",
            "selector": {"app": service.app},
            "ports": [
                {
                    "name": "http",
                    "protocol": "TCP",
                    "port": service.port,
                    "targetPort": service.target_port,
                }
            ],
        },
    )


def _allow_controller(namespace: str, exposed: Sequence[Service], route: IngressRoute) -> Manifest:
    apps = _in_order(service.app for service in exposed)
    ports = sorted({service.target_port for service in exposed})
    return _policy(
        namespace,
        "allow-ingress-controller",
        podSelector={"matchExpressions": [{"key": "app", "operator": "In", "values": apps}]},
        policyTypes=["Ingress"],
        ingress=[
            {
                "from": peers(route),
                "ports": [{"protocol": "TCP", "port": port} for port in ports],
            }
        ],
    )
