"""Network Watcher, which Azure creates in each region with a virtual network."""

from __future__ import annotations

from simulator.azure.model import Request, ResourceType
from simulator.store import Resource

GROUP = "NetworkWatcherRG"


def create_watcher(request: Request) -> None:
    """Create the Network Watcher of the virtual network's region, unless it exists."""
    cloud, location = request.cloud, request.location
    watchers = cloud.store.of_type("network:NetworkWatcher")
    if any(item.outputs.get("location") == location for item in watchers):
        return
    group = {"resourceGroupName": GROUP, "location": location}
    if cloud.get(cloud.id_of("resources:ResourceGroup", group)) is None:
        cloud.put("resources:ResourceGroup", group)
    name = f"NetworkWatcher_{location}"
    cloud.put("network:NetworkWatcher", {**group, "networkWatcherName": name})


def is_automatic(resource: Resource) -> bool:
    """Whether Azure creates this resource by itself and keeps it: no deployment deletes it."""
    if resource.token == "network:NetworkWatcher":
        return True
    return resource.token == "resources:ResourceGroup" and resource.name == GROUP


TYPES = [
    ResourceType(
        "network:NetworkWatcher",
        "2024-05-01",
        replaces=("location",),
        seconds=5,
    ),
]
