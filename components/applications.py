"""The applications in the cluster: namespaces, policies, services and Ingress objects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import pulumi
import pulumi_kubernetes as kubernetes

from components.common import without_version_aliases
from components.kubernetes_objects import IngressRoute, Manifest, manifests
from components.settings.kubernetes import Application

_TYPED: dict[str, Any] = {
    "Namespace": lambda: kubernetes.core.v1.Namespace,
    "Service": lambda: kubernetes.core.v1.Service,
    "NetworkPolicy": lambda: kubernetes.networking.v1.NetworkPolicy,
    "Ingress": lambda: kubernetes.networking.v1.Ingress,
}
"""Resource class by kind; everything else is a custom resource."""


@dataclass(frozen=True)
class ApplicationsArgs:
    """What runs in the cluster and how it is reached."""

    applications: Sequence[Application]
    route: IngressRoute
    controllers: Sequence[Manifest]
    """Objects that make the ingress controller, where an object in the cluster does."""


class Applications(pulumi.ComponentResource):
    """Every application's objects, and the ingress controller's.

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
        for controller in args.controllers:
            self._register(name, controller, None, deleted_with)
        for application in args.applications:
            namespace, *others = manifests(application, args.route)
            home = self._register(name, namespace, None, deleted_with)
            for manifest in others:
                self._register(name, manifest, home, deleted_with)
        self.register_outputs({})

    def _register(
        self,
        name: str,
        manifest: Manifest,
        namespace: pulumi.Resource | None,
        deleted_with: pulumi.Resource | None,
    ) -> pulumi.Resource:
        metadata = cast("dict[str, Any]", manifest["metadata"])
        kind = cast("str", manifest["kind"])
        parts = (name, metadata.get("namespace"), metadata["name"], kind.lower())
        opts = pulumi.ResourceOptions(
            parent=self, depends_on=[namespace] if namespace else [], deleted_with=deleted_with
        )
        logical_name = "-".join(part for part in parts if part)
        if kind in _TYPED:
            spec = {"spec": manifest["spec"]} if "spec" in manifest else {}
            return _TYPED[kind]()(logical_name, metadata=metadata, **spec, opts=opts)
        return kubernetes.apiextensions.CustomResource(
            logical_name,
            api_version=manifest["apiVersion"],
            kind=kind,
            metadata=metadata,
            spec=manifest["spec"],
            opts=opts,
        )
