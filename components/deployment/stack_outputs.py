"""What the last run of this very stack left: its outputs, as the engine knows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi.runtime import invoke


def output(name: str) -> Any:
    """An output of this stack as of its last successful run; None where there was none."""
    stack = f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}"
    answer: Mapping[str, Any] = invoke("pulumi:pulumi:readStackOutputs", {"name": stack}).value
    return answer["outputs"].get(name)
