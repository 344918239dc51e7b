"""What AKS adds to the answer of a cluster without being asked."""

from __future__ import annotations

import pytest

from support.nested import at
from tests.simulator.aks import Landscape


@pytest.fixture
def land(azure) -> Landscape:
    return Landscape(azure)


def test_a_cluster_has_what_nobody_asked_for(land: Landscape):
    answer = land.make().outputs
    assert answer["supportPlan"] == "KubernetesOfficial"
    assert answer["servicePrincipalProfile"] == {"clientId": "msi"}
    assert at(answer, "storageProfile", "diskCSIDriver", "enabled") is True
    assert answer["securityProfile"] == {}
    assert answer["workloadAutoScalerProfile"] == {}
    assert at(answer, "autoUpgradeProfile", "nodeOSUpgradeChannel") == "NodeImage"
    assert at(answer, "networkProfile", "networkDataplane")
    (pool,) = answer["agentPoolProfiles"]
    disk = {key: pool[key] for key in ("osDiskSizeGB", "osDiskType", "kubeletDiskType")}
    assert disk == {"osDiskSizeGB": 128, "osDiskType": "Managed", "kubeletDiskType": "OS"}


def test_what_was_asked_for_stays_and_is_completed(land: Landscape):
    answer = land.make(
        storageProfile={"diskCSIDriver": {"enabled": False}, "blobCSIDriver": {"enabled": True}},
        autoUpgradeProfile={"upgradeChannel": "patch"},
        pool={"osDiskSizeGB": 30, "osDiskType": "Ephemeral"},
    ).outputs
    assert answer["storageProfile"] == {
        "diskCSIDriver": {"enabled": False},
        "fileCSIDriver": {"enabled": True},
        "snapshotController": {"enabled": True},
        "blobCSIDriver": {"enabled": True},
    }
    assert answer["autoUpgradeProfile"] == {
        "upgradeChannel": "patch",
        "nodeOSUpgradeChannel": "NodeImage",
    }
    (pool,) = answer["agentPoolProfiles"]
    assert (pool["osDiskSizeGB"], pool["osDiskType"]) == (30, "Ephemeral")
