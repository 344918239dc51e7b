"""Runs a Pulumi command on the simulated cloud below `.local/`."""

from __future__ import annotations

from collections.abc import Sequence

from cli import pulumi_cli, stack_file
from cli.console import say
from cli.foreground import run_in_foreground
from cli.outputs_table import render
from cli.simulated.workspace import SimulatedCloud
from cli.two_step_destroy import OPTION, destroy_in_two_steps
from cli.workspace import outputs
from support.repository import ROOT

WITHOUT_QUESTIONS = {
    "up": ("--yes", "--skip-preview", "--suppress-outputs"),
    "preview": (),
    "refresh": ("--yes", "--skip-preview", "--suppress-outputs"),
    "destroy": ("--yes", "--skip-preview", "--suppress-outputs"),
}
"""Arguments with which a command on the simulated cloud asks nothing."""


def run_simulated(command: str, stack: str, arguments: Sequence[str]) -> int:
    """Run `command` on the simulated cloud; returns Pulumi's exit status."""
    cloud = SimulatedCloud(ROOT / ".local", pulumi_cli.obtain())
    cloud.prepare(stack, stack_file.committed_file(stack, ROOT))
    if command == "outputs":
        print(render(outputs(cloud, stack)))
        return 0
    say(
        "The cloud is simulated: no Azure account is used and nothing leaves this machine. "
        f"State: {cloud.root.relative_to(ROOT)}"
    )
    if command == "destroy":
        say("Lifting the protection of resources first, because this cloud is only simulated.")
        cloud.unprotect(stack)
    status = _run(cloud, command, stack, arguments)
    if command == "up" and status == 0:
        print(f"\n{render(outputs(cloud, stack))}")
    if command in {"up", "destroy"} and status != 0:
        say(f"After an interrupted run: make recover STACK={stack}, then run this again.")
    return status


def _run(cloud: SimulatedCloud, command: str, stack: str, arguments: Sequence[str]) -> int:
    arguments = [*WITHOUT_QUESTIONS[command], *arguments]
    if command == "destroy" and OPTION in arguments:
        return destroy_in_two_steps(cloud, stack, arguments)
    return run_in_foreground(cloud.command(command, stack, *arguments), cloud.environment())
