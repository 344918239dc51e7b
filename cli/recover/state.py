"""What a stack's state says, in the form of `pulumi stack export`. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from support.arm_ids import AZURE, KUBERNETES

_PEERING = f"{AZURE}network:VirtualNetworkPeering"


def is_of_the_cloud(token: str) -> bool:
    """Whether a type is Azure's or Kubernetes', and not the engine's own or a component."""
    return token.startswith((AZURE, KUBERNETES))


def resources(deployment: Mapping[str, Any]) -> list[dict[str, Any]]:
    """All resources of the state."""
    return deployment.get("resources") or []


def present(deployment: Mapping[str, Any]) -> set[str]:
    """The URNs in the state, without what a replacement has yet to delete."""
    return {item["urn"] for item in resources(deployment) if not item.get("delete")}


def pending(deployment: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """What was being created when the engine was stopped, by URN."""
    operations = deployment.get("pending_operations") or ()
    return {
        item["resource"]["urn"]: item["resource"]
        for item in operations
        if item["type"] == "creating" and is_of_the_cloud(item["resource"]["type"])
    }


def needs(resource: Mapping[str, Any]) -> set[str]:
    """The URNs that must be there before the engine begins to create this resource."""
    provider = provider_urn(resource)
    default = "::default_" in provider
    parent = resource.get("parent", "")
    return {
        *(resource.get("dependencies") or ()),
        *(() if is_stack(parent) else (parent,)),
        *(() if default or not provider else (provider,)),
    }


def rendering(deployment: Mapping[str, Any]) -> set[str]:
    """The URNs of Kubernetes providers that write files: what they manage is in no cluster.

    Whatever such a provider is asked for, it says that it exists.
    """
    return {
        item["urn"]
        for item in resources(deployment)
        if item.get("inputs", {}).get("renderYamlToDirectory")
    }


def disconnected(deployment: Mapping[str, Any]) -> list[str]:
    """The URNs of peerings whose other side is gone."""
    return [
        item["urn"]
        for item in resources(deployment)
        if item["type"] == _PEERING
        and item.get("outputs", {}).get("peeringState") == "Disconnected"
    ]


def provider_urn(resource: Mapping[str, Any]) -> str:
    """The URN of the resource's provider; empty where there is none."""
    return str(resource.get("provider", "")).rpartition("::")[0]


def logical_name(urn: str) -> str:
    """The name that the program gives the resource."""
    return urn.split("::", 3)[3]


def token(urn: str) -> str:
    """The type of the resource, without those of its parents."""
    return urn.split("::")[2].rpartition("$")[2]


def is_stack(urn: str) -> bool:
    """Whether this is the stack itself, the parent of what has no other."""
    return not urn or "::pulumi:pulumi:Stack::" in urn
