"""Application Gateway for Containers."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.landscape import ref

ASSOCIATION = "servicenetworking:AssociationsInterface"
DELEGATED = [{"name": "agc", "serviceName": "Microsoft.ServiceNetworking/trafficControllers"}]


@pytest.fixture(autouse=True)
def controller(azure) -> Any:
    azure.network()
    return azure.put("servicenetworking:TrafficControllerInterface", trafficControllerName="agc")


def association(subnet: Any, name: str = "one", **more: Any) -> dict[str, Any]:
    path = {"token": ASSOCIATION, "trafficControllerName": "agc", "associationName": name}
    return {**path, "associationType": "subnets", "subnet": ref(subnet), **more}


def test_an_association_to_a_subnet_that_is_not_delegated_is_refused(azure):
    error = azure.refused(**association(azure.subnet("s", "10.0.0.0/24")))
    assert "must be delegated" in error.message


def test_an_association_to_a_subnet_smaller_than_24_is_refused(azure):
    subnet = azure.subnet("s", "10.0.0.0/25", delegations=DELEGATED)
    assert "/24 or larger" in azure.refused(**association(subnet)).message


def test_an_association_in_another_region_is_refused(azure):
    subnet = azure.subnet("s", "10.0.0.0/24", delegations=DELEGATED)
    assert azure.refused(**association(subnet, location="northeurope")).target == "location"


def test_a_second_association_is_refused(azure):
    subnet = azure.subnet("s", "10.0.0.0/24", delegations=DELEGATED)
    made = azure.put(**association(subnet))
    other = azure.subnet("t", "10.0.1.0/24", delegations=DELEGATED)
    assert "already" in azure.refused(**association(other, "two")).message
    assert azure.delete_refused(subnet).code == "InUseSubnetCannotBeDeleted"
    azure.cloud.delete(made.id)
    azure.cloud.delete(subnet.id)
