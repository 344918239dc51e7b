"""The simulated Azure Resource Manager, in process.

    cloud = Cloud(MemoryStore())
    inputs = {"resourceGroupName": "rg", "location": "westeurope"}
    group = cloud.put("resources:ResourceGroup", inputs)
    group.id, group.outputs["provisioningState"]

Tokens may carry the package (`azure-native:resources:ResourceGroup`). Inputs and outputs are in the
SDK's wire names, as azure-native has them (properties flattened). Refusals raise `AzureError`.
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

REPLICATION = "AZURE_SIM_REPLICATION"
"""Real seconds until the directory knows a new identity everywhere; 0, at once, by default."""


def _replication_seconds() -> float:
    text = os.environ.get(REPLICATION, "0")
    try:
        return float(text)
    except ValueError:
        raise BadSetting(REPLICATION, text, "write a number of seconds, such as 60") from None


class Cloud:
    """One subscription, held in `store`. `warnings` gathers the advice that requests met."""

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
        self.identity_created_at: dict[str, float] = {}
        """When this process made an identity, by its principal id."""

    def type_of(self, token: str) -> ResourceType:
        """The type of a token; a token that is not simulated is refused with the way to add it."""
        plain = token.removeprefix("azure-native:")
        found = catalog.by_token().get(plain)
        if found is None:
            raise NotSimulated(
                f"{plain} is not among the resource types of the simulated Azure. Add a"
                f" ResourceType row for it to the TYPES table of its namespace in"
                f" simulator/azure/namespaces/ (and a new module to NAMESPACES in"
                f" simulator/azure/catalog.py).",
            )
        return found

    def problems(self, token: str, inputs: Mapping[str, Any]) -> list[schema.Problem]:
        """What in the inputs does not fit the SDK's typed classes."""
        kind = self.type_of(token)
        return list(schema.problems(kind.module_schema, kind.shape["inputs"], inputs))

    def id_of(self, token: str, inputs: Mapping[str, Any]) -> str:
        """The id that a resource with these inputs has; all names must be given."""
        kind = self.type_of(token)
        missing = [name for name in kind.path_parameters if not inputs.get(name)]
        if missing:
            raise NotSimulated(f"{token} has no id without {', '.join(missing)}; give it.")
        return arm_ids.fill(kind.full_path, {"subscriptionId": self.subscription, **inputs})

    def put(self, token: str, inputs: Mapping[str, Any]) -> Resource:
        """Create or update a resource and return it as the service shows it."""
        kind = self.type_of(token)
        found = self.problems(token, inputs)
        if found:
            text = "; ".join(f"{item.path}: {item.reason}" for item in found)
            raise AzureError(400, "InvalidRequestContent", text, found[0].path)
        resource_id = self.id_of(token, inputs)
        old = self.store.get(resource_id)
        request = Request(self, kind, old.id if old else resource_id, dict(inputs), old)
        references.check_parents(request)
        references.check_references(request)
        self.warnings.extend(rules.enforce("put", request))
        resource = Resource(request.id, kind.token, dict(inputs), outputs.build(request))
        before = {item.id: item for item in self.store.below(request.id)} if old else {}
        self.store.put(resource)
        if kind.after_put:
            try:
                kind.after_put(request)
            except Refused:
                self._restore(request.id, old, before)
                raise
        return self.store.get(request.id) or resource

    def _restore(
        self, resource_id: str, old: Resource | None, before: Mapping[str, Resource]
    ) -> None:
        """Undo a write of which a part was refused: the service takes all of it or nothing."""
        for item in self.store.below(resource_id):
            if item.id not in before:
                self.store.delete(item.id)
        for item in before.values():
            if self.store.get(item.id) != item:
                self.store.put(item)
        if old:
            self.store.put(old)
        else:
            self.store.delete(resource_id)

    def create(self, token: str, inputs: Mapping[str, Any]) -> Resource:
        """As `put`, but what exists already is refused, as azure-native does."""
        resource_id = self.id_of(token, inputs)
        if self.store.get(resource_id) is not None:
            raise AlreadyExists(resource_id)
        return self.put(token, inputs)

    def get(self, resource_id: str) -> Resource | None:
        """The resource, or None where it does not exist."""
        return self.store.get(resource_id)

    def delete(self, resource_id: str) -> None:
        """Delete a resource with all that lies in it; deleting what is not there succeeds."""
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
        """All that goes with a resource, the resource first, and the requests of known types."""
        resource = self.store.get(resource_id)
        if resource is None:
            return [], []
        inside = self.store.below(resource.id)
        deleted = [resource, *(item for item in inside if not catalog.outlives(item.token))]
        ids = frozenset(item.id.lower() for item in deleted)
        requests = [
            Request(self, kind, item.id, item.inputs, item, deleted_ids=ids)
            for item in deleted
            if (kind := catalog.by_token().get(item.token))
        ]
        return deleted, requests

    def fail(self, resource: Resource) -> Resource:
        """The resource after an operation that ended as Failed."""
        if "provisioningState" not in resource.outputs:
            return resource
        failed = replace(resource, outputs={**resource.outputs, "provisioningState": "Failed"})
        self.store.put(failed)
        return failed

    def exists(self, resource_id: str) -> bool:
        """Whether a resource is there."""
        return self.store.get(resource_id) is not None

    def invoke(self, token: str, args: Mapping[str, Any]) -> dict[str, Any]:
        """Answer a function call such as `azure-native:network:getSubnet`."""
        return invokes.invoke(self, token.removeprefix("azure-native:"), args)
