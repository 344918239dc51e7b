"""Each rule is shown to refuse; its code is Azure's."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("prefix", "code"),
    [("10.0.0.0/33", "InvalidAddressPrefixFormat"), ("10.0.0.1/16", "InvalidCIDRNotation")],
)
def test_a_prefix_that_is_no_cidr_block_is_refused(azure, prefix, code):
    space = {"addressPrefixes": [prefix]}
    error = azure.refused("network:VirtualNetwork", virtualNetworkName="vnet", addressSpace=space)
    assert error.code == code


def test_a_subnet_outside_its_network_is_refused(azure):
    azure.network()
    error = azure.refused(
        "network:Subnet", virtualNetworkName="vnet", subnetName="s", addressPrefix="10.1.0.0/24"
    )
    assert error.code == "NetcfgSubnetRangeOutsideVnet"


def test_overlapping_subnets_are_refused(azure):
    azure.network()
    azure.subnet("a", "10.0.0.0/24")
    error = azure.refused(
        "network:Subnet", virtualNetworkName="vnet", subnetName="b", addressPrefix="10.0.0.128/25"
    )
    assert error.code == "NetcfgSubnetRangesOverlap"


def test_a_network_that_no_longer_holds_its_subnet_is_refused(azure):
    azure.network()
    azure.subnet("a", "10.0.0.0/24")
    space = {"addressPrefixes": ["10.9.0.0/16"]}
    error = azure.refused("network:VirtualNetwork", virtualNetworkName="vnet", addressSpace=space)
    assert error.code == "NetcfgSubnetRangeOutsideVnet"


def test_a_subnet_in_use_does_not_grow(azure):
    attached(azure, "Subnet")
    path = {"virtualNetworkName": "vnet", "subnetName": "s"}
    error = azure.refused("network:Subnet", addressPrefix="10.0.0.0/23", **path)
    assert error.code == "InUsePrefixCannotBeDeleted"


def test_an_empty_subnet_grows(azure):
    azure.network()
    azure.subnet("s", "10.0.0.0/24")
    assert azure.subnet("s", "10.0.0.0/23").outputs["addressPrefix"] == "10.0.0.0/23"


def test_a_bastion_in_a_subnet_smaller_than_26_is_refused(azure):
    azure.network()
    subnet = azure.subnet("AzureBastionSubnet", "10.0.0.0/27")
    configuration = {
        "name": "c",
        "subnet": {"id": subnet.id},
        "publicIPAddress": {"id": azure.address().id},
    }
    error = azure.refused(
        "network:BastionHost",
        bastionHostName="bas",
        sku={"name": "Standard"},
        ipConfigurations=[configuration],
    )
    assert error.code == "BadRequest"
    assert "/26 or larger" in error.message


def test_a_route_table_on_the_bastion_subnet_is_refused(azure):
    azure.network()
    table = azure.put("network:RouteTable", routeTableName="rt")
    error = azure.refused(
        "network:Subnet",
        virtualNetworkName="vnet",
        subnetName="AzureBastionSubnet",
        addressPrefix="10.0.0.0/26",
        routeTable={"id": table.id},
    )
    assert error.code == "RouteTableCannotBeAttachedForAzureBastionSubnet"


def security_rule(name: str, priority: int, direction: str = "Inbound") -> dict[str, object]:
    return {
        "name": name,
        "priority": priority,
        "direction": direction,
        "access": "Allow",
        "protocol": "Tcp",
    }


@pytest.mark.parametrize(
    ("rules", "code"),
    [
        ([security_rule("a", 99)], "SecurityRuleInvalidPriority"),
        ([security_rule("a", 4097)], "SecurityRuleInvalidPriority"),
        ([security_rule("a", 100), security_rule("b", 100)], "SecurityRuleConflict"),
        ([security_rule("DenyAllInBound", 4096)], "SecurityRuleConflict"),
    ],
)
def test_security_rules_that_conflict_are_refused(azure, rules, code):
    error = azure.refused(
        "network:NetworkSecurityGroup", networkSecurityGroupName="nsg", securityRules=rules
    )
    assert error.code == code


def test_one_priority_serves_both_directions(azure):
    rules = [security_rule("a", 100), security_rule("b", 100, "Outbound")]
    assert azure.put(
        "network:NetworkSecurityGroup", networkSecurityGroupName="nsg", securityRules=rules
    )


def test_a_dynamic_standard_address_is_refused(azure):
    error = azure.refused(
        "network:PublicIPAddress",
        publicIpAddressName="pip",
        sku={"name": "Standard"},
        publicIPAllocationMethod="Dynamic",
    )
    assert error.code == "StandardSkuPublicIPAddressesMustBeStatic"


def attached(azure, kind: str):
    """A resource of a kind, and what holds it."""
    azure.network()
    if kind == "Subnet":
        subnet = azure.subnet("s", "10.0.0.0/24")
        configuration = {"name": "c", "subnet": {"id": subnet.id}}
        azure.put(
            "network:NetworkInterface",
            networkInterfaceName="nic",
            ipConfigurations=[configuration],
        )
        return subnet
    if kind == "NetworkSecurityGroup":
        held = azure.put("network:NetworkSecurityGroup", networkSecurityGroupName="nsg")
        azure.subnet("s", "10.0.0.0/24", networkSecurityGroup={"id": held.id})
    elif kind == "RouteTable":
        held = azure.put("network:RouteTable", routeTableName="rt")
        azure.subnet("s", "10.0.0.0/24", routeTable={"id": held.id})
    elif kind == "FirewallPolicy":
        held = azure.put(f"network:{kind}", firewallPolicyName="afwp")
        subnet = azure.subnet("AzureFirewallSubnet", "10.0.0.0/26")
        place = {"subnet": {"id": subnet.id}, "publicIPAddress": {"id": azure.address().id}}
        azure.put(
            "network:AzureFirewall",
            azureFirewallName="afw",
            firewallPolicy={"id": held.id},
            ipConfigurations=[{"name": "c", **place}],
        )
    elif kind == "NetworkInterface":
        configuration = {"name": "c", "subnet": {"id": azure.subnet("s", "10.0.0.0/24").id}}
        held = azure.put(
            f"network:{kind}", networkInterfaceName="nic", ipConfigurations=[configuration]
        )
        azure.put(
            "compute:VirtualMachine",
            vmName="vm",
            networkProfile={"networkInterfaces": [{"id": held.id}]},
        )
    else:
        address = azure.address()
        nat = azure.put(
            "network:NatGateway",
            natGatewayName="ng",
            sku={"name": "Standard"},
            publicIpAddresses=[{"id": address.id}],
        )
        azure.subnet("s", "10.0.0.0/24", natGateway={"id": nat.id})
        held = address if kind == "PublicIPAddress" else nat
    return held


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("Subnet", "InUseSubnetCannotBeDeleted"),
        ("NetworkSecurityGroup", "InUseNetworkSecurityGroupCannotBeDeleted"),
        ("RouteTable", "InUseRouteTableCannotBeDeleted"),
        ("NatGateway", "InUseNatGatewayCannotBeDeleted"),
        ("PublicIPAddress", "PublicIPAddressCannotBeDeleted"),
        ("FirewallPolicy", "BadRequest"),
        ("NetworkInterface", "NicInUse"),
    ],
)
def test_what_is_in_use_is_not_deleted(azure, kind, code):
    assert azure.delete_refused(attached(azure, kind)).code == code


def test_a_network_with_a_subnet_in_use_is_not_deleted(azure):
    attached(azure, "Subnet")
    network = azure.cloud.store.of_type("network:VirtualNetwork")[0]
    assert azure.delete_refused(network).code == "InUseSubnetCannotBeDeleted"


def peer(azure, name: str, here: str, there):
    return azure.put(
        "network:VirtualNetworkPeering",
        virtualNetworkName=here,
        virtualNetworkPeeringName=name,
        remoteVirtualNetwork={"id": there.id},
    )


def test_a_peering_is_initiated_then_connected_then_disconnected(azure):
    one, two = azure.network("one", "10.0.0.0/16"), azure.network("two", "10.1.0.0/16")
    first = peer(azure, "to-two", "one", two)
    assert first.outputs["peeringState"] == "Initiated"
    second = peer(azure, "to-one", "two", one)
    assert second.outputs["peeringState"] == "Connected"
    assert azure.cloud.get(first.id).outputs["peeringState"] == "Connected"
    azure.cloud.delete(second.id)
    assert azure.cloud.get(first.id).outputs["peeringState"] == "Disconnected"
    error = azure.refused(
        "network:VirtualNetworkPeering",
        virtualNetworkName="two",
        virtualNetworkPeeringName="to-one",
        remoteVirtualNetwork={"id": one.id},
    )
    assert error.code == "RemotePeeringIsDisconnected"


def test_a_peering_loses_its_other_side_with_the_other_network(azure):
    one, two = azure.network("one", "10.0.0.0/16"), azure.network("two", "10.1.0.0/16")
    first = peer(azure, "to-two", "one", two)
    peer(azure, "to-one", "two", one)
    azure.cloud.delete(two.id)
    assert azure.cloud.get(first.id).outputs["peeringState"] == "Disconnected"


def test_overlapping_networks_are_not_peered(azure):
    azure.network("one", "10.0.0.0/16")
    two = azure.network("two", "10.0.128.0/17")
    error = azure.refused(
        "network:VirtualNetworkPeering",
        virtualNetworkName="one",
        virtualNetworkPeeringName="p",
        remoteVirtualNetwork={"id": two.id},
    )
    assert error.code == "VnetAddressSpacesOverlap"


def test_a_cluster_whose_identity_may_not_join_the_subnet_is_refused(azure):
    azure.network()
    subnet, identity = azure.subnet("nodes", "10.0.0.0/20"), azure.identity()
    inputs = azure.cluster_inputs(subnet, identity)
    error = azure.refused("containerservice:ManagedCluster", **inputs)
    assert (error.status, error.code) == (403, "LinkedAuthorizationFailed")
    azure.role(subnet.id, identity.outputs["principalId"])
    assert azure.put("containerservice:ManagedCluster", **inputs)


def test_a_role_above_the_subnet_counts_and_one_beside_it_does_not(azure):
    azure.network()
    subnet, other = azure.subnet("nodes", "10.0.0.0/20"), azure.subnet("nodes-2", "10.0.16.0/20")
    identity = azure.identity()
    inputs = azure.cluster_inputs(subnet, identity)
    azure.role(other.id, identity.outputs["principalId"])
    assert azure.refused("containerservice:ManagedCluster", **inputs).code == (
        "LinkedAuthorizationFailed"
    )
    azure.role(subnet.id.rpartition("/subnets/")[0], identity.outputs["principalId"])
    assert azure.put("containerservice:ManagedCluster", **inputs)


@pytest.mark.parametrize(
    ("actions", "allowed"),
    [
        (["Microsoft.Network/virtualNetworks/subnets/join/action"], True),
        (["Microsoft.Network/virtualNetworks/subnets/read"], False),
    ],
)
def test_a_custom_role_counts_by_its_actions(azure, actions, allowed):
    azure.network()
    subnet, identity = azure.subnet("nodes", "10.0.0.0/20"), azure.identity()
    name = "aaaaaaaa-0000-4000-8000-000000000001"
    azure.put(
        "authorization:RoleDefinition",
        scope=f"/subscriptions/{azure.cloud.subscription}",
        roleDefinitionId=name,
        roleName="join",
        permissions=[{"actions": actions}],
    )
    azure.role(subnet.id, identity.outputs["principalId"], name)
    inputs = azure.cluster_inputs(subnet, identity)
    if allowed:
        assert azure.put("containerservice:ManagedCluster", **inputs)
    else:
        assert azure.refused("containerservice:ManagedCluster", **inputs).code == (
            "LinkedAuthorizationFailed"
        )


def test_a_long_windows_pool_name_is_refused(azure):
    cluster = azure.cluster()
    error = azure.refused(
        "containerservice:AgentPool",
        resourceName=cluster.name,
        agentPoolName="windows",
        osType="Windows",
    )
    assert error.code == "InvalidParameter"


def test_one_assignment_under_two_names_is_refused(azure):
    network, principal = azure.network(), azure.identity().outputs["principalId"]
    made = azure.role(network.id, principal)
    again = {**made.inputs, "roleAssignmentName": "bbbbbbbb-0000-4000-8000-000000000001"}
    error = azure.refused("authorization:RoleAssignment", **again)
    assert (error.status, error.code) == (409, "RoleAssignmentExists")


def test_an_identity_assigned_as_a_user_is_refused(azure):
    network, principal = azure.network(), azure.identity().outputs["principalId"]
    inputs = {**azure.role(network.id, principal).inputs, "principalType": "User"}
    assert azure.refused("authorization:RoleAssignment", **inputs).code == "UnmatchedPrincipalType"


def test_the_role_of_an_assignment_does_not_change(azure):
    network, principal = azure.network(), azure.identity().outputs["principalId"]
    made = azure.role(network.id, principal)
    reader = made.inputs["roleDefinitionId"].rpartition("/")[0]
    changed = {**made.inputs, "roleDefinitionId": f"{reader}/acdd72a7-3385-48ef-bd42-f606fba81ae7"}
    error = azure.refused("authorization:RoleAssignment", **changed)
    assert error.code == "RoleAssignmentUpdateNotPermitted"


def test_a_dns_zone_in_a_region_is_refused(azure):
    error = azure.refused("dns:Zone", zoneName="example.com", location="westeurope")
    assert error.code == "LocationNotAvailableForResourceType"


def test_a_network_is_linked_to_a_zone_once(azure):
    network = azure.network()
    azure.put("privatedns:PrivateZone", privateZoneName="a.internal", location="global")
    inputs = {
        "privateZoneName": "a.internal",
        "location": "global",
        "virtualNetwork": {"id": network.id},
        "registrationEnabled": False,
    }
    azure.put("privatedns:VirtualNetworkLink", virtualNetworkLinkName="one", **inputs)
    error = azure.refused("privatedns:VirtualNetworkLink", virtualNetworkLinkName="two", **inputs)
    assert (error.status, error.code) == (409, "Conflict")
