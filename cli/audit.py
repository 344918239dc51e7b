"""Checks a deployed stack against the security rules: `python -m cli.audit --stack <name>`.

Reads only the stack's state. `--docs` prints the tables of docs/security.md.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from analysis.audit import EXEMPTIONS, RULES, audit
from analysis.audit.checkov import EXPLAINED
from analysis.audit.show import checkov_table, exemptions_table, render, rules_table
from cli.clouds import exported
from cli.console import Failure, say


def tables() -> tuple[str, ...]:
    """The tables of docs/security.md, in its order."""
    return rules_table(RULES), exemptions_table(EXEMPTIONS), checkov_table(EXPLAINED)


def main(arguments: Sequence[str]) -> int:
    """Audit a stack; returns 1 if there are findings, or if there is no state to read."""
    parser = argparse.ArgumentParser(prog="python -m cli.audit", description=__doc__)
    parser.add_argument("--stack", default="dev")
    parser.add_argument("--cloud", default="simulated", choices=["simulated", "azure"])
    parser.add_argument("--state", type=Path, help="read a file written by `pulumi stack export`")
    parser.add_argument("--docs", action="store_true", help="print the tables of the documentation")
    options = parser.parse_args(arguments)
    if options.docs:
        print("\n\n".join(tables()))
        return 0
    try:
        resources = (
            json.loads(options.state.read_text())["deployment"].get("resources") or []
            if options.state
            else exported(options.stack, options.cloud)
        )
        result = audit(resources, options.stack)
    except (Failure, ValueError, OSError) as error:
        say(f"error: {error}")
        return 1
    print(render(result, RULES))
    return 0 if result.passed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
