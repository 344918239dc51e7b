"""Changes of an existing cluster's network model, data plane and IP families."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.aks import POOL, WINDOWS, Landscape

NODE_SUBNET = {"networkPluginMode": None, "podCidr": None}
KUBENET = {"networkPlugin": "kubenet", "networkPluginMode": None}
CILIUM = {"networkDataplane": "cilium", "networkPolicy": "cilium"}
DUAL = {"ipFamilies": ["IPv4", "IPv6"], "podCidrs": ["10.244.0.0/16", "fd12:3456:789a::/64"]}


@pytest.fixture
def land(azure) -> Landscape:
    return Landscape(azure)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (NODE_SUBNET, {}),
        ({**NODE_SUBNET, "networkPolicy": "none"}, {"networkPolicy": "none"}),
        (KUBENET, {}),
        ({**NODE_SUBNET, **CILIUM}, CILIUM),
        ({"networkPolicy": "calico"}, CILIUM),
        ({**NODE_SUBNET, "networkPolicy": "azure"}, {**NODE_SUBNET, **CILIUM}),
        ({}, DUAL),
    ],
)
def test_documented_migrations_are_accepted(land, before, after):
    land.make(network=before)
    assert land.make(network=after)


@pytest.mark.parametrize("after", [NODE_SUBNET, KUBENET])
def test_no_way_leads_back_from_the_overlay(land, after):
    """Rule: an_overlay_stays_an_overlay."""
    land.make()
    error = land.refused(network=after)
    assert (error.code, error.target) == ("BadRequest", "networkProfile.networkPluginMode")


@pytest.mark.parametrize("policy", ["azure", "calico"])
@pytest.mark.parametrize("kept", [True, False])
def test_the_overlay_needs_the_policy_engine_off(land, policy, kept):
    """Rule: a_policy_engine_is_off_for_the_overlay."""
    land.make(network={**NODE_SUBNET, "networkPolicy": policy})
    error = land.refused(network={"networkPolicy": policy if kept else "none"})
    assert error.code == "ValidationError"
    assert "while using network policies" in error.message
    land.make(network={**NODE_SUBNET, "networkPolicy": "none"})
    assert land.make(network={"networkPolicy": "none"})
    assert land.make(network={"networkPolicy": policy})


def test_a_pod_subnet_does_not_become_an_overlay(land):
    """Rule: a_pod_subnet_does_not_become_an_overlay."""
    pods = land.azure.subnet("pods", "10.0.32.0/20")
    pool = {"podSubnetID": pods.id}
    land.make(pool=pool, network=NODE_SUBNET)
    error = land.refused(pool=pool)
    assert "pod subnet" in error.message


def test_the_model_and_the_data_plane_change_one_by_one(land):
    """Rule: model_and_data_plane_change_one_by_one."""
    land.make(network=NODE_SUBNET)
    error = land.refused(network=CILIUM)
    assert (error.code, error.target) == ("BadRequest", "networkProfile.networkDataplane")
    land.make()
    assert land.make(network=CILIUM)


def test_cilium_does_not_replace_kubenet(land):
    """Rule: cilium_replaces_azure_cni_on_linux_only."""
    land.make(network=KUBENET)
    assert "kubenet" in land.refused(network={**NODE_SUBNET, **CILIUM}).message


def test_cilium_does_not_replace_the_data_plane_of_windows_nodes(land):
    """Rule: cilium_replaces_azure_cni_on_linux_only."""
    windows: dict[str, Any] = {"windowsProfile": WINDOWS}
    land.make(**windows)
    pool = {"osType": "Windows", "osSKU": "Windows2022"}
    land.azure.put(POOL, **land.pool("win", **pool))
    assert "pool win runs Windows" in land.refused(network=CILIUM, **windows).message


@pytest.mark.parametrize("after", [{"ipFamilies": ["IPv4"]}, {"ipFamilies": ["IPv6"]}])
def test_an_ip_family_is_not_removed(land, after):
    """Rule: a_cluster_keeps_its_ip_families."""
    land.make(network=DUAL)
    error = land.refused(network=after)
    assert (error.code, error.target) == ("BadRequest", "networkProfile.ipFamilies")
    assert land.make(network=DUAL)
