"""The harness itself, on programs that need no provider: what it says happened has happened."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.engine.conftest import Deploy
from tests.engine.harness import write_program

pytestmark = pytest.mark.checkpoints

PROGRAM = """
import pulumi

settings = pulumi.Config("aks-network").require_object("tags")
if "boom" in settings:
    raise ValueError("boom was asked for")
group = pulumi.ComponentResource("aks-network:test:Group", settings["name"], {}, None)
pulumi.export("name", settings["name"])
pulumi.export("password", pulumi.Output.secret("hunter2"))
"""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    return write_program(tmp_path / "a program", PROGRAM)


def test_a_stack_goes_up_settles_and_goes_down(deploy: Deploy, program: Path):
    deployment = deploy("mine", {"aks-network:tags": {"name": "one"}}, program=program)

    deployment.up()
    deployment.expect_no_changes()
    deployment.expect_no_drift()

    assert deployment.outputs() == {"name": "one", "password": "hunter2"}
    assert "aks-network:test:Group" in {item["type"] for item in deployment.state()}
    assert deployment.state() == deployment.exported()
    deployment.destroy()
    assert deployment.state() == []


def test_a_change_of_settings_shows_in_a_preview(deploy: Deploy, program: Path):
    deployment = deploy("mine", {"aks-network:tags": {"name": "one"}}, program=program)
    deployment.up()
    deployment.change({"aks-network:tags": {"name": "two"}})

    assert {step["op"] for step in deployment.steps()} == {"create", "delete"}
    with pytest.raises(pytest.fail.Exception, match="no changes were expected"):
        deployment.expect_no_changes()


def test_a_failing_run_fails_the_test_unless_it_has_to_be_refused(deploy: Deploy, program: Path):
    deployment = deploy("mine", {"aks-network:tags": {"boom": True}}, program=program)

    with pytest.raises(pytest.fail.Exception, match="boom was asked for"):
        deployment.up()
    assert "boom was asked for" in deployment.refused("up").text
    deployment.change({"aks-network:tags": {"name": "one"}})
    with pytest.raises(pytest.fail.Exception, match="had to be refused"):
        deployment.refused("preview")


def test_nothing_of_the_users_accounts_reaches_a_simulated_run(
    deploy: Deploy, program: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("ARM_CLIENT_SECRET", "real")
    monkeypatch.setenv("AZURE_CLIENT_SECRET", "real")
    monkeypatch.setenv("PULUMI_ACCESS_TOKEN", "real")
    (program / "__main__.py").write_text(
        "import os, pulumi\npulumi.export('names', sorted(os.environ))\n"
    )
    deployment = deploy("mine", program=program)

    deployment.up()

    names = set(deployment.outputs()["names"])
    assert not names & {"ARM_CLIENT_SECRET", "AZURE_CLIENT_SECRET", "PULUMI_ACCESS_TOKEN"}


def test_a_run_that_was_killed_does_not_lock_out_the_next(deploy: Deploy, program: Path):
    deployment = deploy("mine", {"aks-network:tags": {"name": "one"}}, program=program)
    deployment.up()
    started = program / "started"
    (program / "__main__.py").write_text(
        "import pathlib, time\npathlib.Path('started').touch()\ntime.sleep(60)\n"
    )
    killed = subprocess.Popen(
        deployment.cloud.command("up", "mine", "--yes", "--skip-preview"),
        env=deployment.cloud.environment(),
        stdout=subprocess.DEVNULL,
    )
    _wait_for(started.exists)
    (program / "__main__.py").write_text(PROGRAM)
    locked_out = deployment.refused("up")
    killed.kill()
    killed.wait()

    deployment.expect_no_changes()

    assert "currently locked" in locked_out.text


def _wait_for(condition: Callable[[], object]) -> None:
    for _ in range(200):
        if condition():
            return
        time.sleep(0.1)
    pytest.fail("what was waited for did not happen")
