"""Whether a run takes requests from one implementation of application routing to the other.

The implementation that gets the requests must run before it gets them, and the other one until
nobody uses its address any more: docs/migrating.md. What ran before is an output of the last run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from components.problems import Problem
from components.settings.ingress import IngressSettings
from components.settings.paths import APP_ROUTING

OUTPUT = "appRoutingImplementations"
_FORMER_DEFAULT = ("nginx",)


def find_conflicts(last_outputs: Mapping[str, Any], ingress: IngressSettings) -> Iterator[Problem]:
    """A change of the implementation that only a new default of the program would make."""
    before, now = _implementations(last_outputs, ingress)
    if (
        now
        and now[0] not in before
        and "implementation" not in ingress.app_routing.model_fields_set
    ):
        rule = (
            f"must be named: the stack used {before[0]}, if it used application routing, and the "
            f"default is now {now[0]}"
        )
        remedy = f"use {before[0]} to stay with it, or migrate as docs/migrating.md says"
        yield Problem(f"{APP_ROUTING}.implementation", "", rule, remedy)


def _implementations(
    last_outputs: Mapping[str, Any], ingress: IngressSettings
) -> tuple[Sequence[str], Sequence[str]]:
    """What ran, and what will run, the one with the requests first; empty where nothing changes."""
    now = ingress.app_routing_implementations
    # Programs without the output had NGINX as their default.
    before: Sequence[str] = last_outputs.get(OUTPUT, _FORMER_DEFAULT)
    if not before or not now or "clusterName" not in last_outputs or now[0] == before[0]:
        return (), ()
    return before, now


def warnings(last_outputs: Mapping[str, Any], ingress: IngressSettings) -> Iterator[str]:
    """The interruption that a change of the implementation brings."""
    before, now = _implementations(last_outputs, ingress)
    if not now:
        return
    if now[0] in before:
        if before[0] not in now:
            yield (
                f"{APP_ROUTING}: the run moves the requests from {before[0]} to {now[0]} and "
                f"removes {before[0]}: clients that still have its address fail until it expires "
                "from their caches; keep sideBySide: true for one more run (docs/migrating.md)"
            )
        return
    yield (
        f"{APP_ROUTING}: where {before[0]} served the requests until now, the run replaces it by "
        f"{now[0]}, and requests fail for some minutes; docs/migrating.md has the way without an "
        "outage"
    )
