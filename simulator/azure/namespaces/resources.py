"""Microsoft.Resources: resource groups."""

from __future__ import annotations

from typing import Any

from simulator.azure.model import Request, ResourceType


def _group_outputs(request: Request) -> dict[str, Any]:
    del request
    return {"properties": {"provisioningState": "Succeeded"}}


TYPES = [
    ResourceType(
        "resources:ResourceGroup",
        "2024-03-01",
        replaces=("location",),
        seconds=1,
        outputs=_group_outputs,
    ),
]
