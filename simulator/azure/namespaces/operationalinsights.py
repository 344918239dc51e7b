"""Microsoft.OperationalInsights: Log Analytics workspaces."""

from __future__ import annotations

from typing import Any

from simulator.azure import identifiers
from simulator.azure.model import Request, ResourceType


def _outputs(request: Request) -> dict[str, Any]:
    return {
        "customerId": identifiers.guid(request.id, "customer"),
        "retentionInDays": request.inputs.get("retentionInDays", 30),
    }


TYPES = [
    ResourceType(
        "operationalinsights:Workspace",
        "2023-09-01",
        replaces=("location",),
        seconds=30,
        outputs=_outputs,
    ),
]
