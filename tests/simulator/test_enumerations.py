"""Values outside enumerations: which services refuse them, and with which code."""

from __future__ import annotations

import pytest

from tests.simulator.aks import POOL, Landscape


@pytest.fixture
def land(azure) -> Landscape:
    return Landscape(azure)


def test_a_network_resource_with_a_value_that_its_api_does_not_have_is_refused(azure):
    """Rule: network_knows_the_values."""
    error = azure.refused(
        "network:PublicIPAddress",
        publicIpAddressName="pip",
        sku={"name": "Standard"},
        publicIPAllocationMethod="Sometimes",
    )
    assert (error.code, error.target) == ("InvalidRequestFormat", "publicIPAllocationMethod")
    assert "is not one of: Static, Dynamic" in error.message


def test_a_cluster_with_a_value_that_its_api_does_not_have_is_refused(land):
    """Rule: containerservice_knows_the_values."""
    error = land.refused(network={"networkPolicy": "flannel"})
    assert (error.code, error.target) == ("BadRequest", "networkProfile.networkPolicy")
    assert "is not one of: none, calico, azure, cilium" in error.message


def test_a_pool_with_a_value_that_its_api_does_not_have_is_refused(land):
    """Rule: containerservice_knows_the_values."""
    land.make()
    error = land.azure.refused(POOL, **land.pool(osType="Solaris"))
    assert (error.code, error.target) == ("BadRequest", "osType")


def test_enum_values_are_compared_without_case(land):
    assert land.make(network={"networkPlugin": "Azure", "networkPluginMode": "Overlay"})


def test_other_services_leave_extensible_enumerations_open(azure):
    size = {"vmSize": "Standard_D2ads_v7"}
    machine = azure.put(
        "compute:VirtualMachine", vmName="vm", hardwareProfile=size, licenseType="New"
    )
    assert machine.outputs["hardwareProfile"] == size


def test_a_value_outside_a_closed_enumeration_is_refused(land):
    error = land.refused(identity={"type": "Own"})
    assert (error.code, error.target) == ("InvalidRequestContent", "identity.type")


@pytest.mark.parametrize(
    ("sku", "target", "present"),
    [
        ({"name": "Basic", "tier": "Free"}, "sku.name", "Base"),
        ({"name": "Base", "tier": "Paid"}, "sku.tier", "Standard"),
    ],
)
def test_the_former_names_of_skus_are_refused(land, sku, target, present):
    error = land.refused(sku=sku)
    assert (error.code, error.target) == ("SkuNotAvailable", target)
    assert f"'{present}'" in error.message


def test_an_unknown_property_never_reaches_azure(land):
    assert land.make(podCIDR="10.0.0.0/8", network={"podCIDR": "10.0.0.0/8"})
