"""A deployment's time against what Azure imposes, and against orders that ask for less thought."""

from __future__ import annotations

from dataclasses import dataclass

from analysis.dependency_graph import Nodes
from dev.timeline import virtual_engine
from dev.timeline.lower_bound import Bound, bound


@dataclass(frozen=True)
class Comparison:
    """Seconds, in typical durations (`simulator.azure.durations`)."""

    resources: int
    """Those that a service is asked for."""
    makespan: float
    imposed: Bound
    serial: float
    """One operation after the other."""
    by_component: float
    """Each component after the whole one before it."""
    destroy: float
    """By `pulumi destroy`, in its waves."""
    destroy_in_two: float
    """First what takes long, then the rest."""
    destroy_at_once: float
    """If each deletion began as soon as nothing needs the resource any more."""

    @property
    def ratio(self) -> float:
        """The makespan as a multiple of what Azure imposes."""
        return self.makespan / self.imposed.seconds if self.imposed.seconds else 1


def compare(nodes: Nodes) -> Comparison:
    """Everything worked out from the graph, on a clock that nobody waits for."""
    created = virtual_engine.created(nodes)
    end = virtual_engine.end_of
    return Comparison(
        resources=len(created),
        makespan=end(created),
        imposed=bound(nodes),
        serial=sum(
            (record.end or 0) - (record.start or 0) - sum(one.seconds for one in record.retries)
            for record in created
        ),
        by_component=end(virtual_engine.component_by_component(nodes)),
        destroy=end(virtual_engine.deleted(nodes)),
        destroy_in_two=end(virtual_engine.deleted_in_two_steps(nodes)),
        destroy_at_once=end(virtual_engine.deleted_at_once(nodes)),
    )


def summary(found: Comparison) -> list[str]:
    """The comparison in a few lines."""
    steps = " → ".join(f"{name} {seconds:g}" for name, seconds in found.imposed.steps if seconds)
    lock = (
        f" (one write at a time to {found.imposed.lock}, in any order)"
        if found.imposed.lock
        else ""
    )
    return [
        f"Azure itself imposes {found.imposed.seconds:.0f} s{lock}: {steps}.",
        (
            f"The deployment takes {found.makespan:.0f} s, {found.ratio:.3f} times that. Component"
            f" by component it would take {found.by_component:.0f} s, and one operation after the"
            f" other {found.serial:.0f} s."
        ),
        (
            f"pulumi destroy takes {found.destroy:.0f} s, because it deletes in waves. In two steps"
            f" it takes {found.destroy_in_two:.0f} s. If each deletion started as soon as nothing"
            f" needs the resource, it would take {found.destroy_at_once:.0f} s."
        ),
    ]
