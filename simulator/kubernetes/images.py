"""Images that the nodes pull from container registries of the simulated Azure.

An API server accepts a workload with any image. Problems appear later, in an event of the pod
(ImagePullBackOff). They are therefore warnings here, too. Sources: Microsoft Learn:
azure/aks/cluster-container-registry-integration,
azure/container-registry/container-registry-rbac-abac-repository-permissions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from simulator.azure.cloud import Cloud
from simulator.azure.namespaces import containerregistry
from simulator.azure.namespaces.authorization.principals import foreign_service_principals
from simulator.store import Resource
from support.nested import at, items, text

_SERVERS = ".azurecr.io"


_POD_SPECS = {"Pod": ("spec",), "CronJob": ("spec", "jobTemplate", "spec", "template", "spec")}
"""Where an object has its pods' specification; all other workloads have it in their template."""


def images_of(manifest: Mapping[str, Any]) -> list[str]:
    """The images that the pods of an object need, those of init containers first."""
    pods = _POD_SPECS.get(str(manifest["kind"]), ("spec", "template", "spec"))
    containers = [*items(manifest, *pods, "initContainers"), *items(manifest, *pods, "containers")]
    return list(dict.fromkeys(text(container, "image") for container in containers))


def warnings(cloud: Cloud, cluster: Resource, manifest: Mapping[str, Any]) -> Iterator[str]:
    """Why the nodes cannot pull the images of an object; one line for each image."""
    for image in images_of(manifest):
        server = image.partition("/")[0].lower()
        if not server.endswith(_SERVERS):
            continue
        registry = containerregistry.find_registry(cloud, server)
        # A registry that is not simulated may be another subscription's.
        if registry and not any(
            containerregistry.can_pull(cloud, registry, principal)
            for principal in _principals(cloud, cluster)
        ):
            name = f"{manifest['kind']} {at(manifest, 'metadata', 'name')}"
            yield (
                f"{name}: image {image} cannot be pulled (ImagePullBackOff): 401 Unauthorized:"
                f" the cluster's kubelet identity may not pull from {registry.id}"
            )


def _principals(cloud: Cloud, cluster: Resource) -> set[str]:
    """Object ids with which the nodes may pull: the kubelet identity's, or a service principal's.

    Only the directory, which is not simulated, knows the object id of a service principal.
    """
    client = str(at(cluster.inputs, "servicePrincipalProfile", "clientId") or "msi")
    if client.lower() != "msi":
        return foreign_service_principals(cloud)
    return {str(at(cluster.outputs, "identityProfile", "kubeletidentity", "objectId"))}
