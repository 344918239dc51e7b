"""Changes to a state, for tests of what they do to the matrix: one thing different at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from analysis.reachability import Matrix, compute
from tests.analysis.reachability.states import Resource, Resources, named, state_of

NODES, FRONTEND, BACKEND = "nodes system (Linux)", "myapp/frontend", "myapp/backend"
GATEWAY, CONTROLLER, API = "Application Gateway", "ingress controller", "API server"
NETWORK = "/subscriptions/s/resourceGroups/r/providers/Microsoft.Network"

Change = Callable[[Resources], None]


def after(stack: str, *changes: Change) -> Matrix:
    resources = state_of(stack)
    for change in changes:
        change(resources)
    return compute(resources)


def put(token: str, ending: str, **outputs: Any) -> Change:
    """Set outputs of a resource."""

    def change(resources: Resources) -> None:
        named(resources, token, ending)["outputs"].update(outputs)

    return change


def nested(token: str, ending: str, *path: str, **values: Any) -> Change:
    """Set properties inside an output."""

    def change(resources: Resources) -> None:
        target = named(resources, token, ending)["outputs"]
        for step in path:
            target = target[step]
        target.update(values)

    return change


def drop(token: str, ending: str) -> Change:
    def change(resources: Resources) -> None:
        resources.remove(named(resources, token, ending))

    return change


def add(token: str, resource_id: str, **outputs: Any) -> Change:
    made: Resource = {"type": token, "id": resource_id, "inputs": {}, "outputs": outputs}
    return lambda resources: resources.append(made)


def security_rule(name: str, priority: int, **more: Any) -> dict[str, Any]:
    row = {
        "name": name,
        "priority": priority,
        "direction": "Inbound",
        "access": "Allow",
        "protocol": "*",
        "sourceAddressPrefix": "*",
        "destinationAddressPrefix": "*",
        "destinationPortRange": "*",
    }
    return {**row, **more}


def both(*changes: Change) -> Change:
    """Several changes, one after the other."""

    def change(resources: Resources) -> None:
        for one in changes:
            one(resources)

    return change
