"""The resources of a stack's state as a graph of who waits for whom, and how the program says so.

Pure: made from `deployment.resources` of `pulumi stack export`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

STACK = "pulumi:pulumi:Stack"
AZURE, KUBERNETES = "azure-native:", "kubernetes:"

PARENT, PROVIDER = "parent", "provider"
PROPERTY = "property"
"""An input is made of the other's output."""
EXPLICIT = "depends_on"


@dataclass(frozen=True)
class Node:
    """One resource: custom ones take time, components and the stack none."""

    urn: str
    type: str
    id: str
    custom: bool
    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any]
    parent: str
    waits: Mapping[str, frozenset[str]]
    """URN of each resource that it waits for, to how the program says so."""
    deleted_with: str = ""
    takes_time: bool = False
    """Whether a service is asked for it; objects that are only rendered go to files."""

    @property
    def name(self) -> str:
        """Logical name."""
        return self.urn.rsplit("::", 1)[-1]

    @property
    def token(self) -> str:
        """Type token, azure-native's without the package."""
        return self.type.removeprefix(AZURE)

    @property
    def is_azure(self) -> bool:
        return self.type.startswith(AZURE)


Nodes = Mapping[str, Node]
"""By URN, in the order of the state, which is one in which they can be made."""


def nodes_of(resources: Iterable[Mapping[str, Any]]) -> dict[str, Node]:
    """The graph of a state. What it names and does not hold is left out."""
    rows = list(resources)
    known = {row["urn"] for row in rows}
    rendering = {row["urn"] for row in rows if "renderYamlToDirectory" in row.get("inputs", {})}
    return {row["urn"]: _node(row, known, rendering) for row in rows}


def _node(row: Mapping[str, Any], known: set[str], rendering: set[str]) -> Node:
    waits: dict[str, set[str]] = {}

    def wait(urn: str, how: str) -> None:
        if urn in known and urn != row["urn"]:
            waits.setdefault(urn, set()).add(how)

    for urns in row.get("propertyDependencies", {}).values():
        for urn in urns or ():
            wait(urn, PROPERTY)
    for urn in row.get("dependencies", ()):
        if urn not in waits:
            wait(urn, EXPLICIT)
    provider = row.get("provider", "").rpartition("::")[0]
    wait(provider, PROVIDER)
    wait(row.get("parent", ""), PARENT)
    return Node(
        urn=row["urn"],
        type=row["type"],
        id=row.get("id", ""),
        custom=bool(row.get("custom")),
        inputs=row.get("inputs", {}),
        outputs=row.get("outputs", {}),
        parent=row.get("parent", ""),
        waits={urn: frozenset(how) for urn, how in waits.items()},
        deleted_with=row.get("deletedWith", ""),
        takes_time=row["type"].startswith((AZURE, KUBERNETES)) and provider not in rendering,
    )


def ancestors(nodes: Nodes, urn: str, without: tuple[str, str] | None = None) -> set[str]:
    """URNs of all that a resource waits for, however indirectly.

    `without` is an edge (who waits, for whom) that is left out.
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
    """URN of the outermost component that a resource is in, or its own where it is in none."""
    while (parent := nodes[urn].parent) in nodes and nodes[parent].type != STACK:
        urn = parent
    return urn
