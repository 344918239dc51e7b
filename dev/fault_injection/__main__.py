"""`python -m dev.fault_injection [--stack dev] [--command up] [--kind lost] [--report]`.

Results are lines in `.local/sweep/results.jsonl`; what is there is not run again unless the
program, the simulator, the recovery or the sweep has changed. A sweep that was killed goes on where
it was.
"""

from __future__ import annotations

import argparse
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from cli import pulumi_cli
from cli.console import Failure, say
from dev.fault_injection import results
from dev.fault_injection.cases import COMMANDS, KINDS, STACKS
from dev.fault_injection.chains import Chains
from dev.fault_injection.report import report
from dev.fault_injection.runs import Broken
from dev.fault_injection.undisturbed import Undisturbed, operations
from support.repository import ROOT

DIRECTORY = ROOT / ".local" / "sweep"
RESULTS = DIRECTORY / "results.jsonl"
PAGE = ROOT / "docs" / "sweep.md"
WORKERS = 2


def sweep(
    stacks: Sequence[str], commands: Sequence[str], kinds: Sequence[str], together: int,
    workers: int,
) -> int:  # fmt: skip
    """Sweep what has no result yet; returns how many cases were not recovered."""
    engine, program = pulumi_cli.obtain(), results.program()
    lock = threading.Lock()
    failures = 0

    def job(undisturbed: Undisturbed, command: str, kind: str) -> None:
        nonlocal failures
        stack = undisturbed.stack
        known = results.latest(results.kept(RESULTS), program.fingerprint)
        done = {one.case for one in known if one.recovered}
        work = DIRECTORY / "work" / f"{stack}-{command}-{kind}".replace(" ", "-")
        for chain in Chains(undisturbed, command, kind, program, work).run(together, done):
            with lock:
                results.keep(RESULTS, chain)
                bad = [one for one in chain if not one.recovered]
                failures += len(bad)
            say(
                f"{stack} {command}, {kind}: {len(chain) - len(bad)} recovered"
                + "".join(f"; NOT {one.case.operation.name}: {one.why[:600]}" for one in bad)
            )

    with ThreadPoolExecutor(workers) as pool:
        for stack in stacks:
            undisturbed = Undisturbed(stack, engine, DIRECTORY / stack)
            undisturbed.make(program.fingerprint)
            jobs = [
                pool.submit(job, undisturbed, command, kind)
                for kind in kinds
                for command in commands
            ]
            for one in jobs:
                one.result()
    return failures


def write_report() -> None:
    """Write docs/sweep.md from the results that are kept."""
    found = results.kept(RESULTS)
    stacks = {*STACKS, *(one.case.stack for one in found)}
    counts = {
        (stack, command): len(operations(DIRECTORY / stack, command))
        for stack in stacks
        for command in COMMANDS
    }
    PAGE.write_text(report(found, counts))


def main(arguments: Sequence[str]) -> int:
    """Entry point; returns 1 where something was not recovered."""
    parser = argparse.ArgumentParser(prog="python -m dev.fault_injection", description=__doc__)
    parser.add_argument("--stack", action="append", help="a stack or an example; by default both "
                        "stacks; may be given several times, like the next two")  # fmt: skip
    parser.add_argument("--command", choices=COMMANDS, action="append")
    parser.add_argument("--kind", choices=[*KINDS], action="append")
    parser.add_argument("--together", type=int, default=1, help="operations struck in one run")
    parser.add_argument("--workers", type=int, default=WORKERS)
    parser.add_argument("--report", action="store_true", help="write docs/sweep.md, run nothing")
    options = parser.parse_args(arguments)
    if options.report:
        write_report()
        return 0
    try:
        failures = sweep(
            options.stack or STACKS,
            options.command or COMMANDS,
            options.kind or [*KINDS],
            options.together,
            options.workers,
        )
    except (Broken, Failure) as failure:
        say(f"error: {failure}")
        return 1
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
