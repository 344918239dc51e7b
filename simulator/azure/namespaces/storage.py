"""Microsoft.Storage: storage accounts."""

from __future__ import annotations

from typing import Any

from simulator.azure.catalog import ResourceType
from simulator.azure.outputs import CREATED
from simulator.azure.request import Request


def _outputs(request: Request) -> dict[str, Any]:
    name = request.name.lower()
    services = ("blob", "dfs", "file", "queue", "table", "web")
    return {
        "primaryEndpoints": {
            service: f"https://{name}.{service}.core.windows.net/" for service in services
        },
        "primaryLocation": request.location,
        "statusOfPrimary": "available",
        "creationTime": CREATED,
    }


TYPES = [
    ResourceType(
        "storage:StorageAccount",
        "Microsoft.Storage/storageAccounts/{accountName}",
        "2024-01-01",
        replaces=("location",),
        seconds=20,
        outputs=_outputs,
    ),
]
