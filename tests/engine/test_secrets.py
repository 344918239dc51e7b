"""Secrets under the real engine: encrypted in the state, absent from all that is shown."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from analysis.audit import RULES, audit
from analysis.audit.show import render
from cli.audit import exceptions
from cli.operator_values import OPERATOR_VALUES
from cli.stack_file import committed_file
from simulator.azure.cloud import Cloud
from simulator.store import JournalStore
from support.nested import at
from support.repository import ROOT
from support.secrets import SIGNATURE
from tests.engine.conftest import Deploy
from tests.engine.harness import Deployment


def secrets(deployment: Deployment) -> list[str]:
    """The secrets of the stack's configuration in plain text; only its passphrase decrypts them."""
    command = deployment.cloud.command("config", deployment.stack, "--json", "--show-secrets")
    shown = subprocess.run(
        command, env=deployment.cloud.environment(), capture_output=True, text=True, check=True
    )
    values = json.loads(shown.stdout)
    objects = {key: item.get("objectValue") for key, item in values.items()}
    found = [at(objects, *one.steps) for one in OPERATOR_VALUES if one.secret]
    return [text for text in found if text]


@pytest.mark.parametrize(("example", "count"), [("prod", 2), ("vpn", 1), ("principal", 1)])
def test_secrets_are_encrypted_in_the_state_and_never_shown(
    deploy: Deploy, example: str, count: int
):
    deployment = deploy(example, _settings(example))
    said = deployment.up("--show-config", "--diff").text
    said += deployment.preview("--diff", "--json").text
    said += json.dumps(deployment.outputs())
    state = json.dumps(deployment.exported())
    local = deployment.cloud.stack_file(deployment.stack).read_text()

    values = secrets(deployment)

    assert len(values) == count
    for value in values:
        assert value not in said
        assert value not in state
        assert value not in local
        assert json.dumps(value) not in state


def kubeconfig(deployment: Deployment) -> tuple[str, str]:
    """The cluster's kubeconfig as Azure sends it, and the certificate authority in it.

    Its server is no secret, that is the output `apiServer`, and it holds no token: kubelogin gets
    one when it is used.
    """
    cloud = Cloud(JournalStore(deployment.cloud.state))
    (cluster,) = cloud.store.of_type("containerservice:ManagedCluster")
    names = {key: cluster.inputs[key] for key in ("resourceGroupName", "resourceName")}
    answer = cloud.invoke("containerservice:listManagedClusterUserCredentials", names)
    text = answer["kubeconfigs"][0]["value"]
    config = yaml.safe_load(base64.b64decode(text))
    assert set(config["users"][0]["user"]) == {"exec"}
    return text, config["clusters"][0]["cluster"]["certificate-authority-data"]


def test_the_kubeconfig_is_encrypted_in_the_state_and_is_never_shown(
    deploy_file: Callable[[Path], Deployment],
):
    deployment = deploy_file(ROOT / "examples" / "external-waf.yaml")
    said = deployment.up("--diff", "--show-config", "--show-reads").text
    said += deployment.preview("--diff", "--json").text + deployment.refresh("--diff").text
    whole, authority = kubeconfig(deployment)
    opened = deployment.run("stack export", "--show-secrets").stdout
    assert authority in opened, "the provider has the kubeconfig that is looked for"

    exported = json.dumps(deployment.exported())
    outputs = deployment.outputs()
    for text in (whole, authority, "certificate-authority-data", "current-context"):
        assert text not in exported
        assert text not in json.dumps(outputs)
        assert text not in said
    assert not [key for key in outputs if "kubeconfig" in key.lower()]

    (holder,) = [item for item in deployment.state() if "kubeconfig" in item.get("inputs", {})]
    assert holder["type"] == "pulumi:providers:kubernetes"
    for side in ("inputs", "outputs"):
        assert set(holder[side]["kubeconfig"]) == {SIGNATURE, "ciphertext"}


def _settings(name: str) -> dict[str, object]:
    return yaml.safe_load(committed_file(name, ROOT).read_text())["config"]


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_what_the_engine_deployed_passes_the_audit(deploy: Deploy, stack: str):
    deployment = deploy(stack)
    deployment.up()

    result = audit(deployment.exported(), stack, exceptions=exceptions())

    assert result.passed, render(result, RULES)
