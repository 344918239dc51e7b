"""Rules between the Kubernetes version, the pricing tier, the support plan and Windows pools."""

from __future__ import annotations

from collections.abc import Iterator

from components.problems import Problem
from components.settings import kubernetes_versions, windows_versions
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
    """The Kubernetes version runs the Windows version of each pool (aks/upgrade-os-version)."""
    minor = kubernetes_versions.minor(cluster.kubernetes_version)
    other = windows_versions.default(minor)
    for position, sku in readable(lambda pool: pool.os_sku, cluster.node_pools):
        version = windows_versions.WINDOWS_VERSIONS.get(sku or "")
        if version is None or version.runs_on(minor):
            continue
        if version.last is not None:
            why = f"Kubernetes 1.{version.last} is the last version that runs {version.name}"
            remedy = (
                f'use osSku: {other} for a new pool, or kubernetesVersion: "1.{version.last}" '
                "until the workloads have left this one (docs/changing.md, Move Windows pools)"
            )
        else:
            why = f"{version.name} needs Kubernetes 1.{version.first} or later"
            remedy = f'use osSku: {other}, or kubernetesVersion: "1.{version.first}" or later'
        rule = f"must be {other}: {why}"
        yield Problem(f"{CLUSTER}.nodePools[{position}].osSku", sku or "", rule, remedy)
