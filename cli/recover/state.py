"""Reads the deployment in a stack's state, as `pulumi stack export` prints it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from support.arm_ids import AZURE, KUBERNETES
from support.type_tokens import plain_token
from support.urns import provider_urn

_PEERING = f"{AZURE}network:VirtualNetworkPeering"


def is_of_the_cloud(token: str) -> bool:
    """Whether a type is Azure's or Kubernetes', and not a component or the engine's own."""
    return plain_token(token).startswith((AZURE, KUBERNETES))


def resources(deployment: Mapping[str, Any]) -> list[dict[str, Any]]:
    """All resources of the state."""
    return deployment.get("resources") or []


def present(deployment: Mapping[str, Any]) -> set[str]:
    """The URNs in the state, except those that a replacement is still to delete."""
    return {item["urn"] for item in resources(deployment) if not item.get("delete")}


def pending(deployment: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """What the engine was creating when it stopped, by URN."""
    operations = deployment.get("pending_operations") or ()
    return {
        item["resource"]["urn"]: item["resource"]
        for item in operations
        if item["type"] == "creating" and is_of_the_cloud(item["resource"]["type"])
    }


def dependencies(resource: Mapping[str, Any]) -> set[str]:
    """The URNs that must exist before the engine starts to create this resource."""
    provider = provider_of(resource)
    default = "::default_" in provider
    parent = resource.get("parent", "")
    return {
        *(resource.get("dependencies") or ()),
        *(() if is_stack(parent) else (parent,)),
        *(() if default or not provider else (provider,)),
    }


def rendering(deployment: Mapping[str, Any]) -> set[str]:
    """The URNs of Kubernetes providers that render to files: their objects are in no cluster.

    Such a provider reports every object as existing.
    """
    return {
        item["urn"]
        for item in resources(deployment)
        if item.get("inputs", {}).get("renderYamlToDirectory")
    }


def disconnected(deployment: Mapping[str, Any]) -> list[str]:
    """The URNs of peerings that have lost their other side."""
    return [
        item["urn"]
        for item in resources(deployment)
        if plain_token(item["type"]) == _PEERING
        and item.get("outputs", {}).get("peeringState") == "Disconnected"
    ]


def provider_of(resource: Mapping[str, Any]) -> str:
    """The URN of the resource's provider; empty where it has none."""
    return provider_urn(str(resource.get("provider", "")))


def is_stack(urn: str) -> bool:
    """Whether this is the stack itself, the parent of all resources without another parent."""
    return not urn or "::pulumi:pulumi:Stack::" in urn
