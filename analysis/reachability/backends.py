"""What a path leads to: the pods behind a Kubernetes Service, and the port that they listen on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from analysis.stack_state import Json, State
from support import nested


class Backend(NamedTuple):
    """Pods by their labels, and their port; a text names a container's port."""

    selector: Mapping[str, str]
    port: int | str


def behind(state: State, namespace: str, name: str, port: int | str | None) -> Backend | None:
    """Follow a Service's port, given by number or name; None where there is no such Service."""
    for item in state.kubernetes("Service"):
        metadata = item.mapping("metadata")
        if (metadata.get("namespace"), metadata["name"]) != (namespace, name):
            continue
        spec = item.mapping("spec")
        for row in nested.items(spec, "ports"):
            if port is not None and port in (row["port"], row.get("name")):
                return Backend(spec.get("selector") or {}, _target(row))
    return None


def _target(row: Json) -> int | str:
    target = row.get("targetPort") or row["port"]
    # A state holds numbers as floats.
    whole = isinstance(target, float) or str(target).isdigit()
    return int(target) if whole else str(target)
