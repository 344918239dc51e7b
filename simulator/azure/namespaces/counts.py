"""Rules from a table: how many resources of a type there can be in a scope, such as a network."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from simulator.azure.model import Request
from simulator.azure.rules import Rule, register
from support import arm_ids

Counts = Mapping[tuple[str, str], int]
"""The maximum, by type and by what the resources are counted in."""
Scope = Callable[[str, Mapping[str, Any], str], "str | None"]
"""From id, inputs and scope: what a resource is counted in; None where it does not count."""


def rule_name(token: str, scope: str) -> str:
    """The name of the rule for a row."""
    return f"{token.split(':')[1]}_count_in_a_{scope.replace(' ', '_')}"


def register_counts(most: Counts, scope_of: Scope, source: str, namespace: str) -> None:
    """Register a rule for each row of the table."""
    for token, scope in most:
        check = partial(_is_one_too_many, token=token, scope=scope, most=most, scope_of=scope_of)
        name = rule_name(token, scope)
        register(Rule(name, "BadRequest", 400, source, namespace, (token,), "put", check))


def _is_one_too_many(
    request: Request, token: str, scope: str, most: Counts, scope_of: Scope
) -> str | None:
    mine = scope_of(request.id, request.inputs, scope)
    if mine is None:
        return None
    others = [
        item
        for item in request.cloud.store.of_type(token)
        if not arm_ids.same(item.id, request.id) and scope_of(item.id, item.inputs, scope) == mine
    ]
    limit = most[token, scope]
    if len(others) < limit:
        return None
    return f"A {scope} can have at most {limit} resources of the type {request.type.arm_type}."
