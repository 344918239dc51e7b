"""Node pools come and go by themselves: the cluster is not written for it."""

from __future__ import annotations

import copy

import yaml

from support.repository import ROOT
from tests.engine.conftest import Deploy

CLUSTER = "aks-network:cluster"


def test_user_pools_are_added_and_removed_without_touching_the_cluster(deploy: Deploy):
    config = yaml.safe_load((ROOT / "examples" / "azure-cni.yaml").read_text())["config"]
    batch = {
        "name": "batch",
        "vmSize": "Standard_D8ds_v5",
        "minCount": 1,
        "maxCount": 3,
        "maxPods": 30,
    }
    more = copy.deepcopy(config[CLUSTER])
    more["nodePools"].append(batch)
    deployment = deploy("pools-come-and-go", config)
    deployment.up()

    for settings, operation in ((more, "create"), (config[CLUSTER], "delete")):
        deployment.change({CLUSTER: settings})
        changes = [step for step in deployment.steps() if step["op"] != "same"]
        assert [(step["op"], step["urn"].rsplit("::", 1)[-1]) for step in changes] == [
            (operation, "cluster-pool-batch")
        ]
        deployment.up()
        deployment.expect_no_changes()
