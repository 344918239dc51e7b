"""The component package under the real engine: components made by remote construction."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.repository import ROOT
from tests.engine.conftest import Deploy
from tests.engine.harness import write_program
from tests.helpers.certificates import PFX
from tests.helpers.packaged import settings_of

EXAMPLE = ROOT / "examples" / "package"
OWN = {"aks-network:sshPublicKey": "ssh-ed25519 AAAAC3Nza", "aks-network:certificate": PFX}

PROGRAM = """
import pulumi
import yaml

settings = yaml.safe_load(open("settings.yaml"))
settings["ingress"]["waf"]["certificate"] = {"pfx": pulumi.Output.secret("@PFX@")}


class AksNetwork(pulumi.ComponentResource):
    def __init__(self, name, settings):
        properties = {"clusterName": None, "addressPlan": None, "settings": settings}
        super().__init__("aks-network:index:AksNetwork", name, properties, None, remote=True)


made = AksNetwork("shop", settings)
pulumi.export("clusterName", made.clusterName)
pulumi.export("addressPlan", made.addressPlan)
"""


@pytest.fixture(autouse=True)
def plugin(monkeypatch: pytest.MonkeyPatch) -> None:
    """The package's executable, where the engine finds it."""
    directory = str(ROOT / "package" / "bin")
    monkeypatch.setenv("PATH", os.pathsep.join([directory, os.environ["PATH"]]))


@pytest.fixture
def program(tmp_path: Path) -> Path:
    return write_program(tmp_path / "program", PROGRAM.replace("@PFX@", PFX))


def write(program: Path, settings: dict[str, Any]) -> None:
    (program / "settings.yaml").write_text(yaml.safe_dump(settings))


def test_a_network_and_a_cluster_are_built_through_the_package(deploy: Deploy):
    deployment = deploy("package", OWN, program=EXAMPLE)

    deployment.up()
    deployment.expect_no_changes()
    types = {item["type"] for item in deployment.state()}
    assert {"aks-network:index:Cluster", "aks-network:index:AddonRoles"} <= types
    deployment.destroy()

    assert [item.id for item in deployment.resources()] == []


def test_bad_settings_are_refused_all_at_once_and_good_ones_make_a_whole_deployment(
    deploy: Deploy, program: Path
):
    deployment = deploy("whole", program=program)
    settings = settings_of("dev")
    bad = {**settings, "location": "", "colour": "blue", "network": {"addressSpace": ["10.0.0/8"]}}
    write(program, bad)

    said = deployment.refused("preview").text
    assert "settings.location" in said
    assert "settings.colour" in said
    assert "settings.network.addressSpace[0]: 10.0.0/8 — must be an IPv4 range" in said
    assert "package/provider.py" not in said, "the plugin itself has no fault"

    write(program, settings)
    deployment.up()
    deployment.expect_no_changes()
    outputs = deployment.outputs()
    assert outputs["clusterName"] == "aks-shop-dev-westeurope"
    assert {row["subnet"] for row in outputs["addressPlan"]} >= {"nodes", "bastion"}
    (made,) = (one for one in deployment.state() if one["type"] == "aks-network:index:AksNetwork")
    assert PFX not in str(made), "the certificate is encrypted in the state"
