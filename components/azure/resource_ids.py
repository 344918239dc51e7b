"""What the id of an Azure resource says: the names in it, and its resource group. Pure."""

from __future__ import annotations


def segment(resource_id: str, collection: str) -> str:
    """The name that follows a collection in an id, such as `resourceGroups` or `virtualNetworks`.

    Azure ignores the case of an id. Raises KeyError where the id has no such collection.
    """
    parts = resource_id.split("/")
    names = dict(zip(map(str.lower, parts[1::2]), parts[2::2], strict=False))
    return names[collection.lower()]


def subscription_id(resource_id: str) -> str:
    """The subscription of a resource."""
    return segment(resource_id, "subscriptions")


def resource_group_id(resource_id: str) -> str:
    """The id of the resource group of a resource, in the spelling of the given id."""
    return "/".join(resource_id.split("/")[:5])


def resource_name(resource_id: str) -> str:
    """The name of the resource itself, the last one in its id."""
    return resource_id.rsplit("/", 1)[-1]
