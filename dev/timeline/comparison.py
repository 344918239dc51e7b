"""Compares a deployment's duration with the lower bound, and with simpler orders."""

from __future__ import annotations

from dataclasses import dataclass

from analysis.dependency_graph import Nodes
from dev.timeline import virtual_engine
from dev.timeline.lower_bound import LowerBound, lower_bound


@dataclass(frozen=True)
class Comparison:
    """Seconds, in typical durations (`simulator.azure.durations`)."""

    resources: int
    """The resources that are created by a request to a service."""
    makespan: float
    lower_bound: LowerBound
    serial: float
    """One operation after the other."""
    by_component: float
    """Each component after the whole one before it."""
    destroy: float
    """By `pulumi destroy`, in its waves."""
    destroy_in_two_steps: float
    """First what takes long, then the rest."""
    destroy_without_waves: float
    """If each deletion started as soon as nothing needs the resource any more."""

    @property
    def ratio(self) -> float:
        """The makespan as a multiple of the lower bound."""
        return self.makespan / self.lower_bound.seconds if self.lower_bound.seconds else 1


def compare(nodes: Nodes) -> Comparison:
    """All figures, from the graph in simulated time."""
    creation = virtual_engine.create(nodes)
    end = virtual_engine.end_of
    return Comparison(
        resources=len(creation),
        makespan=end(creation),
        lower_bound=lower_bound(nodes),
        serial=sum(
            (record.end or 0) - (record.start or 0) - sum(item.seconds for item in record.retries)
            for record in creation
        ),
        by_component=end(virtual_engine.create_by_component(nodes)),
        destroy=end(virtual_engine.delete(nodes)),
        destroy_in_two_steps=end(virtual_engine.delete_in_two_steps(nodes)),
        destroy_without_waves=end(virtual_engine.delete_without_waves(nodes)),
    )


def summary(compared: Comparison) -> list[str]:
    """The comparison in a few lines."""
    bound = compared.lower_bound
    steps = " → ".join(f"{name} {seconds:g}" for name, seconds in bound.steps if seconds)
    lock = f" (one write at a time to {bound.lock}, in any order)" if bound.lock else ""
    return [
        f"Lower bound: {bound.seconds:.0f} s{lock}: {steps}.",
        (
            f"The deployment takes {compared.makespan:.0f} s, {compared.ratio:.3f} times that."
            f" Component by component it would take {compared.by_component:.0f} s, and one"
            f" operation after the other {compared.serial:.0f} s."
        ),
        (
            f"pulumi destroy takes {compared.destroy:.0f} s, because it deletes in waves. In two"
            f" steps it takes {compared.destroy_in_two_steps:.0f} s. If each deletion started as"
            " soon as nothing needs the resource, it would take"
            f" {compared.destroy_without_waves:.0f} s."
        ),
    ]
