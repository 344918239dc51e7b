"""Who reaches whom on a deployed network, and on which ports, computed from a stack's state alone.

    state = json.load(…)["deployment"]["resources"]        # of `pulumi stack export`
    matrix = reachability.compute(state)
    matrix.between("Internet", "nodes system").direct      # flows, each with the rules it passes

It reads resources as Azure and Kubernetes show them, never the program that made them, so a mistake
in the program can't hide here. Sets of addresses and ports are exact; nothing is sampled.
"""

from __future__ import annotations

from analysis.reachability.matrix import Matrix, Passage, compute
from analysis.reachability.traffic import Flow

__all__ = ["Flow", "Matrix", "Passage", "compute"]
