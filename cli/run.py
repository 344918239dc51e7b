"""Runs Pulumi on a stack: `python -m cli.run <command> --stack <name> --cloud simulated|azure`.

Further arguments go to Pulumi. On the simulated cloud everything that a run reads and writes is
below `.local/`: Pulumi's home and backend, the cloud's state, and a copy of the stack file. On
Azure Pulumi runs with your sign-in, your backend and the committed stack file.

`destroy --in-two-steps` deletes the resources that take long first, side by side.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from cli import pulumi_cli
from cli.command import parser, reports_errors
from cli.foreground import run_in_foreground
from cli.two_step_destroy import OPTION, destroy_in_two_steps
from cli.workspace import AzureWorkspace

COMMANDS = ("up", "preview", "refresh", "destroy", "outputs")


def run_on_azure(command: str, stack: str, arguments: Sequence[str]) -> int:
    """Run `command` on Azure; returns Pulumi's exit status."""
    workspace = AzureWorkspace(pulumi_cli.obtain())
    if command == "destroy" and OPTION in arguments:
        return destroy_in_two_steps(workspace, stack, arguments)
    name = "stack output" if command == "outputs" else command
    line = workspace.command(name, stack, *arguments)
    return run_in_foreground(line, workspace.environment())


@reports_errors()
def main(arguments: Sequence[str]) -> int:
    """Run the command; returns Pulumi's exit status."""
    options = parser("cli.run", __doc__)
    options.add_argument("command", choices=COMMANDS)
    known, extra = options.parse_known_args(arguments)
    if known.cloud == "azure":
        return run_on_azure(known.command, known.stack, extra)
    from cli.simulated.run import run_simulated  # noqa: PLC0415 - imports the simulator

    return run_simulated(known.command, known.stack, extra)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
