"""What all Kubernetes manifests have in common: pure data."""

from __future__ import annotations

from typing import Any, Literal

Manifest = dict[str, Any]

PodSecurity = Literal["privileged", "baseline", "restricted"]
"""Levels of the Pod Security Standards."""

LINUX = {"kubernetes.io/os": "linux"}
"""Node selector for ingress controllers and for all pods with network policies."""

NAMESPACE_NAME = "kubernetes.io/metadata.name"
"""The label that Kubernetes sets on every namespace, with the namespace's name."""


def manifest(
    api_version: str, kind: str, name: str, namespace: str | None = None, **rest: Any
) -> Manifest:
    """A manifest with this program's label. `rest` are its properties besides the metadata."""
    metadata: Manifest = {"name": name}
    if namespace:
        metadata["namespace"] = namespace
    metadata["labels"] = {"app.kubernetes.io/managed-by": "aks-network"}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **rest}


def namespace_of(name: str, level: PodSecurity) -> Manifest:
    """A namespace that enforces a level of the Pod Security Standards."""
    namespace = manifest("v1", "Namespace", name)
    namespace["metadata"]["labels"] |= {
        "pod-security.kubernetes.io/enforce": level,
        "pod-security.kubernetes.io/warn": level,
        "pod-security.kubernetes.io/audit": level,
    }
    return namespace
