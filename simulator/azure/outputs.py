"""Outputs of resources: the inputs that the service returns, and what it adds to each of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulator.azure import identifiers, schema
from simulator.azure.model import Request, ResourceType
from simulator.azure.write_only import visible
from simulator.wire import UNKNOWN
from support.nested import is_list, is_mapping

CREATED_AT = "2026-01-01T00:00:00Z"
"""Creation time of all resources: always the same, so that every run has the same outputs."""

# Inputs that the service returns in another form.
_NOT_RETURNED = frozenset({"userAssignedIdentities"})


def build(request: Request) -> dict[str, Any]:
    """All outputs of the resource, in the shape of the SDK's response types."""
    kind = request.type
    shape: Mapping[str, Any] = kind.shape["outputs"]
    result = {
        name: schema.project(kind.module_schema, shape[name], value)
        for name, value in request.inputs.items()
        if name in shape and name not in kind.path_parameters
    }
    result.update(_common(request, shape))
    if "identity" in request.inputs and "identity" in shape:
        result["identity"] = identity(request)
    _fill_items(request, shape, result, request.id)
    if kind.outputs:
        result.update(kind.outputs(request))
    return visible(kind.token, result)


def preview(kind: ResourceType, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Outputs in a preview: the inputs; everything else is unknown."""
    shape: Mapping[str, Any] = kind.shape["outputs"]
    return {
        name: _preview(kind.module_schema, form, inputs.get(name, UNKNOWN))
        for name, form in shape.items()
    }


def _preview(module: Mapping[str, Any], kind: Any, value: Any) -> Any:
    if is_mapping(kind) and is_mapping(value):
        ((form, inner),) = kind.items()
        if form == "object":
            properties: Mapping[str, Any] = module["objects"][inner]["properties"]
            return {
                name: _preview(module, part, value.get(name, UNKNOWN))
                for name, part in properties.items()
            }
    if is_mapping(kind) and is_list(value):
        ((form, inner),) = kind.items()
        if form == "items":
            return [_preview(module, inner, item) for item in value]
        return UNKNOWN  # A list of ids that the service returns as a map.
    return value


def identity(request: Request) -> dict[str, Any]:
    """The `identity` property of a response: ids of the system-assigned and user-assigned ones."""
    settings: Mapping[str, Any] = request.inputs["identity"]
    result: dict[str, Any] = {k: v for k, v in settings.items() if k not in _NOT_RETURNED}
    if "systemassigned" in str(settings.get("type", "")).lower():
        result["principalId"] = identifiers.guid(request.id, "principal")
        result["tenantId"] = request.cloud.tenant
    assigned: dict[str, Any] = {}
    for reference in request.identities:
        user = request.find(reference)
        if user:
            assigned[reference] = {key: user.outputs[key] for key in ("clientId", "principalId")}
    if assigned:
        result["userAssignedIdentities"] = assigned
    return result


def _common(request: Request, shape: Mapping[str, Any]) -> dict[str, Any]:
    values = {
        "id": request.id,
        "name": request.name,
        "type": request.type.arm_type,
        "azureApiVersion": request.type.api,
        "provisioningState": "Succeeded",
        "etag": _etag(request.id, request.inputs),
        "eTag": _etag(request.id, request.inputs),
        "resourceGuid": identifiers.guid(request.id, "resource"),
        "systemData": {
            "createdAt": CREATED_AT,
            "createdBy": identifiers.OPERATOR,
            "createdByType": "Application",
        },
        "createdOn": CREATED_AT,
        "updatedOn": CREATED_AT,
        "createdDate": CREATED_AT,
        "modifiedDate": CREATED_AT,
    }
    return {name: value for name, value in values.items() if name in shape}


def _etag(owner: str, inputs: Mapping[str, Any]) -> str:
    return f'W/"{identifiers.guid(owner, "etag", repr(sorted(inputs.items(), key=str)))}"'


def _fill_items(
    request: Request, shape: Mapping[str, Any], values: dict[str, Any], owner: str
) -> None:
    """Add to the named items of collections (rules, listeners …) what ARM adds to them."""
    objects: Mapping[str, Any] = request.type.module_schema["objects"]
    for name, kind in shape.items():
        items = values.get(name)
        if not (is_mapping(kind) and "items" in kind and is_list(items)):
            continue
        inner: Any = kind["items"]
        if not (is_mapping(inner) and "object" in inner):
            continue
        properties: Mapping[str, Any] = objects[inner["object"]]["properties"]
        for item in items:
            if "name" in item:
                _fill_item(request, name, properties, item, owner)


def _fill_item(
    request: Request,
    collection: str,
    properties: Mapping[str, Any],
    item: dict[str, Any],
    owner: str,
) -> None:
    item_id = f"{owner}/{collection}/{item['name']}"
    values = {
        "id": item_id,
        "type": f"{request.type.arm_type}/{collection}",
        "provisioningState": "Succeeded",
        "etag": _etag(item_id, item),
    }
    for key, value in values.items():
        if key in properties:
            item.setdefault(key, value)
    _fill_items(request, properties, item, item_id)


def item_outputs(request: Request, collection: str, item: Mapping[str, Any]) -> dict[str, Any]:
    """Outputs of one item of a collection among the inputs."""
    kind: Any = request.type.shape["outputs"][collection]["items"]
    module = request.type.module_schema
    result: dict[str, Any] = schema.project(module, kind, item)
    properties: Mapping[str, Any] = module["objects"][kind["object"]]["properties"]
    _fill_item(request, collection, properties, result, request.id)
    return result
