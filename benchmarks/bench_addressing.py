"""How long the address planner takes: `python benchmarks/bench_addressing.py [pools]`.

Plans a cluster of so many pools (1,000 by default, ten times what Azure allows), through the entry
that reports problems instead of raising them, since Azure's limit on pools is one of them.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable

from components.addressing import (
    NetworkModel,
    PlanRequest,
    PoolRequest,
    VnetRequest,
    draft,
    what_if,
)

_POOLS = 1_000
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


def milliseconds(work: Callable[[], object]) -> float:
    """The median of several runs."""
    runs: list[float] = []
    for _ in range(_REPEATS):
        start = time.perf_counter()
        work()
        runs.append(1_000 * (time.perf_counter() - start))
    return statistics.median(runs)


def main() -> None:
    pools = int(sys.argv[1]) if len(sys.argv) > 1 else _POOLS
    wanted = request(pools)
    planned, _ = draft(wanted)
    if planned is None:
        sys.exit("the benchmark's request has no plan")
    print(f"plan of {pools} pools: {milliseconds(lambda: draft(wanted)):.1f} ms")
    print(f"outlook of {pools} pools: {milliseconds(lambda: what_if(planned)):.1f} ms")


if __name__ == "__main__":
    main()
