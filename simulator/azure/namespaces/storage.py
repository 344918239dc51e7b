"""Microsoft.Storage: storage accounts with their services, blob containers and keys."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import Any

from simulator.azure import identifiers
from simulator.azure.functions import function
from simulator.azure.model import Cloud, Request, ResourceType
from simulator.azure.outputs import CREATED_AT
from simulator.azure.rules import Refusal, rule
from simulator.errors import AzureError

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


@rule(
    "PublicAccessNotPermitted",
    "storage:BlobContainer",
    source="Microsoft Learn: azure/storage/blobs/anonymous-read-access-configure",
    status=409,
)
def public_containers_need_a_public_account(request: Request) -> Refusal | None:
    """A container is public only in an account that allows it, which new accounts do not."""
    account = request.cloud.get(request.id.partition("/blobServices/")[0])
    access = str(request.inputs.get("publicAccess", "None"))
    if access == "None" or (account and account.inputs.get("allowBlobPublicAccess")):
        return None
    return Refusal("Public access is not permitted on this storage account.", "publicAccess")


def _container_outputs(request: Request) -> dict[str, Any]:
    return {
        "defaultEncryptionScope": request.inputs.get(
            "defaultEncryptionScope", "$account-encryption-key"
        ),
        "denyEncryptionScopeOverride": bool(request.inputs.get("denyEncryptionScopeOverride")),
        "publicAccess": request.inputs.get("publicAccess", "None"),
        "hasImmutabilityPolicy": False,
        "hasLegalHold": False,
        "lastModifiedTime": CREATED_AT,
        "leaseState": "Available",
        "leaseStatus": "Unlocked",
    }


def _service_outputs(request: Request) -> dict[str, Any]:
    account = request.parent
    name = account.inputs["sku"]["name"] if account else "Standard_LRS"
    return {"sku": {"name": name, "tier": str(name).partition("_")[0]}}


@function("storage:listStorageAccountKeys")
def account_keys(cloud: Cloud, args: Mapping[str, Any]) -> dict[str, Any]:
    """The two access keys of an account."""
    account = cloud.get(cloud.id_of("storage:StorageAccount", args))
    if account is None:
        message = f"Storage account '{args.get('accountName')}' does not exist."
        raise AzureError(404, "ResourceNotFound", message)
    return {
        "keys": [
            {
                "creationTime": CREATED_AT,
                "keyName": name,
                "permissions": "FULL",
                "value": base64.b64encode(
                    identifiers.digest(account.id, name, length=64).encode()
                ).decode(),
            }
            for name in ("key1", "key2")
        ]
    }


TYPES = [
    ResourceType(
        "storage:BlobContainer",
        "2024-01-01",
        seconds=2,
        outputs=_container_outputs,
    ),
    *(
        ResourceType(
            f"storage:{service}ServiceProperties",
            "2024-01-01",
            seconds=2,
            outputs=_service_outputs if service in ("Blob", "File") else None,
            singleton=True,
        )
        for service in ("Blob", "File", "Queue", "Table")
    ),
    ResourceType(
        "storage:StorageAccount",
        "2024-01-01",
        replaces=("location",),
        seconds=20,
        outputs=_outputs,
    ),
]
