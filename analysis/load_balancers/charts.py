"""Helm releases: the load balancers that their charts create, by the values of the charts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from analysis.load_balancers.load_balancer import WEB_PORTS, LoadBalancer
from analysis.stack_state import Json, Resource, State
from support import nested

RELEASE = "kubernetes:helm.sh/v3:Release"
_AZURE = "service.beta.kubernetes.io/azure-"
"""How the annotations of Azure's load balancers begin."""


@dataclass(frozen=True)
class _KnownChart:
    """The defaults of a chart that installs an ingress controller."""

    service: tuple[str, ...]
    """Path of the Service's settings in the values."""
    type: str
    """The Service's type by default."""
    ingress_class: str
    target_ports: tuple[int, int]
    """The ports of the pods for HTTP and HTTPS."""
    more_ports: Mapping[str, tuple[str, int]] = field(default_factory=dict[str, tuple[str, int]])
    """Ports besides TCP 80 and 443 that the Service exposes unless `enablePorts` says no."""
    app_protocols: Mapping[tuple[str, int], str] = field(default_factory=dict[tuple[str, int], str])
    """`appProtocol` of the Service's ports, where the chart sets it."""


_CHARTS: Mapping[str, _KnownChart] = {
    "traefik": _KnownChart(("service",), "LoadBalancer", "traefik", (8000, 8443)),
    "contour": _KnownChart(("envoy", "service"), "LoadBalancer", "contour", (8080, 8443)),
    "kubernetes-ingress": _KnownChart(
        ("controller", "service"),
        "NodePort",
        "haproxy",
        (8080, 8443),
        {"quic": ("udp", 443), "stat": ("tcp", 1024), "admin": ("tcp", 6060)},
        {("tcp", 80): "http", ("tcp", 443): "https"},
    ),
    "ingress-nginx": _KnownChart(("controller", "service"), "LoadBalancer", "nginx", (80, 443)),
    "nginx-ingress": _KnownChart(("controller", "service"), "LoadBalancer", "nginx", (80, 443)),
}
"""By name, from each chart's `values.yaml`."""
_CHARTS_WITHOUT = frozenset({"alb-controller", "cert-manager", "external-dns"})
"""Known charts that create no load balancer."""


def of_release(release: Resource) -> Iterator[LoadBalancer]:
    """The load balancers of a Helm release, from the values of its chart."""
    values, chart = release.mapping("values"), _chart(release)
    known = _CHARTS.get(chart)
    name = str(release.at("name") or chart)
    classes = tuple(_class_names(values)) or (known.ingress_class if known else chart,)
    at = known.service if known else ()
    found = dict(_sections(values))
    if known:
        found.setdefault(at, {})
    for path, section in found.items():
        annotations = nested.mapping(section, "annotations")
        by_annotation = any(str(one).startswith(_AZURE) for one in annotations)
        default = known.type if known and path == at else "LoadBalancer" if by_annotation else ""
        service = {**section, **nested.mapping(section, "spec")}
        if service.get("enabled") is False or service.get("loadBalancerClass"):
            continue
        if str(service.get("type") or default) != "LoadBalancer":
            continue
        ports = [*WEB_PORTS]
        if known and path == at:
            off = {k for k, on in nested.mapping(service, "enablePorts").items() if on is False}
            ports += [port for key, port in known.more_ports.items() if key not in off]
        yield LoadBalancer(
            owner=release,
            name=name if path == at or not known else f"{name}-{path[-1]}",
            namespace=str(release.at("namespace") or "default"),
            selector={"app.kubernetes.io/instance": name},
            annotations=annotations,
            classes=classes,
            ports=tuple(ports),
            app_protocols=known.app_protocols if known and path == at else {},
            target_ports=dict(zip(WEB_PORTS, known.target_ports, strict=True)) if known else {},
            source_ranges=tuple(nested.items(service, "loadBalancerSourceRanges")),
            static_address=str(service.get("loadBalancerIP") or ""),
            service=service,
        )


def _chart(release: Resource) -> str:
    """The name of a chart without its repository."""
    return str(release.at("chart") or "").rstrip("/").rsplit("/", 1)[-1]


def _sections(values: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Json]]:
    """All objects in the values of a chart, by path; not the `spec` of a Service itself."""
    if nested.is_mapping(values):
        yield path, values
        for key, value in values.items():
            if key != "spec":
                yield from _sections(value, (*path, str(key)))


def _class_names(values: Json) -> Iterator[str]:
    for _, section in _sections(values):
        for name, value in section.items():
            if name not in {"ingressClass", "ingressClassResource", "kubernetesIngress"}:
                continue
            if isinstance(value, str):
                yield value
            elif nested.is_mapping(value):
                found = value.get("name") or value.get("ingressClass")
                if isinstance(found, str):
                    yield found


def unknown_releases(state: State) -> Iterator[str]:
    """Sentences about Helm releases that may create a load balancer by their chart's defaults."""
    for item in state.resources:
        if item.type != RELEASE or _chart(item) in (*_CHARTS, *_CHARTS_WITHOUT):
            continue
        if next(of_release(item), None) is None:
            yield (
                f"Helm release {item.name}: chart {_chart(item)} is not known; if it creates a load"
                " balancer by default, ingress paths through it are missing."
            )
