"""From a manifest to a registered resource, the one way in which this program makes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import pulumi

from components.kubernetes.manifest import Manifest

SKIP_AWAIT = {"pulumi.com/skipAwait": "true"}
"""Tells pulumi-kubernetes not to wait until the object is ready."""

_NOT_AWAITED = frozenset({"Service", "Ingress"})
"""Only a rollout is waited for. Of a Service the provider would wait for the pods and of an Ingress
for them and an address, ten minutes each, and then fail: though an application's pods may come
later, by its own pipeline, and not every controller writes an address."""


class KubernetesObject(pulumi.CustomResource):
    """Any Kubernetes object, as its manifest says.

    It has the type and the inputs that the classes of pulumi_kubernetes give it, so states are
    the same. Those classes turn every property between two spellings, which these manifests don't
    need, and importing them takes a third of a second.
    """

    def __init__(
        self, name: str, manifest: Manifest, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        api_version = cast("str", manifest["apiVersion"])
        group_version = api_version if "/" in api_version else f"core/{api_version}"
        super().__init__(f"kubernetes:{group_version}:{manifest['kind']}", name, manifest, opts)


def register(
    name: str,
    manifest: Manifest,
    *,
    parent: pulumi.Resource,
    after: Sequence[pulumi.Resource] = (),
    deleted_with: pulumi.Resource | None = None,
) -> pulumi.Resource:
    """Register an object under `<name>-<namespace>-<its name>-<kind>`.

    `after` is what must exist before it, such as its namespace.
    """
    metadata = cast("dict[str, Any]", manifest["metadata"])
    kind = cast("str", manifest["kind"])
    parts = (name, metadata.get("namespace"), metadata["name"], kind.lower())
    if kind in _NOT_AWAITED:
        metadata = {**metadata, "annotations": {**metadata.get("annotations", {}), **SKIP_AWAIT}}
    return KubernetesObject(
        "-".join(part for part in parts if part),
        {**manifest, "metadata": metadata},
        pulumi.ResourceOptions(parent=parent, depends_on=list(after), deleted_with=deleted_with),
    )
