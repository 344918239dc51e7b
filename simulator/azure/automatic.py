"""What Azure makes by itself and keeps: no deployment ever removes it."""

from __future__ import annotations

from simulator.azure.namespaces import keyvault
from simulator.azure.namespaces.network import watchers
from simulator.store import Resource


def is_automatic(resource: Resource) -> bool:
    """Whether this is a region's Network Watcher, or the remains of a deleted vault."""
    return resource.token == keyvault.DELETED or watchers.is_automatic(resource)
