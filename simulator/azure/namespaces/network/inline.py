"""Child resources that can also be written inline, as a collection of their parent.

A subnet, a route or a security rule can be written in its parent or separately. A write of the
parent deletes the children that its list omits. Without the list all children stay.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulator.azure import outputs
from simulator.azure.model import Request
from simulator.store import MemoryStore, Resource
from support.nested import items

_ADDED_BY_ARM = ("id", "type", "etag")


def children(request: Request, collection: str, token: str) -> list[Mapping[str, Any]]:
    """The children after the request, each with its `name`.

    `request` writes the parent, or writes or deletes a child.
    """
    if request.type.token != token:
        if collection in request.inputs:
            return items(request.inputs, collection)
        return [_named(item) for item in request.cloud.store.below(request.id, token)]
    others = [_named(item) for item in request.siblings()]
    deleting = request.id.lower() in request.deleted_ids
    return others if deleting else [*others, {**request.inputs, "name": request.name}]


def children_of(store: MemoryStore, parent: Resource, token: str) -> list[Mapping[str, Any]]:
    """The children of another resource, each with its `name`."""
    return [_named(item) for item in store.below(parent.id, token)]


def _named(item: Resource) -> Mapping[str, Any]:
    return {**item.inputs, "name": item.name}


def inputs_of(request: Request, token: str, item: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs of a separate request for a child."""
    path = {name: request.inputs[name] for name in request.type.path_parameters}
    settings = {key: value for key, value in item.items() if key not in _ADDED_BY_ARM}
    return {**settings, **path, request.cloud.type_of(token).name_parameter: item["name"]}


def omitted(request: Request, collection: str, token: str) -> list[Resource]:
    """The existing children that the list in the request omits."""
    if collection not in request.inputs:
        return []
    listed = {str(item.get("name")).lower() for item in items(request.inputs, collection)}
    existing = request.cloud.store.below(request.id, token)
    return [item for item in existing if item.name.lower() not in listed]


def write(request: Request, collection: str, token: str) -> None:
    """Store the children in the request as resources; the parent's rules have checked them."""
    cloud, kind = request.cloud, request.cloud.type_of(token)
    for item in omitted(request, collection, token):
        cloud.store.delete(item.id)
    for item in items(request.inputs, collection):
        inputs = inputs_of(request, token, item)
        child_id = cloud.id_of(token, inputs)
        old = cloud.store.get(child_id)
        if old is None or old.inputs != inputs:
            child = Request(cloud, kind, child_id, inputs, old)
            cloud.store.put(Resource(child_id, token, inputs, outputs.build(child)))


def collection_outputs(request: Request, collection: str, token: str) -> dict[str, Any]:
    """The collection among the parent's outputs, if the request does not contain it."""
    if collection in request.inputs:
        return {}  # The collection in the request is returned as it is.
    stored = request.cloud.store.below(request.id, token)
    return {collection: [{"id": item.id, "name": item.name, **item.outputs} for item in stored]}
