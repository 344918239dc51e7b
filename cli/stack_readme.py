"""Shows a stack's page as Pulumi Cloud does: `python -m cli.stack_readme --stack <name>`."""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from cli import pulumi_cli as engines
from cli.console import Failure, say
from cli.outputs_table import PAGE
from cli.run import SimulatedCloud
from support.repository import ROOT


def main(arguments: Sequence[str]) -> int:
    """Print the page; returns 1 where the stack has none."""
    parser = argparse.ArgumentParser(prog="python -m cli.stack_readme", description=__doc__)
    parser.add_argument("--stack", default="dev")
    parser.add_argument("--cloud", default="simulated", choices=["simulated", "azure"])
    options = parser.parse_args(arguments)
    try:
        outputs = _outputs(options.stack, options.cloud)
        print(fill(outputs[PAGE], outputs))
    except KeyError:
        say(f"error: nothing is deployed yet: make up STACK={options.stack}")
        return 1
    except Failure as failure:
        hint = f"deploy it first: make up STACK={options.stack}"
        say(f"error: the outputs of {options.stack} can't be read ({failure}); {hint}")
        return 1
    return 0


def _outputs(stack: str, cloud: str) -> Mapping[str, Any]:
    if cloud == "simulated":
        simulated = SimulatedCloud(ROOT / ".local", engines.obtain())
        if not simulated.stacks.exists():
            return {}
        return simulated.outputs(stack)
    command = [engines.obtain().pulumi, "stack", "output", "--json", "--stack", stack]
    answer = subprocess.run(
        command, cwd=ROOT, env=os.environ, capture_output=True, text=True, check=False
    )
    if answer.returncode != 0:
        raise Failure(answer.stderr.strip())
    return json.loads(answer.stdout)


def fill(page: str, outputs: Mapping[str, Any]) -> str:
    """The page with outputs in place of `${outputs.name}`, `.property` and `[index]` included."""

    def value(place: re.Match[str]) -> str:
        found: Any = outputs
        for name, index in re.findall(r"(\w+)|\[(\d+)\]", place[1]):
            found = found[int(index)] if index else found[name]
        return found if isinstance(found, str) else json.dumps(found)

    return re.sub(r"\$\{outputs\.([\w.\[\]]+)\}", value, page)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
