"""Parts of a resource that its own request may carry, and that are resources as well.

A subnet, a route or a security rule can be written inside its parent or by itself. A list inside
the parent is the whole truth: what it leaves out is deleted. Without the property all stay.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulator.azure import outputs
from simulator.azure.model import Request
from simulator.store import Resource
from support.nested import items

_GIVEN_BY_ARM = ("id", "type", "etag")


def parts(request: Request, collection: str, token: str) -> list[Mapping[str, Any]]:
    """The parts as they are once the request is done, each with its `name`.

    `request` writes the parent, or writes or deletes one part.
    """
    if request.type.token != token:
        if collection in request.inputs:
            return items(request.inputs, collection)
        return [_named(item) for item in request.cloud.store.below(request.id, token)]
    others = [_named(item) for item in request.siblings()]
    deleting = request.id.lower() in request.deleted_ids
    return others if deleting else [*others, {**request.inputs, "name": request.name}]


def parts_of(request: Request, parent: Resource, token: str) -> list[Mapping[str, Any]]:
    """The parts of another resource, each with its `name`."""
    return [_named(item) for item in request.cloud.store.below(parent.id, token)]


def _named(item: Resource) -> Mapping[str, Any]:
    return {**item.inputs, "name": item.name}


def inputs_of(request: Request, token: str, item: Mapping[str, Any]) -> dict[str, Any]:
    """What a request for the part by itself would say."""
    path = {name: request.inputs[name] for name in request.type.path_parameters}
    settings = {key: value for key, value in item.items() if key not in _GIVEN_BY_ARM}
    return {**settings, **path, request.cloud.type_of(token).name_parameter: item["name"]}


def left_out(request: Request, collection: str, token: str) -> list[Resource]:
    """The parts that are there and that the list of the request does not name."""
    if collection not in request.inputs:
        return []
    named = {str(item.get("name")).lower() for item in items(request.inputs, collection)}
    present = request.cloud.store.below(request.id, token)
    return [item for item in present if item.name.lower() not in named]


def write(request: Request, collection: str, token: str) -> None:
    """Make resources of the parts in the request; the parent's rules have checked them."""
    cloud, kind = request.cloud, request.cloud.type_of(token)
    for item in left_out(request, collection, token):
        cloud.store.delete(item.id)
    for item in items(request.inputs, collection):
        inputs = inputs_of(request, token, item)
        part_id = cloud.id_of(token, inputs)
        old = cloud.store.get(part_id)
        if old is None or old.inputs != inputs:
            part = Request(cloud, kind, part_id, inputs, old)
            cloud.store.put(Resource(part_id, token, inputs, outputs.build(part)))


def shown(request: Request, collection: str, token: str) -> dict[str, Any]:
    """The collection among the outputs of a parent whose request does not carry it."""
    if collection in request.inputs:
        return {}  # What is given is echoed.
    found = request.cloud.store.below(request.id, token)
    return {collection: [{"id": item.id, "name": item.name, **item.outputs} for item in found]}
