"""A cluster whose egress goes through an appliance or a firewall."""

from __future__ import annotations

import pytest

from simulator.errors import AzureError
from simulator.store import Resource
from tests.simulator.aks import Landscape
from tests.simulator.landscape import firewall, hosted, peering, ref
from tests.simulator.subscription import Subscription

HOP = "10.9.0.4"
NETWORK = {"outboundType": "userDefinedRouting"}


@pytest.fixture
def land(azure: Subscription) -> Landscape:
    """The default route leads to an address that no network here holds yet."""
    route = {"name": "default", "addressPrefix": "0.0.0.0/0", "nextHopType": "VirtualAppliance"}
    routes = [{**route, "nextHopIpAddress": HOP}]
    table = azure.put("network:RouteTable", routeTableName="rt", routes=routes)
    return Landscape(azure, routeTable=ref(table))


def hub(azure: Subscription, subnet: str = "appliances") -> tuple[Resource, Resource]:
    """A network that holds the address, in this subnet."""
    network = azure.network("hub", "10.9.0.0/16")
    return network, azure.subnet(subnet, "10.9.0.0/24", "hub")


def firewall_with_policy(azure: Subscription, subnet: Resource) -> Resource:
    """The policy of a new firewall, without any rule."""
    policy = azure.put("network:FirewallPolicy", firewallPolicyName="afwp")
    firewall(azure, subnet, policy)
    return policy


def back(azure: Subscription) -> Resource:
    """The hub's side of the peering."""
    (network,) = [
        item for item in azure.cloud.store.of_type("network:VirtualNetwork") if item.name == "vnet"
    ]
    return peering(azure, "hub", network)


def cut_off(land: Landscape) -> AzureError:
    error = land.refused(network=NETWORK)
    assert error.code == "VMExtensionProvisioningError"
    assert "OutboundConnFailVMExtensionError" in error.message
    return error


def test_an_appliance_in_no_network_is_out_of_reach(land):
    assert "no network that is peered with" in cut_off(land).message


def test_an_appliance_in_the_nodes_network_is_reached(land, azure):
    route = {"name": "default", "addressPrefix": "0.0.0.0/0", "nextHopType": "VirtualAppliance"}
    routes = [{**route, "nextHopIpAddress": "10.0.255.4"}]
    azure.put("network:RouteTable", routeTableName="rt", routes=routes)
    assert land.make(network=NETWORK)


def test_an_appliance_in_a_network_that_is_not_peered_is_out_of_reach(land, azure):
    network, _ = hub(azure)
    assert f"{network.id}, which contains the address, is not peered" in cut_off(land).message
    peering(azure, "vnet", network)
    assert "is Initiated and not Connected" in cut_off(land).message
    back(azure)
    assert land.make(network=NETWORK)


def test_a_firewall_is_there_with_its_rules_before_nodes_start(land, azure):
    network, subnet = hub(azure, "AzureFirewallSubnet")
    peering(azure, "vnet", network)
    back(azure)
    assert "contains no firewall" in cut_off(land).message
    firewall_with_policy(azure, subnet)
    assert "has no rules" in cut_off(land).message
    azure.put(
        "network:FirewallPolicyRuleCollectionGroup",
        firewallPolicyName="afwp",
        ruleCollectionGroupName="aks",
        priority=200,
    )
    assert land.make(network=NETWORK)


def test_rules_in_the_firewall_itself_count(land, azure):
    network, subnet = hub(azure, "AzureFirewallSubnet")
    peering(azure, "vnet", network)
    back(azure)
    azure.put(
        "network:AzureFirewall",
        azureFirewallName="afw",
        sku={"name": "AZFW_VNet", "tier": "Standard"},
        networkRuleCollections=[{"name": "aks", "priority": 200}],
        ipConfigurations=hosted(subnet, azure.address("pip-afw")),
    )
    assert land.make(network=NETWORK)


def test_a_further_pool_needs_outbound_connectivity_too(land, azure):
    network, _ = hub(azure)
    peering(azure, "vnet", network)
    other_side = back(azure)
    land.make(network=NETWORK)
    azure.cloud.delete(other_side.id)
    error = azure.refused("containerservice:AgentPool", **land.pool())
    assert error.code == "VMExtensionProvisioningError"


def test_another_outbound_type_needs_no_appliance(land, azure):
    hub(azure)
    assert land.make()
