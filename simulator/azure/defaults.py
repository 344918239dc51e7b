"""Defaults that azure-native adds before it checks the inputs: name, region, API version."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from simulator.azure import identifiers
from simulator.azure.model import Cloud, ResourceType
from simulator.server import Autonaming
from support.arm_ids import RANDOM_NAME


@dataclass(frozen=True)
class Naming:
    """What a default name is derived from."""

    logical_name: str
    seed: bytes = b""
    """Random bytes from the engine; the same seed results in the same name."""
    rules: Autonaming | None = None


def add_defaults(
    cloud: Cloud,
    token: str,
    naming: Naming,
    inputs: Mapping[str, Any],
    *,
    olds: Mapping[str, Any] | None = None,
    location: str | None = None,
) -> dict[str, Any]:
    """The inputs with azure-native's defaults.

    `olds` are the old inputs, whose name is kept. `location` is that of the provider's settings.
    """
    kind = cloud.type_of(token)
    olds = olds or {}
    result = dict(inputs)
    parameter = kind.name_parameter
    if parameter not in result and "." not in parameter:
        name, random = _old_name(kind, olds) or _new_name(kind, naming)
        if name:
            result[parameter] = name
        if random:
            result[RANDOM_NAME] = True
    if "location" in kind.shape["inputs"]["properties"] and "location" not in result:
        default = olds.get("location") or location or _group_location(cloud, result)
        if default:
            result["location"] = default
    if kind.api:
        result.setdefault("azureApiVersion", kind.api)
    return result


def _old_name(kind: ResourceType, olds: Mapping[str, Any]) -> tuple[str, bool] | None:
    if kind.name_parameter not in olds:
        return None
    return olds[kind.name_parameter], bool(olds.get(RANDOM_NAME))


def _new_name(kind: ResourceType, naming: Naming) -> tuple[str, bool]:
    """(name, whether it is random). The name of a child is its logical name."""
    rules = naming.rules
    if rules is not None and rules.disabled:
        return "", False
    if rules is not None and rules.proposed:
        return rules.proposed, rules.proposed != naming.logical_name
    if kind.naming == "uuid":
        return str(uuid.UUID(bytes=(naming.seed + bytes(16))[:16], version=4)), True
    if kind.naming == "copy":
        return naming.logical_name, False
    return naming.logical_name + identifiers.digest(naming.seed.hex(), naming.logical_name), True


def _group_location(cloud: Cloud, inputs: Mapping[str, Any]) -> str | None:
    name = inputs.get("resourceGroupName")
    if not isinstance(name, str):
        return None
    group = cloud.get(f"/subscriptions/{cloud.subscription}/resourceGroups/{name}")
    return group.outputs.get("location") if group else None
