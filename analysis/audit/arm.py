"""A stack's Azure resources as an ARM template, for scanners that read nothing else. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from analysis.audit.model import Json, is_secret

SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"

_BESIDE = frozenset({"location", "tags", "zones", "identity", "kind", "plan", "extendedLocation"})
"""What stands beside `properties` in every type."""
_SKU_BESIDE = frozenset(
    {
        "microsoft.compute/virtualmachines",
        "microsoft.containerservice/managedclusters",
        "microsoft.network/bastionhosts",
        "microsoft.network/natgateways",
        "microsoft.network/publicipaddresses",
        "microsoft.storage/storageaccounts",
    }
)
"""Types whose `sku` does so, too; in the others it is one of the properties."""
_API_VERSIONS = {
    "microsoft.authorization": "2022-04-01",
    "microsoft.compute": "2024-11-01",
    "microsoft.containerservice": "2025-09-01",
    "microsoft.insights": "2021-05-01-preview",
    "microsoft.keyvault": "2024-11-01",
    "microsoft.managedidentity": "2023-01-31",
    "microsoft.operationalinsights": "2023-09-01",
    "microsoft.servicenetworking": "2025-01-01",
    "microsoft.storage": "2024-01-01",
}
"""What the provider's default is in each namespace; the network's is 2024-05-01."""
_RENAMED = {
    "microsoft.storage/storageaccounts": {
        "enableHttpsTrafficOnly": "supportsHttpsTrafficOnly",
        "networkRuleSet": "networkAcls",
    }
}
"""Properties that the provider calls otherwise than ARM does."""
_PATH = ("resourceGroupName", "scope", "resourceUri")
_AZURE = "azure-native:"


def template(exported: Sequence[Json]) -> dict[str, Any]:
    """The template of `deployment.resources` of an export; secrets are left out."""
    resources = [
        _resource(item)
        for item in exported
        if str(item["type"]).startswith(_AZURE) and "/providers/" in str(item.get("id"))
    ]
    return {
        "$schema": SCHEMA,
        "contentVersion": "1.0.0.0",
        "parameters": {"secret": {"type": "secureString"}},
        "resources": resources,
    }


def _resource(item: Json) -> dict[str, Any]:
    kind, name = _kind_and_name(str(item["id"]))
    namespace = kind.split("/", maxsplit=1)[0].lower()
    beside = _BESIDE | {"sku"} if kind.lower() in _SKU_BESIDE else _BESIDE
    inputs = {
        key: value
        for key, value in _plain(item["inputs"]).items()
        if key not in _PATH and not _names(key, value, name)
    }
    renamed = _RENAMED.get(kind.lower(), {})
    flat = {renamed.get(k, k): v for k, v in inputs.items() if k not in beside | {"properties"}}
    own = inputs.get("properties")  # a secret as a whole, maybe
    return {
        "type": kind,
        "apiVersion": _API_VERSIONS.get(namespace, "2024-05-01"),
        "name": name,
        **{key: value for key, value in inputs.items() if key in beside},
        "properties": {**flat, **(own if isinstance(own, dict) else {})},
    }


def _names(key: str, value: Any, name: str) -> bool:
    """Whether a property is a part of the resource's path, such as `virtualNetworkName`."""
    return key.endswith("Name") and value in name.split("/")


def _kind_and_name(resource_id: str) -> tuple[str, str]:
    provider, *rest = resource_id.rpartition("/providers/")[2].split("/")
    return "/".join([provider, *rest[::2]]), "/".join(rest[1::2])


def _plain(value: Any) -> Any:
    if is_secret(value):
        return "[parameters('secret')]"
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in cast("Json", value).items()}
    if isinstance(value, list):
        return [_plain(item) for item in cast("list[Any]", value)]
    return value
