"""Private endpoints: their network interfaces, addresses and names."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.store import Resource
from support.nested import items
from tests.simulator.aks import CLUSTER, Landscape
from tests.simulator.landscape import ref
from tests.simulator.subscription import Subscription

ENDPOINT, GROUP = "network:PrivateEndpoint", "network:PrivateDnsZoneGroup"
INTERFACE = "network:NetworkInterface"


@pytest.fixture
def inputs(azure: Subscription) -> dict[str, Any]:
    """An endpoint of a storage account in a subnet."""
    azure.network()
    subnet = azure.subnet("endpoints", "10.0.0.0/28")
    account = azure.put(
        "storage:StorageAccount",
        accountName="stshop",
        kind="StorageV2",
        sku={"name": "Standard_LRS"},
    )
    connection = {"name": "c", "privateLinkServiceId": account.id, "groupIds": ["blob"]}
    return {
        "privateEndpointName": "pep",
        "subnet": ref(subnet),
        "privateLinkServiceConnections": [connection],
    }


def interfaces(azure: Subscription) -> list[Resource]:
    return azure.cloud.store.of_type(INTERFACE)


def test_an_endpoint_has_an_interface_with_its_address(azure: Subscription, inputs: dict[str, Any]):
    made = azure.put(ENDPOINT, **inputs, customNetworkInterfaceName="nic-blob")
    (interface,) = interfaces(azure)
    assert made.outputs["networkInterfaces"] == [{"id": interface.id}]
    assert interface.name == "nic-blob"
    assert interface.outputs["privateEndpoint"] == {"id": made.id}
    (configuration,) = items(interface.outputs, "ipConfigurations")
    assert configuration["privateIPAddress"] == "10.0.0.4"
    azure.put(ENDPOINT, **inputs, customNetworkInterfaceName="nic-blob")
    assert interfaces(azure) == [interface]
    azure.put(ENDPOINT, **{**inputs, "privateEndpointName": "pep-2"})
    (other,) = (item for item in interfaces(azure) if item.id != interface.id)
    assert items(other.outputs, "ipConfigurations")[0]["privateIPAddress"] == "10.0.0.5"
    azure.cloud.delete(made.id)
    assert interfaces(azure) == [other]


def test_a_zone_group_takes_the_place_of_the_endpoints_names(
    azure: Subscription, inputs: dict[str, Any]
):
    made = azure.put(ENDPOINT, **inputs)
    names = [{"fqdn": "stshop.blob.core.windows.net", "ipAddresses": ["10.0.0.4"]}]
    assert made.outputs["customDnsConfigs"] == names
    zone = azure.put(
        "privatedns:PrivateZone",
        privateZoneName="privatelink.blob.core.windows.net",
        location="global",
    )
    group = azure.put(
        GROUP,
        privateEndpointName="pep",
        privateDnsZoneGroupName="default",
        privateDnsZoneConfigs=[{"name": "blob", "privateDnsZoneId": zone.id}],
    )

    def listed() -> Any:
        endpoint = azure.cloud.get(made.id)
        return endpoint.outputs["customDnsConfigs"] if endpoint else None

    assert listed() == []
    azure.put(ENDPOINT, **inputs, tags={"a": "b"})
    assert listed() == []
    azure.cloud.delete(group.id)
    assert listed() == names


@pytest.mark.parametrize(
    ("access", "expected"),
    [
        ({"enablePrivateCluster": True}, ["10.0.0.4"]),
        ({"enablePrivateCluster": False}, []),
        ({}, []),
    ],
)
def test_the_api_server_of_a_private_cluster_has_an_endpoint_among_the_nodes(
    azure: Subscription, access: dict[str, Any], expected: list[str]
):
    land = Landscape(azure)
    cluster = land.make(apiServerAccessProfile=access)
    land.azure.put(CLUSTER, **land.inputs(apiServerAccessProfile=access))
    endpoints = azure.cloud.store.of_type(ENDPOINT)
    assert [item.name for item in endpoints] == ["kube-apiserver"] * len(expected)
    addresses = [
        items(item.outputs, "ipConfigurations")[0]["privateIPAddress"] for item in interfaces(azure)
    ]
    assert addresses == expected
    azure.cloud.delete(cluster.id)
    assert (azure.cloud.store.of_type(ENDPOINT), interfaces(azure)) == ([], [])
