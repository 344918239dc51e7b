"""The routes of requests to an application: its Ingress, or HTTPRoutes of the shared Gateway."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from components.azure.naming import of_host
from components.kubernetes.manifest import NAMESPACE_NAME, Manifest, manifest
from components.settings.gateway_api_rules import longest_listener
from components.settings.kubernetes import Application, Service

VAULT_CERTIFICATE = "kubernetes.azure.com/tls-cert-keyvault-uri"
"""The annotation or option that names a certificate for the application routing add-on to fetch."""

GATEWAY_API = "gateway.networking.k8s.io/v1"
MAX_RULES = 16
"""Maximum number of rules in an HTTPRoute (Gateway API v1.4.1: spec.rules)."""


@dataclass(frozen=True)
class GatewayReference:
    """The Gateway that HTTPRoutes attach to."""

    name: str
    namespace: str

    def listener_of(self, host: str) -> str:
        """The name of its listener for a host."""
        return of_host(host, longest_listener(self.name))


@dataclass(frozen=True)
class VaultCertificates:
    """Key Vault ids of the certificates that the add-on fetches; they may be outputs."""

    shared: Any | None = None
    """The firewall's certificate, for every application without its own."""
    own: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """By the application's name."""

    @property
    def fetched(self) -> bool:
        """Whether there is any certificate to fetch."""
        return self.shared is not None or bool(self.own)

    def of(self, application: Application) -> Any | None:
        """The certificate of an application; None where it uses a Secret, or has none."""
        return self.own.get(application.name) if application.tls else self.shared


@dataclass(frozen=True)
class IngressRoute:
    """How requests reach applications: the same for all applications of an ingress class."""

    class_name: str
    """Class of the Ingress objects; empty with a Gateway."""
    controller_namespace: str | None
    """Namespace of the controller's pods, which are the only ones that may connect to the
    applications; None where requests come from outside the cluster."""
    certificates: VaultCertificates = field(default_factory=VaultCertificates)
    """The certificates from key vaults; all others are in Secrets."""
    source_ranges: tuple[str, ...] = ()
    """The source ranges of requests from outside the cluster: the subnet of a gateway."""
    annotations: Mapping[str, str] = field(default_factory=dict[str, str])
    """Annotations of each Ingress."""
    gateway: GatewayReference | None = None
    """The Gateway to which HTTPRoutes attach; None for Ingress objects."""
    required_headers: Mapping[str, str] = field(default_factory=dict[str, str])
    """Headers without which HTTPRoutes match no request, by name."""


def network_policy_peers(routes: Iterable[IngressRoute]) -> list[Manifest]:
    """The sources of requests, as the peers of a network policy's rule."""
    peers: list[Manifest] = []
    for route in routes:
        if route.controller_namespace:
            labels = {NAMESPACE_NAME: route.controller_namespace}
            peers.append({"namespaceSelector": {"matchLabels": labels}})
        peers += [{"ipBlock": {"cidr": cidr}} for cidr in route.source_ranges]
    return peers


def route_manifests(application: Application, route: IngressRoute) -> tuple[Manifest, ...]:
    """The objects that route requests to an application's services; none without a host."""
    if not application.hosts:
        return ()
    if route.gateway is None:
        return (_ingress(application, route),)
    routes = _http_routes(application, route.gateway, route.required_headers)
    return (*_secret_grant(application, route.gateway), *routes)


def _exposed(application: Application, host: str) -> Iterator[tuple[str, Service]]:
    """The paths of a host, each with its service."""
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
        # The add-on copies the certificate to a Secret and prescribes its name.
        secret = f"keyvault-{name}"
        annotations[VAULT_CERTIFICATE] = certificate
    if secret:
        spec["tls"] = [{"hosts": list(application.hosts), "secretName": secret}]
    annotations |= route.annotations
    spec["rules"] = [
        {"host": host, "http": {"paths": _ingress_paths(application, host)}}
        for host in application.hosts
    ]
    ingress = manifest("networking.k8s.io/v1", "Ingress", name, application.name, spec=spec)
    if annotations:
        ingress["metadata"]["annotations"] = annotations
    return ingress


def _ingress_paths(application: Application, host: str) -> list[Manifest]:
    return [
        {
            "path": path,
            "pathType": "Prefix",
            "backend": {"service": {"name": service.name, "port": {"number": service.port}}},
        }
        for path, service in _exposed(application, host)
    ]


def _http_routes(
    application: Application, gateway: GatewayReference, headers: Mapping[str, str]
) -> Iterator[Manifest]:
    """The HTTPRoutes of each host, which attach to the Gateway's listener of that host.

    A host with more than `MAX_RULES` paths has several.
    """
    wanted = [{"type": "Exact", "name": key, "value": text} for key, text in headers.items()]
    by_header = {"headers": wanted} if wanted else {}
    for host in application.hosts:
        parent = {"name": gateway.name, "namespace": gateway.namespace}
        rules = [
            {
                "matches": [{"path": {"type": "PathPrefix", "value": path}, **by_header}],
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
                    "parentRefs": [{**parent, "sectionName": gateway.listener_of(host)}],
                    "hostnames": [host],
                    "rules": rules[start : start + MAX_RULES],
                },
            )


def _secret_grant(application: Application, gateway: GatewayReference) -> Iterator[Manifest]:
    """The grant by which the Gateway, in another namespace, may read the application's Secret."""
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
