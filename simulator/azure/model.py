"""The model that the rest of the simulated Azure builds on: resource types, requests, the cloud.

A namespace's module describes its types as `ResourceType` rows and its rules as functions of a
`Request`. Both know the cloud by the protocol `Cloud` only; `simulator.azure.cloud` implements it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any, Literal, Protocol

from simulator.azure import api_versions
from simulator.errors import NotSimulated
from simulator.store import MemoryStore, Resource
from support import arm_ids
from support.nested import at, is_mapping


class Cloud(Protocol):
    """One subscription of the simulated Azure."""

    store: MemoryStore
    subscription: str
    """Id of the subscription."""
    tenant: str
    replication_seconds: float
    """Real seconds until the directory knows a new identity, and until a new role is effective."""

    def type_of(self, token: str) -> ResourceType:
        """The type of a token, with or without the package; raises `NotSimulated`."""
        ...

    def id_of(self, token: str, inputs: Mapping[str, Any]) -> str:
        """The id of a resource with these inputs."""
        ...

    def exists(self, resource_id: str) -> bool:
        """Whether the resource exists."""
        ...

    def get(self, resource_id: str) -> Resource | None:
        """The resource, or None where it does not exist."""
        ...

    def put(self, token: str, inputs: Mapping[str, Any]) -> Resource:
        """Create or update a resource; raises `AzureError` where a rule refuses it."""
        ...

    def delete(self, resource_id: str) -> None:
        """Delete a resource and everything in it; raises `AzureError` where a rule refuses it."""
        ...


Outputs = Callable[["Request"], dict[str, Any]]
"""Computes outputs of the resource that a request writes."""
Effect = Callable[["Request"], None]
"""Changes other resources after a request was carried out."""
ReferenceCheck = Callable[[Cloud, str], "str | None"]
"""Why an id cannot be referenced, or None where it can."""


@dataclass(frozen=True)
class ResourceType:
    """One resource type: its API version, and what is particular about it.

    Its path is in `support.arm_ids.PATHS`.
    """

    token: str
    """`<SDK module>:<class>`, such as `network:Subnet`."""
    api: str
    """API version that azure-native uses by default; empty where it has its own implementation."""
    replaces: tuple[str, ...] = ()
    """Properties whose change replaces the resource, besides its path (list items as `[]`)."""
    autoname: Literal["random", "copy", "uuid"] | None = None
    """How azure-native names it by default; None: random, or the logical name for a child."""
    seconds: float = 5
    """Typical duration of a creation, in seconds."""
    outputs: Outputs | None = None
    """What the service adds to the inputs."""
    after_put: Effect | None = None
    """What else the service changes after a write."""
    after_delete: Effect | None = None
    """What else the service changes after a deletion."""
    reference_check: ReferenceCheck | None = None
    """Decides whether an id of this type can be referenced; None: its resource must exist."""
    singleton: bool = False
    """Whether it exists with its parent. azure-native then creates it by an update."""
    outlives_scope: bool = False
    """Whether Azure keeps it when the resource that its id continues is deleted."""

    @cached_property
    def full_path(self) -> str:
        """The whole path template."""
        return arm_ids.full_path(self.token)

    @cached_property
    def path_parameters(self) -> tuple[str, ...]:
        """Inputs that are part of the id; the subscription is a setting of the provider."""
        names = arm_ids.parameters(self.full_path)
        return tuple(name for name in names if name != "subscriptionId")

    @cached_property
    def name_parameter(self) -> str:
        """The input that names the resource."""
        return self.path_parameters[-1]

    @cached_property
    def arm_type(self) -> str:
        """Type as Azure Resource Manager writes it: `Microsoft.Network/virtualNetworks/subnets`."""
        sample = arm_ids.parse("/" + self.full_path.replace("{", "").replace("}", ""))
        return sample.type if sample else "Microsoft.Resources/resourceGroups"

    @cached_property
    def naming(self) -> str:
        """The autonaming in force: `random`, `copy` or `uuid`."""
        return self.autoname or ("copy" if self.arm_type.count("/") > 1 else "random")

    @property
    def namespace(self) -> str:
        """The SDK module, such as `network`."""
        return self.token.split(":")[0]

    def at(self, version: str | None) -> ResourceType:
        """The type at an API version, such as `2026-03-01`; None: at the default one.

        Raises `NotSimulated` for a version that `api_versions.VERSIONS` lacks.
        """
        if version is None or version == self.api:
            return self
        if not api_versions.describes(self.namespace, version, self.token.split(":")[1]):
            raise NotSimulated(
                f"{self.token} is simulated at {self.api}, not at {version}; add what that version"
                " adds to VERSIONS in simulator/azure/api_versions.py.",
            )
        return _at(self, version)

    @cached_property
    def module_schema(self) -> dict[str, Any]:
        """The schema that this type's shapes refer to."""
        names = _class_names(self.namespace)
        return api_versions.module_schema(self.namespace, names, self.api)

    @cached_property
    def shape(self) -> dict[str, Any]:
        """{"inputs": object, "outputs": properties} of this type."""
        return self.module_schema["resources"][self.token.split(":")[1]]


