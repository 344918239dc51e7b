"""Virtual networks, subnets, and the subnets that Azure keeps for one service."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.landscape import group, hosted, interface, peering, ref, vpn_gateway

SUBNET = "network:Subnet"


def subnet(name: str, prefix: str, **more: Any) -> dict[str, Any]:
    path = {"token": SUBNET, "virtualNetworkName": "vnet", "subnetName": name}
    return {**path, "addressPrefix": prefix, **more}


@pytest.mark.parametrize("prefix", ["169.254.1.0/24", "224.0.0.0/8", "168.63.129.0/24"])
def test_a_network_in_a_reserved_range_is_refused(azure, prefix):
    space = {"addressPrefixes": [prefix]}
    error = azure.refused("network:VirtualNetwork", virtualNetworkName="vnet", addressSpace=space)
    assert (error.code, error.target) == ("BadRequest", "addressSpace")


def test_protection_against_ddos_needs_a_plan(azure):
    network = {
        "token": "network:VirtualNetwork",
        "virtualNetworkName": "vnet",
        "addressSpace": {"addressPrefixes": ["10.0.0.0/16"]},
        "enableDdosProtection": True,
    }
    error = azure.refused(**network)
    assert (error.code, error.target) == ("BadRequest", "ddosProtectionPlan")
    plan = azure.put("network:DdosProtectionPlan", ddosProtectionPlanName="ddos")
    assert azure.put(**network, ddosProtectionPlan=ref(plan))
    assert "is in use by" in azure.delete_refused(plan).message
    missing = {"id": f"{plan.id}-none"}
    assert azure.refused(**network, ddosProtectionPlan=missing).code == "InvalidResourceReference"


@pytest.mark.parametrize("prefix", ["10.0.0.0/30", "10.0.0.0/32"])
def test_a_subnet_smaller_than_29_is_refused(azure, prefix):
    azure.network()
    assert azure.refused(**subnet("s", prefix)).code == "NetcfgInvalidSubnet"


def test_an_ipv6_subnet_is_64(azure):
    space = {"addressPrefixes": ["10.0.0.0/16", "fd00::/48"]}
    azure.put("network:VirtualNetwork", virtualNetworkName="vnet", addressSpace=space)
    assert azure.refused(**subnet("s", "fd00::/56")).code == "NetcfgInvalidSubnet"
    assert azure.put(**subnet("s", "fd00::/64"))


def delegation(service: str) -> list[dict[str, str]]:
    return [{"name": "d", "serviceName": service}]


def test_a_subnet_in_use_is_not_delegated(azure):
    azure.network()
    made = azure.subnet("s", "10.0.0.0/24")
    azure.put(**interface(made))
    error = azure.refused(
        **subnet("s", "10.0.0.0/24", delegations=delegation("Microsoft.Web/serverFarms"))
    )
    assert error.code == "SubnetDelegationsCannotChangeWhenSubnetUsedByResource"


def test_an_interface_in_a_delegated_subnet_is_refused(azure):
    azure.network()
    made = azure.subnet("s", "10.0.0.0/24", delegations=delegation("Microsoft.Web/serverFarms"))
    assert azure.refused(**interface(made)).code == "ResourceNotPermittedOnDelegatedSubnet"


def test_a_nat_gateway_in_two_networks_is_refused(azure):
    azure.network()
    azure.network("other", "10.1.0.0/16")
    nat = azure.put("network:NatGateway", natGatewayName="ng", sku={"name": "Standard"})
    azure.subnet("a", "10.1.0.0/24", "other", natGateway=ref(nat))
    error = azure.refused(**subnet("b", "10.0.0.0/24", natGateway=ref(nat)))
    assert error.code == "NatGatewayCannotBeUsedBySubnetsBelongingToDifferentVirtualNetworks"


def test_a_changed_default_outbound_access_warns_of_running_machines(azure):
    azure.network()
    made = azure.subnet("s", "10.0.0.0/24")
    azure.put(**interface(made))
    assert azure.subnet("s", "10.0.0.0/24", defaultOutboundAccess=False)
    assert "until they are stopped" in azure.cloud.warnings[0]


@pytest.mark.parametrize("kind", ["NetworkSecurityGroup", "RouteTable", "NatGateway"])
def test_what_a_subnet_refers_to_is_in_its_region(azure, kind):
    azure.network()
    name = kind[0].lower() + kind[1:]
    elsewhere = azure.put(
        f"network:{kind}",
        **{f"{name}Name": "x"},
        location="northeurope",
        **({"sku": {"name": "Standard"}} if kind == "NatGateway" else {}),
    )
    error = azure.refused(**subnet("s", "10.0.0.0/24", **{name: ref(elsewhere)}))
    assert error.code == "InvalidResourceReference"
    assert "northeurope" in error.message


def test_a_list_that_omits_a_subnet_in_use_is_refused_and_changes_nothing(azure):
    azure.network()
    azure.put(**interface(azure.subnet("used", "10.0.0.0/24")))
    azure.subnet("empty", "10.0.1.0/24")
    space = {"addressPrefixes": ["10.0.0.0/16"]}
    error = azure.refused(
        "network:VirtualNetwork",
        virtualNetworkName="vnet",
        addressSpace=space,
        subnets=[{"name": "new", "addressPrefix": "10.0.2.0/24"}],
        tags={"changed": "yes"},
    )
    assert error.code == "InUseSubnetCannotBeDeleted"
    left = [item.name for item in azure.cloud.store.of_type(SUBNET)]
    assert sorted(left) == ["empty", "used"]
    assert "tags" not in azure.cloud.store.of_type("network:VirtualNetwork")[0].inputs


def test_a_network_refused_for_a_subnet_is_not_there(azure):
    azure.refused(
        "network:VirtualNetwork",
        virtualNetworkName="vnet",
        addressSpace={"addressPrefixes": ["10.0.0.0/16"]},
        subnets=[
            {"name": "a", "addressPrefix": "10.0.0.0/24"},
            {"name": "b", "addressPrefix": "10.0.0.0/25"},
        ],
    )
    assert azure.cloud.store.of_type("network:VirtualNetwork", SUBNET) == []


def test_an_empty_list_deletes_all_subnets(azure):
    azure.network()
    azure.subnet("a", "10.0.0.0/24")
    azure.network(subnets=[])
    assert azure.cloud.store.of_type(SUBNET) == []


def test_subnets_of_a_list_may_take_the_place_of_those_it_omits(azure):
    azure.network(subnets=[{"name": "a", "addressPrefix": "10.0.0.0/24"}])
    azure.network(subnets=[{"name": "b", "addressPrefix": "10.0.0.0/23"}])
    assert [item.name for item in azure.cloud.store.of_type(SUBNET)] == ["b"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"networkSecurityGroup": "nsg"}, "NetworkSecurityGroupCannotBeAttachedToGatewaySubnet"),
        ({"natGateway": "ng"}, "BadRequest"),
    ],
)
def test_the_gateway_subnet_takes_neither_security_group_nor_nat(azure, changes, code):
    azure.network()
    made = {
        "nsg": group(azure),
        "ng": azure.put("network:NatGateway", natGatewayName="ng", sku={"name": "Standard"}),
    }
    given = {key: ref(made[value]) for key, value in changes.items()}
    assert azure.refused(**subnet("GatewaySubnet", "10.0.0.0/27", **given)).code == code


def table(azure: Any, hop: str = "VirtualAppliance") -> Any:
    address = {"nextHopIpAddress": "10.0.9.4"} if hop == "VirtualAppliance" else {}
    route = {"name": "default", "addressPrefix": "0.0.0.0/0", "nextHopType": hop, **address}
    return azure.put("network:RouteTable", routeTableName="rt", routes=[route])


def test_the_gateway_subnet_has_no_default_route_from_the_start(azure):
    azure.network()
    error = azure.refused(**subnet("GatewaySubnet", "10.0.0.0/27", routeTable=ref(table(azure))))
    assert error.code == "VirtualNetworkGatewaySubnetRouteTableCannotHaveDefaultRoute"


def test_the_gateway_subnet_gets_no_default_route_later(azure):
    azure.network()
    made = azure.put("network:RouteTable", routeTableName="rt")
    azure.subnet("GatewaySubnet", "10.0.0.0/27", routeTable=ref(made))
    error = azure.refused(
        "network:Route",
        routeTableName="rt",
        routeName="default",
        addressPrefix="0.0.0.0/0",
        nextHopType="Internet",
    )
    assert error.code == "VirtualNetworkGatewaySubnetRouteTableCannotHaveDefaultRoute"


@pytest.mark.parametrize("management", [True, False])
def test_a_firewalls_subnet_leads_to_the_internet_unless_it_is_managed_apart(azure, management):
    azure.network()
    given = {"routeTable": ref(table(azure))}
    first = azure.put(**subnet("AzureFirewallSubnet", "10.0.0.0/26", **given))
    second = azure.subnet("AzureFirewallManagementSubnet", "10.0.1.0/26")

    def configuration(name: str, place: Any) -> dict[str, Any]:
        return {"name": name, "subnet": ref(place), "publicIPAddress": ref(azure.address(name))}

    wanted = firewall(ipConfigurations=[configuration("one", first)])
    if management:
        assert azure.put(**wanted, managementIpConfiguration=configuration("two", second))
        return
    code = "AzureFirewallSubnetRouteTableMustHaveDefaultRouteToInternet"
    assert azure.refused(**wanted).code == code
    table(azure, "Internet")
    assert azure.put(**wanted)
    error = azure.refused("network:RouteTable", routeTableName="rt", routes=[])
    assert error.code == code


@pytest.mark.parametrize("server", ["", "dns.example.com", "10.0.0.4;10.0.0.5", "10.0.0.0/24"])
def test_a_dns_server_is_an_address(azure, server):
    space = {"addressPrefixes": ["10.0.0.0/16"]}
    given = {"virtualNetworkName": "vnet", "addressSpace": space}
    options = {"dhcpOptions": {"dnsServers": ["10.0.0.4", server]}}
    error = azure.refused("network:VirtualNetwork", **given, **options)
    assert (error.code, error.target) == ("NetcfgInvalidIPAddress", "dhcpOptions.dnsServers")
    servers = ["10.0.0.4", "2001:db8::1"]
    made = azure.put("network:VirtualNetwork", **given, dhcpOptions={"dnsServers": servers})
    assert made.outputs["dhcpOptions"] == {"dnsServers": servers}


def firewall(**more: Any) -> dict[str, Any]:
    sku = {"name": "AZFW_VNet", "tier": "Standard"}
    return {"token": "network:AzureFirewall", "azureFirewallName": "afw", "sku": sku, **more}


def bastion(**more: Any) -> dict[str, Any]:
    sku = {"name": "Standard"}
    return {"token": "network:BastionHost", "bastionHostName": "bas", "sku": sku, **more}


@pytest.mark.parametrize(
    ("host", "code"),
    [
        (bastion, "SubnetNameMustBeAzureBastionSubnet"),
        (firewall, "BadRequest"),
        (vpn_gateway, "InvalidResourceReference"),
    ],
)
def test_a_host_in_a_subnet_of_another_name_is_refused(azure, host, code):
    azure.network()
    made, address = azure.subnet("s", "10.0.0.0/26"), azure.address()
    inputs = (
        host(made, address) if host is vpn_gateway else host(ipConfigurations=hosted(made, address))
    )
    error = azure.refused(**inputs)
    assert error.code == code
    assert "must be named" in error.message


def test_a_firewall_in_a_subnet_smaller_than_26_is_refused(azure):
    azure.network()
    made = azure.subnet("AzureFirewallSubnet", "10.0.0.0/27")
    error = azure.refused(**firewall(ipConfigurations=hosted(made, azure.address())))
    assert "/26 or larger" in error.message


@pytest.mark.parametrize("name", ["AzureFirewallManagementSubnet", "other"])
def test_a_firewalls_management_subnet_has_its_name_and_size(azure, name):
    azure.network()
    made = azure.subnet("AzureFirewallSubnet", "10.0.0.0/26")
    management = azure.subnet(name, "10.0.1.0/27")
    inputs = firewall(
        ipConfigurations=hosted(made, azure.address()),
        managementIpConfiguration=hosted(management, azure.address("pip-2"))[0],
    )
    error = azure.refused(**inputs)
    assert ("must be named" if name == "other" else "/26 or larger") in error.message


@pytest.mark.parametrize(
    "name",
    ["AzureBastionSubnet", "AzureFirewallSubnet", "GatewaySubnet", "AzureFirewallManagementSubnet"],
)
def test_a_machine_in_a_reserved_subnet_is_refused(azure, name):
    azure.network()
    error = azure.refused(**interface(azure.subnet(name, "10.0.0.0/26")))
    assert error.code == "SubnetWithExternalResourcesCannotBeUsedByOtherResources"


def test_a_peered_network_may_not_grow_into_its_peer(azure):
    azure.network("one", "10.0.0.0/16")
    two = azure.network("two", "10.1.0.0/16")
    peering(azure, "one", two)
    for name, prefix in (("one", "10.1.128.0/17"), ("two", "10.0.0.0/17")):
        space = {"addressPrefixes": ["10.9.0.0/16", prefix]}
        error = azure.refused("network:VirtualNetwork", virtualNetworkName=name, addressSpace=space)
        assert error.code == "VnetAddressSpacesOverlap"
