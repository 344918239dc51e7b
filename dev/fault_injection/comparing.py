"""Compares deployments: their state and their cloud, without what differs between any two.

Pure but for `snapshot`, which reads both.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from typing import Any

from cli.recover.state import resources
from cli.simulated.workspace import SimulatedCloud
from cli.workspace import export
from simulator.azure.automatic import is_automatic
from simulator.store import JournalStore, Resource
from support.nested import is_list, is_mapping
from support.type_tokens import plain_token

_VOLATILE = {
    "created",
    "modified",
    "sourcePosition",
    "stackTrace",
    "etag",
    "eTag",
    "resourceVersion",
    "uid",
    "creationTimestamp",
    # An option of the program, which ignores more once it knows the last run's version.
    "ignoreChanges",
}
_RANDOM = (
    re.compile(r"(routing-kv)[0-9a-f]{8}"),
    re.compile(r"([:$]pulumi:providers:[\w-]+::[\w-]+::)[0-9a-f-]{36}"),
    re.compile(r"(/secrets/[\w-]+/)[0-9a-f]{32}"),
    re.compile(r"(\bwaf-certificate(?:-pem)?-)[0-9a-f]{8}\b"),
)
"""What is random in each deployment: the vault's name, the ids of the engine's providers, and the
versions and names (Pulumi.yaml, `pulumi:autonaming`) of the vault's secrets."""
_UNORDERED = {"agentPoolProfiles"}
"""Lists of named items in the order of their creation, which is random where it is concurrent."""
_WRITE_ONLY = {("azure-native:compute:VirtualMachine", "inputs", "osProfile", "customData")}
"""Inputs that Azure never returns and whose changes the program ignores. The state of an imported
resource lacks them and needs none. They are compared in the cloud."""
_VAULT = "/vaults/routing-kv"
_ROLE_ASSIGNMENT = "/providers/Microsoft.Authorization/roleAssignments/"


def snapshot(cloud: SimulatedCloud, stack: str) -> dict[str, Any]:
    """The state and the cloud of a stack, comparable with those of another deployment."""
    deployment = export(cloud, stack, "--show-secrets")
    existing = [item for item in JournalStore(cloud.state).all() if not is_automatic(item)]
    return comparable(deployment, existing)


def comparable(deployment: Mapping[str, Any], cloud: Iterable[Resource]) -> dict[str, Any]:
    """`{"pending": […], "state": {urn: resource}, "cloud": {id: inputs}}`.

    `deployment` is the output of `pulumi stack export --show-secrets`: secrets are in plain text,
    but still marked, so that a lost mark is a difference.
    """
    found: dict[str, Any] = {
        "pending": deployment.get("pending_operations") or [],
        "state": {item["urn"]: _stable(_significant(item)) for item in resources(deployment)},
        "cloud": {item.id: _stable({"inputs": item.inputs}) for item in cloud},
    }
    return _without_random(found)


def differences(left: Any, right: Any, path: str = "") -> Iterator[str]:
    """The paths at which two documents differ, with both values."""
    if is_mapping(left) and is_mapping(right):
        for key in sorted({*left, *right}):
            yield from differences(left.get(key), right.get(key), f"{path}/{key}")
    elif left != right:
        yield f"{path}: {json.dumps(left)[:200]} became {json.dumps(right)[:200]}"


def _without_random(found: dict[str, Any]) -> dict[str, Any]:
    """The document without random values, and without what is computed from them."""
    text = json.dumps(found)
    for pattern in _RANDOM:
        text = pattern.sub(r"\1", text)
    cloud: dict[str, Any] = json.loads(text)["cloud"]
    for resource_id, resource in cloud.items():
        scope, _, name = resource_id.rpartition(_ROLE_ASSIGNMENT)
        if scope.endswith(_VAULT):
            # Its name is computed from the scope, which contains the vault's name.
            inputs = resource["inputs"]
            role = inputs["roleDefinitionId"].rpartition("/")[2]
            text = text.replace(name, f"{role} for {inputs['principalId']}")
    return json.loads(text)


def _significant(resource: dict[str, Any]) -> dict[str, Any]:
    """A resource of the state without a provider's random id and without write-only inputs."""
    if resource["type"].startswith("pulumi:providers:"):
        return {key: item for key, item in resource.items() if key != "id"}
    for token, *path, last in _WRITE_ONLY:
        if plain_token(resource["type"]) == token:
            resource = deepcopy(resource)
            owner: dict[str, Any] = resource
            for step in path:
                owner = owner.get(step, {})
            owner.pop(last, None)
    return resource


def _stable(value: Any) -> Any:
    if is_mapping(value):
        stable = {key: _stable(item) for key, item in value.items() if key not in _VOLATILE}
        for key in _UNORDERED & stable.keys():
            # Among a resource's dependencies a key of this name has a list of URNs.
            stable[key] = sorted(stable[key], key=lambda item: json.dumps(item, sort_keys=True))
        # The engine omits empty values, but not always.
        return {key: item for key, item in stable.items() if item not in (None, False, [], {})}
    if is_list(value):
        stable = [_stable(item) for item in value]
        return sorted(stable) if _is_urns(stable) else stable
    return value


def _is_urns(value: Any) -> bool:
    """Whether this is a list of URNs, whose order has no meaning."""
    return is_list(value) and all(
        isinstance(item, str) and item.startswith("urn:pulumi:") for item in value
    )
