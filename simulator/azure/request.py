"""What a rule and an output function get to see of one request."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from simulator.store import Resource
from support import arm_ids
from support.nested import is_mapping

if TYPE_CHECKING:
    from simulator.azure.catalog import ResourceType
    from simulator.azure.cloud import Cloud


@dataclass(frozen=True)
class Request:
    """A write or deletion of one resource. For a deletion `inputs` are those of the resource."""

    cloud: Cloud
    type: ResourceType
    id: str
    inputs: Mapping[str, Any]
    old: Resource | None
    """The resource as it is, or None where it is being created."""
    doomed: frozenset[str] = frozenset()
    """For a deletion: lower-case ids of all that goes with it."""

    @property
    def name(self) -> str:
        return self.id.rsplit("/", 1)[-1]

    @property
    def group(self) -> str:
        """Name of the resource group, empty outside one."""
        found = arm_ids.group_of(self.id)
        return found.rsplit("/", 1)[-1] if found else ""

    @property
    def location(self) -> str:
        """Region in Azure's short form; a child has that of its parent."""
        given = self.inputs.get("location")
        if not isinstance(given, str):
            parent = self.parent
            given = parent.outputs.get("location", "") if parent else ""
        return str(given).replace(" ", "").lower()

    @property
    def parent(self) -> Resource | None:
        """The resource that the id lies in, where there is one."""
        parsed = arm_ids.parse(self.id)
        if parsed is None or len(parsed.names) < 2:
            return None
        return self.cloud.store.get(parsed.lineage()[1][1])

    def find(self, reference: Any) -> Resource | None:
        """The resource meant by an id, or by an object that holds one as `id`."""
        if is_mapping(reference):
            reference = reference.get("id")
        return self.cloud.store.get(reference) if isinstance(reference, str) else None

    def users(self, types: Collection[str]) -> list[Resource]:
        """The resources of these types that refer to this one and are not deleted along with it."""
        return [
            item
            for item in self.cloud.store.referrers(self.id)
            if item.token in types and item.id.lower() not in self.doomed
        ]

    def siblings(self) -> list[Resource]:
        """The other resources of the same type below the same parent (or group)."""
        head = self.id.rsplit("/", 1)[0]
        return [
            item
            for item in self.cloud.store.below(head, self.type.token)
            if item.id.lower() != self.id.lower()
        ]
