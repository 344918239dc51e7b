"""The simulated Azure Resource Manager, in process.

    cloud = Cloud(MemoryStore())
    inputs = {"resourceGroupName": "rg", "location": "westeurope"}
    group = cloud.put("resources:ResourceGroup", inputs)
    group.id, group.outputs["provisioningState"]

Tokens may include the package (`azure-native:resources:ResourceGroup`). Inputs and outputs have the
SDK's wire names, with flattened properties as in azure-native. Refusals raise `AzureError`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from simulator.azure import catalog, identifiers, invokes, outputs, references, rules, schema
from simulator.azure.model import Request, ResourceType
from simulator.errors import AlreadyExists, AzureError, BadSetting, NotSimulated, Refused
from simulator.store import MemoryStore, Resource
from support import arm_ids
from support.nested import at
from support.type_tokens import api_version, plain_token

REPLICATION = "AZURE_SIM_REPLICATION"
"""Real seconds until a new identity is known, and a new role effective; 0 by default."""


def _replication_seconds() -> float:
    text = os.environ.get(REPLICATION, "0")
    try:
        return float(text)
    except ValueError:
        raise BadSetting(REPLICATION, text, "use a number of seconds, such as 60") from None


class Cloud:
    """One subscription, with its resources in `store`; `warnings` collects the advice of rules."""

    def __init__(
        self,
        store: MemoryStore | None = None,
        *,
        subscription: str = identifiers.SUBSCRIPTION,
        tenant: str = identifiers.TENANT,
    ) -> None:
        self.store = MemoryStore() if store is None else store
        self.subscription = subscription
        self.tenant = tenant
        self.warnings: list[str] = []
        self.replication_seconds = _replication_seconds()

    def type_of(self, token: str) -> ResourceType:
        """The type of a token at its API version; `NotSimulated` says how to add a missing one."""
        short = plain_token(token).removeprefix("azure-native:")
        kind = catalog.by_token().get(short)
        if kind is None:
            raise NotSimulated(
                f"{short} is not among the resource types of the simulated Azure. Add its path to"
                " PATHS in support/arm_ids.py, and a ResourceType row to the TYPES table of its"
                " namespace in simulator/azure/namespaces/. Add a new module to NAMESPACES in"
                " simulator/azure/catalog.py.",
            )
        return kind.at(api_version(token))

    def problems(self, token: str, inputs: Mapping[str, Any]) -> list[schema.Problem]:
        """What in the inputs does not match the type at the API version of the inputs."""
        kind = self._type_at(token, inputs)
        return list(schema.problems(kind.module_schema, kind.shape["inputs"], inputs))

    def _type_at(self, token: str, inputs: Mapping[str, Any]) -> ResourceType:
        return self.type_of(token).at(inputs.get("azureApiVersion") or api_version(token))

    def id_of(self, token: str, inputs: Mapping[str, Any]) -> str:
        """The id of a resource with these inputs, which must contain all names."""
        kind = self.type_of(token)
        missing = [name for name in kind.path_parameters if not at(inputs, *name.split("."))]
        if missing:
            raise NotSimulated(f"the id of {token} needs {', '.join(missing)}; set it.")
        return arm_ids.fill(kind.full_path, {"subscriptionId": self.subscription, **inputs})

    def put(self, token: str, inputs: Mapping[str, Any]) -> Resource:
        """Create or update a resource and return it as the service returns it."""
        kind = self._type_at(token, inputs)
        problems = [item for item in self.problems(token, inputs) if item.kind in schema.SERVICE]
        if problems:
            text = "; ".join(f"{item.path}: {item.reason}" for item in problems)
            raise AzureError(400, "InvalidRequestContent", text, problems[0].path)
        resource_id = self.id_of(token, inputs)
        old = self.store.get(resource_id)
        request = Request(self, kind, old.id if old else resource_id, dict(inputs), old)
        references.check_parents(request)
        references.check_references(request)
        self.warnings.extend(rules.enforce("put", request))
        resource = Resource(request.id, kind.token, dict(inputs), outputs.build(request))
        children = {item.id: item for item in self.store.below(request.id)} if old else {}
        self.store.put(resource)
        if kind.after_put:
            try:
                kind.after_put(request)
            except Refused:
                self._restore(request.id, old, children)
                raise
        return self.store.get(request.id) or resource

    def _restore(
        self, resource_id: str, old: Resource | None, children: Mapping[str, Resource]
    ) -> None:
        """Undo a write of which a part was refused: the service accepts all of it or nothing."""
        for item in self.store.below(resource_id):
            if item.id not in children:
                self.store.delete(item.id)
        for item in children.values():
            if self.store.get(item.id) != item:
                self.store.put(item)
        if old:
            self.store.put(old)
        else:
            self.store.delete(resource_id)

    def create(self, token: str, inputs: Mapping[str, Any]) -> Resource:
        """`put`, but raise `AlreadyExists` if the resource exists, as azure-native does."""
        resource_id = self.id_of(token, inputs)
        if self.store.get(resource_id) is not None:
            raise AlreadyExists(resource_id)
        return self.put(token, inputs)

    def get(self, resource_id: str) -> Resource | None:
        """The resource, or None where it does not exist."""
        return self.store.get(resource_id)

    def delete(self, resource_id: str) -> None:
        """Delete a resource and everything in it; deleting an absent resource succeeds."""
        deleted, requests = self._deletions(resource_id)
        for request in requests:
            self.warnings.extend(rules.enforce("delete", request))
        for item in reversed(deleted):
            self.store.delete(item.id)
        for request in requests:
            if request.type.after_delete:
                request.type.after_delete(request)

    def check_delete(self, resource_id: str) -> None:
        """Raise what `delete` would raise now."""
        for request in self._deletions(resource_id)[1]:
            list(rules.enforce("delete", request))

    def _deletions(self, resource_id: str) -> tuple[list[Resource], list[Request]]:
        """The resources that a deletion deletes, the named one first, and their requests.

        Resources of unknown types have no request.
        """
        resource = self.store.get(resource_id)
        if resource is None:
            return [], []
        kind = catalog.by_token().get(resource.token)
        # Deleting a singleton restores its defaults; what is in it stays.
        inside = [] if kind and kind.singleton else self.store.below(resource.id)
        deleted = [resource, *(item for item in inside if not catalog.outlives(item.token))]
        ids = frozenset(item.id.lower() for item in deleted)
        requests = [
            Request(self, kind, item.id, item.inputs, item, deleted_ids=ids)
            for item in deleted
            if (kind := catalog.by_token().get(item.token))
        ]
        return deleted, requests

    def mark_failed(self, resource: Resource) -> Resource:
        """Store and return the resource as an operation leaves it that ended as Failed."""
        if "provisioningState" not in resource.outputs:
            return resource
        failed = replace(resource, outputs={**resource.outputs, "provisioningState": "Failed"})
        self.store.put(failed)
        return failed

    def exists(self, resource_id: str) -> bool:
        """Whether the resource exists."""
        return self.store.get(resource_id) is not None

    def invoke(self, token: str, args: Mapping[str, Any]) -> dict[str, Any]:
        """The result of a function such as `azure-native:network:getSubnet`."""
        return invokes.invoke(self, token.removeprefix("azure-native:"), args)
