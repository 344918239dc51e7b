"""Kubernetes upgrades: by the settings with several pools, and by Azure's own channel."""

from __future__ import annotations

import copy
from typing import Any

import yaml

from simulator.azure.cloud import Cloud
from simulator.store import JournalStore, Resource
from support.repository import ROOT
from tests.engine.conftest import Deploy
from tests.engine.harness import Deployment

CLUSTER = "aks-network:cluster"
OLD, NEW, PATCHED = "1.35", "1.36", "1.36.4"


def cluster_of(deployment: Deployment) -> tuple[Cloud, Resource]:
    cloud = Cloud(JournalStore(deployment.cloud.state))
    (found,) = cloud.store.of_type("containerservice:ManagedCluster")
    return cloud, found


def versions(deployment: Deployment) -> dict[str, str]:
    """The version of the control plane and, by name, of each pool."""
    _, cluster = cluster_of(deployment)
    pools = cluster.outputs["agentPoolProfiles"]
    found = {pool["name"]: pool["orchestratorVersion"] for pool in pools}
    return {"control plane": cluster.outputs["kubernetesVersion"], **found}


def upgrade_by_azure(deployment: Deployment, version: str) -> None:
    """What an upgrade channel or `az aks nodepool upgrade` leaves: other versions everywhere."""
    cloud, cluster = cluster_of(deployment)

    def raised(values: dict[str, Any]) -> dict[str, Any]:
        return {**values, "orchestratorVersion": version}

    for pool in cloud.store.below(cluster.id, "containerservice:AgentPool"):
        cloud.store.put(Resource(pool.id, pool.token, pool.inputs, raised(pool.outputs)))
    pools = [raised(pool) for pool in cluster.outputs["agentPoolProfiles"]]
    outputs = {**cluster.outputs, "kubernetesVersion": version, "agentPoolProfiles": pools}
    cloud.store.put(Resource(cluster.id, cluster.token, cluster.inputs, outputs))


def test_an_upgrade_moves_the_control_plane_and_the_separate_pools_and_a_channel_adds_no_drift(
    deploy: Deploy,
):
    config = yaml.safe_load((ROOT / "examples" / "azure-cni.yaml").read_text())["config"]
    cluster = copy.deepcopy(config[CLUSTER]) | {
        "kubernetesVersion": OLD,
        "upgradeChannel": "patch",
    }
    apps = {**cluster["nodePools"][0], "name": "apps", "mode": "User"}
    cluster["nodePools"] = [cluster["nodePools"][0], apps]
    deployment = deploy("upgrades", {**config, CLUSTER: cluster})
    deployment.up()
    system = cluster["nodePools"][0]["name"]

    deployment.change({CLUSTER: cluster | {"kubernetesVersion": NEW}})
    deployment.up()
    assert versions(deployment) == {"control plane": NEW, system: OLD, "apps": NEW}
    deployment.expect_no_changes()

    upgrade_by_azure(deployment, PATCHED)
    deployment.refresh()
    deployment.expect_no_changes()
    assert versions(deployment)["control plane"] == PATCHED

    deployment.change({CLUSTER: cluster | {"kubernetesVersion": "1.37"}})
    deployment.up()
    assert versions(deployment) == {"control plane": "1.37", system: PATCHED, "apps": "1.37"}
