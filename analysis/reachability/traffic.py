"""Traffic as flows (sources, destinations, services), and lists of rules that split flows.

In a list of rules the first match decides. It splits a flow into parts that are allowed and parts
that are denied, each with the rule as its reason. Parts never overlap, and together they are the
whole flow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from analysis.reachability.addresses import EVERYWHERE
from analysis.reachability.intervals import Intervals
from analysis.reachability.services import EVERYTHING


@dataclass(frozen=True)
class Flow:
    """Traffic from any of `sources` to any of `destinations`, on any of `services`."""

    sources: Intervals
    destinations: Intervals
    services: Intervals
    reasons: tuple[str, ...] = ()
    """The rules, routes and policies that it passed, in this order."""
    names: tuple[str, ...] = ()
    """The host names and FQDN tags that a firewall restricts it to; empty for any destination."""

    def __bool__(self) -> bool:
        return bool(self.sources and self.destinations and self.services)

    def with_reasons(self, *reasons: str) -> Flow:
        return replace(self, reasons=(*self.reasons, *reasons))

    def intersect(self, sources: Intervals, destinations: Intervals, services: Intervals) -> Flow:
        """The part that all three sets contain."""
        return replace(
            self,
            sources=self.sources & sources,
            destinations=self.destinations & destinations,
            services=self.services & services,
        )

    def subtract(self, part: Flow) -> list[Flow]:
        """The rest without a part of this flow, as disjoint flows."""
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
    """Traffic that is allowed or denied; the name becomes the reason."""

    name: str
    allow: bool
    sources: Intervals
    destinations: Intervals
    services: Intervals


@dataclass(frozen=True)
class Verdict:
    """Allowed and denied traffic."""

    allowed: tuple[Flow, ...] = ()
    denied: tuple[Flow, ...] = ()

    def __or__(self, other: Verdict) -> Verdict:
        return Verdict(self.allowed + other.allowed, self.denied + other.denied)


Stage = Callable[[Flow], Verdict]
"""A stage of a path, which allows part of the traffic and may translate its addresses."""


def rule_for_any_service(
    name: str,
    *,
    allow: bool,
    sources: Intervals = EVERYWHERE,
    destinations: Intervals = EVERYWHERE,
) -> Rule:
    """A rule for all services; unless stated otherwise, for all addresses."""
    return Rule(name, allow, sources, destinations, EVERYTHING)


def first_match(rules: Sequence[Rule], flow: Flow) -> Verdict:
    """Split a flow by rules; the first match decides.

    Raises ValueError if traffic matches no rule: Azure's lists end with a rule for all traffic.
    """
    remaining, allowed, denied = [flow] if flow else [], list[Flow](), list[Flow]()
    for rule in rules:
        left: list[Flow] = []
        for part in remaining:
            matched = part.intersect(rule.sources, rule.destinations, rule.services)
            if not matched:
                left.append(part)
                continue
            (allowed if rule.allow else denied).append(matched.with_reasons(rule.name))
            left.extend(part.subtract(matched))
        remaining = left
    if remaining:
        raise ValueError(f"no rule matches {remaining}")
    return Verdict(tuple(allowed), tuple(denied))


def apply_stages(flow: Flow, stages: Iterable[Stage]) -> Verdict:
    """Pass a flow through stages in order; later stages do not see denied traffic."""
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
    """A stage that denies everything, with a reason."""
    return lambda flow: Verdict(denied=(flow.with_reasons(reason),))


def allow(reason: str) -> Stage:
    """A stage that allows everything, with a reason."""
    return lambda flow: Verdict(allowed=(flow.with_reasons(reason),))
