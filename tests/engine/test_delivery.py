"""How Kubernetes objects come to a cluster and go away, under the real engine."""

from __future__ import annotations

import copy
import shutil
from pathlib import Path
from typing import Any

import yaml

from support.repository import ROOT
from tests.engine.conftest import RENDERED, Deploy

KUBERNETES = "aks-network:kubernetes"
INSIDE = {"AZURE_SIM_VANTAGE": "inside"}


def config_of(stack: str) -> dict[str, Any]:
    return yaml.safe_load((ROOT / f"Pulumi.{stack}.yaml").read_text())["config"]


def names(directory: Path) -> set[str]:
    return {file.name for file in directory.rglob("*.yaml")}


def test_files_follow_the_applications_and_a_refresh_has_all_of_them_written_again(
    deploy: Deploy, tmp_path: Path
):
    kubernetes = config_of("dev")[KUBERNETES]
    kubernetes |= {"delivery": "render", "renderDirectory": str(tmp_path / RENDERED)}
    deployment = deploy("dev", {KUBERNETES: kubernetes})
    deployment.up()
    before = names(tmp_path / RENDERED)
    assert "networking.k8s.io_v1-networkpolicy-myapp-backend-policy.yaml" in before

    changed = copy.deepcopy(kubernetes)
    changed["applications"][0]["allow"] = []
    changed["applications"].append({"name": "second", "services": [{"name": "a", "app": "a"}]})
    deployment.change({KUBERNETES: changed})
    deployment.up()

    after = names(tmp_path / RENDERED)
    policy = "networking.k8s.io_v1-networkpolicy"
    assert before - after == {
        f"{policy}-myapp-backend-policy.yaml",
        f"{policy}-myapp-frontend-egress.yaml",
    }
    assert after - before == {
        "v1-namespace-default-second.yaml",
        "v1-service-second-a.yaml",
        f"{policy}-second-default-deny.yaml",
        f"{policy}-second-allow-dns.yaml",
        "cilium.io_v2-ciliumnetworkpolicy-second-allow-local-dns.yaml",
    }

    # A deployment in CI begins without the files, and with a refresh.
    shutil.rmtree(tmp_path / RENDERED)
    deployment.up("--refresh")
    assert names(tmp_path / RENDERED) == after
    deployment.expect_no_changes()


def test_a_private_clusters_objects_are_applied_from_inside_and_vanish_from_outside(
    deploy: Deploy,
):
    config = config_of("dev")
    private = {"private": True}
    reachable = {"reachable": True}
    deployment = deploy(
        "dev",
        {
            "aks-network:cluster": config["aks-network:cluster"] | private,
            KUBERNETES: config[KUBERNETES] | reachable,
        },
    )
    deployment.up(environment=INSIDE)
    assert any(item.inputs.get("kind") == "Deployment" for item in deployment.resources())

    # From outside the API server does not answer; deleting the cluster asks it nothing.
    deployment.destroy()

    assert deployment.state() == []
    assert deployment.resources() == []


def test_applying_to_a_private_cluster_from_outside_is_refused_before_anything_is_made(
    deploy: Deploy,
):
    cluster = config_of("dev")["aks-network:cluster"] | {"private": True}
    run = deploy("dev", {"aks-network:cluster": cluster}).refused("up")
    assert "the API server is private and reachable only inside its networks" in run.text
    assert "reachable: true" in run.text


def test_a_removed_application_leaves_the_cluster_and_the_others_stay(deploy: Deploy):
    kubernetes = config_of("dev")[KUBERNETES]
    second = {"name": "second", "services": [{"name": "a", "app": "a"}]}
    both = {**kubernetes, "applications": [*kubernetes["applications"], second]}
    deployment = deploy("dev", {KUBERNETES: both})
    deployment.up()
    deployment.change({KUBERNETES: kubernetes})
    deployment.up()
    found = {
        str(item.inputs["metadata"].get("namespace") or item.inputs["metadata"]["name"])
        for item in deployment.resources()
        if "metadata" in item.inputs
    }
    assert "myapp" in found
    assert "second" not in found
    deployment.expect_no_changes()
