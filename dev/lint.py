"""Runs all linters, one after the other: `python -m dev.lint`.

Each runs even if another one fails.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from cli.console import say
from support.repository import ROOT

ACTIONLINT = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.7"
"""Go builds it where it is not installed; the package on PyPI downloads it during installation."""


def linters() -> dict[str, list[str]]:
    """The command of each linter, by its name."""
    python = [sys.executable, "-m"]
    commands = {
        "ruff check": [*python, "ruff", "check", "."],
        "ruff format": [*python, "ruff", "format", "--check", "."],
        "pyright": [*python, "pyright"],
        "import-linter": [str(Path(sys.executable).with_name("lint-imports")), "--no-logo"],
    }
    if workflows := sorted(ROOT.glob(".github/workflows/*.y*ml")):
        installed = shutil.which("actionlint")
        actionlint = [installed] if installed else ["go", "run", ACTIONLINT]
        commands["actionlint"] = [*actionlint, *map(str, workflows)]
    return commands


def main() -> int:
    """Run the linters; returns 1 when one of them fails."""
    # pyright is pinned like the other requirements: its hint about newer versions is no help.
    environment = {**os.environ, "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"}
    failed = [
        name
        for name, command in linters().items()
        if subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode != 0
    ]
    say(f"lint: {', '.join(failed)} failed" if failed else f"lint: {', '.join(linters())} passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
