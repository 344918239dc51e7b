"""Public and private addresses, NAT gateways and route tables."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.landscape import hosted, interface, ref, zonal_address
from tests.simulator.subscription import Subscription

ADDRESS, NAT, ROUTE = "network:PublicIPAddress", "network:NatGateway", "network:Route"
TABLE = "network:RouteTable"


def standard(name: str = "pip", **more: Any) -> dict[str, Any]:
    sku = {"sku": {"name": "Standard"}, "publicIPAllocationMethod": "Static"}
    return {"token": ADDRESS, "publicIpAddressName": name, **sku, **more}


@pytest.mark.parametrize("sku", [{}, {"sku": {"name": "Basic"}}])
def test_a_basic_address_is_refused(azure, sku):
    error = azure.refused(ADDRESS, publicIpAddressName="pip", **sku)
    assert error.code == "IPv4BasicSkuPublicIpCountLimitReached"


def test_a_dns_label_that_is_taken_is_refused(azure):
    label = {"dnsSettings": {"domainNameLabel": "shop"}}
    made = azure.put(**standard("one", **label))
    assert made.outputs["dnsSettings"]["fqdn"] == "shop.westeurope.cloudapp.azure.com"
    assert azure.refused(**standard("two", **label)).code == "DnsRecordInUse"
    assert azure.put(**standard("two", location="northeurope", **label))


def test_zones_do_not_change(azure):
    zonal_address(azure)
    error = azure.refused(**standard(zones=["1"]))
    assert (error.code, error.target) == ("ResourceAvailabilityZonesCannotBeModified", "zones")


def nat(*addresses: Any, name: str = "ng", **more: Any) -> dict[str, Any]:
    ids = [ref(item) for item in addresses]
    given = {"sku": {"name": "Standard"}, "publicIpAddresses": ids}
    return {"token": NAT, "natGatewayName": name, **given, **more}


def test_an_address_that_another_resource_has_is_refused(azure):
    azure.network()
    address = azure.address()
    azure.put(**nat(address))
    subnet = azure.subnet("s", "10.0.0.0/24")
    for inputs in (nat(address, name="other"), interface(subnet, publicIPAddress=ref(address))):
        assert azure.refused(**inputs).code == "PublicIPAddressInUse"
    assert azure.put(**nat(address, tags={"written": "again"}))


def test_an_address_twice_in_one_resource_is_refused(azure):
    address = azure.address()
    assert azure.refused(**nat(address, address)).code == "PublicIPReferencedByMultipleIPConfigs"


def test_a_nat_gateway_with_17_addresses_is_refused(azure):
    addresses = [azure.address(f"pip-{number}") for number in range(17)]
    error = azure.refused(**nat(*addresses))
    assert error.message.startswith("17 addresses")
    assert azure.put(**nat(*addresses[:16]))


def test_the_addresses_of_a_prefix_count(azure):
    sku = {"sku": {"name": "Standard"}}
    prefix = azure.put("network:PublicIPPrefix", publicIpPrefixName="p", prefixLength=28, **sku)
    error = azure.refused(**nat(azure.address(), publicIpPrefixes=[ref(prefix)]))
    assert error.message.startswith("17 addresses")


def test_a_nat_gateway_in_several_zones_is_refused(azure):
    error = azure.refused(**nat(azure.address(), zones=["1", "2"]))
    assert (error.code, error.target) == ("BadRequest", "zones")


LATER = {"azureApiVersion": "2025-03-01"}
V2 = {"sku": {"name": "StandardV2"}, **LATER}


def v2_address(azure: Subscription, name: str = "v2", **more: Any) -> Any:
    given = {"publicIpAddressName": name, "publicIPAllocationMethod": "Static", **V2, **more}
    return azure.put(ADDRESS, **given)


def test_a_standard_v2_nat_gateway_is_in_all_zones_of_its_region(azure):
    assert azure.put(**nat(v2_address(azure), **V2)).outputs["zones"] == ["1", "2", "3"]
    other = v2_address(azure, "other", location="westus")
    made = azure.put(**nat(other, name="other", location="westus", **V2))
    assert not made.outputs.get("zones")


def test_standard_v2_is_unknown_to_the_default_api_version(azure):
    """Rule: a_sku_belongs_to_the_api_version."""
    old = {**V2, "azureApiVersion": "2024-05-01"}
    error = azure.refused(**nat(**old))
    assert (error.code, error.target) == ("InvalidRequestFormat", "sku.name")
    given = {"publicIpAddressName": "pip", "publicIPAllocationMethod": "Static", **old}
    assert azure.refused(ADDRESS, **given).code == "InvalidRequestFormat"


def test_a_nat_gateway_and_its_addresses_have_the_same_sku(azure):
    """Rule: a_nat_gateway_and_its_addresses_have_one_sku."""
    standard_address, v2 = azure.address(), v2_address(azure)
    for inputs in (nat(standard_address, **V2), nat(v2, **LATER)):
        error = azure.refused(**inputs)
        assert (error.code, error.target) == ("BadRequest", "publicIpAddresses")
    assert azure.put(**nat(v2, **V2))
    assert azure.put(**nat(standard_address, name="other"))


def test_a_nat_gateway_keeps_its_sku(azure):
    """Rule: a_nat_gateway_keeps_its_sku."""
    azure.put(**nat())
    error = azure.refused(**nat(**V2))
    assert (error.code, error.target) == ("BadRequest", "sku")
    assert azure.put(**nat(**LATER))


@pytest.mark.parametrize("region", ["canadaeast", "Qatar Central"])
def test_some_regions_have_no_standard_v2(azure, region: str):
    """Rule: standard_v2_is_not_in_every_region."""
    error = azure.refused(**nat(location=region, **V2))
    assert (error.code, error.target) == ("BadRequest", "sku")
    assert azure.put(**nat(location=region))


def test_a_standard_v2_address_is_static(azure):
    given = {"publicIpAddressName": "pip", "publicIPAllocationMethod": "Dynamic", **V2}
    assert azure.refused(ADDRESS, **given).code == "StandardSkuPublicIPAddressesMustBeStatic"


def test_a_subnet_moves_to_another_nat_gateway_before_the_first_one_is_deleted(azure):
    azure.network()
    first = azure.put(**nat(azure.address()))
    azure.subnet("s", "10.0.0.0/24", natGateway=ref(first))
    second = azure.put(**nat(v2_address(azure), name="v2", **V2))
    assert azure.delete_refused(first).code == "InUseNatGatewayCannotBeDeleted"
    azure.subnet("s", "10.0.0.0/24", natGateway=ref(second))
    azure.cloud.delete(first.id)


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("10.0.1.4", "PrivateIPAddressNotInSubnet"),
        ("10.0.0.3", "PrivateIPAddressInReservedRange"),
        ("10.0.0.255", "PrivateIPAddressInReservedRange"),
        ("10.0.0.4", "PrivateIPAddressIsAllocated"),
    ],
)
def test_a_private_address_that_cannot_be_had_is_refused(azure, address, code):
    azure.network()
    subnet = azure.subnet("s", "10.0.0.0/24")
    azure.put(**interface(subnet, "first"))
    chosen = {"privateIPAllocationMethod": "Static", "privateIPAddress": address}
    assert azure.refused(**interface(subnet, **chosen)).code == code


def test_a_static_address_that_is_not_named_is_refused(azure):
    azure.network()
    subnet = azure.subnet("s", "10.0.0.0/24")
    error = azure.refused(**interface(subnet, privateIPAllocationMethod="Static"))
    assert "Static and requires" in error.message


def test_a_second_ip_configuration_is_in_the_subnet_of_the_primary_one(azure):
    azure.network()
    given = interface(azure.subnet("s", "10.0.0.0/24"))
    first = {**given["ipConfigurations"][0], "primary": True}
    second = {"name": "more", "privateIPAddressPrefixLength": 28}
    assert azure.put(**{**given, "ipConfigurations": [first, second]})
    alone = {**given, "networkInterfaceName": "other", "ipConfigurations": [second]}
    error = azure.refused(**alone)
    assert (error.code, error.target) == ("SubnetIsRequired", "ipConfigurations")


def test_an_interface_without_a_subnet_is_refused(azure):
    inputs = {"networkInterfaceName": "nic", "ipConfigurations": [{"name": "c"}]}
    assert azure.refused("network:NetworkInterface", **inputs).code == "SubnetIsRequired"


def route(name: str, prefix: str = "0.0.0.0/0", hop: str = "Internet", **more: Any) -> Any:
    return {"name": name, "addressPrefix": prefix, "nextHopType": hop, **more}


@pytest.mark.parametrize(
    "wrong",
    [route("r", hop="VirtualAppliance"), route("r", nextHopIpAddress="10.0.0.4")],
)
def test_a_next_hop_address_is_for_an_appliance_and_needed_there(azure, wrong):
    assert "next hop address" in azure.refused(TABLE, routeTableName="rt", routes=[wrong]).message
    azure.put(TABLE, routeTableName="rt")
    settings = {key: value for key, value in wrong.items() if key != "name"}
    error = azure.refused(ROUTE, routeTableName="rt", routeName="r", **settings)
    assert error.code == "BadRequest"


def test_two_routes_for_one_prefix_are_refused(azure):
    azure.put(TABLE, routeTableName="rt", routes=[route("a")])
    settings = {"addressPrefix": "0.0.0.0/0", "nextHopType": "None"}
    error = azure.refused(ROUTE, routeTableName="rt", routeName="b", **settings)
    assert error.code == "RouteConflict"


def test_the_401st_route_of_a_table_is_refused(azure):
    routes = [route(f"r{n}", f"10.{n // 256}.{n % 256}.0/24") for n in range(401)]
    error = azure.refused(TABLE, routeTableName="rt", routes=routes)
    assert error.message.startswith("401 routes")


def test_a_table_written_without_routes_keeps_them_and_an_empty_list_takes_them(azure):
    azure.put(TABLE, routeTableName="rt", routes=[route("inside")])
    azure.put(
        ROUTE,
        routeTableName="rt",
        routeName="beside",
        addressPrefix="10.0.0.0/8",
        nextHopType="None",
    )
    kept = azure.put(TABLE, routeTableName="rt", tags={"t": "1"})
    assert {item["name"] for item in kept.outputs["routes"]} == {"inside", "beside"}
    azure.put(TABLE, routeTableName="rt", routes=[])
    assert azure.cloud.store.of_type(ROUTE) == []


def bastion(**more: Any) -> dict[str, Any]:
    given = {"sku": {"name": "Standard"}, **more}
    return {"token": "network:BastionHost", "bastionHostName": "bas", **given}


@pytest.fixture
def place(azure) -> list[dict[str, Any]]:
    """The ip configurations of a Bastion."""
    azure.network()
    return hosted(azure.subnet("AzureBastionSubnet", "10.0.0.0/26"), azure.address())


@pytest.mark.parametrize(
    ("feature", "sku", "least"),
    [
        ("enableTunneling", "Basic", "Standard"),
        ("enableIpConnect", "Basic", "Standard"),
        ("enableShareableLink", "Basic", "Standard"),
        ("enableFileCopy", "Basic", "Standard"),
        ("enableSessionRecording", "Standard", "Premium"),
        ("enablePrivateOnlyBastion", "Standard", "Premium"),
    ],
)
def test_a_bastion_has_the_features_of_its_sku_only(azure, place, feature, sku, least):
    inputs = bastion(ipConfigurations=place, **{feature: True})
    error = azure.refused(**{**inputs, "sku": {"name": sku}})
    assert (error.target, least in error.message) == (feature, True)
    assert azure.put(**{**inputs, "sku": {"name": least}})


def test_a_basic_bastion_has_two_instances(azure, place):
    inputs = bastion(ipConfigurations=place, scaleUnits=3)
    assert azure.refused(**{**inputs, "sku": {"name": "Basic"}}).target == "scaleUnits"
    assert azure.put(**inputs)


def test_a_bastion_without_a_sku_is_a_standard_one(azure, place):
    inputs = bastion(ipConfigurations=place, enableTunneling=True)
    del inputs["sku"]
    assert azure.put(**inputs).outputs["sku"] == {"name": "Standard"}
    assert azure.refused(
        **{**inputs, "sku": {"name": "Basic"}, "enableTunneling": False}
    ).target == ("sku")


def test_a_bastion_is_upgraded_but_not_downgraded(azure, place):
    azure.put(**bastion(ipConfigurations=place))
    azure.put(**bastion(ipConfigurations=place, sku={"name": "Premium"}))
    error = azure.refused(**bastion(ipConfigurations=place))
    assert (error.code, error.target) == ("BadRequest", "sku")


def test_a_bastion_without_a_subnet_is_refused(azure):
    error = azure.refused(**bastion())
    assert error.code == "BastionHostMustHaveAtleastOneHostIpConfiguration"


def test_a_bastion_without_a_public_address_is_private_only(azure, place):
    given = [{key: value for key, value in place[0].items() if key != "publicIPAddress"}]
    assert "public IP address" in azure.refused(**bastion(ipConfigurations=given)).message
    private = {"sku": {"name": "Premium"}, "enablePrivateOnlyBastion": True}
    assert azure.put(**bastion(ipConfigurations=given, **private))


def test_a_developer_bastion_names_its_network(azure):
    network = azure.network()
    error = azure.refused(**bastion(sku={"name": "Developer"}))
    assert error.code == "BastionHostVirtualNetworkNotFound"
    assert azure.put(**bastion(sku={"name": "Developer"}, virtualNetwork=ref(network)))


def test_a_second_bastion_in_a_network_is_refused(azure, place):
    azure.put(**bastion(ipConfigurations=place))
    again = [{**place[0], "publicIPAddress": ref(azure.address("pip-2"))}]
    error = azure.refused(**bastion(bastionHostName="bas-2", ipConfigurations=again))
    assert "already" in error.message


def endpoint(target: Any, subnet: Any, *groups: str, **more: Any) -> dict[str, Any]:
    connection = {"name": "c", "privateLinkServiceId": target.id, "groupIds": list(groups)}
    return {
        "token": "network:PrivateEndpoint",
        "privateEndpointName": "pep",
        "privateLinkServiceConnections": [connection],
        "subnet": ref(subnet),
        **more,
    }


@pytest.fixture
def vault(azure) -> Any:
    azure.network()
    properties = {"tenantId": azure.cloud.tenant, "sku": {"family": "A", "name": "standard"}}
    return azure.put("keyvault:Vault", vaultName="kv-test", properties=properties)


@pytest.mark.parametrize("groups", [(), ("blob",), ("vault", "vault")])
def test_an_endpoint_names_one_part_of_its_service(azure, vault, groups):
    subnet = azure.subnet("s", "10.0.0.0/24")
    error = azure.refused(**endpoint(vault, subnet, *groups))
    assert "must be one of vault" in error.message
    assert azure.put(**endpoint(vault, subnet, "vault"))


def test_an_endpoint_leads_somewhere_and_stands_somewhere(azure, vault):
    subnet = azure.subnet("s", "10.0.0.0/24")
    inputs = endpoint(vault, subnet, "vault")
    nowhere = {**inputs, "privateLinkServiceConnections": []}
    assert "one connection, not 0" in azure.refused(**nowhere).message
    homeless = {key: value for key, value in inputs.items() if key != "subnet"}
    assert azure.refused(**homeless).target == "subnet"


def test_an_endpoint_has_one_zone_group(azure, vault):
    azure.put(**endpoint(vault, azure.subnet("s", "10.0.0.0/24"), "vault"))
    zone = azure.put("privatedns:PrivateZone", privateZoneName="a.internal", location="global")
    inputs = {
        "privateEndpointName": "pep",
        "privateDnsZoneConfigs": [{"name": "z", "privateDnsZoneId": zone.id}],
    }
    azure.put("network:PrivateDnsZoneGroup", privateDnsZoneGroupName="one", **inputs)
    error = azure.refused("network:PrivateDnsZoneGroup", privateDnsZoneGroupName="two", **inputs)
    assert "already" in error.message
