"""What the API server checks beyond a kind's schema: the rules of all modules, applied."""

from __future__ import annotations

from simulator.kubernetes import core_rules, gateway_rules, routing_rules, rules
from simulator.kubernetes.rules import Manifest, Problems

MODULES = (core_rules, gateway_rules, routing_rules)
"""Each registers its rules."""


def problems(manifest: Manifest) -> Problems:
    """What the API server refuses in an object of any kind."""
    for _, problem in rules.broken(manifest):
        yield problem
