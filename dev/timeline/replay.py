"""Requests a state's resources from a simulated cloud in this process, in any order.

Without the engine, and without waiting.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from analysis.dependency_graph import Node
from cli.simulated.fixture import load_fixture
from simulator.azure.cloud import Cloud
from simulator.kubernetes.api import RELEASE, ClusterApi
from support.nested import is_list, is_mapping
from support.secrets import SIGNATURE

_CLUSTER = "containerservice:ManagedCluster"


class Replay:
    """A cloud in memory with a fixture's resources, and those that were requested since."""

    def __init__(self, fixture: Path | None = None) -> None:
        self.cloud = Cloud()
        if fixture is not None:
            load_fixture(self.cloud, fixture)

    def create(self, nodes: Iterable[Node]) -> None:
        """Create them in this order. Raises `Refused` where Azure or the API server refuses one."""
        for node in nodes:
            self._creation(node)()

    def _creation(self, node: Node) -> Callable[[], object]:
        if node.is_azure:
            return lambda: self.cloud.create(node.type, request_inputs(node))
        clusters = self.cloud.store.of_type(_CLUSTER)
        if node.takes_time and clusters:
            api = ClusterApi(self.cloud.store, clusters[0])
            if node.type == RELEASE:
                return lambda: api.put_release(node.inputs, create=True)
            return lambda: api.put(node.type, request_inputs(node), create=True)
        return lambda: None

    def check_delete(self, node: Node) -> None:
        """Raise what its deletion would raise now."""
        if node.is_azure:
            self.cloud.check_delete(node.id)


def request_inputs(node: Node) -> dict[str, Any]:
    """The inputs that a provider receives, with a fixed text for each secret."""
    return {
        key: _without_secrets(item) for key, item in node.inputs.items() if not key.startswith("__")
    }


def _without_secrets(value: Any) -> Any:
    if is_mapping(value):
        if SIGNATURE in value:
            return "a secret"
        return {str(key): _without_secrets(item) for key, item in value.items()}
    if is_list(value):
        return [_without_secrets(item) for item in value]
    return value
