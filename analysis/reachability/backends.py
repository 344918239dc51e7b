"""Backends of routes: the pods behind a Kubernetes Service, and their port."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from analysis.load_balancers import target_of
from analysis.stack_state import State
from support import nested


class Backend(NamedTuple):
    """The pods that a selector matches, and their port as a number or a container port's name."""

    selector: Mapping[str, str]
    port: int | str


def find_backend(state: State, namespace: str, name: str, port: int | str | None) -> Backend | None:
    """The backend of a Service's port, given by number or name; None if there is none."""
    for item in state.kubernetes("Service"):
        metadata = item.mapping("metadata")
        if (metadata.get("namespace"), metadata["name"]) != (namespace, name):
            continue
        spec = item.mapping("spec")
        for row in nested.items(spec, "ports"):
            if port is not None and port in (row["port"], row.get("name")):
                return Backend(spec.get("selector") or {}, target_of(row))
    return None
