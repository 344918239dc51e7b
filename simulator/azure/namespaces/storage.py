"""Microsoft.Storage: storage accounts."""

from __future__ import annotations

import re
from typing import Any

from simulator.azure.model import Request, ResourceType
from simulator.azure.outputs import CREATED_AT
from simulator.azure.rules import Refusal, rule

_NAMES = "Microsoft Learn: azure-resource-manager/troubleshooting/error-storage-account-name"


@rule("AccountNameInvalid", "storage:StorageAccount", source=_NAMES)
def a_name_is_letters_and_digits(request: Request) -> Refusal | None:
    """An account name is part of a host name: 3 to 24 lower-case letters and digits."""
    if re.fullmatch(r"[a-z0-9]{3,24}", request.name):
        return None
    message = f"{request.name} is not a valid account name: use 3-24 lower-case letters and digits."
    return Refusal(message, "accountName")


@rule("StorageAccountAlreadyTaken", "storage:StorageAccount", source=_NAMES, status=409)
def a_name_is_taken_once(request: Request) -> str | None:
    """Account names are unique in all subscriptions."""
    for other in request.cloud.store.of_type(request.type.token):
        if other.name == request.name and other.id.lower() != request.id.lower():
            return f"The storage account name {request.name} is already in use."
    return None


def _outputs(request: Request) -> dict[str, Any]:
    name = request.name.lower()
    services = ("blob", "dfs", "file", "queue", "table", "web")
    return {
        "primaryEndpoints": {
            service: f"https://{name}.{service}.core.windows.net/" for service in services
        },
        "primaryLocation": request.location,
        "statusOfPrimary": "available",
        "creationTime": CREATED_AT,
    }


TYPES = [
    ResourceType(
        "storage:StorageAccount",
        "2024-01-01",
        replaces=("location",),
        seconds=20,
        outputs=_outputs,
    ),
]
