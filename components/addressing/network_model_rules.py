"""Checks of the node pools against the network model: data plane, Windows, subnets, nodes."""

from __future__ import annotations

from components.addressing.azure import (
    MODEL_LIMITS,
    MOST_POOL_NODES,
    NPM_NODES,
    NPM_PODS,
    SUBNET_DEFINITIONS,
)
from components.addressing.findings import Change, Findings
from components.addressing.remedies import lower_largest
from components.addressing.request import NetworkModel, PlanRequest
from components.addressing.subnet_keys import SubnetKey
from components.addressing.subnet_sizes import Pool


def check_pools_against_model(findings: Findings, request: PlanRequest) -> None:
    """Refuse data planes, operating systems and subnets that the model does not support."""
    limits = MODEL_LIMITS[request.model]
    cilium = request.dataplane == "cilium"
    if cilium and not limits.cilium:
        findings.refuse(
            request.path_of("dataplane"),
            request.dataplane,
            f"must be azure: {limits.name} does not support the Cilium data plane",
            "use dataplane: azure, or another model",
        )
    for pool in request.pools:
        if pool.knows("os") and pool.os == "Windows" and (cilium or not limits.windows):
            culprit = "the Cilium data plane" if cilium else limits.name
            findings.refuse(
                f"{pool.path}.os",
                pool.os,
                f"must be Linux: {culprit} supports no Windows nodes",
                "use os: Linux, or a model and a data plane that support Windows",
            )
        if (
            pool.knows("subnet")
            and pool.subnet in SUBNET_DEFINITIONS
            and pool.subnet != SubnetKey.NODES
        ):
            findings.refuse(
                f"{pool.path}.subnet",
                pool.subnet,
                "must be a subnet for nodes: this one is for "
                f"{SUBNET_DEFINITIONS[pool.subnet].title}",
                "use nodes, or a further node subnet such as nodes-2",
                [Change(f"{pool.path}.subnet", str(SubnetKey.NODES))],
            )
        if request.model is NetworkModel.POD_SUBNET and pool.pod_subnet == pool.subnet:
            findings.refuse(
                f"{pool.path}.podSubnet",
                pool.pod_subnet,
                "must not be the pool's node subnet: nodes and pods need different ones",
                "use another subnet, or remove podSubnet",
            )


def check_cluster_size(findings: Findings, request: PlanRequest, pools: list[Pool]) -> None:
    """Refuse more nodes than the model supports, and advise on what the policy engine supports."""
    limits = MODEL_LIMITS[request.model]
    nodes = sum(pool.nodes_at_most for pool in pools)
    upgrading = sum(pool.nodes_upgrading for pool in pools)
    path = request.path_of("nodePools")
    # kubenet keeps a route for every node, the surge nodes of an upgrade included.
    counted = upgrading if request.model is NetworkModel.KUBENET else nodes
    if counted > limits.nodes:
        text, changes = lower_largest(pools, lambda _: 1, limits.nodes) or (
            f"lower maxCount of the pools by {counted - limits.nodes} nodes in all",
            [],
        )
        other = "use azure-cni-overlay" if limits.nodes < MOST_POOL_NODES else "add a cluster"
        findings.refuse(
            path,
            f"{nodes} nodes at most, {upgrading} in an upgrade",
            f"must be at most {limits.nodes} nodes with {limits.name} ({limits.source})",
            f"{text}, or {other}",
            changes,
        )
    pods = sum(pool.nodes_at_most * pool.request.max_pods for pool in pools)
    if request.policy == "azure" and (nodes > NPM_NODES or pods > NPM_PODS):
        findings.advise(
            path,
            f"{nodes} nodes and {pods} pods at most",
            f"should be at most {NPM_NODES} nodes and {NPM_PODS} pods with Azure Network Policy "
            "Manager",
            "use the Cilium data plane, or policy: calico",
        )
