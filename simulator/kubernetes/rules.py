"""The list of rules: what an API server refuses beyond a kind's schema, with its source.

A rule is a function that takes a manifest and yields what is wrong with it. It is registered where
it is defined:

    @rule("networking.k8s.io/Ingress", source="…")
    def an_ingress_leads_somewhere(manifest: Manifest) -> Problems: ...

Kinds are `<group>/<kind>`, or `<kind>` for the core group. A rule without kinds applies to all of
them. Values that are not known yet are valid.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from simulator.azure.schema import Problem

Manifest = Mapping[str, Any]
Problems = Iterator[Problem]
Check = Callable[[Manifest], Problems]


@dataclass(frozen=True)
class Rule:
    """One row of the rule table."""

    name: str
    kinds: tuple[str, ...]
    """Empty for a rule that applies to all kinds."""
    source: str
    check: Check


RULES: list[Rule] = []


def rule(*kinds: str, source: str) -> Callable[[Check], Check]:
    """Register the decorated function as a rule for the given kinds."""

    def decorate(check: Check) -> Check:
        RULES.append(Rule(check.__name__, kinds, source, check))
        return check

    return decorate


def kind_of(manifest: Manifest) -> str:
    """A manifest's kind with its group, as in rules."""
    group, _, _ = str(manifest["apiVersion"]).rpartition("/")
    return f"{group}/{manifest['kind']}" if group else str(manifest["kind"])


def violations(manifest: Manifest) -> Iterator[tuple[Rule, Problem]]:
    """(rule, problem) for each problem of a manifest."""
    kind = kind_of(manifest)
    for row in RULES:
        if not row.kinds or kind in row.kinds:
            for problem in row.check(manifest):
                yield row, problem
