"""Traffic as boxes: who, to whom, which services; and lists of rules that split it.

A list of rules in which the first match decides cuts boxes into pieces that it allows and pieces
that it denies, each knowing the rule. The pieces never overlap and nothing gets lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from analysis.reachability.intervals import Intervals


@dataclass(frozen=True)
class Flow:
    """Traffic from any of `sources` to any of `destinations`, on any of `services`."""

    sources: Intervals
    destinations: Intervals
    services: Intervals
    reasons: tuple[str, ...] = ()
    """What decided on it so far, in the order of the way: rules, routes, policies."""

    def __bool__(self) -> bool:
        return bool(self.sources and self.destinations and self.services)

    def because(self, *reasons: str) -> Flow:
        return replace(self, reasons=(*self.reasons, *reasons))

    def meet(self, sources: Intervals, destinations: Intervals, services: Intervals) -> Flow:
        """The part of it that lies in a box."""
        return replace(
            self,
            sources=self.sources & sources,
            destinations=self.destinations & destinations,
            services=self.services & services,
        )

    def without(self, part: Flow) -> list[Flow]:
        """What remains when a box that lies in this one is taken out, as disjoint boxes."""
        return [
            flow
            for flow in (
                replace(self, sources=self.sources - part.sources),
                replace(
                    self, sources=part.sources, destinations=self.destinations - part.destinations
                ),
                replace(
                    self,
                    sources=part.sources,
                    destinations=part.destinations,
                    services=self.services - part.services,
                ),
            )
            if flow
        ]


@dataclass(frozen=True)
class Rule:
    """A box of traffic that is allowed or denied; `name` is given as the reason."""

    name: str
    allow: bool
    sources: Intervals
    destinations: Intervals
    services: Intervals


@dataclass(frozen=True)
class Verdict:
    """What passes and what does not."""

    allowed: tuple[Flow, ...] = ()
    denied: tuple[Flow, ...] = ()

    def __or__(self, other: Verdict) -> Verdict:
        return Verdict(self.allowed + other.allowed, self.denied + other.denied)


Stage = Callable[[Flow], Verdict]
"""A point on the way that lets a part of the traffic pass, possibly translated."""


def first_match(rules: Sequence[Rule], flow: Flow) -> Verdict:
    """Split a flow by rules of which the first that matches decides.

    Raises ValueError when something matches no rule: Azure's lists end with one for everything.
    """
    remaining, allowed, denied = [flow] if flow else [], list[Flow](), list[Flow]()
    for rule in rules:
        left: list[Flow] = []
        for part in remaining:
            matched = part.meet(rule.sources, rule.destinations, rule.services)
            if not matched:
                left.append(part)
                continue
            (allowed if rule.allow else denied).append(matched.because(rule.name))
            left.extend(part.without(matched))
        remaining = left
    if remaining:
        raise ValueError(f"no rule decides on {remaining}")
    return Verdict(tuple(allowed), tuple(denied))


def travel(flow: Flow, stages: Iterable[Stage]) -> Verdict:
    """Send a flow through stages in order; what one denies goes no further."""
    moving, denied = (flow,) if flow else (), list[Flow]()
    for stage in stages:
        passed: list[Flow] = []
        for part in moving:
            verdict = stage(part)
            passed.extend(verdict.allowed)
            denied.extend(verdict.denied)
        moving = tuple(passed)
    return Verdict(tuple(moving), tuple(denied))


def deny(reason: str) -> Stage:
    """A stage that nothing passes."""
    return lambda flow: Verdict(denied=(flow.because(reason),))


def note(reason: str) -> Stage:
    """A stage that everything passes, leaving its mark."""
    return lambda flow: Verdict(allowed=(flow.because(reason),))
