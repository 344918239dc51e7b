"""Ingress controllers and the Ingress objects that they serve, read from Kubernetes objects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from analysis.reachability import services
from analysis.reachability.addresses import network, networks, stretch_of
from analysis.reachability.backends import behind
from analysis.reachability.endpoints import RoutedPath
from analysis.reachability.intervals import Intervals
from analysis.reachability.web_firewalls import preventing
from analysis.stack_state import Json, Resource, State
from support import nested

_ANNOTATION = "service.beta.kubernetes.io/azure-load-balancer"
_CLASS_ANNOTATION = "kubernetes.io/ingress.class"
_FIREWALL_ANNOTATION = "appgw.ingress.kubernetes.io/waf-policy-for-path"
"""A firewall policy for this Ingress' paths instead of the gateway's (AGIC, "Annotations")."""
APP_ROUTING_NAMESPACE = "app-routing-system"
APP_ROUTING_CLASS = "webapprouting.kubernetes.azure.com"
GATEWAY_CLASS = "azure-application-gateway"
"""Of the Application Gateway Ingress Controller: the gateway itself is the controller."""

WEB = services.tcp(80, 443)


@dataclass(frozen=True)
class Controller:
    """An ingress controller behind a load balancer's address."""

    name: str
    classes: frozenset[str]
    namespace: str
    labels: Mapping[str, str]
    address: Intervals
    public: bool
    listens: Intervals
    accepted: Intervals | None


def controllers(state: State, add_on: Json) -> Iterator[Controller]:
    """The controllers of a state; `add_on` is the cluster's `ingressProfile.webAppRouting`."""
    for item in state.kubernetes("NginxIngressController"):
        spec, name = item.mapping("spec"), str(item.mapping("metadata")["name"])
        yield at_load_balancer(
            name=name,
            classes=[str(spec.get("ingressClassName") or name)],
            namespace=APP_ROUTING_NAMESPACE,
            labels={"app": str(spec.get("controllerNamePrefix") or "nginx")},
            annotations=nested.mapping(spec, "loadBalancerAnnotations"),
        )
    default = str(nested.mapping(add_on, "nginx").get("defaultIngressControllerType") or "")
    if add_on.get("enabled") and default in {"", "AnnotationControlled", "External", "Internal"}:
        annotations = {f"{_ANNOTATION}-internal": "true"} if default == "Internal" else {}
        yield at_load_balancer(
            name="default", classes=[APP_ROUTING_CLASS], namespace=APP_ROUTING_NAMESPACE,
            labels={"app": "nginx"}, annotations=annotations,
        )  # fmt: skip
    for item in state.kubernetes("Service"):
        spec, metadata = item.mapping("spec"), item.mapping("metadata")
        if spec.get("type") == "LoadBalancer":
            yield at_load_balancer(
                name=str(metadata["name"]), classes=[], namespace=str(metadata["namespace"]),
                labels=spec.get("selector") or {}, annotations=metadata.get("annotations") or {},
                ports=[int(row["port"]) for row in spec.get("ports") or ()],
                ranges=spec.get("loadBalancerSourceRanges") or (),
                address=str(spec.get("loadBalancerIP") or ""),
            )  # fmt: skip
    for item in state.resources:
        if item.type == "kubernetes:helm.sh/v3:Release":
            yield from _released(item.properties)


def _released(release: Json) -> Iterator[Controller]:
    """A controller that a Helm release makes: its chart's values say how it is reached."""
    values = nested.mapping(release, "values")
    for section in _sections(values):
        annotations = nested.mapping(section, "annotations")
        if any(str(name).startswith(_ANNOTATION) for name in annotations):
            name = str(release.get("name") or release.get("chart"))
            yield at_load_balancer(
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
    """All objects within a chart's values."""
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


def at_load_balancer(
    *,
    name: str,
    classes: Sequence[str],
    namespace: str,
    labels: Mapping[str, str],
    annotations: Json,
    ports: Sequence[int] = (),
    ranges: Sequence[str] = (),
    address: str = "",
) -> Controller:
    """A controller behind the load balancer that its Service's annotations ask for.

    `ranges` are the Service's source ranges, `address` its fixed address.
    """
    internal = str(annotations.get(f"{_ANNOTATION}-internal") or "").lower() == "true"
    fixed = str(annotations.get(f"{_ANNOTATION}-ipv4") or address)
    named = str(annotations.get("service.beta.kubernetes.io/azure-allowed-ip-ranges") or "")
    allowed = [*ranges, *(part.strip() for part in named.split(",") if part.strip())]
    return Controller(
        name=name,
        classes=frozenset(classes),
        namespace=namespace,
        labels=labels,
        address=network(fixed) if fixed else stretch_of("AzureCloud"),
        public=not internal,
        listens=services.tcp(*ports) if ports else WEB,
        accepted=networks(allowed) if allowed else None,
    )


def paths(state: State) -> Iterator[RoutedPath]:
    """Every path of every Ingress, followed through its Service to the pods' port."""
    for item in state.kubernetes("Ingress"):
        metadata, spec = item.mapping("metadata"), item.mapping("spec")
        annotations = nested.mapping(metadata, "annotations")
        class_name = _class_of(item)
        own_policy = str(annotations.get(_FIREWALL_ANNOTATION) or "")
        namespace = str(metadata.get("namespace") or "default")
        for host, path, target in _rows(spec):
            port = nested.mapping(target, "port")
            backend = behind(
                state, namespace, str(target.get("name")), port.get("number") or port.get("name")
            )
            if backend is not None:
                yield RoutedPath(
                    served_by=class_name,
                    host=host,
                    path=path,
                    namespace=namespace,
                    backend=backend,
                    inspects=preventing(state, own_policy)
                    if own_policy and class_name == GATEWAY_CLASS
                    else None,
                )


def idle(state: State, served: frozenset[str]) -> Iterator[str]:
    """Ingress objects whose class nobody serves."""
    for item in state.kubernetes("Ingress"):
        metadata, class_name = item.mapping("metadata"), _class_of(item)
        if class_name not in served:
            name = f"{metadata.get('namespace') or 'default'}/{metadata['name']}"
            yield f"Ingress {name}: nothing here serves its class {class_name or '(none)'}."


def _class_of(item: Resource) -> str:
    annotations = item.mapping("metadata", "annotations")
    return str(
        item.mapping("spec").get("ingressClassName") or annotations.get(_CLASS_ANNOTATION) or ""
    )


def _rows(spec: Json) -> Iterator[tuple[str, str, Json]]:
    """Host, path and Service of an Ingress' paths."""
    for rule in nested.items(spec, "rules"):
        for row in nested.items(nested.mapping(rule, "http"), "paths"):
            yield (
                str(rule.get("host") or ""),
                str(row.get("path") or "/"),
                nested.mapping(row, "backend", "service"),
            )
    if spec.get("defaultBackend"):
        yield "", "/", nested.mapping(spec, "defaultBackend", "service")
