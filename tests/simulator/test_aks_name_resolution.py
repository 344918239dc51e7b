"""A cluster whose network has DNS servers of its own: who answers nodes, and what it resolves."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.errors import AzureError
from simulator.store import Resource
from tests.simulator.aks import POOL, Landscape
from tests.simulator.conftest import Subscription
from tests.simulator.landscape import hosted, peering, ref

SERVER = "10.9.0.4"
ZONE = "privatelink.westeurope.azmk8s.io"


@pytest.fixture
def land(azure: Subscription) -> Landscape:
    """A network that asks a server in a network that does not exist yet."""
    made = Landscape(azure)
    asks(azure, SERVER)
    return made


def asks(azure: Subscription, *servers: str) -> None:
    azure.put(
        "network:VirtualNetwork",
        virtualNetworkName="vnet",
        addressSpace={"addressPrefixes": ["10.0.0.0/16"]},
        dhcpOptions={"dnsServers": list(servers)},
    )


def connected(azure: Subscription, subnet: str = "dns", **more: Any) -> tuple[Resource, Resource]:
    """The hub with the server's subnet, peered with the network of the nodes on both sides."""
    hub = azure.network("hub", "10.9.0.0/16")
    place = azure.subnet(subnet, "10.9.0.0/24", "hub", **more)
    (own,) = [item for item in azure.cloud.store.of_type(hub.token) if item.name == "vnet"]
    peering(azure, "vnet", hub)
    peering(azure, "hub", own)
    return hub, place


def unanswered(land: Landscape) -> str:
    error = land.refused()
    assert error.code == "VMExtensionProvisioningError"
    assert "OutboundConnFailVMExtensionError" in error.message
    return error.message


def test_a_server_in_no_known_network_does_not_answer(land):
    assert "no known network contains it, and no gateway leads out" in unanswered(land)


def test_a_server_behind_a_peering_answers_once_both_sides_exist(land, azure):
    hub = azure.network("hub", "10.9.0.0/16")
    assert "is not peered with" in unanswered(land)
    peering(azure, "vnet", hub)
    assert "is Initiated and not Connected" in unanswered(land)
    (own,) = [item for item in azure.cloud.store.of_type(hub.token) if item.name == "vnet"]
    peering(azure, "hub", own)
    assert land.make()


def test_one_server_that_answers_is_enough(land, azure):
    asks(azure, SERVER, "10.0.255.4")
    assert land.make()


def test_a_further_pool_asks_the_servers_too(azure):
    made = Landscape(azure)
    made.make()
    asks(azure, SERVER)
    assert azure.refused(POOL, **made.pool()).code == "VMExtensionProvisioningError"


def test_a_server_on_premises_may_answer_behind_a_gateway_or_an_appliance(land, azure):
    route = {"name": "default", "addressPrefix": "0.0.0.0/0", "nextHopType": "VirtualAppliance"}
    routes = [{**route, "nextHopIpAddress": "10.0.255.4"}]
    table = azure.put("network:RouteTable", routeTableName="rt", routes=routes)
    azure.subnet("nodes", "10.0.0.0/20", routeTable=ref(table))
    assert land.make(network={"outboundType": "userDefinedRouting"})


def proxy(azure: Subscription, subnet: Resource, *, enabled: bool) -> None:
    settings = {"sku": {"tier": "Standard"}, "dnsSettings": {"enableProxy": enabled}}
    policy = azure.put("network:FirewallPolicy", firewallPolicyName="afwp", **settings)
    azure.put(
        "network:AzureFirewall",
        azureFirewallName="afw",
        sku={"name": "AZFW_VNet", "tier": "Standard"},
        firewallPolicy=ref(policy),
        ipConfigurations=hosted(subnet, azure.address("pip-afw")),
    )


def test_a_firewall_answers_with_its_dns_proxy(land, azure):
    _, subnet = connected(azure, "AzureFirewallSubnet")
    assert "contains no firewall" in unanswered(land)
    proxy(azure, subnet, enabled=False)
    assert "has no DNS proxy" in unanswered(land)
    proxy(azure, subnet, enabled=True)
    assert land.make()


def test_a_resolver_answers_at_the_address_of_its_endpoint(land, azure):
    delegation = {"name": "dnsResolvers", "serviceName": "Microsoft.Network/dnsResolvers"}
    hub, subnet = connected(azure, delegations=[delegation])
    assert "contains no inbound endpoint with this address" in unanswered(land)
    resolver = {"dnsResolverName": "dnspr", "virtualNetwork": ref(hub)}
    azure.put("dnsresolver:DnsResolver", **resolver)
    azure.put(
        "dnsresolver:InboundEndpoint",
        dnsResolverName="dnspr",
        inboundEndpointName="in",
        ipConfigurations=[{"subnet": ref(subnet), "privateIpAddress": SERVER}],
    )
    assert land.make()


def private(**access: Any) -> dict[str, Any]:
    profile = {"enablePrivateCluster": True, "enablePrivateClusterPublicFQDN": False, **access}
    return {"apiServerAccessProfile": profile}


def unresolved(land: Landscape, **access: Any) -> AzureError:
    error = land.refused(**private(**access))
    assert error.code == "VMExtensionProvisioningError"
    assert "VMExtensionError_K8SAPIServerDNSLookupFail" in error.message
    assert "exit status=52" in error.message
    return error


def test_the_zone_that_aks_makes_resolves_in_the_nodes_network_only(land, azure):
    hub, _ = connected(azure)
    assert hub.id in unresolved(land).message
    asks(azure, "10.0.255.4")
    assert land.make(**private())


def test_a_custom_zone_is_linked_to_the_network_of_the_servers(land, azure):
    hub, _ = connected(azure)
    zone = azure.put("privatedns:PrivateZone", privateZoneName=ZONE, location="global")
    land.grant(zone.id, role="b12aa53e-6015-4669-85d0-8515ebb3ae7f")
    unresolved(land, privateDNSZone=zone.id)
    azure.put(
        "privatedns:VirtualNetworkLink",
        privateZoneName=ZONE,
        virtualNetworkLinkName="hub",
        location="global",
        registrationEnabled=False,
        virtualNetwork=ref(hub),
    )
    assert land.make(**private(privateDNSZone=zone.id))


@pytest.mark.parametrize(
    "access",
    [{"privateDNSZone": "none", "enablePrivateClusterPublicFQDN": True},
     {"enablePrivateClusterPublicFQDN": True}],
    ids=str,
)  # fmt: skip
def test_a_public_name_needs_no_link(land, azure, access):
    connected(azure)
    assert land.make(**private(**access))


def test_a_server_that_is_not_known_here_may_forward(land, azure):
    hub, _ = connected(azure)
    peering(azure, "vnet", hub, useRemoteGateways=False)
    asks(azure, "10.9.0.9", SERVER)
    assert "10.9.0.9 is in" in unresolved(land).message


def test_a_private_cluster_with_kubenet_a_table_and_custom_servers_is_refused(azure):
    table = azure.put("network:RouteTable", routeTableName="rt")
    land = Landscape(azure, routeTable=ref(table))
    land.grant(table.id)
    network = {"networkPlugin": "kubenet", "networkPluginMode": None}
    asks(azure, "10.0.255.4")
    error = land.refused(network=network, **private())
    assert error.code == "BadRequest"
    assert "has custom DNS servers" in error.message
    azure.put(
        "network:VirtualNetwork",
        virtualNetworkName="vnet",
        addressSpace={"addressPrefixes": ["10.0.0.0/16"]},
    )
    assert land.make(network=network, **private())
