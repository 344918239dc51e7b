"""Microsoft.ContainerRegistry: registries."""

from __future__ import annotations

from typing import Any

from simulator.azure.model import Request, ResourceType
from simulator.azure.outputs import CREATED_AT


def _outputs(request: Request) -> dict[str, Any]:
    return {
        "loginServer": f"{request.name.lower()}.azurecr.io",
        "creationDate": CREATED_AT,
    }


TYPES = [
    ResourceType(
        "containerregistry:Registry",
        "2023-01-01-preview",
        replaces=("location",),
        seconds=28,
        outputs=_outputs,
    ),
]
