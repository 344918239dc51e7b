"""The applications in the cluster: namespaces, policies, services and Ingress objects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.common import without_version_aliases
from components.ingress_routes import IngressRoute
from components.kubernetes_objects import manifests
from components.kubernetes_resources import register
from components.settings.kubernetes import Application


@dataclass(frozen=True)
class ApplicationsArgs:
    """What runs in the cluster and how it is reached."""

    applications: Sequence[Application]
    route: IngressRoute
    after: Sequence[pulumi.Resource] = ()
    """What makes the ingress controller, and with it the kinds that the objects may be of."""


class Applications(pulumi.ComponentResource):
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
        super().__init__(
            "aks-network:index:Applications", name, None, without_version_aliases(opts)
        )
        for application in args.applications:
            namespace, *others = manifests(application, args.route)
            home = register(name, namespace, parent=self, deleted_with=deleted_with)
            for manifest in others:
                register(
                    name,
                    manifest,
                    parent=self,
                    after=[home, *args.after],
                    deleted_with=deleted_with,
                )
        self.register_outputs({})
