"""What other teams have in the simulated cloud before a stack is deployed.

An example that uses another team's network has a file `<stack>.cloud.yaml` beside it: a list of
`{token, inputs}`, in the order in which that team made them, with `subscription` where it is
not the stack's. A row `{conditions: {…}}` says what the stack's subscription is like: quotas,
rights and the like, which `make doctor` looks at (docs/simulator.md).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from cli.console import Failure
from simulator.azure.cloud import Cloud


def seed_of(stack_file: Path) -> Path:
    """The file of what must be there before this stack file's stack; it need not exist."""
    return stack_file.with_suffix(".cloud.yaml")


def plant(cloud: Cloud, seed: Path) -> None:
    """Put everything in `seed` that is not there yet into the cloud; nothing without the file.

    Raises `Failure` where the simulated Azure refuses it.
    """
    for row in _rows(seed):
        if "conditions" in row:
            continue
        token, inputs = row["token"], row["inputs"]
        theirs = Cloud(cloud.store, subscription=row.get("subscription", cloud.subscription))
        if theirs.get(theirs.id_of(token, inputs)) is None:
            try:
                theirs.put(token, inputs)
            except Exception as error:
                raise Failure(f"{seed.name}: {token}: {error}") from error


def conditions(seed: Path) -> list[dict[str, Any]]:
    """What the rows `conditions` of a seed say; nothing without the file."""
    return [row["conditions"] for row in _rows(seed) if "conditions" in row]


def _rows(seed: Path) -> list[dict[str, Any]]:
    return yaml.safe_load(seed.read_text()) if seed.exists() else []
