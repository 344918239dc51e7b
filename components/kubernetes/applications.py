"""The applications in the cluster: namespaces, policies, services and Ingress objects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.azure.component import Component
from components.kubernetes.application_manifests import manifests
from components.kubernetes.ingress_routes import IngressRoute
from components.kubernetes.network_policies import DENY_ALL, AllowedConnections, PolicyRanges
from components.kubernetes.resource import register
from components.settings.kubernetes import Application

_ROUTE_KINDS = frozenset({"Ingress", "HTTPRoute", "ReferenceGrant"})
_POD_KINDS = frozenset({"Deployment"})
"""What waits for the policy that closes its namespace: no pod runs unguarded."""


@dataclass(frozen=True)
class ApplicationsArgs:
    """What runs in the cluster and how it is reached."""

    applications: Sequence[Application]
    route: IngressRoute | None
    """None where nothing leads to the applications."""
    ranges: PolicyRanges
    """Address ranges that the network policies have to know of."""
    internal_route: IngressRoute | None = None
    """For the applications that are internal."""
    after: Sequence[pulumi.Resource] = ()
    """What makes the ingress controller, and with it the kinds that ways in may be of."""


class Applications(Component):
    """Every application's objects.

    Give it the Kubernetes provider by `ResourceOptions(providers=…)` and the cluster by
    `deleted_with`: the objects vanish with their cluster, so deleting both asks nothing of an API
    that may no longer answer.
    """

    def __init__(
        self,
        name: str,
        args: ApplicationsArgs,
        opts: pulumi.ResourceOptions | None = None,
        *,
        deleted_with: pulumi.Resource | None = None,
    ) -> None:
        super().__init__(name, opts)
        connections = AllowedConnections.of(args.applications)
        for application in args.applications:
            route = args.internal_route if application.internal else args.route
            home, *others = manifests(application, route, connections, args.ranges)
            namespace = register(name, home, parent=self, deleted_with=deleted_with)
            closed = namespace
            for manifest in others:
                kind = manifest["kind"]
                after = [closed if kind in _POD_KINDS else namespace]
                made = register(
                    name,
                    manifest,
                    parent=self,
                    after=[*after, *args.after] if kind in _ROUTE_KINDS else after,
                    deleted_with=deleted_with,
                )
                if manifest["metadata"]["name"] == DENY_ALL:
                    closed = made
        self.register_outputs({})
