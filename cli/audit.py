"""Checks a deployed stack against the security rules: `python -m cli.audit --stack <name>`.

Reads the stack's state, and the exceptions in `audit-exceptions.yaml` beside the stack files.
`--docs` prints the tables of docs/security.md.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from analysis.audit import REQUIREMENTS, RULES, AuditException, audit, parse_exceptions
from analysis.audit.checkov import EXPLAINED
from analysis.audit.exceptions import FILE
from analysis.audit.show import checkov_table, render, requirements_table, rules_table
from cli import yaml_text
from cli.clouds import resources
from cli.command import parser, reports_errors
from cli.console import Failure
from cli.stack_file import committed_examples, committed_stacks
from support.repository import ROOT


def tables() -> tuple[str, ...]:
    """The tables of docs/security.md, in its order."""
    return rules_table(RULES), requirements_table(REQUIREMENTS), checkov_table(EXPLAINED)


def exceptions(root: Path = ROOT) -> tuple[AuditException, ...]:
    """The exceptions in the file beside the stack files; none without the file.

    Raises `Failure` where the file is not YAML, and `ExceptionsError` where an entry is not valid.
    """
    file = root / FILE
    if not file.exists():
        return ()
    try:
        document = yaml_text.read(file.read_text())
    except yaml_text.NotYaml as error:
        raise Failure(f"{FILE}{error}") from None
    stacks = {*committed_stacks(root), *committed_examples(root)}
    return parse_exceptions(document, rules=[rule.id for rule in RULES], stacks=stacks)


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
    accepted = exceptions()
    result = audit(resources(options), options.stack, exceptions=accepted)
    print(render(result, RULES))
    return 0 if result.passed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
