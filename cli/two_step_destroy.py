"""Destroys a stack in two steps: first the resources that take long to delete, then the rest.

Pulumi deletes by depth in its graph, and a cluster, a Bastion host and a gateway are at different
depths: in one step their deletions follow each other. As targets of a step of their own they are
deleted side by side.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cli.console import say
from cli.foreground import run_in_foreground
from cli.workspace import Workspace, export
from support.type_tokens import plain_token
from support.urns import logical_name

OPTION = "--in-two-steps"

SLOW_DELETIONS = frozenset(
    {
        "azure-native:containerservice:ManagedCluster",
        "azure-native:network:ApplicationGateway",
        "azure-native:network:AzureFirewall",
        "azure-native:network:BastionHost",
        "azure-native:network:VirtualNetworkGateway",
    }
)
"""Types whose deletion takes Azure 200 s or more. A test compares this set with the durations of
`simulator/azure/durations.py`, which name their sources."""


def slow_deletions(resources: Iterable[Mapping[str, Any]]) -> list[str]:
    """URNs of the resources of a state that take long to delete."""
    return [item["urn"] for item in resources if plain_token(item["type"]) in SLOW_DELETIONS]


def destroy_in_two_steps(workspace: Workspace, stack: str, arguments: Sequence[str]) -> int:
    """Run `pulumi destroy` twice; returns the exit status of the step that failed, else 0.

    `arguments` are those of both steps. Raises `Failure` when the state can't be read.
    """
    environment = workspace.environment()
    rest = [argument for argument in arguments if argument != OPTION]
    if targets := slow_deletions(export(workspace, stack).get("resources") or ()):
        names = ", ".join(logical_name(urn) for urn in targets)
        say(f"Step 1 of 2: deleting the slow resources: {names}")
        chosen = [argument for urn in targets for argument in ("--target", urn)]
        line = workspace.command("destroy", stack, *chosen, "--target-dependents", *rest)
        status = run_in_foreground(line, environment)
        if status != 0:
            return status
        say("Step 2 of 2: deleting the rest")
    return run_in_foreground(workspace.command("destroy", stack, *rest), environment)
