"""The outputs of this stack's last run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi.runtime import invoke


def last_outputs() -> Mapping[str, Any]:
    """The outputs of this stack's last successful run; empty where there was none."""
    stack = f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}"
    result: Mapping[str, Any] = invoke("pulumi:pulumi:readStackOutputs", {"name": stack}).value
    return result["outputs"]
