"""From a manifest to a registered resource, the one way in which this program makes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import pulumi
import pulumi_kubernetes as kubernetes

from components.manifest import Manifest

_TYPED: dict[str, Any] = {
    "Namespace": lambda: kubernetes.core.v1.Namespace,
    "Service": lambda: kubernetes.core.v1.Service,
    "NetworkPolicy": lambda: kubernetes.networking.v1.NetworkPolicy,
    "Ingress": lambda: kubernetes.networking.v1.Ingress,
}
"""Resource class by kind, looked up late: each import costs time. All else is a custom resource."""


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
    opts = pulumi.ResourceOptions(parent=parent, depends_on=list(after), deleted_with=deleted_with)
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
