"""A stack's resources as the rules see them: by type and by Azure's id."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, cast

Json = Mapping[str, Any]

_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - how a state marks a secret
AZURE = "azure-native:"


@dataclass(frozen=True)
class Resource:
    """A resource. `properties` are the inputs with the outputs over them."""

    type: str
    """Such as `azure-native:network:Subnet`."""
    id: str
    properties: Json = field(repr=False)

    @property
    def name(self) -> str:
        """The Azure name, or a Kubernetes object's `namespace/name`."""
        metadata = self.at("metadata")
        if metadata and self.type.startswith("kubernetes:"):
            return "/".join(filter(None, (metadata.get("namespace"), metadata.get("name"))))
        return self.id.rsplit("/", 1)[-1]

    def at(self, *path: str) -> Any:
        """What is at a path of properties, None where anything on the way is missing."""
        return look(self.properties, *path)

    def part(self, *path: str) -> Json:
        """A property that is an object; absent is empty."""
        return cast("Json", self.at(*path) or {})

    def rows(self, *path: str) -> Sequence[Json]:
        """A property that holds objects; absent is empty."""
        return cast("Sequence[Json]", self.at(*path) or ())


@dataclass(frozen=True)
class Stack:
    """A stack's resources and outputs."""

    resources: tuple[Resource, ...]
    outputs: Json = field(default_factory=dict[str, Any])

    @classmethod
    def of(cls, exported: Sequence[Json]) -> Stack:
        """From `deployment.resources` of `pulumi stack export`; what awaits deletion is left out.

        Raises ValueError when there is nothing to judge.
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
        if not any(item.type.startswith(AZURE) for item in found):
            raise ValueError("the state holds no resources: deploy the stack first (make up)")
        outputs = next(
            (item.get("outputs") for item in exported if item["type"] == "pulumi:pulumi:Stack"),
            None,
        )
        return cls(tuple(found), outputs or {})

    def of_type(self, *tokens: str) -> Iterator[Resource]:
        """Azure's resources of these types, such as `network:Subnet`."""
        for item in self.resources:
            if item.type.startswith(AZURE) and item.type.removeprefix(AZURE) in tokens:
                yield item

    def kubernetes(self, kind: str) -> Iterator[Resource]:
        """Kubernetes objects of a kind, whatever their API version."""
        for item in self.resources:
            if item.type.startswith("kubernetes:") and item.type.endswith(f":{kind}"):
                yield item

    @cached_property
    def _by_id(self) -> Mapping[str, Resource]:
        return {key(item.id): item for item in self.resources}

    def get(self, resource_id: object) -> Resource | None:
        """The resource of an id, if it is one of the stack's."""
        return self._by_id.get(key(str(resource_id)))


def key(resource_id: str) -> str:
    """An Azure id for comparison: Azure returns ids in whatever case they were once written."""
    return resource_id.lower().rstrip("/")


def look(value: Any, *path: str) -> Any:
    """What is at a path of nested objects, None where anything on the way is missing."""
    for name in path:
        if not isinstance(value, Mapping):
            return None
        value = cast("Json", value).get(name)
    return value


def texts(value: Any) -> Iterator[str]:
    """Every text in a value, however deep; of a secret nothing."""
    if isinstance(value, str):
        yield value
    elif is_secret(value):
        return
    elif isinstance(value, Mapping):
        for item in cast("Json", value).values():
            yield from texts(item)
    elif isinstance(value, list | tuple):
        for item in cast("Sequence[Any]", value):
            yield from texts(item)


def is_secret(value: Any) -> bool:
    """Whether a state holds this value encrypted."""
    return isinstance(value, Mapping) and cast("Json", value).get(_SIGNATURE) == _SECRET
