"""Node pools, Kubernetes versions and what of a cluster is fixed."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.azure.namespaces.containerservice.immutable import CLUSTER_IMMUTABLE, POOL_IMMUTABLE
from tests.simulator.aks import CLUSTER, POOL, WINDOWS, Landscape, code_of


@pytest.fixture
def land(azure) -> Landscape:
    return Landscape(azure)


SPOT = {"scaleSetPriority": "Spot"}


@pytest.mark.parametrize(
    ("code", "pool"),
    [
        ("InvalidParameter", {"name": "System"}),
        ("InvalidParameter", {"name": "a-b"}),
        ("InvalidParameter", {"name": "abcdefghijklm"}),
        ("InvalidParameter", {"count": 0}),
        ("InvalidParameter", {"count": 1001}),
        ("InvalidParameter", {"enableAutoScaling": True, "minCount": 3}),
        ("InvalidParameter", {"enableAutoScaling": True, "minCount": 3, "maxCount": 2}),
        ("InvalidParameter", {"enableAutoScaling": True, "minCount": 0, "maxCount": 2}),
        ("InvalidParameter", {"enableAutoScaling": True, "minCount": 3, "maxCount": 5, "count": 2}),
        ("InvalidParameter", {"minCount": 1, "maxCount": 5}),
        ("MaxPodsLimitExceeded", {"maxPods": 251}),
        ("InsufficientMaxPods", {"maxPods": 9}),
        ("InsufficientMaxPods", {"maxPods": 10, "count": 2}),
        ("MustDefineAtLeastOneSystemPool", {"mode": "User"}),
        ("SystemPoolMustBeLinux", {"name": "win", "osType": "Windows"}),
        ("SystemPoolMustBeRegular", SPOT),
    ],
)
def test_a_pool_is_refused(land, code, pool):
    assert land.refused(pool=pool, windowsProfile=WINDOWS).code == code


def test_ten_pods_on_three_nodes_are_enough(land):
    assert land.make(pool={"maxPods": 10, "count": 3})


def test_a_user_pool_may_be_empty(land):
    land.make()
    assert land.azure.put(POOL, **land.pool(count=0))
    bounds = {"enableAutoScaling": True, "minCount": 0, "maxCount": 3, "count": 0}
    assert land.azure.put(POOL, **land.pool("more", **bounds))


@pytest.mark.parametrize(
    ("code", "settings"),
    [
        ("InvalidParameter", {"osType": "Windows"}),
        ("InvalidParameter", {**SPOT, "upgradeSettings": {"maxSurge": "33%"}}),
    ],
)
def test_a_pool_of_its_own_is_refused(land, code, settings):
    land.make(windowsProfile=WINDOWS)
    error = land.azure.refused(POOL, **land.pool("windows", **settings))
    assert error.code == code


def test_a_write_of_the_cluster_adds_no_pool(land):
    """Rule: pools_are_added_one_by_one."""
    land.make()
    inputs = land.inputs()
    inputs["agentPoolProfiles"].append({**inputs["agentPoolProfiles"][0], "name": "more"})
    error = land.azure.refused(CLUSTER, **inputs)
    assert (error.code, error.target) == ("BadRequest", "agentPoolProfiles")
    land.azure.put(POOL, **land.pool("more", mode="System"))
    assert land.azure.put(CLUSTER, **inputs)


def test_a_write_of_the_cluster_keeps_the_other_pools_and_lists_them(land):
    made = land.make()
    assert [pool["name"] for pool in made.outputs["agentPoolProfiles"]] == ["system"]
    apps = land.azure.put(POOL, **land.pool())
    for shown in (land.azure.cloud.get(made.id), land.make(tags={"a": "b"})):
        assert [pool["name"] for pool in shown.outputs["agentPoolProfiles"]] == ["system", "apps"]
    land.azure.cloud.delete(apps.id)
    shown = land.azure.cloud.get(made.id)
    assert [pool["name"] for pool in shown.outputs["agentPoolProfiles"]] == ["system"]


def test_a_pool_inside_the_cluster_is_a_pool_like_any_other(land):
    made = land.make()
    inside = land.azure.cloud.get(f"{made.id}/agentPools/system")
    assert inside.outputs["mode"] == "System"


def test_a_cluster_has_no_more_than_a_hundred_pools(land):
    """Rule: a_cluster_has_at_most_100_pools."""
    land.make()
    for number in range(99):
        land.azure.put(POOL, **land.pool(f"p{number}", count=0))
    assert land.azure.refused(POOL, **land.pool("last")).code == "QuotaExceeded"


def test_the_last_system_pool_goes_with_the_cluster_only(land):
    """Rule: the_last_system_pool_stays."""
    made = land.make()
    inside = land.azure.cloud.get(f"{made.id}/agentPools/system")
    assert land.azure.delete_refused(inside).code == "BadRequest"
    other = land.azure.put(POOL, **land.pool("sys2", mode="System"))
    land.azure.cloud.delete(inside.id)
    assert land.azure.delete_refused(other).code == "BadRequest"
    land.azure.cloud.delete(made.id)
    assert not land.azure.cloud.exists(other.id)


@pytest.mark.parametrize(
    ("rule", "pool", "text"),
    [
        ("system_pools_have_two_nodes", {"count": 1}, "at least two nodes"),
        ("system_pools_are_not_burstable", {"vmSize": "Standard_B2s_v2"}, "burstable size"),
    ],
)
def test_a_pool_is_advised_against(land, rule, pool, text):
    assert code_of(rule) == ""
    assert any(text in warning for warning in land.warned(pool=pool))


def test_many_pods_on_windows_nodes_are_advised_against(land):
    """Rule: windows_nodes_have_at_most_110_pods."""
    land.make(windowsProfile=WINDOWS)
    land.azure.put(POOL, **land.pool("win", osType="Windows", maxPods=150))
    assert any("at most 110 pods" in text for text in land.azure.cloud.warnings)


@pytest.mark.parametrize(
    ("code", "network", "profile"),
    [
        (
            "AzureCNIOnlyForWindows",
            {"networkPlugin": "kubenet", "networkPluginMode": None},
            WINDOWS,
        ),
        ("WindowsProfileMissing", {}, None),
    ],
)
def test_windows_nodes_need_azure_cni_and_an_administrator(land, code, network, profile):
    land.make(network=network, windowsProfile=profile)
    assert land.azure.refused(POOL, **land.pool("win", osType="Windows")).code == code


@pytest.mark.parametrize(
    ("key", "value", "accepted"),
    [
        ("adminUsername", "azureops", True),
        ("adminUsername", "Administrator", False),
        ("adminUsername", "azureops.", False),
        ("adminUsername", "a-name-of-more-than-20-characters", False),
        ("adminPassword", "Throw-away-1", True),
        ("adminPassword", "Short-1", False),
        ("adminPassword", "onlylowercase1", False),
        ("adminPassword", "P@ssword123", False),
        ("adminPassword", "Aa1" * 42, False),
    ],
)
def test_the_windows_administrators_name_and_password_are_checked(land, key, value, accepted):
    """Rule: the_administrators_credentials_are_acceptable."""
    profile = {**WINDOWS, key: value}
    if accepted:
        assert land.make(windowsProfile=profile)
    else:
        error = land.refused(windowsProfile=profile)
        assert (error.code, error.target) == ("InvalidParameter", f"windowsProfile.{key}")


@pytest.mark.parametrize(
    ("version", "plan", "accepted"),
    [
        ("1.35", None, True),
        ("1.35.1", None, True),
        ("1.27", None, False),
        ("1.99", None, False),
        ("1.33", None, False),
        ("1.33", "AKSLongTermSupport", True),
    ],
)
def test_a_new_cluster_has_a_version_that_is_offered(land, version, plan, accepted):
    sku = {"name": "Base", "tier": "Premium"}
    if accepted:
        assert land.make(kubernetesVersion=version, supportPlan=plan, sku=sku)
    else:
        error = land.refused(kubernetesVersion=version, supportPlan=plan, sku=sku)
        assert error.code == "AgentPoolK8sVersionNotSupported"


def test_a_refusal_offers_long_term_versions_only_with_their_plan(land):
    offered = str(land.refused(kubernetesVersion="1.27")).partition("Supported:")[2]
    assert ("1.33" in offered, "1.35" in offered) == (False, True)
    with_plan = {"supportPlan": "AKSLongTermSupport", "sku": {"name": "Base", "tier": "Premium"}}
    assert "1.33" in str(land.refused(kubernetesVersion="1.27", **with_plan))


def test_long_term_support_needs_the_premium_tier(land):
    """Rule: long_term_support_needs_the_premium_tier."""
    sku = {"name": "Base", "tier": "Standard"}
    error = land.refused(supportPlan="AKSLongTermSupport", sku=sku)
    assert error.code == "BadRequest"
    assert "Premium" in str(error)


def test_an_upgrade_that_names_the_version_of_one_pool_among_several_is_refused(land):
    land.make(kubernetesVersion="1.35", pool={"orchestratorVersion": "1.35"})
    land.azure.put(POOL, **land.pool(orchestratorVersion="1.35"))
    error = land.refused(kubernetesVersion="1.36", pool={"orchestratorVersion": "1.36"})
    assert error.code == "NotAllAgentPoolOrchestratorVersionSpecifiedAndUnchanged"


def test_a_cluster_with_one_pool_is_upgraded_with_it(land):
    land.make(kubernetesVersion="1.35", pool={"orchestratorVersion": "1.35"})
    made = land.make(kubernetesVersion="1.36", pool={"orchestratorVersion": "1.36"})
    assert made.outputs["agentPoolProfiles"][0]["orchestratorVersion"] == "1.36"


def test_pools_whose_version_is_not_named_stay_on_theirs_until_they_are_written(land):
    land.make(kubernetesVersion="1.35")
    land.azure.put(POOL, **land.pool(orchestratorVersion="1.35"))
    made = land.make(kubernetesVersion="1.36")
    versions = [pool["orchestratorVersion"] for pool in made.outputs["agentPoolProfiles"]]
    assert (made.outputs["kubernetesVersion"], versions) == ("1.36", ["1.35", "1.35"])
    moved = land.azure.put(POOL, **land.pool(orchestratorVersion="1.36"))
    assert moved.outputs["orchestratorVersion"] == "1.36"


def test_a_pool_skips_no_minor_version(land):
    land.make(kubernetesVersion="1.35")
    land.azure.put(POOL, **land.pool(orchestratorVersion="1.34"))
    land.make(kubernetesVersion="1.36")
    error = land.azure.refused(POOL, **land.pool(orchestratorVersion="1.36"))
    assert error.code == "AgentPoolUpgradeVersionNotAllowed"


WIN_2022 = {"osType": "Windows", "osSKU": "Windows2022"}
WIN_2025 = {
    "osType": "Windows",
    "osSKU": "Windows2025",
    "enableFIPS": True,
    "azureApiVersion": "2026-03-01",
}


@pytest.mark.parametrize("version", ["1.36", "1.37"])
def test_windows_server_2022_is_refused_from_kubernetes_1_37_on(land, version):
    """Rule: windows_server_2022_ends_with_kubernetes_1_36."""
    land.make(kubernetesVersion=version, windowsProfile=WINDOWS)
    inputs = land.pool("win", **WIN_2022)
    if version == "1.36":
        assert land.azure.put(POOL, **inputs)
    else:
        error = land.azure.refused(POOL, **inputs)
        assert (error.code, error.target) == ("BadRequest", "osSKU")


@pytest.mark.parametrize(("version", "image"), [("1.36", "Windows2022"), ("1.37", "Windows2025")])
def test_a_windows_pool_without_an_image_gets_the_default_of_its_version(land, version, image):
    land.make(kubernetesVersion=version, windowsProfile=WINDOWS)
    made = land.azure.put(POOL, **land.pool("win", osType="Windows", enableFIPS=True))
    assert made.outputs["osSKU"] == image


def test_windows_server_2025_needs_a_fips_image(land):
    """Rule: windows_server_2025_has_a_fips_image."""
    land.make(kubernetesVersion="1.37", windowsProfile=WINDOWS)
    for settings in ({**WIN_2025, "enableFIPS": False}, {"osType": "Windows"}):
        error = land.azure.refused(POOL, **land.pool("win", **settings))
        assert (error.code, error.target) == ("BadRequest", "agentPoolProfile.enableFIPS")
    assert land.azure.put(POOL, **land.pool("win", **WIN_2025))


def test_a_windows_pool_keeps_its_version(land):
    """Rule: a_windows_pool_keeps_its_version."""
    land.make(windowsProfile=WINDOWS)
    land.azure.put(POOL, **land.pool("win", **WIN_2022, enableFIPS=True))
    error = land.azure.refused(POOL, **land.pool("win", **WIN_2025))
    assert (error.code, error.target) == ("PropertyChangeNotAllowed", "agentPoolProfile.osSKU")
    assert land.azure.put(POOL, **land.pool("win", osType="Windows", enableFIPS=True))


def test_a_linux_pool_changes_its_image(land):
    land.make()
    land.azure.put(POOL, **land.pool(osSKU="Ubuntu"))
    assert land.azure.put(POOL, **land.pool(osSKU="AzureLinux")).outputs["osSKU"] == "AzureLinux"


def test_a_windows_server_2022_pool_blocks_the_upgrade_to_kubernetes_1_37(land):
    """Rule: windows_server_2022_pools_block_the_upgrade_to_kubernetes_1_37."""
    land.make(kubernetesVersion="1.36", windowsProfile=WINDOWS)
    old = land.azure.put(POOL, **land.pool("win", **WIN_2022))
    land.azure.put(POOL, **land.pool("win25", **WIN_2025))
    error = land.refused(kubernetesVersion="1.37", windowsProfile=WINDOWS)
    assert (error.code, error.target) == ("BadRequest", "kubernetesVersion")
    land.azure.cloud.delete(old.id)
    assert land.make(kubernetesVersion="1.37", windowsProfile=WINDOWS)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("1.35", "1.36", None),
        ("1.35", "1.35.1", None),
        ("1.35", "1.37", "OperationNotAllowed"),
        ("1.36", "1.35", "OperationNotAllowed"),
        ("1.37", "1.38", "K8sVersionNotSupported"),
    ],
)
def test_an_upgrade_goes_one_minor_version_at_a_time(land, old, new, code):
    land.make(kubernetesVersion=old)
    if code:
        assert land.refused(kubernetesVersion=new).code == code
    else:
        assert land.make(kubernetesVersion=new).outputs["kubernetesVersion"] == new


@pytest.mark.parametrize(
    ("version", "accepted"), [("1.36", True), ("1.35", True), ("1.34", True), ("1.37", False)]
)
def test_a_pool_is_not_newer_than_the_control_plane(land, version, accepted):
    land.make(kubernetesVersion="1.36")
    inputs = land.pool(orchestratorVersion=version)
    if accepted:
        assert land.azure.put(POOL, **inputs)
    else:
        assert land.azure.refused(POOL, **inputs).code == "NodePoolMcVersionIncompatible"


def test_a_version_in_its_last_month_is_advised_against(land):
    """Rule: retiring_versions_are_left_in_time."""
    warnings = land.warned(kubernetesVersion="1.34")
    assert any("Support for Kubernetes 1.34 ends in November 2026" in text for text in warnings)


CLUSTER_CHANGES = {
    "dnsPrefix": {"dnsPrefix": "other"},
    "nodeResourceGroup": {"nodeResourceGroup": "other"},
    "diskEncryptionSetID": {"diskEncryptionSetID": "two"},
    "networkProfile.serviceCidr": {"network": {"serviceCidr": "10.100.0.0/17"}},
    "networkProfile.dnsServiceIP": {"network": {"dnsServiceIP": "10.100.0.11"}},
    "windowsProfile.adminUsername": {"windowsProfile": {**WINDOWS, "adminUsername": "other"}},
    "apiServerAccessProfile.privateDNSZone": {
        "apiServerAccessProfile": {"enablePrivateCluster": True, "privateDNSZone": "none"}
    },
}
ELSEWHERE = {"location", "fqdnSubdomain", "apiServerAccessProfile.subnetId"}


@pytest.mark.parametrize("path", CLUSTER_CHANGES)
def test_a_cluster_keeps_what_it_was_created_with(land, path):
    start: dict[str, Any] = {"diskEncryptionSetID": "one", "nodeResourceGroup": "rg-nodes"}
    if path.startswith("apiServer"):
        start["apiServerAccessProfile"] = {"enablePrivateCluster": True, "privateDNSZone": "system"}
    land.make(**start)
    error = land.refused(**{**start, **CLUSTER_CHANGES[path]})
    assert (error.code, error.target) == ("PropertyChangeNotAllowed", path)


def test_every_fixed_property_of_a_cluster_is_tried():
    assert set(CLUSTER_IMMUTABLE) == set(CLUSTER_CHANGES) | ELSEWHERE


def test_a_region_written_otherwise_is_the_same_region(land):
    land.make()
    assert land.make(location="West Europe")
    land.azure.network("uk", "10.7.0.0/16", location="uksouth")
    assert land.refused(location="uksouth").code in ("PropertyChangeNotAllowed", "InvalidParameter")


POOL_VALUES = {
    "vmSize": ("Standard_D4ds_v5", "Standard_D8ds_v5"),
    "osType": ("Linux", "Windows"),
    "maxPods": (30, 60),
    "podIPAllocationMode": ("DynamicIndividual", "StaticBlock"),
    "osDiskSizeGB": (128, 256),
    "osDiskType": ("Managed", "Ephemeral"),
    "availabilityZones": (["1"], ["1", "2"]),
    "scaleSetPriority": ("Regular", "Spot"),
    "scaleSetEvictionPolicy": ("Delete", "Deallocate"),
    "enableFIPS": (False, True),
    "enableEncryptionAtHost": (False, True),
    "enableNodePublicIP": (False, True),
    "kubeletConfig": ({"podMaxPids": 100}, {"podMaxPids": 200}),
    "linuxOSConfig": ({"swapFileSizeMB": 1}, {"swapFileSizeMB": 2}),
    "proximityPlacementGroupID": ("one", "two"),
    "hostGroupID": ("one", "two"),
}


@pytest.mark.parametrize("key", POOL_VALUES)
def test_a_pool_keeps_what_it_was_created_with(land, key):
    land.make(windowsProfile=WINDOWS)
    old, new = POOL_VALUES[key]
    land.azure.put(POOL, **land.pool(**{key: old}))
    error = land.azure.refused(POOL, **land.pool(**{key: new}))
    assert (error.code, error.target) == ("PropertyChangeNotAllowed", f"agentPoolProfile.{key}")


@pytest.mark.parametrize("key", ["vnetSubnetID", "podSubnetID"])
def test_a_pool_keeps_its_subnets(land, key):
    subnets = [land.azure.subnet(name, f"10.0.{at}.0/22") for name, at in (("a", 32), ("b", 36))]
    land.make()
    land.azure.put(POOL, **land.pool(**{key: subnets[0].id}))
    error = land.azure.refused(POOL, **land.pool(**{key: subnets[1].id}))
    assert (error.code, error.target) == ("PropertyChangeNotAllowed", f"agentPoolProfile.{key}")


def test_every_fixed_property_of_a_pool_is_tried():
    assert set(POOL_IMMUTABLE) == {*POOL_VALUES, "vnetSubnetID", "podSubnetID"}


def test_the_pool_inside_the_cluster_is_fixed_too(land):
    land.make(pool={"maxPods": 60})
    error = land.refused(pool={"maxPods": 110})
    assert (error.code, error.target) == ("PropertyChangeNotAllowed", "agentPoolProfile.maxPods")


def test_a_pool_scales_and_is_relabelled(land):
    land.make()
    land.azure.put(POOL, **land.pool(count=2))
    changed = land.azure.put(POOL, **land.pool(count=5, nodeLabels={"a": "b"}))
    assert changed.outputs["count"] == 5


@pytest.mark.parametrize(
    ("before", "after", "accepted"),
    [
        ({}, {"enablePrivateCluster": True}, False),
        ({"enablePrivateCluster": True}, {}, False),
        ({"enableVnetIntegration": True}, {}, False),
        (
            {"enableVnetIntegration": True},
            {"enableVnetIntegration": True, "enablePrivateCluster": True},
            True,
        ),
    ],
)
def test_the_api_server_stays_where_it_is(land, before, after, accepted):
    """Rule: the_api_server_stays_where_it_is."""
    land.make(apiServerAccessProfile=before)
    if accepted:
        assert land.make(apiServerAccessProfile=after)
    else:
        error = land.refused(apiServerAccessProfile=after)
        assert error.code == "PropertyChangeNotAllowed"


def test_the_oidc_issuer_is_not_turned_off(land):
    land.make(oidcIssuerProfile={"enabled": True})
    error = land.refused(oidcIssuerProfile={"enabled": False})
    assert error.code == "OIDCIssuerCannotBeDisabled"


def test_a_managed_identity_does_not_give_way_to_a_service_principal(land):
    """Rule: a_cluster_does_not_go_back_to_a_service_principal."""
    land.make()
    land.azure.role(land.subnet.id, "6c0b3a2e-0000-4000-8000-00000000000b")
    application = {"clientId": "6c0b3a2e-0000-4000-8000-00000000000a", "secret": "s"}
    error = land.refused(identity=None, servicePrincipalProfile=application)
    assert (error.code, error.target) == (
        "PropertyChangeNotAllowed",
        "servicePrincipalProfile.clientId",
    )


@pytest.mark.parametrize("size", ["Standard_DS1_v2", "Standard_DS11-1_v2", "standard_f1s"])
def test_a_system_pool_of_one_vcpu_is_refused(land, size):
    """Rule: system_pools_have_two_vcpus."""
    assert land.refused(pool={"vmSize": size}).code == "SystemPoolSkuTooLow"
    land.make()
    assert land.azure.put(POOL, **land.pool(vmSize=size))


@pytest.mark.parametrize("size", ["Standard_D2ds_v5", "Standard_E8-2ds_v5", "Standard_DS2_v2"])
def test_a_system_pool_of_two_vcpus_is_advised_against(land, size):
    """Rule: system_pools_have_four_vcpus."""
    assert land.warned(pool={"vmSize": size}) == [
        "System pool 'system' should have a size with at least 4 vCPUs."
    ]


@pytest.mark.parametrize("size", ["Standard_D16ds_v5", "Standard_D4ds_v5", None])
def test_a_system_pool_may_be_larger_or_leave_its_size_to_aks(land, size):
    assert land.warned(pool={"vmSize": size}) == []


def test_local_dns_runs_on_linux(land):
    """Rule: local_dns_runs_on_linux."""
    land.make(windowsProfile=WINDOWS)
    required = {"localDNSProfile": {"mode": "Required"}}
    windows = {"osType": "Windows", "osSKU": "Windows2022"}
    error = land.azure.refused(POOL, **land.pool("win", **windows, **required))
    assert (error.code, error.target) == ("BadRequest", "agentPoolProfile.localDNSProfile")
    assert land.azure.put(POOL, **land.pool("apps", **required))


@pytest.mark.parametrize(
    ("size", "accepted"), [("Standard_D2ds_v5", False), ("Standard_D4ds_v5", True)]
)
def test_local_dns_needs_four_vcpus(land, size: str, *, accepted: bool):
    """Rule: local_dns_needs_four_vcpus."""
    land.make()
    given = land.pool(vmSize=size, localDNSProfile={"mode": "Required"})
    if accepted:
        made = land.azure.put(POOL, **given)
        assert made.outputs["localDNSProfile"] == {"mode": "Required", "state": "Enabled"}
    else:
        error = land.azure.refused(POOL, **given)
        assert (error.code, error.target) == ("BadRequest", "agentPoolProfile.localDNSProfile")


@pytest.mark.parametrize("mode", ["Preferred", "Disabled"])
def test_local_dns_that_is_not_required_is_off(land, mode: str):
    land.make()
    given = land.pool(vmSize="Standard_D2ds_v5", localDNSProfile={"mode": mode})
    assert land.azure.put(POOL, **given).outputs["localDNSProfile"]["state"] == "Disabled"
