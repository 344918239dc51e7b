"""Measures the project: `python -m dev.benchmarks [preview] [growth] [planner] [setup]`, or all.

Prints the figures as Markdown; `--write docs/performance.md` writes that page. Ratios and CPU
seconds are correct on a busy machine too; wall times need an idle one.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from cli.command import reports_errors
from cli.console import Failure, say
from dev.benchmarks import bench_addressing, bench_growth, bench_preview, bench_setup
from dev.benchmarks.page import page
from dev.benchmarks.tables import Section, machine

BENCHMARKS = ("preview", "growth", "planner", "setup")


@reports_errors()
def main(arguments: Sequence[str]) -> int:
    """Run the benchmarks; returns 1 when one of them fails."""
    parser = argparse.ArgumentParser(prog="python -m dev.benchmarks", description=__doc__)
    parser.add_argument("benchmarks", nargs="*", metavar="benchmark", help=", ".join(BENCHMARKS))
    parser.add_argument("--runs", type=int, default=4, help="runs of each preview (default: 4)")
    parser.add_argument("--max", type=int, default=1_000, help="applications (default: 1000)")
    parser.add_argument("--tests", action="store_true", help="setup: run all tests as well")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="write the page as well")
    given = parser.parse_args(arguments)
    wanted = given.benchmarks or BENCHMARKS
    if unknown := set(wanted) - set(BENCHMARKS):
        parser.error(f"{', '.join(sorted(unknown))}: choose from {', '.join(BENCHMARKS)}")
    measure = {
        "preview": lambda: bench_preview.main(given.runs),
        "growth": lambda: bench_growth.main(max(1, given.runs // 2), given.max),
        "planner": bench_addressing.main,
        "setup": lambda: bench_setup.main(tests=given.tests),
    }
    where, status = machine(), 0
    sections: dict[str, Section] = {}
    for name in wanted:
        say(f"measuring: {name} …")
        try:
            sections[name] = measure[name]()
        except (Failure, subprocess.CalledProcessError) as error:
            # The other benchmarks still run.
            output = getattr(error, "output", None) or ""
            say(f"error: {name}: {error}\n{output}")
            status = 1
        else:
            print(f"{sections[name]}\n", flush=True)
    print(where)
    if given.write:
        absent = [name for name in BENCHMARKS if name not in sections]
        text = page(where, list(sections.values()), absent)
        given.write.write_text(text, encoding="utf-8")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
