"""Shows a stack's page as Pulumi Cloud does: `python -m cli.stack_readme --stack <name>`."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from cli.clouds import outputs_of
from cli.command import parser, reports_errors
from cli.console import Failure
from cli.outputs_table import PAGE


@reports_errors()
def main(arguments: Sequence[str]) -> int:
    """Print the page; returns 1 where the stack has none."""
    options = parser("cli.stack_readme", __doc__).parse_args(arguments)
    outputs = outputs_of(options.stack, options.cloud)
    if PAGE not in outputs:
        raise Failure(f"nothing is deployed yet: make up STACK={options.stack}")
    print(fill(outputs[PAGE], outputs))
    return 0


def fill(page: str, outputs: Mapping[str, Any]) -> str:
    """The page with outputs in place of `${outputs.name}`, also with `.property` and `[index]`.

    Raises `Failure` where the page names an output that does not exist.
    """

    def value(reference: re.Match[str]) -> str:
        found: Any = outputs
        try:
            for name, index in re.findall(r"(\w+)|\[(\d+)\]", reference[1]):
                found = found[int(index)] if index else found[name]
        except (LookupError, TypeError):
            raise Failure(f"the stack has no output {reference[1]}, which its page names") from None
        return found if isinstance(found, str) else json.dumps(found)

    return re.sub(r"\$\{outputs\.([\w.\[\]]+)\}", value, page)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
