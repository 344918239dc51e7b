"""Which endpoints of a deployed network can reach which others, on which ports, and why.

    state = json.load(…)["deployment"]["resources"]        # of `pulumi stack export`
    matrix = reachability.compute(state)
    matrix.between("Internet", "nodes system").direct      # flows, each with its rules

The analysis reads only the state, not the program that created the resources, so that it finds
mistakes in the program. Sets of addresses and ports are exact: nothing is sampled.
"""

from __future__ import annotations

from analysis.reachability.matrix import Matrix, ProxiedPath, compute
from analysis.reachability.traffic import Flow

__all__ = ["Flow", "Matrix", "ProxiedPath", "compute"]
