"""Rules between the Kubernetes version, the pricing tier, the support plan and Windows pools."""

from __future__ import annotations

from collections.abc import Iterator

from components.problems import Problem
from components.settings import kubernetes_versions
from components.settings.cluster import LONG_TERM_SUPPORT, ClusterSettings
from components.settings.partial import readable, skips_unreadable
from components.settings.paths import CLUSTER


@skips_unreadable
def long_term_support(cluster: ClusterSettings) -> Iterator[Problem]:
    """Long-term support needs the tier Premium and the plan (aks/long-term-support)."""
    if cluster.support_plan == LONG_TERM_SUPPORT and cluster.tier != "Premium":
        rule = "must be KubernetesOfficial: long-term support needs tier: Premium"
        remedy = "use tier: Premium, or remove supportPlan"
        yield Problem(f"{CLUSTER}.supportPlan", LONG_TERM_SUPPORT, rule, remedy)
    version = cluster.kubernetes_version
    without = cluster.effective_support_plan != LONG_TERM_SUPPORT
    if without and (end := kubernetes_versions.end_of_long_term_support(version)):
        rule = (
            "must be a version in community support: this one has long-term support only, until "
            f"{end}"
        )
        remedy = (
            f"use one of {kubernetes_versions.community_versions()}, or tier: Premium and "
            f"supportPlan: {LONG_TERM_SUPPORT}"
        )
        yield Problem(f"{CLUSTER}.kubernetesVersion", version, rule, remedy)


@skips_unreadable
def windows_image(cluster: ClusterSettings) -> Iterator[Problem]:
    """Windows Server 2022 is the newest image that the provider's API supports."""
    first_without = kubernetes_versions.WINDOWS_2022_ENDS_BEFORE
    if kubernetes_versions.minor(cluster.kubernetes_version) < first_without:
        return
    for position, system in readable(lambda pool: pool.os, cluster.node_pools):
        if system == "Windows":
            rule = (
                f"must be Linux: Windows Server 2022 ends with Kubernetes 1.{first_without - 1}, "
                "and this program cannot create Windows Server 2025 pools yet"
            )
            remedy = f'use kubernetesVersion: "1.{first_without - 1}", or os: Linux'
            yield Problem(f"{CLUSTER}.nodePools[{position}].os", system, rule, remedy)
