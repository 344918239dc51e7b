"""Resources that Azure creates by itself and keeps: no deployment deletes them."""

from __future__ import annotations

from simulator.azure.namespaces import keyvault
from simulator.azure.namespaces.network import watchers
from simulator.store import Resource


def is_automatic(resource: Resource) -> bool:
    """Whether this is a region's Network Watcher or its group, or a soft-deleted vault."""
    return resource.token == keyvault.DELETED_VAULT or watchers.is_automatic(resource)
