"""Who reaches whom, computed from the state that the real engine exports."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.reachability import compute
from analysis.reachability.snapshot import differences, load, snapshot_of
from support.repository import ROOT
from tests.engine.conftest import Deploy

EXPECTED = sorted((ROOT / "tests" / "analysis" / "reachability" / "expected").glob("*.yaml"))


@pytest.mark.parametrize("expected", EXPECTED, ids=lambda file: file.stem)
def test_the_exported_state_gives_the_expected_matrix(deploy: Deploy, expected: Path):
    deployment = deploy(expected.stem)
    deployment.up()
    found = snapshot_of(compute(deployment.exported()))
    assert differences(load(expected.read_text()), found) == []

    deployment.expect_no_drift()
    assert snapshot_of(compute(deployment.state())) == found
