"""Measures what each further resource costs a preview: `python -m dev.benchmarks growth`.

Previews stacks that differ from `dev` in the number of applications or of node pools, with nothing
deployed yet. The cost of a resource is the slope of a straight line through the sizes. Whether it
stays the same is the exponent of a power law through them: with 1, twice as much takes twice as
long.
"""

from __future__ import annotations

import copy
import math
import os
import re
import statistics
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from components.settings.gateway_api_rules import MOST_HOSTS
from dev.benchmarks.cases import configured
from dev.benchmarks.processes import Usage
from dev.benchmarks.tables import Section, Table
from support.repository import ROOT

APPLICATIONS = (1, 10, 100, 300, 1_000)
RENDERED = (1, 100)
POOLS = (1, 10, 100)
REPEATED_UP_TO = 100
"""Larger stacks run once: in their duration the variation between runs is small."""

GOAL_MILLISECONDS, GOAL_MEGABYTES = 6, 0.2
PARTS = ("program", "engine", "simulated Azure", "simulated Kubernetes")

Config = dict[str, Any]


@dataclass(frozen=True)
class Size:
    """One stack and the best of its runs, which other processes slowed down least."""

    count: int
    resources: int
    usage: Usage


def main(runs: int, most: int = APPLICATIONS[-1]) -> Section:
    """Measure both kinds of growth, up to `most` applications."""
    section = Section("Growth", "python -m dev.benchmarks growth")
    section.parts.append(
        "Goal: each further resource adds at most "
        f"{GOAL_MILLISECONDS} ms to a preview and {GOAL_MEGABYTES} MB to the program's memory. "
        f"Sizes up to {REPEATED_UP_TO} are the best of {runs} runs, larger ones are one run. The "
        "columns named after processes are CPU seconds; memory is the peak of the process. An "
        "exponent of 1 means that the cost grows linearly."
    )
    counts = [count for count in APPLICATIONS if count <= most]
    section.parts += _growth("applications", applications, counts, runs)
    section.parts.append(
        "The cluster does not exist yet, so the engine sends the Kubernetes provider no requests. "
        "Pulumi passes the configuration to the program in one environment variable, which Linux "
        "limits to 128 KiB, or about 200 of these applications. A stack file with more fails with "
        "`argument list too long` before the program starts. In this benchmark the program reads "
        "the applications from a file. "
        f"Only the first {MOST_HOSTS} have a host: a Gateway allows no more."
    )
    section.parts += _growth("rendered applications", rendered, RENDERED, runs)
    section.parts.append(
        "When objects are rendered to files, each one goes through the Kubernetes provider."
    )
    section.parts += _growth("node pools", pools, POOLS, runs)
    return section


def _growth(
    what: str, grown: Callable[[Config, int], None], counts: Sequence[int], runs: int
) -> list[str | Table]:
    base: Config = yaml.safe_load((ROOT / "Pulumi.dev.yaml").read_text())["config"]
    sizes: list[Size] = []
    stopped: list[str | Table] = []
    with tempfile.TemporaryDirectory() as directory:
        for count in counts:
            try:
                sizes.append(_size(Path(directory), grown, base, count, runs))
            except subprocess.CalledProcessError as error:
                tail = "\n".join(error.output.splitlines()[-12:])
                stopped = [f"The preview of {count:,} failed:", f"```text\n{tail}\n```"]
                break
    table = Table((what, "resources", "wall, s", "CPU, s", *PARTS, "program, MiB", "engine, MiB"))
    for size in sizes:
        usage = size.usage
        cells = [usage.wall, usage.cpu, *(usage.cpu_of(part) for part in PARTS)]
        memory = [usage.peak_of(part) for part in PARTS[:2]]
        table.rows.append(
            (
                f"{size.count:,}",
                f"{size.resources:,}",
                *(f"{cell:.2f}" for cell in cells),
                *(f"{cell:.0f}" for cell in memory),
            )
        )
    return [f"### More {what}", table, *([_costs(sizes)] if len(sizes) > 1 else []), *stopped]


