"""Whether nodes would answer DNS queries before the network policies let them.

The pools are written before the objects in the cluster. Stacks of earlier versions of this program
have policies that know nothing of LocalDNS, so pods would lose their DNS in between. A stack
therefore stores that its policies allow it as an output. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from components.problems import Problem
from components.settings.paths import CLUSTER
from components.settings.stack import Settings

OUTPUT = "localDnsAllowed"
"""The stack output: whether the network policies of the applications allow LocalDNS."""


def find_conflicts(last_outputs: Mapping[str, Any], settings: Settings) -> Iterator[Problem]:
    """The pools of an existing cluster that LocalDNS would reach by default, and too early."""
    exists = "clusterName" in last_outputs and not last_outputs.get(OUTPUT)
    if not exists or settings.kubernetes.delivery == "none" or not settings.kubernetes.applications:
        return
    cluster = settings.cluster
    for position, pool in enumerate(cluster.node_pools):
        if pool.local_dns is None and cluster.has_local_dns(pool):
            rule = (
                "must be set: LocalDNS is on by default, and the network policies of the last run "
                "do not allow it yet"
            )
            remedy = "use localDns: false for one run, which delivers the policies; then remove it"
            yield Problem(f"{CLUSTER}.nodePools[{position}].localDns", "", rule, remedy)
