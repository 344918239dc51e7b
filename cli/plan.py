"""Shows a stack's address plan without engine and cloud: `python -m cli.plan --stack <name>`.

With `--compare`, the network models side by side for the stack's own pools.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from cli import stackfile
from cli.console import Failure, say
from components.addressing import AddressPlan
from components.addressing.compare import compare, render_comparison
from components.addressing.picture import render_svg
from components.addressing.show import render_table
from components.problems import ConfigurationError
from components.settings.load import configuration
from support.repository import ROOT


def main(arguments: Sequence[str]) -> int:
    """Print the plan and draw it; returns 1 when the configuration has problems."""
    parser = argparse.ArgumentParser(prog="python -m cli.plan", description=__doc__)
    parser.add_argument("--stack", default="dev")
    parser.add_argument("--compare", action="store_true")
    known = parser.parse_args(arguments)
    try:
        file = stackfile.committed_file(known.stack, ROOT)
        plan = configuration(stackfile.settings_without_engine(file)).plan
    except (Failure, ConfigurationError) as error:
        say(f"error: {error}")
        return 1
    if known.compare:
        print(render_comparison(compare(plan.request)))
    else:
        _show(plan, known.stack)
    return 0


def _show(plan: AddressPlan, stack: str) -> None:
    picture = ROOT / ".local" / f"address-plan.{stack}.svg"
    picture.parent.mkdir(exist_ok=True)
    picture.write_text(render_svg(plan))
    print(render_table(plan))
    print(f"\nDrawn to scale in {picture.relative_to(ROOT)}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
