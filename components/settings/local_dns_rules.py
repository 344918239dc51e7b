"""What LocalDNS requires of a node pool (aks/localdns-custom, "Prerequisites")."""

from __future__ import annotations

from collections.abc import Iterator

from components.problems import Problem
from components.settings import kubernetes_versions, vm_sizes
from components.settings.cluster import (
    LOCAL_DNS_SINCE,
    LOCAL_DNS_VCPUS,
    ClusterSettings,
    NodePool,
)
from components.settings.partial import readable, skips_unreadable
from components.settings.paths import CLUSTER


@skips_unreadable
def problems(cluster: ClusterSettings) -> Iterator[Problem]:
    """The pools that ask for LocalDNS and cannot have it."""
    for position, on in readable(lambda pool: pool.local_dns, cluster.node_pools):
        if on:
            path = f"{CLUSTER}.nodePools[{position}].localDns"
            yield from _system(path, cluster.node_pools[position])
            yield from _size(path, cluster.node_pools[position])
            yield from _version(path, cluster)


@skips_unreadable
def _system(path: str, pool: NodePool) -> Iterator[Problem]:
    if pool.os == "Windows":
        rule = "must be false: LocalDNS runs on Linux nodes only"
        yield Problem(path, "true", rule, "use localDns: false, or os: Linux")


@skips_unreadable
def _size(path: str, pool: NodePool) -> Iterator[Problem]:
    count = vm_sizes.vcpus(pool.vm_size)
    if count is not None and count < LOCAL_DNS_VCPUS:
        why = f"LocalDNS needs {LOCAL_DNS_VCPUS} vCPUs, and {pool.vm_size} has {count}"
        remedy = "use localDns: false, or a size such as Standard_D4ds_v5"
        yield Problem(path, "true", f"must be false: {why}", remedy)


@skips_unreadable
def _version(path: str, cluster: ClusterSettings) -> Iterator[Problem]:
    if kubernetes_versions.minor(cluster.kubernetes_version) < LOCAL_DNS_SINCE:
        rule = f"must be false: LocalDNS needs Kubernetes 1.{LOCAL_DNS_SINCE} or later"
        yield Problem(path, "true", rule, "use localDns: false, or a later kubernetesVersion")
