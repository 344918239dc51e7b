"""The host names behind image registries, for a firewall that filters by name. Plain data.

The FQDN tag `AzureKubernetesService` covers mcr.microsoft.com.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

_MICROSOFT = "mcr.microsoft.com"
_DOCKER_HUB = "docker.io"
_AZURE = ".azurecr.io"

REGISTRIES: Mapping[str, tuple[str, ...]] = {
    _MICROSOFT: (),
    # docker/docs, "Docker Desktop allowlist", of 2026; index.docker.io: older clients and Helm
    _DOCKER_HUB: (
        "docker.io",
        "index.docker.io",
        "registry-1.docker.io",
        "auth.docker.io",
        "production.cloudflare.docker.com",
        "production.cloudfront.docker.com",
        "docker-images-prod.6aa30f8b08e16409b46e0173d6de2f56.r2.cloudflarestorage.com",
    ),
    # aks/limit-egress-traffic
    "ghcr.io": ("ghcr.io", "pkg-containers.githubusercontent.com"),
    # quay.io, "Firewall configuration"
    "quay.io": (
        "quay.io",
        "cdn.quay.io",
        "cdn01.quay.io",
        "cdn02.quay.io",
        "cdn03.quay.io",
        "cdn04.quay.io",
        "cdn05.quay.io",
        "cdn06.quay.io",
    ),
    # kubernetes/registry.k8s.io: clients outside AWS are redirected to Google Artifact Registry
    "registry.k8s.io": ("registry.k8s.io", "*.pkg.dev"),
    "gcr.io": ("gcr.io", "storage.googleapis.com"),
}
"""Host names that a pull connects to, by registry. A registry without a row has its own name only,
except Azure Container Registry."""


def registry_of(image: str) -> str:
    """The registry of an image reference; Docker Hub if the reference names none."""
    first, slash, _ = image.partition("/")
    named = bool(slash) and ("." in first or ":" in first)
    return first.partition(":")[0] if named else _DOCKER_HUB


def registry_hosts(registries: Iterable[str], location: str) -> tuple[str, ...]:
    """The host names that pulls from these registries connect to, each once.

    An Azure container registry in `location` serves layers from its dedicated data endpoint there.
    """
    found: dict[str, None] = {}
    for registry in registries:
        found.update(dict.fromkeys(_hosts(registry, location)))
    return tuple(found)


def _hosts(registry: str, location: str) -> tuple[str, ...]:
    if registry.endswith(_AZURE):
        return (registry, f"{registry.removesuffix(_AZURE)}.{location}.data{_AZURE}")
    return REGISTRIES.get(registry, (registry,))
