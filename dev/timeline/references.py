"""The resources that a resource's inputs refer to, whatever the program declares. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from analysis.dependency_graph import Node, Nodes, ancestors
from support.arm_ids import ids_in
from support.nested import at, is_list, is_mapping

_MIN_LENGTH = 7
"""Characters of a value that counts as a reference; shorter ones, such as `Linux`, are common."""


class References:
    """The references between the resources of a deployment."""

    def __init__(self, nodes: Nodes) -> None:
        self._nodes = nodes
        self._by_id = {node.id.lower(): urn for urn, node in nodes.items() if node.is_azure}

    def of(self, node: Node) -> dict[str, str]:
        """The URN of each resource that `node` refers to, with the kind of reference."""
        found: dict[str, str] = {}
        for urn, kind in (
            *self._by_path(node),
            *self._by_id_in_inputs(node),
            *self._by_value(node),
        ):
            if urn != node.urn:
                found.setdefault(urn, kind)
        return found

    def find(self, resource_id: Any) -> Node | None:
        """The resource with this id."""
        urn = self._by_id.get(str(resource_id).lower().rstrip("/"))
        return self._nodes[urn] if urn else None

    def _by_path(self, node: Node) -> Iterator[tuple[str, str]]:
        """Parent, scope and resource group, whose ids begin the resource's own id."""
        if node.is_azure:
            for urn in self._prefixes(node.id.lower()):
                yield urn, "contains it"
        namespace = at(node.inputs, "metadata", "namespace")
        for urn, other in self._nodes.items():
            if namespace and _is_namespace_of(other, namespace, node):
                yield urn, "contains it"

    def _by_id_in_inputs(self, node: Node) -> Iterator[tuple[str, str]]:
        for reference in ids_in(node.inputs):
            # `…/virtualNetworks/v/subnets/s` refers to the subnet, else to what contains it.
            for urn in self._prefixes(reference.lower().rstrip("/")):
                yield urn, "its id is among the inputs"
                break

    def _prefixes(self, resource_id: str) -> Iterator[str]:
        """The resources whose ids begin this one, the longest id first."""
        while resource_id:
            if resource_id in self._by_id:
                yield self._by_id[resource_id]
            resource_id = resource_id.rpartition("/")[0]

    def _by_value(self, node: Node) -> Iterator[tuple[str, str]]:
        """Output values of other resources, if the program makes `node` wait for them."""
        reachable = ancestors(self._nodes, node.urn)
        texts = set(_texts(node.inputs))
        for value, urn in self._values.items():
            if urn in reachable and any(value in text for text in texts):
                yield urn, "one of its output values is among the inputs"

    @cached_property
    def _values(self) -> dict[str, str]:
        """Values that a resource outputs without receiving them, with the URN of the resource.

        Several resources may output a value, such as a cluster the object id of its identity. It
        is the value of the first of them, if all others wait for that one.
        """
        owners: dict[str, list[str]] = {}
        for urn, node in self._nodes.items():
            if node.is_azure:
                received = set(_texts(node.inputs))
                for text in set(_texts(node.outputs)) - received:
                    if len(text) >= _MIN_LENGTH and not text.startswith("/"):
                        owners.setdefault(text, []).append(urn)
        return {
            text: first
            for text, (first, *others) in owners.items()
            if all(first in ancestors(self._nodes, other) for other in others)
        }


def _is_namespace_of(other: Node, namespace: str, node: Node) -> bool:
    return (
        other.type == "kubernetes:core/v1:Namespace"
        and at(other.inputs, "metadata", "name") == namespace
        and node.type.startswith("kubernetes:")
        and node.urn != other.urn
    )


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif is_mapping(value):
        for item in value.values():
            yield from _texts(item)
    elif is_list(value):
        for item in value:
            yield from _texts(item)
