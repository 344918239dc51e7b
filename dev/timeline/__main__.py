"""Draws when each operation of a deployment runs: `python -m dev.timeline --stack <name>`.

Deploys the stack on a simulated cloud of its own, where every operation takes its typical duration.
Prints the chart, the lower bound and other orders; the picture goes to
`.local/timeline/<stack>.svg`. `--edges` lists the purpose of each edge of the dependency graph.
`--all` compares all stacks and examples in simulated time, without waiting; with `--write` it
writes docs/timeline.md.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from analysis.dependency_graph import Nodes, nodes_of
from cli import progress, pulumi_cli, stack_file
from cli.command import parser, reports_errors
from cli.simulated.fixture import fixture_of
from cli.simulated.run import WITHOUT_QUESTIONS
from cli.simulated.workspace import SimulatedCloud
from cli.workspace import export
from dev.timeline import chart, comparison, edges_report, timeline_page
from dev.timeline.edges import edges
from dev.timeline.schedule import Schedule, dependencies, reversed_graph
from simulator import timeline
from simulator.clock import SCALE
from support.repository import ROOT

PAGE = ROOT / "docs" / "timeline.md"
DIRECTORY = ROOT / ".local" / "timeline"

TIME_SCALE = 0.02
"""Real seconds per simulated second: ten minutes take twelve seconds."""

PARALLEL = 64
"""Operations at once. Pulumi's default is four per core, which slows down small machines."""


def run(
    stack: str, *, command: str, scale: float, parallel: int
) -> tuple[Schedule, list[dict[str, Any]]]:
    """Run `up`, or `up` and then `destroy`, on a new cloud.

    Returns the schedule of the last command, and the resources in the state after `up`. Raises
    `Failure` when a command fails.
    """
    cloud = _cloud(stack)
    up_scale = scale if command == "up" else 0
    _run(cloud, stack, "up", up_scale, parallel)
    resources = _resources(cloud, stack)
    graph = dependencies(resources)
    if command == "destroy":
        cloud.unprotect(stack)
        _run(cloud, stack, command, scale, parallel)
        graph = reversed_graph(graph)
    return Schedule.of(timeline.read(cloud.state, command), graph), resources


def deployed(stack: str) -> Nodes:
    """The dependency graph of a stack, from a deployment without waiting on a new cloud."""
    cloud = _cloud(stack)
    _run(cloud, stack, "up", 0, PARALLEL)
    return nodes_of(_resources(cloud, stack))


def stacks() -> list[str]:
    """The committed stacks, then the examples."""
    return [*stack_file.committed_stacks(ROOT), *stack_file.committed_examples(ROOT)]


def _cloud(stack: str) -> SimulatedCloud:
    root = DIRECTORY / stack
    shutil.rmtree(root, ignore_errors=True)
    cloud = SimulatedCloud(root, pulumi_cli.obtain())
    cloud.prepare(stack, stack_file.committed_file(stack, ROOT))
    return cloud


def _run(cloud: SimulatedCloud, stack: str, command: str, scale: float, parallel: int) -> None:
    arguments = [*WITHOUT_QUESTIONS[command], "--non-interactive", f"--parallel={parallel}"]
    progress.run(
        cloud.command(command, stack, *arguments),
        f"pulumi {command} of the stack {stack}"
        + (f", {scale:g} s for a simulated second" if scale else ""),
        cwd=ROOT,
        environment={**cloud.environment(), timeline.RUN: command, SCALE: str(scale)},
    )


def _resources(cloud: SimulatedCloud, stack: str) -> list[dict[str, Any]]:
    return export(cloud, stack).get("resources") or []


@reports_errors()
def main(arguments: Sequence[str]) -> int:
    """Draw, list or compare; returns 1 when the deployment fails."""
    command = parser("dev.timeline", __doc__, cloud=False)
    command.add_argument("--command", choices=["up", "destroy"], default="up")
    command.add_argument(
        "--scale", type=float, default=TIME_SCALE, help="real seconds per simulated second"
    )
    command.add_argument("--parallel", type=int, default=PARALLEL, help="operations at once")
    command.add_argument("--edges", action="store_true", help="list the purpose of each edge")
    command.add_argument("--all", action="store_true", help="compare all stacks and examples")
    command.add_argument("--write", action="store_true", help="with --all: write docs/timeline.md")
    options = command.parse_args(arguments)
    if options.write and not options.all:
        command.error("--write needs --all: the page is about all stacks")
    if options.all:
        _compare_all(write=options.write)
    elif options.edges:
        fixture = fixture_of(stack_file.committed_file(options.stack, ROOT))
        print(edges_report.text(edges(deployed(options.stack), fixture)))
    else:
        _draw(options)
    return 0


def _draw(options: argparse.Namespace) -> None:
    schedule, resources = run(
        options.stack, command=options.command, scale=options.scale, parallel=options.parallel
    )
    compared = comparison.compare(nodes_of(resources))
    note = f"Lower bound: {compared.lower_bound.seconds:.0f} s." if options.command == "up" else ""
    picture = _picture(options.stack, options.command)
    title = f"pulumi {options.command} of the stack {options.stack}"
    picture.write_text(chart.svg(schedule, title, note))
    print(chart.text(schedule))
    print("\n".join(comparison.summary(compared)))
    print(f"\nDrawn in {os.path.relpath(picture)}")


def _compare_all(*, write: bool) -> None:
    names = stacks()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        graphs = list(pool.map(deployed, names))
    compared = {name: comparison.compare(graph) for name, graph in zip(names, graphs, strict=True)}
    print(timeline_page.table(compared))
    if write:
        PAGE.write_text(timeline_page.page(compared))
        print(f"\nWritten: {os.path.relpath(PAGE)}")


def _picture(stack: str, command: str) -> Path:
    name = stack if command == "up" else f"{stack}.{command}"
    return DIRECTORY / f"{name}.svg"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
