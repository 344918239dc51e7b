"""Entry point: `python -m dev.fault_injection [--stack dev] [--kind lost] [--report]`.

The results are lines in `.local/sweep/results.jsonl`. A case that has a result runs again only
after a change of the program, the simulator, the recovery or the fault injection. A sweep that was
killed continues where it stopped.
"""

from __future__ import annotations

import argparse
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from cli import pulumi_cli
from cli.command import reports_errors
from cli.console import say
from dev.fault_injection import results
from dev.fault_injection.baseline import Baseline, operations
from dev.fault_injection.cases import COMMANDS, KINDS, STACKS
from dev.fault_injection.chains import Chains
from dev.fault_injection.report import report
from dev.fault_injection.runs import NotRecovered
from support.repository import ROOT

DIRECTORY = ROOT / ".local" / "sweep"
RESULTS = DIRECTORY / "results.jsonl"
PAGE = ROOT / "docs" / "sweep.md"
WORKERS = 2
MAX_REASON = 600
"""Characters of the reason that a line of progress shows."""


def sweep(
    stacks: Sequence[str], commands: Sequence[str], kinds: Sequence[str], together: int,
    workers: int,
) -> int:  # fmt: skip
    """Run the cases that have no result yet; returns how many were not recovered."""
    engine, program = pulumi_cli.obtain(), results.program()
    lock = threading.Lock()
    failures = 0

    def job(baseline: Baseline, command: str, kind: str) -> None:
        nonlocal failures
        stack = baseline.stack
        known = results.latest(results.load(RESULTS), program.fingerprint)
        done = {item.case for item in known if item.recovered}
        work = DIRECTORY / "work" / f"{stack}-{command}-{kind}".replace(" ", "-")
        for chain in Chains(baseline, command, kind, program, work).run(together, done):
            with lock:
                results.append(RESULTS, chain)
                failed = [item for item in chain if not item.recovered]
                failures += len(failed)
            say(
                f"{stack} {command}, {kind}: {len(chain) - len(failed)} recovered"
                + "".join(
                    f"; NOT recovered: {item.case.operation.name}: {item.reason[:MAX_REASON]}"
                    for item in failed
                )
            )

    with ThreadPoolExecutor(workers) as pool:
        for stack in stacks:
            baseline = Baseline(stack, engine, DIRECTORY / stack)
            baseline.record(program.fingerprint)
            jobs = [
                pool.submit(job, baseline, command, kind) for kind in kinds for command in commands
            ]
            for submitted in jobs:
                submitted.result()
    return failures


def write_report() -> None:
    """Write docs/sweep.md from the results."""
    found = results.load(RESULTS)
    stacks = {*STACKS, *(item.case.stack for item in found)}
    counts = {
        (stack, command): len(operations(DIRECTORY / stack, command))
        for stack in stacks
        for command in COMMANDS
    }
    PAGE.write_text(report(found, counts))


@reports_errors(NotRecovered)
def main(arguments: Sequence[str]) -> int:
    """Run the sweep; returns 1 where a case was not recovered."""
    parser = argparse.ArgumentParser(prog="python -m dev.fault_injection", description=__doc__)
    parser.add_argument("--stack", action="append", help="a stack or an example, by default both "
                        "stacks; can be repeated, like the next two")  # fmt: skip
    parser.add_argument("--command", choices=COMMANDS, action="append")
    parser.add_argument("--kind", choices=[*KINDS], action="append")
    parser.add_argument(
        "--together", type=int, default=1, help="faults to inject in one run (default: 1)"
    )
    parser.add_argument("--workers", type=int, default=WORKERS, help="runs at the same time")
    parser.add_argument("--report", action="store_true", help="write docs/sweep.md, run nothing")
    options = parser.parse_args(arguments)
    if options.report:
        write_report()
        return 0
    failures = sweep(
        options.stack or STACKS,
        options.command or COMMANDS,
        options.kind or [*KINDS],
        options.together,
        options.workers,
    )
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
