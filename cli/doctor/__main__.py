"""Checks everything that a deployment needs, before anything is created.

    python -m cli.doctor --stack dev --cloud simulated|azure

It only reads: from Azure by GET and the few POSTs that change nothing, from Pulumi by reading
commands, from the simulated cloud by its files. Exits with 1 where a deployment would fail.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from cli import pulumi_cli, stack_file
from cli.command import parser, reports_errors
from cli.console import Failure, say
from cli.doctor.azure import Azure
from cli.doctor.checks import state
from cli.doctor.client import Client, Transport
from cli.doctor.context import Context, Pulumi
from cli.doctor.findings import CheckUnavailable, Lazy
from cli.doctor.planned_resources import UNKNOWN_ID, Planned, planned
from cli.doctor.pulumi import PulumiCli
from cli.doctor.run import run, status
from cli.doctor.show import render
from cli.doctor.sign_in import Options
from components.problems import ConfigurationError
from components.settings.load import Configuration, configuration
from support.repository import ROOT
from support.tables import terminal

MAX_PROBLEMS = 3
"""Problems of a configuration that the report names."""


def _clients(
    stack: str, file: Path, options: Options, *, simulated: bool
) -> tuple[Pulumi, Transport]:
    if simulated:
        from cli.doctor.simulated import clients  # noqa: PLC0415 - imports the simulator

        return clients(stack, file, ROOT)
    return PulumiCli(pulumi_cli.present(), stack, os.environ, ROOT), Azure(options)


def context_of(stack: str, cloud: str) -> Context:
    """The stack, and the clients to ask about it. Raises `Failure` where there is no such stack."""
    file = stack_file.committed_file(stack, ROOT)
    simulated = cloud == "simulated"
    config, missing = stack_file.as_committed(file)
    options = Options({} if simulated else config, {} if simulated else os.environ)
    pulumi, transport = _clients(stack, file, options, simulated=simulated)
    azure = Client(transport)
    checked = Lazy(lambda: _configuration(file))

    def resources() -> list[Planned]:
        try:
            account = azure.sign_in()
            subscription, tenant = account.subscription, account.tenant
        except CheckUnavailable:
            subscription = tenant = UNKNOWN_ID
        return planned(checked.get(), subscription, tenant)

    return Context(
        stack=stack,
        simulated=simulated,
        lock_file=ROOT / ("requirements-simulator.txt" if simulated else "requirements-azure.txt"),
        file=file,
        config=config,
        missing_secrets=tuple(missing),
        options=options,
        checked=checked,
        planned=Lazy(resources),
        state=Lazy(lambda: state.read(pulumi)),
        pulumi=pulumi,
        azure=azure,
    )


def _configuration(file: Path) -> Configuration:
    try:
        return configuration(stack_file.config_with_placeholders(file))
    except (ConfigurationError, Failure) as error:
        problems = getattr(error, "problems", ())
        shown = "; ".join(map(str, problems[:MAX_PROBLEMS])) or str(error)
        more = f"; {len(problems) - MAX_PROBLEMS} more" if len(problems) > MAX_PROBLEMS else ""
        raise CheckUnavailable(f"{file.name}: {shown}{more}", "make plan shows them all") from None


@reports_errors()
def main(arguments: Sequence[str]) -> int:
    """Run the checks and print the report; returns 1 where a deployment would fail."""
    options = parser("cli.doctor", __doc__).parse_args(arguments)
    context = context_of(options.stack, options.cloud)
    if context.simulated:
        say("The cloud is simulated: this machine answers all requests to Azure.")
    else:
        say("Asking Azure and the state backend; nothing is changed …")
    # Pulumi's mocks need the main thread's event loop.
    with contextlib.suppress(CheckUnavailable):  # the check of the configuration reports it
        context.planned.get()
    groups = run(context)
    print(render(groups, terminal()))
    return status(groups)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
