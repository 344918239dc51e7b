"""Why traffic between two endpoints is allowed or denied: the rules on the path, in order."""

from __future__ import annotations

from itertools import pairwise

from analysis.reachability import services
from analysis.reachability.endpoints import Kind
from analysis.reachability.intervals import union
from analysis.reachability.matrix import Cell, Matrix
from analysis.reachability.snapshot import proxied_text
from analysis.reachability.traffic import Flow

_INDENT = " " * 11


def explain(matrix: Matrix, source: str, target: str) -> str:
    """All traffic between two endpoints, with the rules that it meets in order.

    Raises ValueError for an unknown endpoint, with the names of all endpoints.
    """
    if (source, target) not in matrix.cells:
        names = ", ".join(one.name for one in matrix.endpoints)
        raise ValueError(f"no such pair: {source}, {target}; the endpoints are {names}")
    cell = matrix.between(source, target)
    sender = next(one for one in matrix.endpoints if one.name == source)
    lines = [f"{source} → {target}"]
    lines += [_step("allowed", flow) for flow in cell.direct]
    for one in cell.proxied:
        lines += [f"  allowed  {proxied_text(one, sender)}", f"{_INDENT}{', '.join(one.reasons)}"]
        inspected = [f"{_INDENT}inspected by {name}" for name in one.waf_policies]
        lines += inspected or [f"{_INDENT}no web application firewall inspects it"]
    lines += [_step("denied", flow) for flow in _merged(cell)]
    if not cell.proxied:
        lines += _connections(matrix, source, target)
    return "\n".join(lines)


def _connections(matrix: Matrix, source: str, target: str) -> list[str]:
    """The connections that a path through proxies would need, with what denies them."""
    proxies = [*matrix.of_kind(Kind.GATEWAY), *matrix.of_kind(Kind.CONTROLLER)]
    chain = [source, *(one.name for one in proxies if one.name not in {source, target}), target]
    if len(chain) < 3:  # noqa: PLR2004 - no proxy between them
        return []
    lines = ["  a path through proxies would need all of these connections:"]
    for here, there in pairwise(chain):
        cell = matrix.cells.get((here, there), Cell())
        lines.append(f"{_INDENT}{here} → {there}: {services.text(cell.services)}")
        lines += [f"{_INDENT}  {flow.reasons[-1]}" for flow in _merged(cell)]
    if matrix.inactive:
        lines += ["  listeners and routes that serve no traffic:"]
        lines += [f"{_INDENT}{sentence}" for sentence in matrix.inactive]
    return lines


def _step(what: str, flow: Flow) -> str:
    steps = "".join(f"\n{_INDENT}{reason}" for reason in flow.reasons)
    return f"  {what:<7}  {services.text(flow.services)}{steps}"


def _merged(cell: Cell) -> list[Flow]:
    """Denied flows, one for each list of reasons."""
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
