"""The resources of a stack's state as a dependency graph. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from analysis.stack_state import AZURE, KUBERNETES, STACK, Json, Resource
from support.urns import provider_urn

PARENT, PROVIDER = "parent", "provider"
PROPERTY = "property"
"""An input is computed from an output of the other resource."""
EXPLICIT = "depends_on"


@dataclass(frozen=True)
class Node(Resource):
    """A resource with its dependencies."""

    custom: bool
    """Components and the stack are not custom: no provider creates them, they take no time."""
    parent: str
    waits: Mapping[str, frozenset[str]]
    """URN of each resource that this one depends on, to the kinds of dependency."""
    deleted_with: str = ""
    takes_time: bool = False
    """Whether a provider calls a service for it; rendered Kubernetes objects only become files."""


Nodes = Mapping[str, Node]
"""By URN, in the order of the state, in which they can be created."""


def nodes_of(resources: Iterable[Json]) -> dict[str, Node]:
    """The graph of a state, from `deployment.resources` of an export.

    Dependencies on resources that are not in the state are left out.
    """
    rows = list(resources)
    known = {row["urn"] for row in rows}
    rendering = {row["urn"] for row in rows if "renderYamlToDirectory" in row.get("inputs", {})}
    return {row["urn"]: _node(row, known, rendering) for row in rows}


def _node(row: Json, known: set[str], rendering: set[str]) -> Node:
    waits: dict[str, set[str]] = {}

    def wait(urn: str, kind: str) -> None:
        if urn in known and urn != row["urn"]:
            waits.setdefault(urn, set()).add(kind)

    for urns in row.get("propertyDependencies", {}).values():
        for urn in urns or ():
            wait(urn, PROPERTY)
    for urn in row.get("dependencies", ()):
        if urn not in waits:
            wait(urn, EXPLICIT)
    provider = provider_urn(row.get("provider", ""))
    wait(provider, PROVIDER)
    wait(row.get("parent", ""), PARENT)
    resource = Resource.from_export(row)
    return Node(
        urn=resource.urn,
        type=resource.type,
        id=resource.id,
        inputs=resource.inputs,
        outputs=resource.outputs,
        custom=bool(row.get("custom")),
        parent=row.get("parent", ""),
        waits={urn: frozenset(kinds) for urn, kinds in waits.items()},
        deleted_with=row.get("deletedWith", ""),
        takes_time=resource.type.startswith((AZURE, KUBERNETES)) and provider not in rendering,
    )


def ancestors(nodes: Nodes, urn: str, without: tuple[str, str] | None = None) -> set[str]:
    """URNs of all that a resource depends on, directly or indirectly.

    `without` is an edge (dependent, dependency) to leave out.
    """
    seen: set[str] = set()
    waiting = [urn]
    while waiting:
        current = waiting.pop()
        for target in nodes[current].waits:
            if target in nodes and target not in seen and (current, target) != without:
                seen.add(target)
                waiting.append(target)
    return seen


def component_of(nodes: Nodes, urn: str) -> str:
    """URN of the outermost component that contains a resource, or its own if none does."""
    while (parent := nodes[urn].parent) in nodes and nodes[parent].type != STACK:
        urn = parent
    return urn