def _costs(sizes: Sequence[Size]) -> Table:
    """The cost of a further resource, and how it changes with the size."""
    table = Table(("each further resource", "costs", "exponent"))
    measures: dict[str, tuple[Callable[[Usage], float], str]] = {
        "wall": (lambda usage: 1_000 * usage.wall, "ms"),
        "CPU of all processes": (lambda usage: 1_000 * usage.cpu, "ms"),
    }
    for part in PARTS:
        measures[f"CPU of {part}"] = (lambda usage, part=part: 1_000 * usage.cpu_of(part), "ms")
    measures["memory of program"] = (lambda usage: 1_024 * usage.peak_of("program"), "KiB")
    counts = [size.resources for size in sizes]
    for name, (measure, unit) in measures.items():
        values = [measure(size.usage) for size in sizes]
        slope = statistics.linear_regression(counts, values).slope
        power = exponent(counts, values)
        cell = "-" if power is None else f"{power:.2f}"
        table.rows.append((name, f"{slope:.2f} {unit}", cell))
    return table


def exponent(counts: Sequence[int], values: Sequence[float]) -> float | None:
    """The exponent of a power law through the costs above the smallest size; None without a fit."""
    more = [count - counts[0] for count in counts[1:]]
    costs = [value - values[0] for value in values[1:]]
    if len(costs) < 2 or min(costs) <= 0:  # noqa: PLR2004 - a line has two points
        return None
    logarithms = [math.log(count) for count in more], [math.log(cost) for cost in costs]
    return statistics.linear_regression(*logarithms).slope


def _size(
    directory: Path, grown: Callable[[Config, int], None], base: Config, count: int, runs: int
) -> Size:
    config = copy.deepcopy(base)
    grown(config, count)
    case = configured(directory, f"dev-{count}", config)
    usages = [case.preview() for _ in range(runs if count <= REPEATED_UP_TO else 1)]
    found = re.search(r"\+ (\d+) to create", usages[0].output)
    if found is None:
        raise ValueError(f"the preview does not print the number of resources:\n{usages[0].output}")
    return Size(count, int(found[1]), min(usages, key=lambda usage: usage.cpu))


def applications(config: Config, count: int) -> None:
    """This number of applications, each with the pods of another as clients."""
    config["aks-network:kubernetes"]["applications"] = [_application(n) for n in range(count)]


def rendered(config: Config, count: int) -> None:
    """This number of applications, rendered to files."""
    applications(config, count)
    config["aks-network:kubernetes"] |= {"delivery": "render", "renderDirectory": os.devnull}


def _application(number: int) -> Config:
    """The article's blog and store with workloads, and the previous application as a client."""
    allow: list[Config] = [{"from": "frontend", "to": "backend"}]
    if number:
        neighbour = {"application": f"app-{number - 1}", "app": "frontend"}
        allow.append({"from": neighbour, "to": "backend", "ports": [8080]})
    image = "mcr.microsoft.com/dotnet/samples:aspnetapp-10.0"
    # The stack's Gateway allows no more hosts.
    public = number < MOST_HOSTS
    return {
        "name": f"app-{number}",
        **({"host": f"app-{number}.myapp.com"} if public else {}),
        "services": [
            {"name": "blogservice", "app": "frontend", **({"path": "/blog"} if public else {})},
            {"name": "storeservice", "app": "frontend", **({"path": "/store"} if public else {})},
            {"name": "backendservice", "app": "backend"},
        ],
        "workloads": [{"app": "frontend", "image": image}, {"app": "backend", "image": image}],
        "allow": allow,
        "egress": [{"from": "backend", "to": "internet", "ports": [443]}],
    }


def pools(config: Config, count: int) -> None:
    """The system pool and user pools, this number in total."""
    cluster = config["aks-network:cluster"]
    (system,) = cluster["nodePools"]
    user = {**system, "mode": "User", "minCount": 1, "maxCount": 1}
    cluster["nodePools"] = [system, *({**user, "name": f"pool{n}"} for n in range(1, count))]
