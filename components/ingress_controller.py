"""The ingress controller in the cluster: the objects that make it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.common import without_version_aliases
from components.kubernetes_resources import register
from components.manifest import Manifest


@dataclass(frozen=True)
class IngressControllerArgs:
    """What the controller consists of."""

    objects: Sequence[Manifest]
    """Objects that make the ingress controller, where an object in the cluster does."""


class IngressController(pulumi.ComponentResource):
    """The ingress controller's own objects.

    Give it the Kubernetes provider by `ResourceOptions(providers=…)` and the cluster by
    `deleted_with`: the objects vanish with their cluster.
    """

    made: Sequence[pulumi.Resource]
    """What an application's objects have to wait for."""

    def __init__(
        self,
        name: str,
        args: IngressControllerArgs,
        opts: pulumi.ResourceOptions | None = None,
        *,
        deleted_with: pulumi.Resource | None = None,
    ) -> None:
        super().__init__(
            "aks-network:index:IngressController", name, None, without_version_aliases(opts)
        )
        self.made = [
            register(name, manifest, parent=self, deleted_with=deleted_with)
            for manifest in args.objects
        ]
        self.register_outputs({})
