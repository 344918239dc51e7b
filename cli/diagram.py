"""Draws the topology of a deployed stack from its state: `python -m cli.diagram --stack <name>`.

Writes an SVG picture and a Mermaid flowchart. `--mermaid` only prints the flowchart.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from analysis.diagram import Kind, Topology, read, render_mermaid, render_svg
from cli.clouds import resources
from cli.command import parser, reports_errors
from cli.console import Failure
from support.repository import ROOT

ICONS_PACKAGE = "diagrams"


@reports_errors(ValueError, KeyError, OSError)
def main(arguments: Sequence[str]) -> int:
    """Draw a stack's topology; returns 1 if there is no state to read."""
    command = parser("cli.diagram", __doc__, state=True)
    command.add_argument("--mermaid", action="store_true", help="print the Mermaid flowchart only")
    options = command.parse_args(arguments)
    topology = read(resources(options))
    if options.mermaid:
        print(render_mermaid(topology), end="")
    else:
        for file in _draw(topology, options.stack):
            print(f"Drawn in {file.relative_to(ROOT)}")
    return 0


def _draw(topology: Topology, stack: str) -> tuple[Path, Path]:
    directory = ROOT / ".local" / "topology"
    directory.mkdir(parents=True, exist_ok=True)
    picture, chart = directory / f"{stack}.svg", directory / f"{stack}.mmd"
    picture.write_text(render_svg(topology, f"Topology of the stack {stack}", azure_icons()))
    chart.write_text(render_mermaid(topology))
    return picture, chart


def azure_icons() -> dict[Kind, bytes]:
    """Each kind's icon, as PNG.

    Raises `Failure` if the package with the icons is not installed, or has no icon for a kind.
    """
    try:
        package = distribution(ICONS_PACKAGE)
    except PackageNotFoundError:
        raise Failure(
            f"the Azure icons are not installed: run `make diagram`, or pip install {ICONS_PACKAGE}"
        ) from None
    icons: dict[Kind, bytes] = {}
    for kind in Kind:
        file = Path(str(package.locate_file(f"resources/azure/{kind.value.icon}.png")))
        if not file.exists():
            raise Failure(f"{ICONS_PACKAGE} {package.version} has no icon {kind.value.icon}")
        icons[kind] = file.read_bytes()
    return icons


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
