"""The list of rules: what an API server refuses beyond a kind's schema, and where that is said.

A rule is a function that takes a manifest and yields what is wrong with it. It is registered where
it stands:

    @rule("networking.k8s.io/Ingress", source="…")
    def an_ingress_leads_somewhere(manifest: Manifest) -> Problems: ...

Kinds are `<group>/<kind>`, without a group for the core's; no kind at all stands for every kind.
Values that are not known yet always pass.
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
    """None of them for a rule of every kind."""
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
    """A manifest's kind with its group, as rules name it."""
    group, _, _ = str(manifest["apiVersion"]).rpartition("/")
    return f"{group}/{manifest['kind']}" if group else str(manifest["kind"])


def broken(manifest: Manifest) -> Iterator[tuple[Rule, Problem]]:
    """Every rule that a manifest breaks, with what is wrong."""
    kind = kind_of(manifest)
    for row in RULES:
        if not row.kinds or kind in row.kinds:
            for problem in row.check(manifest):
                yield row, problem
