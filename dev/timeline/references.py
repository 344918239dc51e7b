"""Which resources' inputs hold what only another resource's creation brings forth. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from analysis.dependency_graph import Node, Nodes, ancestors
from support.arm_ids import ids_in
from support.nested import is_list, is_mapping

_SHORTEST = 7
"""Letters of a value that is looked for; shorter ones, such as `Linux`, mean nothing."""


class References:
    """The references between the resources of a deployment."""

    def __init__(self, nodes: Nodes) -> None:
        self._nodes = nodes
        self._by_id = {node.id.lower(): urn for urn, node in nodes.items() if node.is_azure}

    def of(self, node: Node) -> dict[str, str]:
        """URN of each resource that this one refers to, to how it does."""
        found: dict[str, str] = {}
        for urn, how in (*self._by_path(node), *self._by_id_in_inputs(node), *self._by_value(node)):
            if urn != node.urn:
                found.setdefault(urn, how)
        return found

    def find(self, resource_id: Any) -> Node | None:
        """The resource with this id."""
        urn = self._by_id.get(str(resource_id).lower().rstrip("/"))
        return self._nodes[urn] if urn else None

    def _by_path(self, node: Node) -> Iterator[tuple[str, str]]:
        """Parent, scope and resource group: a beginning of the resource's own id."""
        if node.is_azure:
            for urn in self._along(node.id.lower()):
                yield urn, "lies in it"
        namespace = _at(node.inputs, "metadata", "namespace")
        for urn, other in self._nodes.items():
            if namespace and _names_namespace(other, namespace, node):
                yield urn, "lies in it"

    def _by_id_in_inputs(self, node: Node) -> Iterator[tuple[str, str]]:
        for reference in ids_in(node.inputs):
            # Of `…/virtualNetworks/v/subnets/s` the subnet is meant, or what holds it.
            for urn in self._along(reference.lower().rstrip("/")):
                yield urn, "its id is among the inputs"
                break

    def _along(self, resource_id: str) -> Iterator[str]:
        """The resources whose ids this one begins with, the longest id first."""
        while resource_id:
            if resource_id in self._by_id:
                yield self._by_id[resource_id]
            resource_id = resource_id.rpartition("/")[0]

    def _by_value(self, node: Node) -> Iterator[tuple[str, str]]:
        """Others' output values: only of resources from which the program let data come."""
        reachable = ancestors(self._nodes, node.urn)
        texts = set(_texts(node.inputs))
        for value, urn in self._values.items():
            if urn in reachable and any(value in text for text in texts):
                yield urn, "a value that it brings forth is among the inputs"

    @cached_property
    def _values(self) -> dict[str, str]:
        """Values that one resource brings forth, and none is given.

        Others may show it too, such as a cluster the object id of its identity: then it is the
        first one's, if all others wait for that.
        """
        owners: dict[str, list[str]] = {}
        for urn, node in self._nodes.items():
            if node.is_azure:
                given = set(_texts(node.inputs))
                for text in set(_texts(node.outputs)) - given:
                    if len(text) >= _SHORTEST and not text.startswith("/"):
                        owners.setdefault(text, []).append(urn)
        return {
            text: first
            for text, (first, *others) in owners.items()
            if all(first in ancestors(self._nodes, other) for other in others)
        }


def _names_namespace(other: Node, namespace: str, node: Node) -> bool:
    return (
        other.type == "kubernetes:core/v1:Namespace"
        and _at(other.inputs, "metadata", "name") == namespace
        and node.type.startswith("kubernetes:")
        and node.urn != other.urn
    )


def _at(value: Any, *keys: str) -> Any:
    for key in keys:
        value = value.get(key) if is_mapping(value) else None
    return value


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif is_mapping(value):
        for item in value.values():
            yield from _texts(item)
    elif is_list(value):
        for item in value:
            yield from _texts(item)
