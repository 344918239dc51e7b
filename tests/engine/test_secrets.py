"""Secrets under the real engine: encrypted in the state, absent from all that is shown."""

from __future__ import annotations

import json
import subprocess

import pytest
import yaml

from audit import RULES, audit
from audit.show import render
from tests.engine.conftest import Deploy
from tests.engine.harness import Deployment
from tools.local import ROOT
from tools.stackfile import committed_file
from tools.throwaway import THROWAWAYS, look_up


def secrets(deployment: Deployment) -> list[str]:
    """The secrets of the stack's configuration in the clear, which only its passphrase opens."""
    command = deployment.cloud.command("config", deployment.stack, "--json", "--show-secrets")
    shown = subprocess.run(
        command, env=deployment.cloud.environment(), capture_output=True, text=True, check=True
    )
    values = json.loads(shown.stdout)
    objects = {key: item.get("objectValue") for key, item in values.items()}
    found = [look_up(objects, *one.steps) for one in THROWAWAYS if one.secret]
    return [text for text in found if text]


@pytest.mark.parametrize(("example", "count"), [("prod", 2), ("vpn", 1), ("principal", 1)])
def test_secrets_are_encrypted_in_the_state_and_never_shown(
    deploy: Deploy, example: str, count: int
):
    deployment = deploy(example, _settings(example))
    said = deployment.up("--show-config", "--diff").text
    said += deployment.preview("--diff", "--json").text
    said += json.dumps(deployment.outputs())
    state = json.dumps(deployment.state())
    local = deployment.cloud.stack_file(deployment.stack).read_text()

    values = secrets(deployment)

    assert len(values) == count
    for value in values:
        assert value not in said
        assert value not in state
        assert value not in local
        assert json.dumps(value) not in state


def _settings(name: str) -> dict[str, object]:
    return yaml.safe_load(committed_file(name, ROOT).read_text())["config"]


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_what_the_engine_deployed_is_all_clear(deploy: Deploy, stack: str):
    deployment = deploy(stack)
    deployment.up()

    verdict = audit(deployment.state(), stack)

    assert verdict.clear, render(verdict, RULES)
