"""The workspace of the cloud that a command is asked for, and the state of a stack there."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from cli import pulumi_cli
from cli.console import Failure
from cli.workspace import AzureWorkspace, Workspace, export, outputs
from support.repository import ROOT


def workspace(cloud: str) -> Workspace:
    """The workspace for `--cloud`, which is `simulated` or `azure`."""
    engine = pulumi_cli.obtain()
    if cloud == "azure":
        return AzureWorkspace(engine)
    from cli.simulated.workspace import SimulatedCloud  # noqa: PLC0415 - imports the simulator

    return SimulatedCloud(ROOT / ".local", engine)


def exported(stack: str, cloud: str) -> list[Mapping[str, Any]]:
    """The resources of a stack's state. Raises `Failure` when the stack is not deployed."""
    return _deployed(stack, cloud, export).get("resources") or []


def outputs_of(stack: str, cloud: str) -> Mapping[str, Any]:
    """A stack's outputs. Raises `Failure` when the stack is not deployed."""
    return _deployed(stack, cloud, outputs)


def resources(options: argparse.Namespace) -> list[Mapping[str, Any]]:
    """The resources in the file `--state`, else those of the stack `--stack` in `--cloud`.

    Raises `Failure` when there are none to read.
    """
    return _read(options.state) if options.state else exported(options.stack, options.cloud)


def _deployed(
    stack: str, cloud: str, read: Callable[[Workspace, str], Mapping[str, Any]]
) -> Mapping[str, Any]:
    on_azure = " CLOUD=azure" if cloud == "azure" else ""
    remedy = f"deploy the stack first: make up STACK={stack}{on_azure}"
    where = workspace(cloud)
    if not where.has_stacks():
        raise Failure(f"the stack {stack} is not deployed; {remedy}")
    try:
        return read(where, stack)
    except Failure as failure:
        raise Failure(f"can't read the state of the stack {stack} ({failure}); {remedy}") from None


def _read(file: Path) -> list[Mapping[str, Any]]:
    try:
        return json.loads(file.read_text())["deployment"].get("resources") or []
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Failure(
            f"--state must be a file that `pulumi stack export` wrote: {file}: {error!r}"
        ) from error
