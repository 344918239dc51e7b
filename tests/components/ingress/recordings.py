"""What the program registers for an example, and how to find one thing in it."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

from tests.helpers.mocks import Recording, Registration
from tests.helpers.stacks import ROOT, example, recorded_example, run_program

INGRESS = "aks-network:ingress"
PREFIX = "service.beta.kubernetes.io/azure-load-balancer"
LINUX = {"kubernetes.io/os": "linux"}
KEY_VAULT_URI = "kubernetes.azure.com/tls-cert-keyvault-uri"

deployed = recorded_example


def run(name: str, config: dict[str, Any]) -> Recording:
    return run_program(config, seed=ROOT / "examples" / f"{name}.cloud.yaml")


def gateway_example() -> dict[str, Any]:
    """The example `nginx` with application routing's default, the Gateway API."""
    config = example("nginx")
    del config[INGRESS]["appRouting"]
    return config


@functools.cache
def with_gateway_api() -> Recording:
    return run("nginx", gateway_example())


def objects(recording: Recording, kind: str) -> list[Registration]:
    return [
        r
        for r in recording.registrations
        if r.type.startswith("kubernetes:") and r.type.endswith(f":{kind}")
    ]


def one(recording: Recording, kind: str, name: str | None = None) -> Registration:
    (found,) = [r for r in objects(recording, kind) if name in {None, r.inputs["metadata"]["name"]}]
    return found


def release(recording: Recording) -> Registration:
    return recording.one("kubernetes:helm.sh/v3:Release")


def roles(recording: Recording, stem: str) -> dict[str, tuple[str, str]]:
    """Role and scope's type by the assignment's key."""
    found: dict[str, tuple[str, str]] = {}
    for assignment in recording.of_type("authorization:RoleAssignment"):
        if assignment.name.startswith(stem):
            guid = assignment.inputs["roleDefinitionId"].rsplit("/", 1)[-1]
            scope = assignment.inputs["scope"].split("/")
            found[assignment.name.removeprefix(stem)] = (guid, scope[-2])
    return found


def roles_and_scopes(made: Recording, prefix: str) -> list[tuple[str, str]]:
    return [
        (r.inputs["roleDefinitionId"].rsplit("/", 1)[-1], r.inputs["scope"])
        for r in made.of_type("authorization:RoleAssignment")
        if r.name.startswith(prefix)
    ]


def nested(value: Any, key: str) -> Iterator[Any]:
    """Everything under a key, wherever it stands."""
    if isinstance(value, dict):
        for name, item in value.items():
            if name == key:
                yield item
            yield from nested(item, key)
    elif isinstance(value, list):
        for item in value:
            yield from nested(item, key)


def node_rules(recording: Recording) -> dict[str, dict[str, Any]]:
    group = recording.one("network:NetworkSecurityGroup", "network-nodes-nsg")
    return {rule["name"]: rule for rule in group.inputs["securityRules"]}


def subnet(recording: Recording, key: str) -> dict[str, Any]:
    return recording.one("network:Subnet", f"network-{key}").inputs
