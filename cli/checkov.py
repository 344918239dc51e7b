"""Checks a deployed stack with checkov: `python -m cli.checkov --stack <name>`.

checkov reads an ARM template that is generated from the stack's state. It has about a hundred
dependencies, so it gets its own Python environment in `.local/`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from analysis.audit.arm import template
from analysis.audit.checkov import EXPLAINED
from cli import progress
from cli.clouds import exported
from cli.command import parser, reports_errors
from cli.console import Failure
from support.repository import ROOT

VERSION = "3.3.30"
HOME = ROOT / ".local" / "checkov"


@reports_errors(OSError)
def main(arguments: Sequence[str]) -> int:
    """Run checkov; returns 1 if a check fails that is not accepted."""
    options = parser("cli.checkov", __doc__).parse_args(arguments)
    checks = _run(template(exported(options.stack, options.cloud)), options.stack)
    passed, failed = checks["passed_checks"], checks["failed_checks"]
    unexplained = [check for check in failed if check["check_id"] not in EXPLAINED]
    for check in unexplained:
        print(f"{check['check_id']} {check['check_name']} — {check['resource']}")
    for identifier, count in sorted(Counter(check["check_id"] for check in failed).items()):
        if identifier in EXPLAINED:
            print(f"accepted: {identifier} ({count}) {EXPLAINED[identifier]}")
    print(f"{len(passed)} passed, {len(failed)} failed, {len(unexplained)} of them not accepted")
    return 1 if unexplained else 0


def _run(document: dict[str, Any], stack: str) -> dict[str, list[dict[str, Any]]]:
    file = HOME / f"{stack}.json"
    program = _environment() / "bin" / "checkov"
    file.write_text(json.dumps(document, indent=1))
    result = subprocess.run(
        [program, "--file", file, "--framework", "arm", "--output", "json", "--skip-download"],
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        return json.loads(result.stdout)["results"]
    except (ValueError, KeyError) as error:
        raise Failure(
            f"checkov returned no result: {result.stderr.strip() or result.stdout}"
        ) from error


def _environment() -> Path:
    """The Python environment of checkov, created if missing."""
    venv = HOME / "venv"
    if not (venv / "bin" / "checkov").exists():
        HOME.mkdir(parents=True, exist_ok=True)
        for command, step in (
            ([sys.executable, "-m", "venv", venv], "creating checkov's Python environment"),
            (
                [venv / "bin" / "python", "-m", "pip", "install", "-q", f"checkov=={VERSION}"],
                "installing checkov",
            ),
        ):
            progress.run(command, step, cwd=ROOT, environment=os.environ)
    return venv


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
