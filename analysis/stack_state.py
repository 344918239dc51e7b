"""A stack's state: its resources by type and by id, and access to their nested properties.

Made from `deployment.resources` of `pulumi stack export`. Reachability, audit, diagram and the
dependency graph all read it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from support import nested, urns
from support.type_tokens import plain_token

Json = Mapping[str, Any]

STACK = "pulumi:pulumi:Stack"
AZURE, KUBERNETES = "azure-native:", "kubernetes:"


@dataclass(frozen=True)
class Resource:
    """A resource of a state."""

    urn: str
    type: str
    """The plain type token, such as `azure-native:network:Subnet`, at every API version."""
    id: str
    inputs: Json = field(repr=False)
    outputs: Json = field(repr=False)

    @classmethod
    def from_export(cls, row: Json) -> Resource:
        """From one entry of `deployment.resources`."""
        return cls(
            urn=str(row.get("urn") or ""),
            type=plain_token(str(row["type"])),
            id=str(row.get("id") or ""),
            inputs=row.get("inputs") or {},
            outputs=row.get("outputs") or {},
        )

    @cached_property
    def properties(self) -> Json:
        """The inputs, overridden by the outputs."""
        return {**self.inputs, **self.outputs}

    @property
    def key(self) -> str:
        """The id in the form in which ids are compared."""
        return key(self.id)

    @property
    def logical_name(self) -> str:
        """The name in the Pulumi program."""
        return urns.logical_name(self.urn)

    @property
    def name(self) -> str:
        """The Azure name, or `namespace/name` of a Kubernetes object."""
        if self.is_kubernetes and (metadata := self.mapping("metadata")):
            return "/".join(filter(None, (metadata.get("namespace"), metadata.get("name"))))
        return str(self.properties.get("name") or self.id.rsplit("/", 1)[-1])

    @property
    def is_azure(self) -> bool:
        return self.type.startswith(AZURE)

    @property
    def is_kubernetes(self) -> bool:
        return self.type.startswith(KUBERNETES)

    @property
    def token(self) -> str:
        """The type token, without the package for Azure resources: `network:Subnet`."""
        return self.type.removeprefix(AZURE)

    @property
    def kind(self) -> str:
        """The last part of the type token: the kind of a Kubernetes object."""
        return self.type.rpartition(":")[2]

    def at(self, *path: str) -> Any:
        """The value at a path of properties, or None."""
        return nested.at(self.properties, *path)

    def mapping(self, *path: str) -> Json:
        """The object at a path of properties, or an empty one."""
        return nested.mapping(self.properties, *path)

    def items(self, *path: str) -> Sequence[Any]:
        """The list at a path of properties, or an empty one."""
        return nested.items(self.properties, *path)


def key(resource_id: object) -> str:
    """An Azure id in the form in which ids are compared: Azure does not preserve their case."""
    return str(resource_id).lower().rstrip("/")


def reference(value: Any, name: str) -> str:
    """The key of the resource that `{name: {id: …}}` refers to, or an empty string."""
    target = nested.at(value, name, "id")
    return key(target) if target else ""


@dataclass(frozen=True)
class State:
    """The resources of a stack that exist, and the stack itself with its outputs."""

    resources: tuple[Resource, ...]
    """All with an id: no components and not the stack."""
    stack: Resource | None = None

    @classmethod
    def from_export(cls, exported: Sequence[Json]) -> State:
        """From `deployment.resources` of `pulumi stack export`, without resources to be deleted.

        Raises ValueError if there is no Azure resource: the stack is not deployed.
        """
        present = [Resource.from_export(row) for row in exported if not row.get("delete")]
        resources = tuple(item for item in present if item.id and item.type != STACK)
        if not any(item.is_azure for item in resources):
            raise ValueError("the state holds no resources: deploy the stack first (make up)")
        return cls(resources, next((item for item in present if item.type == STACK), None))

    @cached_property
    def _by_token(self) -> Mapping[str, Sequence[Resource]]:
        """Azure resources by token, Kubernetes objects by kind."""
        found: dict[str, list[Resource]] = {}
        for item in self.resources:
            name = f"{KUBERNETES}{item.kind}" if item.is_kubernetes else item.token
            found.setdefault(name, []).append(item)
        return found

    def of_type(self, *tokens: str) -> tuple[Resource, ...]:
        """The Azure resources of these types, such as `network:Subnet`."""
        return tuple(item for token in tokens for item in self._by_token.get(token, ()))

    def kubernetes(self, kind: str) -> tuple[Resource, ...]:
        """The Kubernetes objects of a kind, whatever their API version."""
        return tuple(self._by_token.get(f"{KUBERNETES}{kind}", ()))

    @cached_property
    def _by_key(self) -> Mapping[str, Resource]:
        return {item.key: item for item in self.resources}

    def get(self, resource_id: object) -> Resource | None:
        """The resource with this id, or None."""
        return self._by_key.get(key(resource_id))
