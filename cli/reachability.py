"""Shows who can reach whom in a deployed stack: `python -m cli.reachability --stack <name>`.

Reads only the stack's state. Prints the matrix and draws it. `--explain SOURCE TARGET` explains one
pair. From `Internet` to an application it also follows each request through DNS, certificate,
firewall and probes, and returns 1 if one does not get through. `--pairs` lists all pairs,
`--update` writes the matrix that the tests expect.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from analysis.reachability import Matrix, compute
from analysis.reachability.explain import explain
from analysis.reachability.picture import render_svg
from analysis.reachability.request_path import Outcome, follow, requests
from analysis.reachability.request_path import text as path_text
from analysis.reachability.show import render
from analysis.reachability.snapshot import dump, snapshot_of
from analysis.stack_state import State
from cli.clouds import exported
from cli.console import Failure, say
from support.repository import ROOT

INTERNET = "Internet"
EXPECTED = ROOT / "tests" / "analysis" / "reachability" / "expected"


def main(arguments: Sequence[str]) -> int:
    """Show, explain or write a stack's matrix; returns 1 if there is no state to analyse."""
    parser = argparse.ArgumentParser(prog="python -m cli.reachability", description=__doc__)
    parser.add_argument("--stack", default="dev")
    parser.add_argument("--cloud", default="simulated", choices=["simulated", "azure"])
    parser.add_argument("--state", type=Path, help="read a file written by `pulumi stack export`")
    parser.add_argument("--explain", nargs=2, metavar=("SOURCE", "TARGET"))
    parser.add_argument(
        "--pairs", action="store_true", help="print one line for each pair with traffic"
    )
    parser.add_argument(
        "--update", action="store_true", help="write the matrix that the tests expect"
    )
    options = parser.parse_args(arguments)
    try:
        resources = (
            _resources(options.state.read_text())
            if options.state
            else exported(options.stack, options.cloud)
        )
        matrix = compute(resources)
        for sentence in (*matrix.skipped, *matrix.inactive):
            say(sentence)
        if options.explain:
            return _explain(State.from_export(resources), matrix, *options.explain)
        if options.pairs:
            print("\n".join(_pairs(matrix)))
        elif options.update:
            print(f"Written: {_update(matrix, options.stack).relative_to(ROOT)}")
        else:
            print(render(matrix))
            print(f"\nDrawn in {_draw(matrix, options.stack).relative_to(ROOT)}")
    except (Failure, ValueError, OSError) as error:
        say(f"error: {error}")
        return 1
    return 0


def _explain(state: State, matrix: Matrix, source: str, target: str) -> int:
    """Explain a pair; for an application and the Internet, follow its requests too.

    `target` may be a namespace, for all of its pods that routes lead to. Returns 1 if a request
    does not get through.
    """
    found = list(requests(state, matrix, target)) if source == INTERNET else []
    rows = dict.fromkeys(request.target.name for request in found) or [target]
    print("\n\n".join(explain(matrix, source, row) for row in rows))
    broken = False
    for request in found:
        steps = follow(request)
        broken = broken or steps[-1].outcome is Outcome.BREAKS
        print(f"\n{path_text(request, steps)}")
    return 1 if broken else 0


def _resources(text: str) -> list[Mapping[str, Any]]:
    return json.loads(text).get("deployment", {}).get("resources") or []


def _pairs(matrix: Matrix) -> Iterator[str]:
    """The matrix with one line for each pair, for comparison."""
    for target, row in snapshot_of(matrix).items():
        for source, texts in row.items():
            yield f"{source} → {target}: {'; '.join(texts)}"


def _draw(matrix: Matrix, stack: str) -> Path:
    picture = ROOT / ".local" / "reachability" / f"{stack}.svg"
    picture.parent.mkdir(parents=True, exist_ok=True)
    picture.write_text(render_svg(matrix, f"Who can reach whom: {stack}"))
    return picture


def _update(matrix: Matrix, stack: str) -> Path:
    file = EXPECTED / f"{stack}.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(dump(matrix))
    return file


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
