"""Draws when each operation of a deployment runs: `python -m dev.timeline.timeline --stack <name>`.

The stack is deployed on a fresh simulated cloud of its own, where every operation takes its
typical duration. Prints the chart, what Azure imposes, and other orders; the picture goes to
`.local/timeline/<stack>.svg`. `--edges` lists why each edge of the graph is there. `--all` compares
all stacks and examples, on a clock that nobody waits for; `--write` puts that into the page
docs/timeline.md.
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
from cli.console import Failure, say
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
"""Real seconds per simulated second: ten minutes pass in twelve seconds."""

PARALLEL = 64
"""Operations at once. Pulumi's own default, four for each core, would hold up small machines."""


def run(
    stack: str, *, command: str, scale: float, parallel: int
) -> tuple[Schedule, list[dict[str, Any]]]:
    """Run `up` (or `up`, then `destroy`) on a fresh cloud.

    Returns the schedule of the last one, and the state between the two. Raises `Failure` when the
    engine fails.
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
    """The graph of a stack that is deployed without waiting, on a fresh cloud."""
    cloud = _cloud(stack)
    _run(cloud, stack, "up", 0, PARALLEL)
    return nodes_of(_resources(cloud, stack))


def stacks() -> list[str]:
    """The committed stacks, then the examples."""
    own = [file.name.split(".")[1] for file in sorted(ROOT.glob("Pulumi.*.yaml"))]
    examples = sorted(ROOT.glob("examples/*.yaml"))
    return [*own, *(file.stem for file in examples if not file.name.endswith(".cloud.yaml"))]


def _cloud(stack: str) -> SimulatedCloud:
    file = stack_file.committed_file(stack, ROOT)
    root = DIRECTORY / stack
    shutil.rmtree(root, ignore_errors=True)
    cloud = SimulatedCloud(root, pulumi_cli.obtain())
    cloud.prepare(stack, file)
    return cloud


def _run(cloud: SimulatedCloud, stack: str, command: str, scale: float, parallel: int) -> None:
    arguments = [*WITHOUT_QUESTIONS[command], "--non-interactive", f"--parallel={parallel}"]
    progress.run(
        cloud.command(command, stack, *arguments),
        f"pulumi {command} of the stack {stack}"
        + (f", a simulated second in {scale:g} s" if scale else ""),
        cwd=ROOT,
        environment={**cloud.environment(), timeline.RUN: command, SCALE: str(scale)},
    )


def _resources(cloud: SimulatedCloud, stack: str) -> list[dict[str, Any]]:
    return export(cloud, stack).get("resources") or []


def main(arguments: Sequence[str]) -> int:
    """Do what the options say; returns 1 when the deployment fails."""
    parser = argparse.ArgumentParser(prog="python -m dev.timeline.timeline", description=__doc__)
    parser.add_argument("--stack", default="dev")
    parser.add_argument("--command", choices=["up", "destroy"], default="up")
    parser.add_argument("--scale", type=float, default=TIME_SCALE)
    parser.add_argument("--parallel", type=int, default=PARALLEL)
    parser.add_argument("--edges", action="store_true", help="list why each edge is there")
    parser.add_argument("--all", action="store_true", help="compare all stacks and examples")
    parser.add_argument("--write", action="store_true", help="with --all: write docs/timeline.md")
    known = parser.parse_args(arguments)
    if known.write and not known.all:
        parser.error("--write is of the page on all stacks: add --all")
    try:
        if known.all:
            _compare_all(write=known.write)
        elif known.edges:
            found = edges(deployed(known.stack), _seed(known.stack))
            print(edges_report.text(found))
        else:
            _draw(known)
    except Failure as failure:
        say(f"error: {failure}")
        return 1
    return 0


def _draw(known: argparse.Namespace) -> None:
    schedule, resources = run(
        known.stack, command=known.command, scale=known.scale, parallel=known.parallel
    )
    found = comparison.compare(nodes_of(resources))
    note = f"Azure imposes {found.imposed.seconds:.0f} s." if known.command == "up" else ""
    picture = _picture(known.stack, known.command)
    title = f"pulumi {known.command} of the stack {known.stack}"
    picture.write_text(chart.svg(schedule, title, note))
    print(chart.text(schedule))
    print("\n".join(comparison.summary(found)))
    print(f"\nDrawn in {os.path.relpath(picture)}")


def _compare_all(*, write: bool) -> None:
    names = stacks()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        graphs = list(pool.map(deployed, names))
    found = {name: comparison.compare(graph) for name, graph in zip(names, graphs, strict=True)}
    print(timeline_page.table(found))
    if write:
        PAGE.write_text(timeline_page.page(found))
        print(f"\nWritten: {os.path.relpath(PAGE)}")


def _seed(stack: str) -> Path:
    return fixture_of(stack_file.committed_file(stack, ROOT))


def _picture(stack: str, command: str) -> Path:
    name = stack if command == "up" else f"{stack}.{command}"
    return DIRECTORY / f"{name}.svg"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
