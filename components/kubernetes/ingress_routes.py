"""How requests reach an application: an Ingress of its own, or an HTTPRoute behind a Gateway."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from components.azure.naming import of_host
from components.kubernetes.manifest import NAMESPACE_NAME, Manifest, manifest
from components.settings.kubernetes import Application, Service

VAULT_CERTIFICATE = "kubernetes.azure.com/tls-cert-keyvault-uri"
"""The application routing add-on fetches this certificate, for an Ingress or a listener."""

GATEWAY_API = "gateway.networking.k8s.io/v1"
MAX_RULES = 16
"""Of an HTTPRoute (its definition, v1.4.1: spec.rules)."""


@dataclass(frozen=True)
class GatewayReference:
    """The Gateway that HTTPRoutes attach to."""

    name: str
    namespace: str


@dataclass(frozen=True)
class VaultCertificates:
    """Key Vault ids of certificates, possibly outputs, that the add-on fetches."""

    shared: Any | None = None
    """The firewall's, for every application that has none of its own."""
    own: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """By application."""

    @property
    def fetched(self) -> bool:
        """Whether there is any."""
        return self.shared is not None or bool(self.own)

    def of(self, application: Application) -> Any | None:
        """An application's; None where it takes its certificate from a secret, or has none."""
        return self.own.get(application.name) if application.tls else self.shared


@dataclass(frozen=True)
class IngressRoute:
    """How requests reach the applications, the same for all of them."""

    class_name: str
    """Class of the Ingress objects."""
    controller_namespace: str | None
    """Where the controller's pods are; only they reach what an Ingress leads to."""
    certificates: VaultCertificates = field(default_factory=VaultCertificates)
    """What the add-on fetches; everything else is in secrets."""
    source_ranges: tuple[str, ...] = ()
    """Where requests come from, if not from pods: the subnet of a gateway outside the cluster."""
    annotations: Mapping[str, str] = field(default_factory=dict[str, str])
    """What the controller is told at each Ingress."""
    gateway: GatewayReference | None = None
    """Where HTTPRoutes attach to; without it, applications have an Ingress."""


def peers(route: IngressRoute) -> list[Manifest]:
    """Who speaks to the pods that an Ingress or an HTTPRoute leads to, for a NetworkPolicy."""
    found: list[Manifest] = []
    if route.controller_namespace:
        labels = {NAMESPACE_NAME: route.controller_namespace}
        found.append({"namespaceSelector": {"matchLabels": labels}})
    found += [{"ipBlock": {"cidr": cidr}} for cidr in route.source_ranges]
    return found


def route_manifests(application: Application, route: IngressRoute) -> tuple[Manifest, ...]:
    """The objects that lead requests to an application's services; none without a host."""
    if not application.hosts:
        return ()
    if route.gateway is None:
        return (_ingress(application, route),)
    routes = _http_routes(application, route.gateway)
    return (*_secret_grant(application, route.gateway), *routes)


def _exposed(application: Application, host: str) -> Iterator[tuple[str, Service]]:
    """The paths under a host, each with its service."""
    for service in application.services:
        if (service.host or application.host) == host:
            for path in service.paths:
                yield path, service


def _ingress(application: Application, route: IngressRoute) -> Manifest:
    name = f"{application.name}-ingress"
    annotations: dict[str, Any] = {}
    spec: Manifest = {"ingressClassName": route.class_name}
    secret = application.tls.secret_name if application.tls else None
    certificate = route.certificates.of(application)
    if certificate is not None:
        # The add-on puts the vault's certificate into a secret of this name, which it prescribes.
        secret = f"keyvault-{name}"
        annotations[VAULT_CERTIFICATE] = certificate
    if secret:
        spec["tls"] = [{"hosts": list(application.hosts), "secretName": secret}]
    annotations |= route.annotations
    spec["rules"] = [
        {"host": host, "http": {"paths": _ingress_paths(application, host)}}
        for host in application.hosts
    ]
    made = manifest("networking.k8s.io/v1", "Ingress", name, application.name, spec=spec)
    if annotations:
        made["metadata"]["annotations"] = annotations
    return made


def _ingress_paths(application: Application, host: str) -> list[Manifest]:
    return [
        {
            "path": path,
            "pathType": "Prefix",
            "backend": {"service": {"name": service.name, "port": {"number": service.port}}},
        }
        for path, service in _exposed(application, host)
    ]


def _http_routes(application: Application, gateway: GatewayReference) -> Iterator[Manifest]:
    """A route for each host, at the Gateway's listener of that host; several for many paths."""
    for host in application.hosts:
        parent = {"name": gateway.name, "namespace": gateway.namespace}
        rules = [
            {
                "matches": [{"path": {"type": "PathPrefix", "value": path}}],
                "backendRefs": [{"name": service.name, "port": service.port}],
            }
            for path, service in _exposed(application, host)
        ]
        for number, start in enumerate(range(0, len(rules), MAX_RULES), 1):
            name = f"{application.name}-{of_host(host)}"
            yield manifest(
                GATEWAY_API,
                "HTTPRoute",
                name if number == 1 else f"{name}.{number}",
                application.name,
                spec={
                    "parentRefs": [{**parent, "sectionName": of_host(host)}],
                    "hostnames": [host],
                    "rules": rules[start : start + MAX_RULES],
                },
            )


def _secret_grant(application: Application, gateway: GatewayReference) -> Iterator[Manifest]:
    """The Gateway, which is in another namespace, may read the application's certificate."""
    if application.tls is None or application.tls.secret_name is None:
        return
    group = GATEWAY_API.partition("/")[0]
    yield manifest(
        f"{group}/v1beta1",
        "ReferenceGrant",
        f"{application.name}-certificate",
        application.name,
        spec={
            "from": [{"group": group, "kind": "Gateway", "namespace": gateway.namespace}],
            "to": [{"group": "", "kind": "Secret", "name": application.tls.secret_name}],
        },
    )
