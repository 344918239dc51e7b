"""`python -m cli.recover --stack dev --cloud simulated|azure`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from cli import pulumi_cli as engines
from cli import recover as package
from cli import stackfile
from cli.console import Failure, say
from cli.recover.access import Access, Azure, Simulated
from cli.recover.adoption import recover, show
from cli.run import SimulatedCloud
from support.repository import ROOT


def _access(stack: str, cloud: str) -> Access:
    if cloud == "azure":
        return Azure(stack)
    simulated = SimulatedCloud(ROOT / ".local", engines.obtain())
    simulated.prepare(stack, stackfile.committed_file(stack, ROOT))
    return Simulated(simulated, stack)


def main(arguments: Sequence[str]) -> int:
    """Entry point; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m cli.recover", description=package.__doc__)
    parser.add_argument("--stack", default="dev")
    parser.add_argument("--cloud", default="simulated", choices=["simulated", "azure"])
    options = parser.parse_args(arguments)
    try:
        outcome = recover(_access(options.stack, options.cloud))
    except Failure as failure:
        say(f"error: {failure}")
        return 1
    print(show(outcome, options.stack, options.cloud))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
