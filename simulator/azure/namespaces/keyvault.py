"""Microsoft.KeyVault: vaults and secrets."""

from __future__ import annotations

from typing import Any

from simulator.azure import arm
from simulator.azure.catalog import ResourceType
from simulator.azure.request import Request
from simulator.nested import mapping

_VAULT = "Microsoft.KeyVault/vaults/{vaultName}"


def _vault_outputs(request: Request) -> dict[str, Any]:
    properties: dict[str, Any] = dict(mapping(request.inputs, "properties"))
    properties["vaultUri"] = f"https://{request.name.lower()}.vault.azure.net/"
    properties["provisioningState"] = "Succeeded"
    properties["hsmPoolResourceId"] = ""
    return {"properties": properties}


def _secret_outputs(request: Request) -> dict[str, Any]:
    given = mapping(request.inputs, "properties")
    uri = f"https://{request.inputs['vaultName'].lower()}.vault.azure.net/secrets/{request.name}"
    version = arm.digest(request.id, str(given.get("value")), length=32)
    properties = {key: item for key, item in given.items() if key != "value"}
    properties["secretUri"] = uri
    properties["secretUriWithVersion"] = f"{uri}/{version}"
    return {"properties": properties}


TYPES = [
    ResourceType(
        "keyvault:Vault",
        _VAULT,
        "2024-11-01",
        replaces=("location",),
        seconds=60,
        outputs=_vault_outputs,
    ),
    ResourceType(
        "keyvault:Secret",
        f"{_VAULT}/secrets/{{secretName}}",
        "2024-11-01",
        seconds=2,
        outputs=_secret_outputs,
    ),
]
