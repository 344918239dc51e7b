"""The resources of a stack's state, found by type and by Azure's id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Resource:
    """A resource as the state has it. `properties` are the inputs with the outputs over them."""

    type: str
    """Such as `azure-native:network:Subnet`."""
    id: str
    properties: Json

    @property
    def name(self) -> str:
        return str(self.properties.get("name") or self.id.rsplit("/", 1)[-1])

    @property
    def key(self) -> str:
        return key(self.id)

    def list(self, name: str) -> Sequence[Json]:
        return rows_of(self.properties, name)

    def object(self, *names: str) -> Json:
        return part_of(self.properties, *names)


def rows_of(value: Json, name: str) -> Sequence[Json]:
    """A property that holds objects; absent is empty."""
    return cast("Sequence[Json]", value.get(name) or ())


def part_of(value: Json, *names: str) -> Json:
    """The object at the end of a path of properties; absent is empty."""
    for name in names:
        value = cast("Json", value.get(name) or {})
    return value


def key(resource_id: str) -> str:
    """An Azure id for comparison: Azure returns ids in whatever case they were once written."""
    return resource_id.lower().rstrip("/")


def reference(value: Json | None, name: str) -> str:
    """The key of the resource that `{name: {id: …}}` refers to, or an empty text."""
    target = cast("Json | None", (value or {}).get(name))
    return key(str(target["id"])) if target and target.get("id") else ""


@dataclass(frozen=True)
class State:
    """A stack's resources."""

    resources: tuple[Resource, ...]

    @classmethod
    def of(cls, exported: Sequence[Json]) -> State:
        """From `deployment.resources` of `pulumi stack export`; what awaits deletion is left out.

        Raises ValueError when nothing in it has an id: the stack is not deployed.
        """
        found = [
            Resource(
                type=str(item["type"]),
                id=str(item["id"]),
                properties={**(item.get("inputs") or {}), **(item.get("outputs") or {})},
            )
            for item in exported
            if item.get("id") and not item.get("delete")
        ]
        if not any(not item.type.startswith("pulumi:") for item in found):
            raise ValueError("the state holds no resources: deploy the stack first (make up)")
        return cls(tuple(found))

    def of_type(self, token: str) -> tuple[Resource, ...]:
        """Resources of a type; `network:Subnet` is short for azure-native's."""
        return tuple(
            item for item in self.resources if item.type in {token, f"azure-native:{token}"}
        )

    def kubernetes(self, kind: str) -> tuple[Resource, ...]:
        """Kubernetes objects of a kind, whatever their API version."""
        return tuple(
            item
            for item in self.resources
            if item.type.startswith("kubernetes:") and item.properties.get("kind") == kind
        )

    @cached_property
    def _by_key(self) -> dict[str, Resource]:
        return {item.key: item for item in self.resources}

    def get(self, resource_id: str) -> Resource | None:
        return self._by_key.get(key(resource_id))
