"""What a rule of the audit yields: each resource that violates it, with a detail."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from analysis.stack_state import Resource, State

Violations = Iterator[tuple[Resource, str]]
"""Resources with what is wrong with each, such as `networkPolicy is none`."""
Check = Callable[[State], Violations]