_others: dict[tuple[str, str], ResourceType] = {}


def _at(kind: ResourceType, version: str) -> ResourceType:
    """The type at another version, made once since its shape takes time."""
    return _others.setdefault((kind.token, version), replace(kind, api=version))


@cache
def _class_names(namespace: str) -> tuple[str, ...]:
    """The classes of an SDK module that are simulated."""
    tokens = (token.split(":") for token in arm_ids.PATHS)
    return tuple(sorted(name for module, name in tokens if module == namespace))


def identity_ids(inputs: Mapping[str, Any]) -> list[str]:
    """Ids of the user-assigned identities among inputs: a list, or the keys of a map."""
    return list(at(inputs, "identity", "userAssignedIdentities") or ())


@dataclass(frozen=True)
class Request:
    """A write or deletion of one resource, as rules and output functions see it."""

    cloud: Cloud
    type: ResourceType
    id: str
    inputs: Mapping[str, Any]
    """For a deletion those of the resource."""
    old: Resource | None
    """The resource as it is, or None where it is being created."""
    deleted_ids: frozenset[str] = frozenset()
    """For a deletion: lower-case ids of all resources that it deletes."""

    @property
    def name(self) -> str:
        """Name of the resource."""
        return arm_ids.name_of(self.id)

    @property
    def group(self) -> str:
        """Name of the resource group, empty outside one."""
        group_id = arm_ids.group_of(self.id)
        return arm_ids.name_of(group_id) if group_id else ""

    @property
    def location(self) -> str:
        """Region in Azure's short form; a child has that of its parent."""
        location = self.inputs.get("location")
        if not isinstance(location, str):
            parent = self.parent
            location = parent.outputs.get("location", "") if parent else ""
        return str(location).replace(" ", "").lower()

    @property
    def parent(self) -> Resource | None:
        """The resource that the id continues, where there is one."""
        parsed = arm_ids.parse(self.id)
        if parsed is None or len(parsed.names) < 2:
            return None
        return self.cloud.store.get(arm_ids.parent_of(self.id))

    @property
    def identities(self) -> list[str]:
        """Ids of the user-assigned identities, which azure-native takes as a list or as a map."""
        return identity_ids(self.inputs)

    def find(self, reference: Any) -> Resource | None:
        """The resource that a reference names: an id, or an object that has it as `id`."""
        if is_mapping(reference):
            reference = reference.get("id")
        return self.cloud.store.get(reference) if isinstance(reference, str) else None

    def referenced(self, token: str) -> list[Resource]:
        """The resources of a type that the inputs refer to, once for each reference."""
        found = map(self.find, arm_ids.ids_in(self.inputs))
        return [item for item in found if item and item.token == token]

    def dependents(self, types: Collection[str]) -> list[Resource]:
        """The resources of these types that refer to this one, without those deleted with it."""
        return [
            item
            for item in self.cloud.store.referrers(self.id)
            if item.token in types and item.id.lower() not in self.deleted_ids
        ]

    def siblings(self) -> list[Resource]:
        """The other resources of the same type below the same parent, or in the same group."""
        collection = self.id.rsplit("/", 1)[0]
        return [
            item
            for item in self.cloud.store.below(collection, self.type.token)
            if item.id.lower() != self.id.lower()
        ]
