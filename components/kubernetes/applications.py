"""The applications in the cluster: namespaces, network policies, services and routes."""

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
"""Kinds that wait for the ingress controller, whose chart or add-on may define them."""
_POD_KINDS = frozenset({"Deployment"})
"""Kinds that wait for the policy that denies everything, so that no pod runs without policies."""


@dataclass(frozen=True)
class ApplicationsArgs:
    """The applications and how requests reach them."""

    applications: Sequence[Application]
    routes: Sequence[IngressRoute]
    """Empty where no request from outside reaches the applications."""
    ranges: PolicyRanges
    """The address ranges in the network policies."""
    internal_routes: Sequence[IngressRoute] = ()
    """The routes of the applications that are internal; empty without an internal class."""
    ingress_controller: Sequence[pulumi.Resource] = ()
    """The resources of the ingress controller, which defines the kinds of some routes."""
    images_ready: Sequence[pulumi.Resource] = ()
    """What the nodes need to pull images: roles on registries, and their private endpoints."""


class Applications(Component):
    """The Kubernetes objects of all applications.

    Pass the Kubernetes provider by `ResourceOptions(providers=…)` and the cluster by
    `deleted_with`. Objects disappear with their cluster, so a deletion of both sends no request to
    an API server that may no longer answer.
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
            routes = args.internal_routes if application.internal else args.routes
            first, *others = manifests(application, routes, connections, args.ranges)
            namespace = register(name, first, parent=self, deleted_with=deleted_with)
            deny_all = namespace
            for manifest in others:
                kind = manifest["kind"]
                depends_on = [deny_all if kind in _POD_KINDS else namespace]
                if kind in _POD_KINDS:
                    depends_on += args.images_ready
                if kind in _ROUTE_KINDS:
                    depends_on += args.ingress_controller
                resource = register(
                    name, manifest, parent=self, depends_on=depends_on, deleted_with=deleted_with
                )
                if manifest["metadata"]["name"] == DENY_ALL:
                    deny_all = resource
        self.register_outputs({})
