"""Measures `pulumi preview`, the whole command: `python -m dev.benchmarks preview`.

Compares each stack with two floors: programs that import the SDK modules that a run of the stack
loads, and register nothing. One is plain; the other turns the garbage collector off, as the program
does. Runs alternate, so that ratios stay correct when the machine's speed changes.
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Iterable
from pathlib import Path

from dev.benchmarks import probe
from dev.benchmarks.cases import SDKS, Case, floor, stack, watched
from dev.benchmarks.probe import Notes
from dev.benchmarks.processes import NAMES, Usage
from dev.benchmarks.tables import Section, Table, spread

STACKS = ("dev", "prod")
GOAL = 1.3

PIP = "pip list"
STEPS = (
    "the engine and the language host start",
    "the language host runs `pip list`",
    probe.STARTED,
    probe.IMPORTED,
    probe.CONFIGURED,
    probe.LOADED,
    probe.REGISTERED,
    probe.ANSWERED,
    "the interpreter, the providers and the engine exit",
)


def main(runs: int) -> Section:
    """Measure every stack."""
    section = Section("Preview", "python -m dev.benchmarks preview")
    section.parts.append(
        "The figures are for the whole command, with nothing deployed yet. The floor is a program "
        "that imports the same modules of the SDKs and registers nothing. The goal is "
        f"{GOAL} times the floor. Each figure is the median of {runs} runs, followed by the "
        "smallest and the largest. The runs of a stack and of its floors alternate, and a ratio "
        "compares two runs of one round. The peak is the memory of the program's process."
    )
    compared = Table(
        ("`pulumi preview` of", "wall, s", "wall / floor", "CPU, s", "CPU / floor", "peak, MiB")
    )
    splits: dict[str, list[tuple[Usage, Notes]]] = {}
    processes: dict[str, list[Usage]] = {}
    section.parts.append(compared)
    for name in STACKS:
        with tempfile.TemporaryDirectory() as text:
            directory = Path(text)
            case, notes = watched(directory, name)
            splits[name] = list(_watch(case, notes, runs))
            modules = [
                module
                for module in splits[name][-1][1].modules
                if module.partition(".")[0] in SDKS and module != "pulumi.__main__"
            ]
            cases = [
                floor(directory, f"{name}'s floor", modules, collect=True),
                floor(directory, f"{name}'s floor, no garbage collector", modules, collect=False),
                stack(directory, name),
            ]
            for _ in range(runs + 1):
                for case in cases:
                    case.usages.append(case.preview())
        for case in cases:
            del case.usages[0]  # It fills the caches.
            compared.rows.append(_row(case, cases[0]))
        processes[name] = cases[-1].usages
    section.parts += ["### Where the time goes", *_where(splits), *_who(processes)]
    return section


def _watch(case: Case, notes: Path, runs: int) -> Iterable[tuple[Usage, Notes]]:
    case.preview(**{probe.RECORD: str(notes)})
    for _ in range(runs):
        usage = case.preview(**{probe.RECORD: str(notes)})
        yield usage, Notes.read(notes)


def _row(case: Case, base: Case) -> tuple[str, ...]:
    pairs = list(zip(case.usages, base.usages, strict=True))
    return (
        case.name,
        spread([usage.wall for usage in case.usages]),
        spread([usage.wall / floor.wall for usage, floor in pairs]),
        spread([usage.cpu for usage in case.usages]),
        spread([usage.cpu / floor.cpu for usage, floor in pairs]),
        f"{statistics.median(usage.peak_of('program') for usage in case.usages):.0f}",
    )


def _where(splits: dict[str, list[tuple[Usage, Notes]]]) -> Iterable[str | Table]:
    yield (
        "The steps of a preview in seconds, measured from inside the program: wall time, and the "
        "CPU time of the program's own process."
    )
    header = ["step", *(f"{name}, {what}" for name in splits for what in ("wall", "CPU"))]
    table = Table(header)
    columns = {name: [_steps(*watched) for watched in found] for name, found in splits.items()}
    for index, step in enumerate(STEPS):
        row = [step]
        for found in columns.values():
            walls, cpus = zip(*(steps[index] for steps in found), strict=True)
            row += [f"{statistics.median(walls):.2f}", f"{statistics.median(cpus):.2f}"]
        table.rows.append(row)
    yield table


def _steps(usage: Usage, notes: Notes) -> list[tuple[float, float]]:
    """Wall and CPU seconds of each of `STEPS`."""
    pip = usage.parts.get(PIP)
    own = usage.parts.get("program")
    times = [pip.start if pip else 0, own.start if own else 0]
    times += [when - usage.started for when, _ in notes.marks.values()]
    times.append(usage.wall)
    cpus = [0, 0, *(cpu for _, cpu in notes.marks.values())]
    cpus.append(max(usage.cpu_of("program"), cpus[-1]))
    return [
        (time - before, cpu - spent)
        for time, before, cpu, spent in zip(times, [0, *times], cpus, [0, *cpus], strict=False)
    ]


def _who(processes: dict[str, list[Usage]]) -> Iterable[str | Table]:
    yield "CPU seconds and peak memory of each process:"
    table = Table(["process", *(f"{n}, {what}" for n in processes for what in ("CPU, s", "MiB"))])
    for part in NAMES.values():
        row = [part]
        for usages in processes.values():
            row.append(f"{statistics.median(usage.cpu_of(part) for usage in usages):.2f}")
            row.append(f"{statistics.median(usage.peak_of(part) for usage in usages):.0f}")
        table.rows.append(row)
    yield table
