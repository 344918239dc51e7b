"""Asks a simulated cloud, in process, for what a state holds, in any order. No engine, no clock."""

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
    """A cloud in memory that holds what others own, and what was asked for since."""

    def __init__(self, seed: Path | None = None) -> None:
        self.cloud = Cloud()
        if seed is not None:
            load_fixture(self.cloud, seed)

    def make(self, nodes: Iterable[Node]) -> None:
        """Create them in this order; raises `Refused` as Azure or the API server would."""
        for node in nodes:
            self._creation(node)()

    def _creation(self, node: Node) -> Callable[[], object]:
        if node.is_azure:
            return lambda: self.cloud.create(node.type, given(node))
        clusters = self.cloud.store.of_type(_CLUSTER)
        if node.takes_time and clusters:
            api = ClusterApi(self.cloud.store, clusters[0])
            if node.type == RELEASE:
                return lambda: api.put_release(node.inputs, create=True)
            return lambda: api.put(node.type, given(node), create=True)
        return lambda: None

    def check_delete(self, node: Node) -> None:
        """Raise what deleting it now would raise."""
        if node.is_azure:
            self.cloud.check_delete(node.id)


def given(node: Node) -> dict[str, Any]:
    """The inputs as a provider gets them: a secret is a value of no meaning here."""
    return {key: _plain(item) for key, item in node.inputs.items() if not key.startswith("__")}


def _plain(value: Any) -> Any:
    if is_mapping(value):
        if SIGNATURE in value:
            return "a secret"
        return {str(key): _plain(item) for key, item in value.items()}
    if is_list(value):
        return [_plain(item) for item in value]
    return value
