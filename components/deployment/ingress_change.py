"""Whether a run takes requests from one implementation of application routing to the other.

The implementation that gets the requests must run before it gets them, and the other one until
nobody uses its address any more: docs/migrating.md. What ran before is an output of the last run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from components.problems import ConfigurationError, Problem
from components.settings.ingress import IngressSettings
from components.settings.paths import APP_ROUTING

OUTPUT = "appRoutingImplementations"
_FORMER_DEFAULT = ("nginx",)


def check(ingress: IngressSettings, last_outputs: Mapping[str, Any]) -> None:
    """Check that the next implementation runs already.

    Raises ConfigurationError where the settings do not name an implementation, so that only a new
    default of the program would change it. Where they name it, an interruption is a warning.
    """
    now = ingress.app_routing_implementations
    if not now or "clusterName" not in last_outputs:
        return
    named = "implementation" in ingress.app_routing.model_fields_set
    # Programs without the output had NGINX as their default.
    before: Sequence[str] = last_outputs.get(OUTPUT, _FORMER_DEFAULT)
    if not before or now[0] == before[0]:
        return
    if now[0] in before:
        if before[0] not in now:
            pulumi.log.warn(
                f"{APP_ROUTING}: the run moves the requests from {before[0]} to {now[0]} and "
                f"removes {before[0]}: clients that still have its address fail until it expires "
                "from their caches; keep sideBySide: true for one more run (docs/migrating.md)"
            )
        return
    if not named:
        rule = f"must be named: the stack used {before[0]}, and the default is now {now[0]}"
        remedy = f"use {before[0]} to stay with it, or migrate as docs/migrating.md says"
        raise ConfigurationError([Problem(f"{APP_ROUTING}.implementation", "", rule, remedy)])
    pulumi.log.warn(
        f"{APP_ROUTING}: where {before[0]} served the requests until now, the run replaces it by "
        f"{now[0]}, and requests fail for some minutes; docs/migrating.md has the way without an "
        "outage"
    )
