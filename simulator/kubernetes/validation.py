"""Applies the rules of all modules: what the API server checks beyond a kind's schema."""

from __future__ import annotations

from simulator.kubernetes import core_rules, gateway_rules, routing_rules, rules
from simulator.kubernetes.rules import Manifest, Problems

MODULES = (core_rules, gateway_rules, routing_rules)
"""Importing a module registers its rules."""


def problems(manifest: Manifest) -> Problems:
    """What the API server refuses in an object."""
    for _, problem in rules.violations(manifest):
        yield problem
