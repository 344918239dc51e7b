"""The Windows version of each pool after the last run, which Azure never changes.

"Node pool update to migrate from one Windows Server version to another isn't supported"
(aks/upgrade-windows-os, "Limitations"). An upgrade of Kubernetes is blocked while a pool has an
image that the new version does not run (aks/upgrade-os-version). Azure says so in the middle of a
run. The stack therefore stores the versions as an output, and the next run checks its settings
against them before anything is registered. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from components.problems import Problem
from components.settings import kubernetes_versions
from components.settings.cluster import ClusterSettings
from components.settings.paths import CLUSTER
from components.settings.windows_versions import WINDOWS_2022, WINDOWS_2025, WINDOWS_VERSIONS

OUTPUT = "windowsPools"
"""The stack output: by the name of a Windows pool, its image."""

_MOVE = (
    f"add a pool with osSku: {WINDOWS_2025}, move the workloads to it, and then remove this one "
    "(docs/changing.md, Move Windows pools)"
)


def find_conflicts(last_outputs: Mapping[str, Any], cluster: ClusterSettings) -> Iterator[Problem]:
    """The pools whose Windows version would change, or whose version blocks the upgrade."""
    before = _before(last_outputs, cluster)
    now = cluster.windows_pools
    minor = kubernetes_versions.minor(cluster.kubernetes_version)
    for position, pool in enumerate(cluster.node_pools):
        old = before.get(pool.name)
        if old and pool.os == "Windows" and now[pool.name] != old:
            rule = f"must stay {old}: Azure does not change the Windows version of an existing pool"
            known = WINDOWS_VERSIONS.get(old)
            keep = f"use osSku: {old}, or " if known and known.runs_on(minor) else ""
            path = f"{CLUSTER}.nodePools[{position}].osSku"
            yield Problem(path, now[pool.name], rule, keep + _MOVE)
    blocking = [
        name
        for name, sku in before.items()
        if name not in now and sku in WINDOWS_VERSIONS and not WINDOWS_VERSIONS[sku].runs_on(minor)
    ]
    if blocking:
        last = WINDOWS_VERSIONS[before[blocking[0]]].last
        yield Problem(
            f"{CLUSTER}.kubernetesVersion",
            cluster.kubernetes_version,
            f"must be 1.{last} in the run that removes the Windows pool {', '.join(blocking)}: "
            "Azure upgrades the control plane first, and refuses it while the pool exists",
            f'use "1.{last}", run, then raise the version',
        )


def _before(last_outputs: Mapping[str, Any], cluster: ClusterSettings) -> Mapping[str, str]:
    """The images after the last run, as far as they are known.

    Earlier versions of this program did not store them, and created Windows Server 2022 only. All
    Windows pools are then taken for such pools, those that the run adds included: a pool of another
    version is added in the run after.
    """
    if OUTPUT in last_outputs:
        stored: Mapping[str, str] = last_outputs[OUTPUT]
        return stored
    if "clusterName" not in last_outputs:
        return {}
    return dict.fromkeys(cluster.windows_pools, WINDOWS_2022)
