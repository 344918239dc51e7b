"""Shows a stack's address plan without Pulumi and cloud: `python -m cli.plan --stack <name>`.

Draws the plan to scale, too. `--compare` shows the network models side by side for the stack's own
node pools.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from cli import stack_file
from cli.address_plan import render_comparison, render_plan
from cli.command import parser, reports_errors
from components.addressing import AddressPlan
from components.addressing.compare import compare
from components.addressing.picture import render_svg
from components.problems import ConfigurationError
from components.settings.load import configuration
from support.repository import ROOT
from support.tables import terminal


@reports_errors(ConfigurationError)
def main(arguments: Sequence[str]) -> int:
    """Print the plan and draw it; returns 1 when the configuration has problems."""
    options = parser("cli.plan", __doc__, cloud=False)
    options.add_argument("--compare", action="store_true", help="compare the network models")
    known = options.parse_args(arguments)
    file = stack_file.committed_file(known.stack, ROOT)
    plan = configuration(stack_file.config_with_placeholders(file)).plan
    if known.compare:
        print(render_comparison(compare(plan.request), terminal()))
    else:
        _show(plan, known.stack)
    return 0


def _show(plan: AddressPlan, stack: str) -> None:
    picture = ROOT / ".local" / f"address-plan.{stack}.svg"
    picture.parent.mkdir(exist_ok=True)
    picture.write_text(render_svg(plan))
    print(render_plan(plan, terminal()))
    print(f"\nDrawn to scale in {picture.relative_to(ROOT)}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
