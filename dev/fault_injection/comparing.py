"""What a stack's state and its cloud hold, without what differs between any two deployments.

Pure but for `picture`, which reads both.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from typing import Any

from cli.recover.state import resources
from cli.simulated.workspace import SimulatedCloud
from dev.fault_injection.runs import export
from simulator.azure.automatic import is_automatic
from simulator.store import JournalStore, Resource
from support.nested import is_list, is_mapping

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
}
_RANDOM = (
    re.compile(r"(routing-kv)[0-9a-f]{8}"),
    re.compile(r"(::pulumi:providers:[\w-]+::[\w-]+::)[0-9a-f-]{36}"),
    re.compile(r"(/secrets/[\w-]+/)[0-9a-f]{32}"),
)
"""What is drawn anew in each deployment: the vault's name, and with it
the versions of its secrets; the ids of the engine's providers."""
_UNORDERED = {"agentPoolProfiles"}
"""Lists of named items in the order in which they were made, some of them at the same time."""
_NOT_TOLD = {("azure-native:compute:VirtualMachine", "inputs", "osProfile", "customData")}
"""What Azure never tells and whose changes the program ignores: an adopted resource has none of it
in the state, and needs none. In the cloud it is compared."""
_VAULT = "/vaults/routing-kv"
_ROLE_ASSIGNMENT = "/providers/Microsoft.Authorization/roleAssignments/"


def picture(cloud: SimulatedCloud, stack: str) -> dict[str, Any]:
    """The state and the cloud of a stack, comparable with those of another deployment."""
    deployment = export(cloud, stack, "--show-secrets")
    there = [item for item in JournalStore(cloud.state).all() if not is_automatic(item)]
    return comparable(deployment, there)


def comparable(deployment: Mapping[str, Any], cloud: Iterable[Resource]) -> dict[str, Any]:
    """`{"pending": […], "state": {urn: resource}, "cloud": {id: inputs}}`.

    `deployment` is what `pulumi stack export --show-secrets` gives: secrets are in the clear, but
    still marked as such, so that a lost mark is a difference.
    """
    found: dict[str, Any] = {
        "pending": deployment.get("pending_operations") or [],
        "state": {item["urn"]: _steady(_telling(item)) for item in resources(deployment)},
        "cloud": {item.id: _steady({"inputs": item.inputs}) for item in cloud},
    }
    return _without_random(found)


def differences(left: Any, right: Any, at: str = "") -> Iterator[str]:
    """Paths at which two documents differ, with both values."""
    if is_mapping(left) and is_mapping(right):
        for key in sorted({*left, *right}):
            yield from differences(left.get(key), right.get(key), f"{at}/{key}")
    elif left != right:
        yield f"{at}: {json.dumps(left)[:200]} became {json.dumps(right)[:200]}"


def _without_random(found: dict[str, Any]) -> dict[str, Any]:
    """Without what is drawn anew in each deployment, and what is computed from it."""
    text = json.dumps(found)
    for pattern in _RANDOM:
        text = pattern.sub(r"\1", text)
    cloud: dict[str, Any] = json.loads(text)["cloud"]
    for resource_id, resource in cloud.items():
        scope, _, name = resource_id.rpartition(_ROLE_ASSIGNMENT)
        if scope.endswith(_VAULT):
            # Its name is computed of the scope, and that has the vault's name in it.
            inputs = resource["inputs"]
            role = inputs["roleDefinitionId"].rpartition("/")[2]
            text = text.replace(name, f"{role} for {inputs['principalId']}")
    return json.loads(text)


def _telling(resource: dict[str, Any]) -> dict[str, Any]:
    """A resource of the state without what tells nothing: a provider's id, which is random."""
    if resource["type"].startswith("pulumi:providers:"):
        return {key: item for key, item in resource.items() if key != "id"}
    for token, *way, last in _NOT_TOLD:
        if resource["type"] == token:
            resource = deepcopy(resource)
            owner: dict[str, Any] = resource
            for step in way:
                owner = owner.get(step, {})
            owner.pop(last, None)
    return resource


def _steady(value: Any) -> Any:
    if is_mapping(value):
        steady = {key: _steady(item) for key, item in value.items() if key not in _VOLATILE}
        for key in _UNORDERED & steady.keys():
            # A key of this name also stands among a resource's dependencies, with URNs in it.
            steady[key] = sorted(steady[key], key=lambda item: json.dumps(item, sort_keys=True))
        # The engine leaves out what is empty, but not always.
        return {key: item for key, item in steady.items() if item not in (None, False, [], {})}
    if is_list(value):
        steady = [_steady(item) for item in value]
        return sorted(steady) if _is_names(steady) else steady
    return value


def _is_names(value: Any) -> bool:
    """Whether this is a list of URNs, whose order means nothing."""
    return is_list(value) and all(
        isinstance(item, str) and item.startswith("urn:pulumi:") for item in value
    )
