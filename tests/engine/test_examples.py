"""Each example on a simulated cloud of its own: up, nothing to change, nothing left."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from analysis.reachability import compute
from analysis.reachability.snapshot import differences, snapshot_of
from support.repository import ROOT
from tests.analysis.reachability.states import BYO_VNET, matrix_of
from tests.engine.harness import Deployment

EXAMPLES = sorted(
    path for path in (ROOT / "examples").glob("*.yaml") if not path.name.endswith(".cloud.yaml")
)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_deploys_settles_and_vanishes(
    deploy_file: Callable[[Path], Deployment], example: Path
):
    deployment = deploy_file(example)
    before = {item.id for item in deployment.resources()}

    said = deployment.up().text
    assert "cannot be read" not in said, "an add-on cannot read a certificate"
    assert len(deployment.resources()) > len(before)
    deployment.expect_no_changes()
    assert not _reached_differently(example.stem, deployment)

    deployment.unprotect()
    deployment.destroy()
    assert deployment.state() == []
    assert {item.id for item in deployment.resources()} == before


def _reached_differently(example: str, deployment: Deployment) -> list[str]:
    """Who reaches whom by the exported state, against what the tests without an engine look at."""
    if example == BYO_VNET:
        return []
    found = snapshot_of(compute(deployment.state()))
    return differences(snapshot_of(matrix_of(example)), found)
