"""A stack's Azure resources as an ARM template, for scanners that read no other format. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from analysis.stack_state import Json, Resource
from support.nested import is_list, is_mapping
from support.secrets import is_secret

SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"

_TOP_LEVEL = frozenset(
    {"location", "tags", "zones", "identity", "kind", "plan", "extendedLocation"}
)
"""Fields that are next to `properties` in every type."""
_TOP_LEVEL_SKU = frozenset(
    {
        "microsoft.compute/virtualmachines",
        "microsoft.containerservice/managedclusters",
        "microsoft.network/bastionhosts",
        "microsoft.network/natgateways",
        "microsoft.network/publicipaddresses",
        "microsoft.storage/storageaccounts",
    }
)
"""Types that have `sku` next to `properties`; in other types it is one of the properties."""
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
"""azure-native's default version in each namespace; for networks it is 2024-05-01."""
_ARM_NAMES = {
    "microsoft.storage/storageaccounts": {
        "enableHttpsTrafficOnly": "supportsHttpsTrafficOnly",
        "networkRuleSet": "networkAcls",
    }
}
"""Properties that azure-native names differently from ARM."""
_API_VERSION = "azureApiVersion"
"""The property in which azure-native keeps the API version that it uses."""
_NO_PROPERTIES = ("resourceGroupName", "scope", "resourceUri", _API_VERSION)


def template(exported: Sequence[Json]) -> dict[str, Any]:
    """The template of `deployment.resources` of an export; secrets become a parameter."""
    resources = [Resource.from_export(row) for row in exported]
    return {
        "$schema": SCHEMA,
        "contentVersion": "1.0.0.0",
        "parameters": {"secret": {"type": "secureString"}},
        "resources": [
            _resource(item) for item in resources if item.is_azure and "/providers/" in item.id
        ],
    }


def _resource(item: Resource) -> dict[str, Any]:
    arm_type, name = _type_and_name(item.id)
    namespace = arm_type.split("/", maxsplit=1)[0].lower()
    top_level = _TOP_LEVEL | {"sku"} if arm_type.lower() in _TOP_LEVEL_SKU else _TOP_LEVEL
    inputs = {
        key: value
        for key, value in _without_secrets(item.inputs).items()
        if key not in _NO_PROPERTIES and not _is_path_part(key, value, name)
    }
    arm_names = _ARM_NAMES.get(arm_type.lower(), {})
    flat = {
        arm_names.get(key, key): value
        for key, value in inputs.items()
        if key not in top_level | {"properties"}
    }
    properties = inputs.get("properties")  # a string if all of it was a secret
    return {
        "type": arm_type,
        "apiVersion": item.at(_API_VERSION) or _API_VERSIONS.get(namespace, "2024-05-01"),
        "name": name,
        **{key: value for key, value in inputs.items() if key in top_level},
        "properties": {**flat, **(properties if is_mapping(properties) else {})},
    }


def _is_path_part(key: str, value: Any, name: str) -> bool:
    """Whether a property is part of the resource's path, such as `virtualNetworkName`."""
    return key.endswith("Name") and value in name.split("/")


def _type_and_name(resource_id: str) -> tuple[str, str]:
    provider, *rest = resource_id.rpartition("/providers/")[2].split("/")
    return "/".join([provider, *rest[::2]]), "/".join(rest[1::2])


def _without_secrets(value: Any) -> Any:
    if is_secret(value):
        return "[parameters('secret')]"
    if is_mapping(value):
        return {key: _without_secrets(item) for key, item in value.items()}
    if is_list(value):
        return [_without_secrets(item) for item in value]
    return value
