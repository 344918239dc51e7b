"""Node pools vanish with their cluster: what that means where it is replaced or targeted."""

from __future__ import annotations

import yaml

from support.repository import ROOT
from support.type_tokens import plain_token
from tests.engine.conftest import Deploy
from tests.engine.harness import Deployment

CLUSTER, POOL = "containerservice:ManagedCluster", "containerservice:AgentPool"


def pools_in_the_cloud(deployment: Deployment) -> set[str]:
    return {item.name for item in deployment.resources() if item.token == POOL}


def urn(deployment: Deployment, token: str, name: str = "") -> str:
    found = [
        item["urn"]
        for item in deployment.state()
        if plain_token(item["type"]) == f"azure-native:{token}" and item["urn"].endswith(name)
    ]
    assert len(found) == 1
    return found[0]


def test_pools_outlive_neither_a_replaced_nor_a_targeted_cluster(deploy: Deploy):
    config = yaml.safe_load((ROOT / "examples" / "pools.yaml").read_text())["config"]
    deployment = deploy("pools", config)
    deployment.up()
    pools = pools_in_the_cloud(deployment)
    assert len(pools) > 2

    # A replaced cluster gets new pools.
    network = {**config["aks-network:network"], "serviceCidr": "10.101.0.0/16"}
    network["dnsServiceIp"] = "10.101.0.10"
    deployment.change({"aks-network:network": network})
    deployment.up()
    assert pools_in_the_cloud(deployment) == pools
    deployment.expect_no_changes()
    deployment.expect_no_drift()

    # A pool alone is deleted in the cloud, not only forgotten.
    deployment.destroy("--target", urn(deployment, POOL, "pool-apps"))
    assert pools_in_the_cloud(deployment) == pools - {"apps"}

    # What waits for the cluster goes with it, and nothing else does.
    cluster = urn(deployment, CLUSTER)
    before = len(deployment.resources())
    deployment.destroy("--target", cluster, "--target-dependents")
    assert pools_in_the_cloud(deployment) == set()
    assert CLUSTER not in {item.token for item in deployment.resources()}
    assert 0 < len(deployment.resources()) < before

    deployment.destroy()
    assert deployment.resources() == []
