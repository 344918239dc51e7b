"""Ingress controllers and the Ingress objects that they serve."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from analysis.reachability import services
from analysis.reachability.addresses import network, networks, service_tag
from analysis.reachability.backends import find_backend
from analysis.reachability.endpoints import RoutedPath
from analysis.reachability.intervals import Intervals
from analysis.reachability.web_firewalls import prevention_policy
from analysis.stack_state import Json, Resource, State
from support import nested

_ANNOTATION = "service.beta.kubernetes.io/azure-load-balancer"
_CLASS_ANNOTATION = "kubernetes.io/ingress.class"
_FIREWALL_ANNOTATION = "appgw.ingress.kubernetes.io/waf-policy-for-path"
"""A firewall policy for the paths of an Ingress, instead of the gateway's (AGIC annotations)."""
APP_ROUTING_NAMESPACE = "app-routing-system"
APP_ROUTING_CLASS = "webapprouting.kubernetes.azure.com"
GATEWAY_CLASS = "azure-application-gateway"
"""The class of the Application Gateway Ingress Controller, where the gateway is the proxy."""

WEB = services.tcp(80, 443)


@dataclass(frozen=True)
class IngressController:
    """An ingress controller with its load balancer."""

    name: str
    classes: frozenset[str]
    namespace: str
    labels: Mapping[str, str]
    address: Intervals
    public: bool
    services: Intervals
    allowed_sources: Intervals | None


def controllers(state: State, add_on: Json) -> Iterator[IngressController]:
    """The ingress controllers of a state; `add_on` is `ingressProfile.webAppRouting`."""
    for item in state.kubernetes("NginxIngressController"):
        spec, name = item.mapping("spec"), str(item.mapping("metadata")["name"])
        yield behind_load_balancer(
            name=name,
            classes=[str(spec.get("ingressClassName") or name)],
            namespace=APP_ROUTING_NAMESPACE,
            labels={"app": str(spec.get("controllerNamePrefix") or "nginx")},
            annotations=nested.mapping(spec, "loadBalancerAnnotations"),
        )
    default = str(nested.mapping(add_on, "nginx").get("defaultIngressControllerType") or "")
    if add_on.get("enabled") and default in {"", "AnnotationControlled", "External", "Internal"}:
        annotations = {f"{_ANNOTATION}-internal": "true"} if default == "Internal" else {}
        yield behind_load_balancer(
            name="default", classes=[APP_ROUTING_CLASS], namespace=APP_ROUTING_NAMESPACE,
            labels={"app": "nginx"}, annotations=annotations,
        )  # fmt: skip
    for item in state.kubernetes("Service"):
        spec, metadata = item.mapping("spec"), item.mapping("metadata")
        if spec.get("type") == "LoadBalancer":
            yield behind_load_balancer(
                name=str(metadata["name"]), classes=[], namespace=str(metadata["namespace"]),
                labels=spec.get("selector") or {}, annotations=metadata.get("annotations") or {},
                ports=[int(row["port"]) for row in spec.get("ports") or ()],
                ranges=spec.get("loadBalancerSourceRanges") or (),
                address=str(spec.get("loadBalancerIP") or ""),
            )  # fmt: skip
    for item in state.resources:
        if item.type == "kubernetes:helm.sh/v3:Release":
            yield from _from_release(item.properties)


def _from_release(release: Json) -> Iterator[IngressController]:
    """The controller of a Helm release, from the values of the chart."""
    values = nested.mapping(release, "values")
    for section in _sections(values):
        annotations = nested.mapping(section, "annotations")
        if any(str(name).startswith(_ANNOTATION) for name in annotations):
            name = str(release.get("name") or release.get("chart"))
            yield behind_load_balancer(
                name=name,
                classes=[*_class_names(values)] or [str(release.get("chart"))],
                namespace=str(release.get("namespace") or "default"),
                labels={"app.kubernetes.io/instance": name},
                annotations=annotations,
                ranges=section.get("loadBalancerSourceRanges") or (),
                address=str(
                    section.get("loadBalancerIP")
                    or nested.mapping(section, "spec").get("loadBalancerIP")
                    or ""
                ),
            )


def _sections(values: Any) -> Iterator[Json]:
    """All objects in the values of a chart."""
    if isinstance(values, Mapping):
        section = cast("Json", values)
        yield section
        for value in section.values():
            yield from _sections(value)


def _class_names(values: Json) -> Iterator[str]:
    for section in _sections(values):
        for name, value in section.items():
            if name in {"ingressClass", "ingressClassResource", "kubernetesIngress"}:
                if isinstance(value, str):
                    yield value
                elif isinstance(value, Mapping):
                    named = cast("Json", value)
                    found = named.get("name") or named.get("ingressClass")
                    if isinstance(found, str):
                        yield found


def behind_load_balancer(
    *,
    name: str,
    classes: Sequence[str],
    namespace: str,
    labels: Mapping[str, str],
    annotations: Json,
    ports: Sequence[int] = (),
    ranges: Sequence[str] = (),
    address: str = "",
) -> IngressController:
    """A controller behind the load balancer that the annotations of its Service configure.

    `ranges` are the source ranges of the Service, `address` is its static address.
    """
    internal = str(annotations.get(f"{_ANNOTATION}-internal") or "").lower() == "true"
    static = str(annotations.get(f"{_ANNOTATION}-ipv4") or address)
    ranges_annotation = str(
        annotations.get("service.beta.kubernetes.io/azure-allowed-ip-ranges") or ""
    )
    allowed = [*ranges, *(part.strip() for part in ranges_annotation.split(",") if part.strip())]
    return IngressController(
        name=name,
        classes=frozenset(classes),
        namespace=namespace,
        labels=labels,
        address=network(static) if static else service_tag("AzureCloud"),
        public=not internal,
        services=services.tcp(*ports) if ports else WEB,
        allowed_sources=networks(allowed) if allowed else None,
    )


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
    """Sentences about Ingress objects whose class no controller serves."""
    for item in state.kubernetes("Ingress"):
        metadata, class_name = item.mapping("metadata"), _class_of(item)
        if class_name not in served:
            name = f"{metadata.get('namespace') or 'default'}/{metadata['name']}"
            yield f"Ingress {name}: no controller serves its class {class_name or '(none)'}."


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
