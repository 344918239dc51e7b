"""What pods cannot do behind a firewall that denies it: pull images, and dial the API server.

An API server accepts a chart or a workload. Its pods then wait in ImagePullBackOff, or crash
because they do not reach the API server, and the client gives up: an atomic Helm release is removed
again.
Sources: Microsoft Learn, azure/aks/outbound-rules-control-egress (pods dial the API server by its
address, so that no application rule applies); the charts' values; the registries' documentation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from simulator.azure.namespaces.containerservice.outbound_connectivity import firewall_of
from simulator.azure.namespaces.network.firewall_matching import allows
from simulator.azure.namespaces.network.prefixes import prefixes
from simulator.kubernetes.images import images_of
from simulator.store import MemoryStore, Resource
from support.nested import at, items, mapping, text

_CHART_IMAGES: Mapping[str, tuple[str, ...]] = {
    "alb-controller": ("mcr.microsoft.com/application-lb/images/alb-controller",),
    "contour": ("ghcr.io/projectcontour/contour", "docker.io/envoyproxy/envoy"),
    "kubernetes-ingress": ("docker.io/haproxytech/kubernetes-ingress",),
    "traefik": ("docker.io/traefik",),
}
"""The images of charts, by name. Their pods use the API server."""

_CHART_HOSTS: Mapping[str, tuple[str, ...]] = {
    "alb-controller": (
        "management.azure.com",
        "login.microsoftonline.com",
        "*.oic.prod-aks.azure.com",
        "*.alb.azure.com",
    ),
}
"""What else the pods of charts use over HTTPS.

Source: Microsoft Learn, application-gateway-for-containers-components, "Connectivity".
"""

_PULLS_FROM: Mapping[str, tuple[str, ...]] = {
    "docker.io": ("registry-1.docker.io", "auth.docker.io", "production.cloudflare.docker.com"),
    "ghcr.io": ("ghcr.io", "pkg-containers.githubusercontent.com"),
    "quay.io": ("quay.io", "cdn.quay.io"),
}
"""The host names of a registry that a pull needs; of any other registry its own."""

_WORKLOADS = {"Deployment", "StatefulSet", "DaemonSet"}


def release_failure(store: MemoryStore, cluster: Resource, chart: str) -> str | None:
    """Why the pods of a chart do not get ready; None if they do, or if the chart is not known."""
    name = chart.rstrip("/").rsplit("/", 1)[-1]
    images = _CHART_IMAGES.get(name)
    if images is None:
        return None
    return (
        _pulls(store, cluster, images)
        or _dials(store, cluster)
        or _uses(store, cluster, _CHART_HOSTS.get(name, ()))
    )


def workload_failure(
    store: MemoryStore, cluster: Resource, manifest: Mapping[str, Any]
) -> str | None:
    """Why the pods of a workload do not get ready; None if they do."""
    if manifest["kind"] not in _WORKLOADS:
        return None
    return _pulls(store, cluster, images_of(manifest))


def addon_warnings(
    store: MemoryStore, cluster: Resource, manifest: Mapping[str, Any]
) -> Iterator[str]:
    """Why the pods of an add-on for this object do not work."""
    served = manifest["kind"] in {"NginxIngressController", "Gateway"}
    if served and (why := _dials(store, cluster)):
        yield f"{manifest['kind']} {at(manifest, 'metadata', 'name')}: {why}"


def _pulls(store: MemoryStore, cluster: Resource, images: Any) -> str | None:
    way = _firewall(store, cluster)
    if way is None:
        return None
    firewall, sources = way
    for image in images:
        registry = _registry(image)
        for name in _PULLS_FROM.get(registry, (registry,)):
            if not allows(store, firewall, sources, name):
                return (
                    f'ImagePullBackOff: Back-off pulling image "{image}": {firewall.name} denies'
                    f" HTTPS to {name}"
                )
    return None


def _uses(store: MemoryStore, cluster: Resource, names: Iterable[str]) -> str | None:
    """Which of these names pods do not reach."""
    way = _firewall(store, cluster)
    if way is None:
        return None
    firewall, sources = way
    for name in names:
        if not allows(store, firewall, sources, name):
            return f"CrashLoopBackOff: {firewall.name} denies HTTPS to {name}"
    return None


def _registry(image: str) -> str:
    first, slash, _ = image.partition("/")
    return first.partition(":")[0] if slash and ("." in first or ":" in first) else "docker.io"


def _dials(store: MemoryStore, cluster: Resource) -> str | None:
    """Why pods do not reach a public API server by its address."""
    access = mapping(cluster.inputs, "apiServerAccessProfile")
    if access.get("enablePrivateCluster") or access.get("enableVnetIntegration"):
        return None
    way = _firewall(store, cluster)
    if way is None:
        return None
    firewall, sources = way
    region = text(cluster.outputs, "location").replace(" ", "").lower()
    name = text(cluster.outputs, "fqdn")
    tags = ("AzureCloud", f"AzureCloud.{region}")
    if allows(store, firewall, sources, name, tags=tags, by_name=False):
        return None
    return (
        f"CrashLoopBackOff: dial tcp: i/o timeout: {firewall.name} has no network rule for TCP 443"
        f" to the API server, {name}"
    )


def _firewall(store: MemoryStore, cluster: Resource) -> tuple[Resource, list[str]] | None:
    """The firewall that the egress of the cluster goes through, and the addresses of its nodes."""
    if text(cluster.inputs, "networkProfile", "outboundType").lower() != "userdefinedrouting":
        return None
    for pool in items(cluster.inputs, "agentPoolProfiles"):
        subnet = store.get(text(pool, "vnetSubnetID"))
        found = firewall_of(store, subnet) if subnet else None
        if subnet and found:
            return found, prefixes(subnet.inputs)
    return None
