"""Each committed stack through its whole life, twice, on a simulated cloud of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.repository import ROOT
from tests.engine.conftest import RENDERED, Deploy

STACKS = sorted(file.name.split(".")[1] for file in ROOT.glob("Pulumi.*.yaml"))


def test_there_are_stacks_for_development_and_production():
    assert {"dev", "prod"} <= set(STACKS)


@pytest.mark.parametrize("stack", STACKS)
def test_a_stack_deploys_settles_vanishes_and_deploys_again(
    deploy: Deploy, stack: str, tmp_path: Path
):
    deployment = deploy(stack)

    deployment.up()
    assert deployment.resources(), "the cloud holds what was deployed"
    deployment.expect_no_changes()
    deployment.expect_no_drift()
    deployment.expect_no_changes()

    deployment.unprotect()
    deployment.destroy()
    assert deployment.state() == []
    assert [item.id for item in deployment.resources()] == []
    assert list((tmp_path / RENDERED).rglob("*.yaml")) == []

    deployment.up()
    deployment.expect_no_changes()


def test_production_refuses_to_be_destroyed_while_it_is_protected(deploy: Deploy):
    deployment = deploy("prod")
    deployment.up()
    before = {item.id for item in deployment.resources()}

    # With a preview first, as an operator runs it: without one, what nothing protects is gone
    # before the first refusal.
    run = deployment.run("destroy", "--yes")

    assert run.status != 0
    assert "protected" in run.text
    assert {item.id for item in deployment.resources()} == before
