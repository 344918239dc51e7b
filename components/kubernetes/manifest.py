"""What every Kubernetes object has in common, as plain data."""

from __future__ import annotations

from typing import Any, Literal

Manifest = dict[str, Any]

PodSecurity = Literal["privileged", "baseline", "restricted"]
"""Levels of the Pod Security Standards."""

LINUX = {"kubernetes.io/os": "linux"}
"""Node selector: ingress controllers and everything that policies guard runs on Linux nodes."""

NAMESPACE_NAME = "kubernetes.io/metadata.name"
"""The label that Kubernetes itself puts on every namespace, with its name."""


def manifest(
    api_version: str, kind: str, name: str, namespace: str | None = None, **rest: Any
) -> Manifest:
    """An object with this program's label; `rest` is what stands beside the metadata."""
    metadata: Manifest = {"name": name}
    if namespace:
        metadata["namespace"] = namespace
    metadata["labels"] = {"app.kubernetes.io/managed-by": "aks-network"}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **rest}


def namespace_of(name: str, level: PodSecurity) -> Manifest:
    """A namespace whose pods must keep to a level of the Pod Security Standards."""
    made = manifest("v1", "Namespace", name)
    made["metadata"]["labels"] |= {
        "pod-security.kubernetes.io/enforce": level,
        "pod-security.kubernetes.io/warn": level,
        "pod-security.kubernetes.io/audit": level,
    }
    return made
