"""Two people at once: the second is refused by the lock, and the first is not disturbed."""

from __future__ import annotations

import subprocess
import time

import pytest

from cli.simulated.workspace import PROJECT
from tests.engine.conftest import Deploy
from tests.engine.harness import LIMIT_SECONDS

pytestmark = pytest.mark.checkpoints

SLOWLY = {"AZURE_SIM_TIME_SCALE": "0.008"}
"""The cluster takes some seconds then, instead of none."""


def test_a_second_up_is_refused_with_what_to_do(deploy: Deploy):
    deployment = deploy("dev")
    cloud = deployment.cloud
    cloud.prepare("dev", deployment.committed)
    locks = cloud.backend / ".pulumi" / "locks" / "organization" / PROJECT / "dev"
    first = subprocess.Popen(
        cloud.command("up", "dev", "--non-interactive", "--yes", "--skip-preview"),
        env={**cloud.environment(), **SLOWLY},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    deadline = time.monotonic() + 60
    while not list(locks.glob("*.json")):
        if time.monotonic() > deadline or first.poll() is not None:
            pytest.fail("the first run took no lock")
        time.sleep(0.2)

    second = deployment.refused("up")

    assert first.poll() is None, "the first run still works"
    assert "currently locked by 1 lock" in second.text
    assert f"pid {first.pid}" in second.text
    assert "wait for the other process" in second.text
    assert "pulumi cancel" in second.text

    said, _ = first.communicate(timeout=LIMIT_SECONDS)
    assert first.returncode == 0, said
    assert list(locks.glob("*.json")) == []
    deployment.expect_no_changes()
