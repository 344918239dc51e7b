"""Entry point: `python -m cli.recover --stack dev --cloud simulated|azure`."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from cli import pulumi_cli, stack_file
from cli.command import parser, reports_errors
from cli.recover import __doc__ as description
from cli.recover.access import Access, AzureAccess
from cli.recover.adoption import recover, show
from cli.workspace import AzureWorkspace
from support.repository import ROOT


def _access(stack: str, cloud: str) -> Access:
    engine = pulumi_cli.obtain()
    if cloud == "azure":
        return AzureAccess(AzureWorkspace(engine), stack)
    # They import the simulator.
    from cli.recover.simulated import SimulatedAccess  # noqa: PLC0415
    from cli.simulated.workspace import SimulatedCloud  # noqa: PLC0415

    simulated = SimulatedCloud(ROOT / ".local", engine)
    simulated.prepare(stack, stack_file.committed_file(stack, ROOT))
    return SimulatedAccess(simulated, stack)


@reports_errors()
def main(arguments: Sequence[str]) -> int:
    """Recover a stack and print what was done."""
    options = parser("cli.recover", description).parse_args(arguments)
    outcome = recover(_access(options.stack, options.cloud))
    print(show(outcome, options.stack, options.cloud))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
