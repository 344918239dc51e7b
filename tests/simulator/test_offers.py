"""What a region offers: regions, zones and machine sizes that do not exist are refused."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.azure.subscription import VARIABLE
from tests.simulator.aks import CLUSTER, POOL, Landscape
from tests.simulator.test_compute import INPUTS, MACHINE

ADDRESS: dict[str, Any] = {
    "publicIpAddressName": "pip",
    "sku": {"name": "Standard"},
    "publicIPAllocationMethod": "Static",
}


@pytest.fixture
def land(azure) -> Landscape:
    return Landscape(azure)


@pytest.fixture
def restrict(monkeypatch: pytest.MonkeyPatch):
    """Restrict a size of the simulated subscription."""

    def restrict(size: str, row: str) -> None:
        monkeypatch.setenv(VARIABLE, f"{{restrictions: {{{size}: {row}}}}}")

    return restrict


def test_a_group_is_in_a_region_that_exists(azure):
    """Rule: groups_are_in_a_region."""
    error = azure.refused("resources:ResourceGroup", resourceGroupName="rg", location="westeurop")
    assert (error.code, error.target) == ("LocationNotAvailableForResourceGroup", "location")
    assert "Available regions are westeurope" in error.message


@pytest.mark.parametrize("location", ["westeurop", "South Cental US", "global"])
def test_a_network_is_in_a_region_that_exists(azure, location):
    """Rule: resources_are_in_a_region."""
    space = {"addressPrefixes": ["10.0.0.0/16"]}
    network = {"virtualNetworkName": "vnet", "addressSpace": space}
    error = azure.refused("network:VirtualNetwork", **network, location=location)
    assert (error.code, error.target) == ("LocationNotAvailableForResourceType", "location")
    assert "Microsoft.Network/virtualNetworks" in error.message
    assert azure.put("network:VirtualNetwork", **network, location="West Europe")


def test_a_region_without_zones_has_none(azure):
    """Rule: zones_are_in_regions_that_have_them."""
    error = azure.refused(
        "network:PublicIPAddress", **ADDRESS, location="ukwest", zones=["1", "2", "3"]
    )
    assert (error.code, error.target) == ("LocationNotSupportAvailabilityZones", "zones")
    assert azure.put("network:PublicIPAddress", **ADDRESS, location="ukwest")


def test_a_region_has_three_zones(azure):
    """Rule: zones_exist."""
    error = azure.refused("network:PublicIPAddress", **ADDRESS, zones=["1", "4"])
    assert (error.code, error.target) == ("InvalidAvailabilityZone", "zones")
    assert "The zone(s) '4'" in error.message
    assert "are '1,2,3'" in error.message
    assert azure.put("network:PublicIPAddress", **ADDRESS, zones=["1", "2", "3"])


def test_a_machine_has_a_size_that_exists(azure):
    """Rule: machines_have_a_size_that_exists."""
    error = azure.refused(MACHINE, **{**INPUTS, "hardwareProfile": {"vmSize": "Standard_B2sx"}})
    assert (error.code, error.target) == ("InvalidParameter", "vmSize")
    assert "Standard_B2s," in error.message


@pytest.mark.parametrize("row", ["[westeurope]", '{westeurope: ["1"]}'])
def test_a_new_machine_has_a_size_that_the_subscription_may_use(azure, restrict, row):
    """Rule: machines_have_a_size_that_the_subscription_may_use."""
    restrict("Standard_B2s", row)
    error = azure.refused(MACHINE, **INPUTS)
    assert (error.status, error.code) == (409, "SkuNotAvailable")
    restrict("Standard_B2s", "[northeurope]")
    assert azure.put(MACHINE, **INPUTS)
    restrict("Standard_B2s", row)
    assert azure.put(MACHINE, **INPUTS, tags={"owner": "platform"})


def test_a_pool_has_a_size_that_exists(land):
    """Rule: pools_have_a_size_that_the_subscription_may_use."""
    error = land.refused(pool={"vmSize": "Standard_D4dz_v5"})
    assert (error.code, error.target) == ("BadRequest", "agentPoolProfile.vmSize")
    assert "AgentPoolProfile:system" in error.message
    assert "Standard_D4ds_v5" in error.message
    land.make(pool={"vmSize": "standard_d4ds_V5"})
    assert land.azure.refused(POOL, **land.pool(vmSize="Standard_D4dz_v5")).code == "BadRequest"


def test_a_pool_has_a_size_that_the_subscription_may_use(land, restrict):
    """Rule: pools_have_a_size_that_the_subscription_may_use."""
    restrict("Standard_D4ds_v5", "[westeurope]")
    assert "not allowed in your subscription" in land.refused().message
    restrict("Standard_D4ds_v5", "[northeurope]")
    land.make()
    restrict("Standard_D4ds_v5", "[westeurope]")
    assert land.azure.put(CLUSTER, **land.inputs(tags={"owner": "platform"}))


def test_a_pool_has_zones_of_its_size(land, restrict):
    """Rule: pools_have_zones_of_their_size."""
    zones = {"availabilityZones": ["1", "2"]}
    restrict("Standard_D4ds_v5", '{westeurope: ["2"]}')
    error = land.refused(pool=zones)
    assert (error.code, error.target) == (
        "AvailabilityZoneNotSupported",
        "agentPoolProfile.availabilityZone",
    )
    assert "The zone(s) '2' for resource 'system'" in error.message
    assert "are '1,3'" in error.message
    assert land.make(pool={"availabilityZones": ["1", "3"]})


def test_a_pool_without_a_size_has_zones_of_the_region(land):
    """Rule: pools_have_zones_of_their_size."""
    error = land.refused(pool={"vmSize": None, "availabilityZones": ["4"]})
    assert error.code == "AvailabilityZoneNotSupported"
