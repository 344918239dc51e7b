"""docs/sweep.md: the faults that were injected, what was recovered, and what is left."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from dev.fault_injection.cases import COMMANDS, KINDS, STACKS
from dev.fault_injection.results import Result

HEAD = """# Fault injection

This page shows which interrupted runs were recovered, and at which commit. `make sweep` injects a
fault into every operation of `up` and `destroy`, and then follows the
[documented steps](recovery.md). A case is recovered if the stack ends as after an undisturbed run:
the same state, the same simulated cloud, and nothing to change. `make sweep ARGS=--report` writes
this page from the results.

"""

Counts = Mapping[tuple[str, str], int]
"""The number of operations of each stack's command; 0 where it is not known."""


def report(results: Iterable[Result], counts: Counts) -> str:
    """The page about the last result of each case, with the commits that were tested."""
    found = list({item.case: item for item in results}.values())
    kinds = [f"| {name} | {kind.what} |" for name, kind in KINDS.items()]
    head = HEAD + "\n".join(["| kind | what happens |", "|---|---|", *kinds]) + "\n\n"
    if not found:
        return head + "No fault has been injected yet.\n"
    stacks = [*STACKS, *sorted({item.case.stack for item in found} - {*STACKS})]
    lines = [
        f"Run on {_days(found)}, at the commits in the table. Later commits have not been tested.",
        "",
        _sum(found),
        "",
        "| stack | command | commit | operations | " + " | ".join(KINDS) + " |",
        "|---|---|---|---|" + "---|" * len(KINDS),
        *(_row(found, counts, stack, command) for stack in stacks for command in COMMANDS),
        *_failures(found),
    ]
    return head + "\n".join(lines) + "\n"


def _days(results: Sequence[Result]) -> str:
    days = sorted({item.day for item in results})
    return days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"


def _row(results: Sequence[Result], counts: Counts, stack: str, command: str) -> str:
    mine = [item for item in results if (item.case.stack, item.case.command) == (stack, command)]
    total = counts.get((stack, command), 0)
    commits = ", ".join(f"`{item}`" for item in dict.fromkeys(item.program.commit for item in mine))
    cells = [_cell([item for item in mine if item.case.kind == kind], total) for kind in KINDS]
    row = [stack, command, commits or "none", f"{total or 'not counted'}", *cells]
    return f"| {' | '.join(row)} |"


def _cell(results: Sequence[Result], total: int) -> str:
    if not results:
        return "not run"
    recovered = sum(item.recovered for item in results)
    parts = ["all recovered" if recovered == total else f"{recovered} recovered"]
    if recovered < len(results):
        parts.append(f"{len(results) - recovered} not recovered")
    if len(results) < total:
        parts.append(f"{total - len(results)} not run")
    return ", ".join(parts)


def _sum(results: Sequence[Result]) -> str:
    recovered = sum(item.recovered for item in results)
    alone = sum(item.faults_in_run == 1 for item in results)
    hours = sum(item.seconds / item.faults_in_run for item in results) / 3600
    return (
        f"In total, {recovered} of {len(results)} cases (an operation and a kind of fault) were "
        f"recovered. {alone} of them had a run of their own. In the other runs, operations that "
        "can be in progress at the same time got their faults together (`--together`). Faults and "
        f"recoveries took {hours:.1f} hours, summed over all workers."
    )


def _failures(results: Sequence[Result]) -> list[str]:
    lines: list[str] = []
    for item in results:
        if not item.recovered:
            case, reason = item.case, " ".join(item.reason.split())[:300]
            target = f"{case.operation.operation} {case.operation.type} `{case.operation.name}`"
            lines.append(
                f"- not recovered: {case.stack} {case.command}, {case.kind}: {target}: {reason}"
            )
    return ["", *lines] if lines else []
