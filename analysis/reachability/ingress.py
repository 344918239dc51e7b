"""Ingress objects: their paths, and the pods behind these."""

from __future__ import annotations

from collections.abc import Iterator

from analysis.reachability import services
from analysis.reachability.backends import find_backend
from analysis.reachability.endpoints import RoutedPath
from analysis.reachability.web_firewalls import prevention_policy
from analysis.stack_state import Json, Resource, State
from support import nested

_CLASS_ANNOTATION = "kubernetes.io/ingress.class"
_FIREWALL_ANNOTATION = "appgw.ingress.kubernetes.io/waf-policy-for-path"
"""A firewall policy for the paths of an Ingress, instead of the gateway's (AGIC annotations)."""
GATEWAY_CLASS = "azure-application-gateway"
"""The class of the Application Gateway Ingress Controller, where the gateway is the proxy."""

WEB = services.tcp(80, 443)


def routes(state: State) -> Iterator[RoutedPath]:
    """Every path of every Ingress, with the pods behind its Service."""
    for item in state.kubernetes("Ingress"):
        metadata, spec = item.mapping("metadata"), item.mapping("spec")
        annotations = nested.mapping(metadata, "annotations")
        class_name = _class_of(item)
        own_policy = str(annotations.get(_FIREWALL_ANNOTATION) or "")
        namespace = str(metadata.get("namespace") or "default")
        for host, path, target in _rows(spec):
            port = nested.mapping(target, "port")
            backend = find_backend(
                state, namespace, str(target.get("name")), port.get("number") or port.get("name")
            )
            if backend is not None:
                yield RoutedPath(
                    served_by=class_name,
                    host=host,
                    path=path,
                    namespace=namespace,
                    backend=backend,
                    waf_policy=prevention_policy(state, own_policy)
                    if own_policy and class_name == GATEWAY_CLASS
                    else None,
                )


def inactive(state: State, served: frozenset[str]) -> Iterator[str]:
    """Sentences about Ingress objects whose class no controller in the state serves."""
    for item in state.kubernetes("Ingress"):
        metadata, class_name = item.mapping("metadata"), _class_of(item)
        if class_name not in served:
            name = f"{metadata.get('namespace') or 'default'}/{metadata['name']}"
            yield (
                f"Ingress {name}: no controller in the state serves its class"
                f" {class_name or '(none)'}."
            )


def _class_of(item: Resource) -> str:
    annotations = item.mapping("metadata", "annotations")
    return str(
        item.mapping("spec").get("ingressClassName") or annotations.get(_CLASS_ANNOTATION) or ""
    )


def _rows(spec: Json) -> Iterator[tuple[str, str, Json]]:
    """Host, path and Service of each path of an Ingress."""
    for rule in nested.items(spec, "rules"):
        for row in nested.items(nested.mapping(rule, "http"), "paths"):
            yield (
                str(rule.get("host") or ""),
                str(row.get("path") or "/"),
                nested.mapping(row, "backend", "service"),
            )
    if spec.get("defaultBackend"):
        yield "", "/", nested.mapping(spec, "defaultBackend", "service")
