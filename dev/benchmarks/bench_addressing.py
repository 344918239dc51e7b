"""Measures the address planner: `python -m dev.benchmarks planner`.

Plans clusters with up to ten times the pools that Azure allows. It calls the function that returns
problems instead of raising them, because that limit is one of them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from components.addressing import (
    NetworkModel,
    PlanRequest,
    PoolRequest,
    VnetRequest,
    draft,
    what_if,
)
from dev.benchmarks.tables import Section, Table, spread

T = TypeVar("T")

_POOLS = (10, 100, 1_000)
_REPEATS = 7


def request(pools: int) -> PlanRequest:
    """Azure CNI overlay with both networks, every pool with a share surge."""
    return PlanRequest(
        model=NetworkModel.OVERLAY,
        cluster=VnetRequest("cluster", ("10.20.0.0/16",), "aks-network:network"),
        management=VnetRequest("management", ("10.30.0.0/24",), "aks-network:management"),
        pod_cidr="10.64.0.0/10",
        service_cidr="10.200.0.0/16",
        dns_service_ip="10.200.0.10",
        pools=tuple(
            PoolRequest(
                name=f"p{index}",
                max_pods=110,
                min_count=2,
                max_count=3,
                max_surge="33%",
                mode="System" if index == 0 else "User",
                path=f"aks-network:cluster.nodePools[{index}]",
            )
            for index in range(pools)
        ),
        application_gateway_max_capacity=10,
        bastion_scale_units=2,
        jump_boxes=1,
    )


def milliseconds(work: Callable[[T], object], subject: T) -> list[float]:
    """The duration of several runs."""
    runs: list[float] = []
    for _ in range(_REPEATS):
        start = time.perf_counter()
        work(subject)
        runs.append(1_000 * (time.perf_counter() - start))
    return runs


def main() -> Section:
    """Measure every size."""
    section = Section("Address planner", "python -m dev.benchmarks planner")
    table = Table(("pools", "plan, ms", "compute what else would fit, ms"))
    for count in _POOLS:
        wanted = request(count)
        planned, _ = draft(wanted)
        if planned is None:
            raise ValueError(f"the benchmark's request of {count} pools has no plan")
        plans, outlooks = milliseconds(draft, wanted), milliseconds(what_if, planned)
        table.rows.append((f"{count:,}", spread(plans), spread(outlooks)))
    section.parts += [
        f"The median of {_REPEATS} runs, followed by the smallest and the largest.",
        table,
    ]
    return section
