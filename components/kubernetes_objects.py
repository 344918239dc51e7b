"""The Kubernetes objects of the applications, as manifests: pure data.

For each application: a namespace, a policy that denies everything, policies that allow what is
declared, and an Ingress for what is reached from outside. Names follow Microsoft's article on
network best practices where it has them (`backend-policy`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from components.settings.kubernetes import Application, Service

Manifest = dict[str, Any]

LINUX = {"kubernetes.io/os": "linux"}
"""Node selector: ingress controllers and everything that policies guard runs on Linux nodes."""

NAMESPACE_NAME = "kubernetes.io/metadata.name"
"""The label that Kubernetes itself puts on every namespace, with its name."""


@dataclass(frozen=True)
class IngressRoute:
    """How requests reach the applications' Ingress objects."""

    class_name: str
    controller_namespace: str
    """Where the controller's pods are; only they reach what an Ingress leads to."""
    certificate_uri: Any | None
    """Key Vault id of the certificate, possibly an output, for the add-on to fetch."""


def manifests(application: Application, route: IngressRoute) -> tuple[Manifest, ...]:
    """All objects of an application, the namespace first."""
    exposed = [service for service in application.services if service.path]
    objects = [
        _namespace(application),
        _deny_all(application.name),
        _allow_dns(application.name),
        *_conversations(application),
        *(_service(application.name, service) for service in application.services),
    ]
    if exposed and application.host:
        objects.append(_allow_controller(application.name, exposed, route))
        objects.append(_ingress(application, application.host, exposed, route))
    return tuple(objects)


def _object(api_version: str, kind: str, name: str, namespace: str | None, **rest: Any) -> Manifest:
    metadata: Manifest = {"name": name}
    if namespace:
        metadata["namespace"] = namespace
    metadata["labels"] = {"app.kubernetes.io/managed-by": "aks-network"}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **rest}


def _namespace(application: Application) -> Manifest:
    made = _object("v1", "Namespace", application.name, None)
    level = application.pod_security
    made["metadata"]["labels"] |= {
        "pod-security.kubernetes.io/enforce": level,
        "pod-security.kubernetes.io/warn": level,
        "pod-security.kubernetes.io/audit": level,
    }
    return made


def _policy(namespace: str, name: str, **spec: Any) -> Manifest:
    return _object("networking.k8s.io/v1", "NetworkPolicy", name, namespace, spec=spec)


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
    return _object(
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
    controller = {
        "namespaceSelector": {"matchLabels": {NAMESPACE_NAME: route.controller_namespace}}
    }
    return _policy(
        namespace,
        "allow-ingress-controller",
        podSelector={"matchExpressions": [{"key": "app", "operator": "In", "values": apps}]},
        policyTypes=["Ingress"],
        ingress=[
            {
                "from": [controller],
                "ports": [{"protocol": "TCP", "port": port} for port in ports],
            }
        ],
    )


def _ingress(
    application: Application, host: str, exposed: Sequence[Service], route: IngressRoute
) -> Manifest:
    name = f"{application.name}-ingress"
    # The add-on puts the vault's certificate into a secret of this name, which it prescribes.
    secret = application.tls.secret_name if application.tls else f"keyvault-{name}"
    made = _object(
        "networking.k8s.io/v1",
        "Ingress",
        name,
        application.name,
        spec={
            "ingressClassName": route.class_name,
            "tls": [{"hosts": [host], "secretName": secret}],
            "rules": [
                {
                    "host": host,
                    "http": {
                        "paths": [
                            {
                                "path": service.path,
                                "pathType": "Prefix",
                                "backend": {
                                    "service": {
                                        "name": service.name,
                                        "port": {"number": service.port},
                                    }
                                },
                            }
                            for service in exposed
                        ]
                    },
                }
            ],
        },
    )
    if route.certificate_uri is not None and application.tls is None:
        made["metadata"]["annotations"] = {
            "kubernetes.azure.com/tls-cert-keyvault-uri": route.certificate_uri
        }
    return made


def nginx_controller(
    class_name: str, *, internal_subnet: str | None, address: str | None
) -> Manifest:
    """The application routing add-on's own controller object (NginxIngressController).

    With `internal_subnet`, its load balancer has `address` in that subnet of the cluster's
    network; otherwise a public address.
    """
    annotations: dict[str, str] = {}
    if internal_subnet and address:
        prefix = "service.beta.kubernetes.io/azure-load-balancer"
        annotations = {
            f"{prefix}-internal": "true",
            f"{prefix}-internal-subnet": internal_subnet,
            f"{prefix}-ipv4": address,
        }
    spec: Manifest = {"ingressClassName": class_name, "controllerNamePrefix": "nginx"}
    if annotations:
        spec["loadBalancerAnnotations"] = annotations
    return _object(
        "approuting.kubernetes.azure.com/v1alpha1",
        "NginxIngressController",
        class_name,
        None,
        spec=spec,
    )
