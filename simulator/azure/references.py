"""Checks references: the parent and every id among the inputs must exist."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulator.azure import catalog
from simulator.azure.model import Request
from simulator.errors import AzureError
from support import arm_ids
from support.arm_ids import ids_in
from support.nested import at, is_list, is_mapping, items

_MISSING_CODE = {"network": (400, "InvalidResourceReference")}
"""Status and code for an absent resource, by namespace; all others: 404 ResourceNotFound."""

_BACK_REFERENCES = {
    "network:ApplicationGateway": {
        "redirectConfigurations": ("pathRules", "requestRoutingRules", "urlPathMaps")
    }
}
"""Properties of parts, by type and collection, that name the parts which refer to them."""


def check_parents(request: Request) -> None:
    """Raise `AzureError` unless the resource group and the parent resource exist."""
    group = arm_ids.group_of(request.id)
    if group and not arm_ids.same(group, request.id) and not request.cloud.exists(group):
        name = arm_ids.name_of(group)
        message = f"Resource group '{name}' could not be found."
        raise AzureError(404, "ResourceGroupNotFound", message)
    parsed = arm_ids.parse(request.id)
    if parsed is None:
        return
    for kind, parent in parsed.lineage()[1:]:
        row = catalog.by_arm_type().get(kind.lower())
        if row and not row.singleton and not request.cloud.exists(parent):
            raise AzureError(
                404,
                "ParentResourceNotFound",
                f"The parent {parent} of {request.type.arm_type} '{request.name}' does not exist.",
            )


def check_references(request: Request) -> None:
    """Raise `AzureError` unless every id of a simulated type among the inputs exists."""
    for reference in ids_in(_without_back_references(request)):
        problem = _problem(request, reference)
        if problem:
            status, code = _MISSING_CODE.get(request.type.namespace, (404, "ResourceNotFound"))
            raise AzureError(status, code, f"{request.id} refers to {reference}: {problem}.")


def _without_back_references(request: Request) -> Mapping[str, Any]:
    """The inputs without references that Azure fills in itself, whatever the request has there."""
    inputs = dict(request.inputs)
    for collection, keys in _BACK_REFERENCES.get(request.type.token, {}).items():
        if collection in inputs:
            inputs[collection] = [
                {key: value for key, value in item.items() if key not in keys}
                if is_mapping(item)
                else item
                for item in items(inputs, collection)
            ]
    return inputs


def _problem(request: Request, reference: str) -> str | None:
    own = request.id.lower()
    if reference.lower() == own:
        return None
    if reference.lower().startswith(own + "/"):
        return _own_part_problem(request, reference[len(own) + 1 :])
    parsed = arm_ids.parse(reference)
    if parsed is None:
        group = arm_ids.group_of(reference)
        missing = group is not None and not request.cloud.exists(group)
        return "the resource group does not exist" if missing else None
    for arm_type, resource_id in parsed.lineage():
        kind = catalog.by_arm_type().get(arm_type.lower())
        if kind is None or kind.singleton:
            continue  # A singleton exists if its parent does.
        if kind.reference_check:
            return kind.reference_check(request.cloud, resource_id)
        exists = request.cloud.exists(resource_id)
        return None if exists else f"{arm_type} '{arm_ids.name_of(resource_id)}' does not exist"
    return None


def _own_part_problem(request: Request, tail: str) -> str | None:
    """Why a reference to a part of the resource itself, `<collection>/<name>`, is invalid."""
    collection, _, name = tail.partition("/")
    parts = request.inputs.get(collection)
    if not is_list(parts):
        return f"it has no {collection}"
    names = {str(at(item, "name")).lower() for item in parts}
    return None if name.lower() in names else f"its {collection} do not contain '{name}'"
