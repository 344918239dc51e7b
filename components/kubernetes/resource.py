"""Kubernetes manifests as Pulumi resources: every object is registered here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import pulumi

from components.kubernetes.definitions import ACCEPTED_LATER, definition_retries
from components.kubernetes.manifest import Manifest

SKIP_AWAIT = {"pulumi.com/skipAwait": "true"}
"""Tells pulumi-kubernetes not to wait until the object is ready."""

_NOT_AWAITED = frozenset({"Service", "Ingress"})
"""Kinds for whose readiness Pulumi does not wait; it waits for rollouts only. The provider waits
ten minutes for the pods of a Service, and for the pods and the address of an Ingress, and then
fails. But an application's own pipeline may create the pods later, and not every ingress controller
writes an address."""


class KubernetesObject(pulumi.CustomResource):
    """A Kubernetes object of any kind, with its manifest as inputs.

    Type and inputs are those of the classes in pulumi_kubernetes, so the state is the same. Those
    classes convert every property between two spellings, which manifests do not need, and importing
    them takes a third of a second.
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
    depends_on: Sequence[pulumi.Resource] = (),
    deleted_with: pulumi.Resource | None = None,
) -> pulumi.Resource:
    """Register an object under `<name>-<namespace>-<its name>-<kind>`.

    `depends_on` is what must exist before it, such as its namespace.
    """
    metadata = cast("dict[str, Any]", manifest["metadata"])
    kind = cast("str", manifest["kind"])
    parts = (name, metadata.get("namespace"), metadata["name"], kind.lower())
    if kind in _NOT_AWAITED:
        metadata = {**metadata, "annotations": {**metadata.get("annotations", {}), **SKIP_AWAIT}}
    logical_name = "-".join(part for part in parts if part)
    return KubernetesObject(
        logical_name,
        {**manifest, "metadata": metadata},
        pulumi.ResourceOptions(
            parent=parent,
            depends_on=list(depends_on),
            deleted_with=deleted_with,
            hooks=definition_retries(logical_name) if kind in ACCEPTED_LATER else None,
        ),
    )
