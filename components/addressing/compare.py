"""The network models side by side for the same pools: addresses, limits, properties."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from components.addressing.azure import POD_RANGE_MODELS, smallest_subnet
from components.addressing.growth import what_if
from components.addressing.plan import AddressPlan
from components.addressing.planner import draft
from components.addressing.ranges import free_range
from components.addressing.request import NetworkModel, PlanRequest, PodAllocation
from components.addressing.subnet_keys import SubnetKey
from components.problems import Problem
from components.retirements import KUBENET


@dataclass(frozen=True)
class ModelFacts:
    """The properties that do not depend on the pools. `hops` are the hops between two pods."""

    title: str
    model: NetworkModel
    allocation: PodAllocation
    windows: str
    policies: str
    on_premises: str
    hops: str
    retirement: str
    source: str


MODELS: tuple[ModelFacts, ...] = (
    ModelFacts(
        "node subnet",
        NetworkModel.AZURE_CNI,
        "dynamic",
        "yes, without Cilium",
        "Azure, Calico, Cilium",
        "direct",
        "none",
        "-",
        "aks/concepts-network-legacy-cni",
    ),
    ModelFacts(
        "pod subnet",
        NetworkModel.POD_SUBNET,
        "dynamic",
        "yes, without Cilium",
        "Azure, Calico, Cilium",
        "direct",
        "none",
        "-",
        "aks/concepts-network-azure-cni-pod-subnet",
    ),
    ModelFacts(
        "pod subnet, blocks",
        NetworkModel.POD_SUBNET,
        "staticBlock",
        "yes, without Cilium; no 2019",
        "Azure, Calico, Cilium",
        "direct",
        "none",
        "-",
        "aks/concepts-network-azure-cni-pod-subnet",
    ),
    ModelFacts(
        "overlay",
        NetworkModel.OVERLAY,
        "dynamic",
        "yes, without Cilium",
        "Azure, Calico, Cilium",
        "by load balancer",
        "none",
        "-",
        "aks/concepts-network-azure-cni-overlay",
    ),
    ModelFacts(
        "kubenet",
        NetworkModel.KUBENET,
        "dynamic",
        "no",
        "Calico",
        "by load balancer",
        "route table",
        KUBENET.on.isoformat(),
        "aks/configure-kubenet",
    ),
)


@dataclass(frozen=True)
class ModelComparison:
    """The figures of one model for the given pools: numbers of addresses, and prefixes.

    `vnet_addresses` is how many addresses of the virtual network nodes and pods use. `node_prefix`
    and `pod_prefix` are the smallest subnets (or pod range) for them. `most_nodes` and `most_pods`
    are the size of the cluster if its largest pool grows as far as the address space allows;
    `stopped_by` is the limit that stops it. `obstacle` says why there is no plan, if there is none.
    """

    facts: ModelFacts
    node_addresses: int
    node_prefix: str
    pod_addresses: int
    pod_prefix: str
    vnet_addresses: int
    most_nodes: int | None
    most_pods: int | None
    stopped_by: str
    obstacle: str | None


def compare(request: PlanRequest) -> tuple[ModelComparison, ...]:
    """Every model for the request's pools and address space, in the order of `MODELS`.

    The features in use stay as they are, and all pools stand in one node subnet. Prefixes fixed by
    hand are left out, since they were chosen for one model; a pod range is supplied where the model
    needs one and the request has none.
    """
    return tuple(_compare_one(_as_model(request, facts), facts) for facts in MODELS)


def _as_model(request: PlanRequest, facts: ModelFacts) -> PlanRequest:
    pod_cidr = None
    if facts.model in POD_RANGE_MODELS:
        pod_cidr = request.pod_cidr or _some_pod_range(request)
    kubenet = facts.model is NetworkModel.KUBENET
    return replace(
        request,
        model=facts.model,
        dataplane="azure" if kubenet else request.dataplane,
        policy=None if kubenet else request.policy,
        pod_allocation=facts.allocation,
        pod_cidr=pod_cidr,
        pools=tuple(
            replace(pool, subnet=SubnetKey.NODES, pod_subnet=None) for pool in request.pools
        ),
        cluster=replace(request.cluster, fixed={}, existing=False, occupied=()),
    )


def _some_pod_range(request: PlanRequest) -> str:
    planned, _ = draft(replace(request, pod_cidr=None))
    taken = [] if planned is None else [planned.service_range]
    for vnet in planned.vnets if planned else ():
        taken.extend(vnet.ranges)
    return str(free_range(14, taken))


def _compare_one(request: PlanRequest, facts: ModelFacts) -> ModelComparison:
    planned, findings = draft(request)
    if planned is None:
        unplanned = _obstacle(findings.problems)
        return ModelComparison(facts, 0, "-", 0, "-", 0, None, None, "-", unplanned)
    nodes = _required(planned, "nodes")
    pods = _required(planned, "pods")
    pod_prefix = f"/{smallest_subnet(pods)}" if pods else "in node subnet"
    if planned.pod_range is not None:
        pods = planned.pod_range.upgrade_required
        pod_prefix = f"/{32 - max(0, pods - 1).bit_length()} outside"
    in_vnet = nodes + (pods if planned.pod_range is None else 0)
    most_nodes, most_pods, stopped_by = _largest(planned)
    return ModelComparison(
        facts,
        nodes,
        f"/{smallest_subnet(nodes)}",
        pods,
        pod_prefix,
        in_vnet,
        most_nodes,
        most_pods,
        stopped_by,
        _obstacle(findings.problems),
    )


def _obstacle(problems: Sequence[Problem]) -> str | None:
    """The rules broken, each once with its setting's name; None where there are none."""
    rules = (f"{problem.path.rpartition('.')[2]} {problem.rule}" for problem in problems)
    return "; ".join(dict.fromkeys(rules)) or None


def _required(plan: AddressPlan, family: str) -> int:
    return sum(subnet.upgrade_required for subnet in plan.subnets if subnet.demand.family == family)


def _largest(plan: AddressPlan) -> tuple[int | None, int | None, str]:
    """Nodes and pods of the cluster once its largest pool has grown as far as it can."""
    needed = [SubnetKey.NODES]
    if plan.model is NetworkModel.POD_SUBNET:
        needed.append(SubnetKey.PODS)
    if not plan.pools or not all(plan.has(key) for key in needed):
        return None, None, "-"
    outlooks = what_if(plan)
    largest = max(outlooks, key=lambda outlook: outlook.max_count)
    others = [pool for pool in plan.pools if pool.request.name != largest.pool]
    nodes = largest.most_nodes + sum(pool.nodes_at_most for pool in others)
    pods = largest.most_pods + sum(pool.nodes_at_most * pool.request.max_pods for pool in others)
    return nodes, pods, largest.stopped_by
