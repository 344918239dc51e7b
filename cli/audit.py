"""Checks a deployed stack against the security rules: `python -m cli.audit --stack <name>`.

Reads only the stack's state. `--docs` prints the tables of docs/security.md.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from analysis.audit import EXEMPTIONS, RULES, audit
from analysis.audit.checkov import EXPLAINED
from analysis.audit.show import checkov_table, exemptions_table, render, rules_table
from cli.clouds import resources
from cli.command import parser, reports_errors


def tables() -> tuple[str, ...]:
    """The tables of docs/security.md, in its order."""
    return rules_table(RULES), exemptions_table(EXEMPTIONS), checkov_table(EXPLAINED)


@reports_errors(ValueError)
def main(arguments: Sequence[str]) -> int:
    """Audit a stack; returns 1 if there are findings, or if there is no state to read."""
    command = parser("cli.audit", __doc__, state=True)
    command.add_argument(
        "--docs", action="store_true", help="print the tables of the documentation"
    )
    options = command.parse_args(arguments)
    if options.docs:
        print("\n\n".join(tables()))
        return 0
    result = audit(resources(options), options.stack)
    print(render(result, RULES))
    return 0 if result.passed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
