"""Measures the project: `python -m dev.benchmarks [preview] [growth] [planner] [setup]`, or all.

Prints what it finds as Markdown; `--write docs/performance.md` replaces that page by it. Ratios
and processor seconds hold on any machine; wall times ask for a quiet one.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from cli.console import Failure, say
from dev.benchmarks import bench_addressing, bench_growth, bench_preview, bench_setup
from dev.benchmarks.page import page
from dev.benchmarks.tables import Section, machine

BENCHMARKS = ("preview", "growth", "planner", "setup")


def main(arguments: Sequence[str]) -> int:
    """Entry point; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m dev.benchmarks", description=__doc__)
    parser.add_argument("benchmarks", nargs="*", metavar="benchmark", help=", ".join(BENCHMARKS))
    parser.add_argument("--runs", type=int, default=4, help="of each preview; default 4")
    parser.add_argument("--most", type=int, default=1_000, help="applications; default 1000")
    parser.add_argument("--tests", action="store_true", help="setup: run all tests, too")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="write the page, too")
    given = parser.parse_args(arguments)
    wanted = given.benchmarks or BENCHMARKS
    if unknown := set(wanted) - set(BENCHMARKS):
        parser.error(f"{', '.join(sorted(unknown))}: choose from {', '.join(BENCHMARKS)}")
    measure = {
        "preview": lambda: bench_preview.main(given.runs),
        "growth": lambda: bench_growth.main(max(1, given.runs // 2), given.most),
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
            # What the others find is worth having.
            said = getattr(error, "output", None) or ""
            say(f"error: {name}: {error}\n{said}")
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
