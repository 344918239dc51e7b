"""The Kubernetes objects of the applications, as manifests: pure data.

For each application: a namespace, a policy that denies everything, policies that allow what is
declared, services, workloads, and the way in for what is reached from outside. Names follow
Microsoft's article on network best practices where it has them (`backend-policy`).
"""

from __future__ import annotations

from components.kubernetes import network_policies, workloads
from components.kubernetes.ingress_routes import IngressRoute, peers, route_manifests
from components.kubernetes.manifest import Manifest, manifest, namespace_of
from components.kubernetes.network_policies import AllowedConnections, PolicyRanges
from components.settings.kubernetes import Application, Service


def manifests(
    application: Application,
    route: IngressRoute | None,
    connections: AllowedConnections | None = None,
    ranges: PolicyRanges | None = None,
) -> tuple[Manifest, ...]:
    """All objects of an application, the namespace first and then its policies.

    Without a `route` nothing from outside the cluster comes in.

    `connections` are all applications', since one may speak to another; by default this one's
    alone.
    """
    if connections is None:
        connections = AllowedConnections.of([application])
    objects = [
        namespace_of(application.name, application.pod_security),
        *network_policies.policies(application, connections, ranges or PolicyRanges()),
    ]
    if application.hosts and route:
        ports: dict[str, set[int]] = {}
        for service in application.services:
            if service.paths:
                ports.setdefault(service.app, set()).add(service.target_port)
        objects += network_policies.allow_sources(application.name, ports, peers(route))
    objects += (_service(application.name, service) for service in application.services)
    for workload in application.workloads:
        objects += workloads.manifests(application.name, workload)
    return (*objects, *(route_manifests(application, route) if route else ()))


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
