"""The Kubernetes objects of an application, as manifests: pure data.

Each application has a namespace, a network policy that denies everything, policies that allow the
declared connections, services, workloads, and the routes of requests from outside the cluster.
Names follow Microsoft's article on network best practices where it has names (`backend-policy`).
"""

from __future__ import annotations

from collections.abc import Sequence

from components.kubernetes import network_policies, workloads
from components.kubernetes.ingress_routes import IngressRoute, network_policy_peers, route_manifests
from components.kubernetes.manifest import Manifest, manifest, namespace_of
from components.kubernetes.network_policies import AllowedConnections, PolicyRanges
from components.settings.kubernetes import Application, Service


def manifests(
    application: Application,
    routes: Sequence[IngressRoute],
    connections: AllowedConnections | None = None,
    ranges: PolicyRanges | None = None,
) -> tuple[Manifest, ...]:
    """All objects of an application: the namespace first, then its policies.

    Without `routes` no request from outside the cluster reaches the application. `connections` are
    those of all applications, since one may connect to another; the default are its own.
    """
    if connections is None:
        connections = AllowedConnections.of([application])
    objects = [
        namespace_of(application.name, application.pod_security),
        *network_policies.policies(application, connections, ranges or PolicyRanges()),
    ]
    if application.hosts and routes:
        ports: dict[str, set[int]] = {}
        for service in application.services:
            if service.paths:
                ports.setdefault(service.app, set()).add(service.target_port)
        objects += network_policies.allow_sources(
            application.name, ports, network_policy_peers(routes)
        )
    objects += (_service(application.name, service) for service in application.services)
    for workload in application.workloads:
        objects += workloads.manifests(application.name, workload)
    return (*objects, *(item for route in routes for item in route_manifests(application, route)))


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
