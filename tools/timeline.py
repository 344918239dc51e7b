"""Draws when each operation of a deployment runs: `python -m tools.timeline --stack <name>`.

The stack is deployed on a fresh simulated cloud of its own, where every operation takes its
documented duration. Prints the chart and writes it to `.local/timeline/<stack>.svg`.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from simulator import timeline
from simulator.azure.cloud import Cloud
from simulator.clock import SCALE
from simulator.store import JournalStore
from tools import chart, stackfile
from tools import engine as engines
from tools.console import Failure, run_showing_progress, say
from tools.local import ROOT, SIMULATED_ARGUMENTS, SimulatedCloud
from tools.schedule import Graph, Schedule, dependencies, reversed_graph
from tools.seed import plant, seed_of

DIRECTORY = ROOT / ".local" / "timeline"

TIME_SCALE = 0.02
"""Real seconds per simulated second: ten minutes pass in twelve seconds."""

PARALLEL = 64
"""Operations at once. Pulumi's own default, four for each core, would hold up small machines."""


def deploy(stack: str, *, command: str, scale: float, parallel: int) -> Schedule:
    """Run `up` (or `up`, then `destroy`) on a fresh cloud; the schedule of the last one.

    Raises `Failure` when the engine fails.
    """
    file = stackfile.committed_file(stack, ROOT)
    root = DIRECTORY / stack
    shutil.rmtree(root, ignore_errors=True)
    cloud = SimulatedCloud(root, engines.obtain())
    cloud.prepare(stack, file)
    plant(Cloud(JournalStore(cloud.state)), seed_of(file))
    if command == "up":
        _run(cloud, stack, "up", scale, parallel)
        graph = _graph(cloud, stack)
    else:
        _run(cloud, stack, "up", 0, parallel)
        graph = reversed_graph(_graph(cloud, stack))
        cloud.unprotect(stack)
        _run(cloud, stack, command, scale, parallel)
    return Schedule.of(timeline.read(cloud.state, command), graph)


def _run(cloud: SimulatedCloud, stack: str, command: str, scale: float, parallel: int) -> None:
    arguments = [*SIMULATED_ARGUMENTS[command], "--non-interactive", f"--parallel={parallel}"]
    run_showing_progress(
        cloud.command(command, stack, *arguments),
        f"pulumi {command} of the stack {stack}"
        + (f", a simulated second in {scale:g} s" if scale else ""),
        cwd=ROOT,
        environment={**cloud.environment(), timeline.RUN: command, SCALE: str(scale)},
    )


def _graph(cloud: SimulatedCloud, stack: str) -> Graph:
    answer = subprocess.run(
        cloud.command("stack export", stack),
        env=cloud.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode != 0:
        raise Failure(answer.stderr.strip())
    return dependencies(json.loads(answer.stdout)["deployment"].get("resources", []))


def main(arguments: Sequence[str]) -> int:
    """Draw the chart; returns 1 when the deployment fails."""
    parser = argparse.ArgumentParser(prog="python -m tools.timeline", description=__doc__)
    parser.add_argument("--stack", default="dev")
    parser.add_argument("--command", choices=["up", "destroy"], default="up")
    parser.add_argument("--scale", type=float, default=TIME_SCALE)
    parser.add_argument("--parallel", type=int, default=PARALLEL)
    known = parser.parse_args(arguments)
    try:
        schedule = deploy(
            known.stack, command=known.command, scale=known.scale, parallel=known.parallel
        )
    except Failure as failure:
        say(f"error: {failure}")
        return 1
    picture = _picture(known.stack, known.command)
    picture.write_text(chart.svg(schedule, f"pulumi {known.command} of the stack {known.stack}"))
    print(chart.text(schedule))
    print(f"\nDrawn in {os.path.relpath(picture)}")
    return 0


def _picture(stack: str, command: str) -> Path:
    name = stack if command == "up" else f"{stack}.{command}"
    return DIRECTORY / f"{name}.svg"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
