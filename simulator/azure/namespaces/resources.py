"""Microsoft.Resources: resource groups."""

from __future__ import annotations

from simulator.azure.catalog import ResourceType

TYPES = [
    ResourceType(
        "resources:ResourceGroup",
        "subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}",
        "2024-03-01",
        replaces=("location",),
        seconds=1,
    ),
]
