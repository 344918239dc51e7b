"""Why something passes between two endpoints, or does not: the rules on the way, in order."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from analysis.reachability import services
from analysis.reachability.endpoints import Kind
from analysis.reachability.intervals import union
from analysis.reachability.matrix import Cell, Matrix
from analysis.reachability.snapshot import passage
from analysis.reachability.traffic import Flow


def explain(matrix: Matrix, source: str, target: str) -> str:
    """Every way between two, with the rules that it meets in order.

    Raises ValueError for a name that is no row or column, with those that are.
    """
    if (source, target) not in matrix.cells:
        names = ", ".join(one.name for one in matrix.endpoints)
        raise ValueError(f"no such pair: {source}, {target}; there are {names}")
    cell = matrix.between(source, target)
    sender = next(one for one in matrix.endpoints if one.name == source)
    lines = [f"{source} → {target}"]
    lines += [_step("passes", flow) for flow in cell.direct]
    for one in cell.passages:
        lines.append(f"  passes  {passage(one, sender)}")
        lines += [f"          {', '.join(one.reasons)}", *_inspection(one.inspected_by)]
    lines += [_step("denied", flow) for flow in _merged(cell)]
    if not cell.passages:
        lines += _links(matrix, source, target)
    return "\n".join(lines)


def _links(matrix: Matrix, source: str, target: str) -> list[str]:
    """What the proxies between two would need: each link, and where it breaks, why."""
    proxies = [*matrix.of_kind(Kind.GATEWAY), *matrix.of_kind(Kind.CONTROLLER)]
    chain = [source, *(one.name for one in proxies if one.name not in {source, target}), target]
    if len(chain) < 3:  # noqa: PLR2004 - no proxy between them
        return []
    lines = ["  through proxies each of these has to pass:"]
    for here, there in pairwise(chain):
        cell = matrix.cells.get((here, there), Cell())
        lines.append(f"          {here} → {there}: {services.text(cell.services)}")
        lines += [f"            {flow.reasons[-1]}" for flow in _merged(cell)]
    if matrix.idle:
        lines += ["  of listeners and routes these lead nowhere:"]
        lines += [f"          {sentence}" for sentence in matrix.idle]
    return lines


def _inspection(names: Sequence[str]) -> list[str]:
    return [f"          inspected by {name}" for name in names]


def _step(what: str, flow: Flow) -> str:
    steps = "".join(f"\n          {reason}" for reason in flow.reasons)
    return f"  {what}  {services.text(flow.services)}{steps}"


def _merged(cell: Cell) -> list[Flow]:
    """Denied flows, one for each way of being denied."""
    by_reasons = {flow.reasons: flow for flow in cell.denied}
    return [
        Flow(
            flow.sources,
            flow.destinations,
            union(one.services for one in cell.denied if one.reasons == reasons),
            reasons,
        )
        for reasons, flow in by_reasons.items()
    ]
