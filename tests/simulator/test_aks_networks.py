"""Network profiles, subnets and outbound types that AKS refuses."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.simulator.aks import CLUSTER, POOL, Landscape, code_of
from tests.simulator.subscription import OVERLAY

NODE_SUBNET = {"networkPluginMode": None, "podCidr": None}
KUBENET = {"networkPlugin": "kubenet", "networkPluginMode": None}
APPLIANCE = "10.0.255.4"
"""An address of the nodes' own network, so that the nodes reach it."""


@pytest.fixture
def land(azure) -> Landscape:
    return Landscape(azure)


@pytest.mark.parametrize(
    "network",
    [
        {"networkPolicy": "calico"},
        {"networkDataplane": "cilium", "networkPolicy": "cilium"},
        {**NODE_SUBNET, "networkPolicy": "azure"},
        {**NODE_SUBNET, "networkDataplane": "cilium", "networkPolicy": "cilium"},
        {**KUBENET, "networkPolicy": "calico"},
        {"networkPlugin": "none", "networkPluginMode": None, "podCidr": None},
    ],
)
def test_documented_combinations_are_accepted_without_a_warning(land, network):
    warnings = land.warned(network=network)
    assert not [text for text in warnings if "AKS does not document clusters" in text]


@pytest.mark.parametrize(
    ("code", "network"),
    [
        ("UnsupportedNetworkPluginModeWithNetworkPlugin", {"networkPlugin": "kubenet"}),
        ("NetworkPolicyAzureNotSupportedForKubenet", {**KUBENET, "networkPolicy": "azure"}),
        (
            "NetworkPolicyNotSupportedForNone",
            {"networkPlugin": "none", "networkPluginMode": None, "networkPolicy": "calico"},
        ),
        ("NetworkPolicyNotSupported", {"networkPolicy": "cilium"}),
        ("BadRequest", {"networkDataplane": "cilium"}),
        ("CidrStringParseError", {"serviceCidr": "10.100.0.1/16"}),
        ("CidrStringParseError", {"podCidr": "10.244.0.0/99"}),
        ("DnsServiceIpOutOfServiceCidr", {"dnsServiceIP": None}),
        ("DnsServiceIpConflicting", {"dnsServiceIP": "10.100.0.1"}),
        ("PodCidrOverlapServiceCidr", {"podCidr": "10.96.0.0/13"}),
        ("ServiceCidrOverlapExistingSubnetsCidr", {"serviceCidr": None, "dnsServiceIP": None}),
        ("NetworkProfileCIDROverlapVNET", {"podCidr": "10.0.128.0/17"}),
        (
            "InvalidUserDefinedRoutingWithLoadBalancerProfile",
            {
                "outboundType": "userDefinedRouting",
                "loadBalancerProfile": {"idleTimeoutInMinutes": 4},
            },
        ),
        ("InvalidParameter", {"outboundType": "managedNATGateway"}),
    ],
)
def test_a_network_profile_is_refused(azure, code, network):
    table = azure.put("network:RouteTable", routeTableName="rt")
    hop = {"nextHopType": "VirtualAppliance", "nextHopIpAddress": APPLIANCE}
    path = {"routeTableName": "rt", "routeName": "default", "addressPrefix": "0.0.0.0/0"}
    azure.put("network:Route", **path, **hop)
    land = Landscape(azure, routeTable={"id": table.id})
    assert land.refused(network=network).code == code


@pytest.mark.parametrize(
    ("rule", "network", "text"),
    [
        ("combinations_are_documented_ones", {"networkMode": "bridge"}, ""),
        (
            "combinations_are_documented_ones",
            {**KUBENET, "networkDataplane": "cilium", "networkPolicy": "cilium"},
            "AKS does not document clusters with plugin kubenet",
        ),
        (
            "services_stay_out_of_the_network",
            {"serviceCidr": "10.0.128.0/17", "dnsServiceIP": "10.0.128.10"},
            "is in the virtual network's address space",
        ),
        (
            "the_service_range_is_smaller_than_12",
            {"serviceCidr": "10.96.0.0/12", "dnsServiceIP": "10.96.0.10"},
            "must be smaller than /12",
        ),
    ],
)
def test_a_network_profile_is_advised_against(land, rule, network, text):
    assert code_of(rule) == ""
    warnings = land.warned(network=network)
    assert bool(text) == any(text in warning for warning in warnings if text)


def test_windows_on_cilium_is_advised_against(land):
    """Rule: cilium_runs_on_linux."""
    land.make(
        network={"networkDataplane": "cilium", "networkPolicy": "cilium"},
        windowsProfile={"adminUsername": "azureops", "adminPassword": "Throw-away-1"},
    )
    land.azure.cloud.warnings.clear()
    land.azure.put(POOL, **land.pool("win", osType="Windows"))
    assert any("for Linux nodes only" in text for text in land.azure.cloud.warnings)


@pytest.mark.parametrize(
    ("prefix", "count", "pods", "accepted"),
    [
        ("10.0.0.0/24", 8, 30, True),  # 8 x 31 = 248 of 251
        ("10.0.0.0/24", 9, 30, False),
        ("10.0.0.0/24", 10, 30, False),  # "Pre-allocated IPs 310 exceeds IPs available 251"
        ("10.0.0.0/24", 5, 100, False),  # 505
    ],
)
def test_a_node_subnet_holds_nodes_and_pods(azure, prefix, count, pods, accepted):
    land = Landscape(azure, prefix=prefix)
    changes = {"network": NODE_SUBNET, "pool": {"count": count, "maxPods": pods}}
    if accepted:
        assert land.make(**changes)
    else:
        error = land.refused(**changes)
        assert error.code == "InsufficientSubnetSize"
        assert f"IPs {count * (pods + 1)} exceeds IPs available 251" in error.message


def test_an_autoscaled_pool_counts_with_its_most_nodes(azure):
    land = Landscape(azure, prefix="10.0.0.0/24")
    pool = {"enableAutoScaling": True, "minCount": 2, "maxCount": 9, "maxPods": 30}
    assert land.refused(network=NODE_SUBNET, pool=pool).code == "InsufficientSubnetSize"
    assert land.make(network=NODE_SUBNET, pool={**pool, "maxCount": 8})
    error = azure.refused(POOL, **land.pool(maxPods=30, count=1))
    assert error.code == "InsufficientSubnetSize"


def test_two_clusters_share_the_addresses_of_a_subnet(azure):
    land = Landscape(azure, prefix="10.0.0.0/24")
    land.make(network=NODE_SUBNET, pool={"count": 6, "maxPods": 30})
    inputs = land.inputs(network=NODE_SUBNET, pool={"count": 3, "maxPods": 30})
    second = {**inputs, "resourceName": "aks-2", "dnsPrefix": "aks-2"}
    assert azure.refused(CLUSTER, **second).code == "InsufficientSubnetSize"
    second["agentPoolProfiles"] = [{**inputs["agentPoolProfiles"][0], "count": 2}]
    assert azure.put(CLUSTER, **second)


@pytest.mark.parametrize(("count", "accepted"), [(4, True), (5, False)])
def test_a_pod_range_holds_256_addresses_for_each_node(land, count, accepted):
    changes = {"network": {"podCidr": "10.240.100.0/22"}, "pool": {"count": count}}
    if accepted:
        assert land.make(**changes)
    else:
        error = land.refused(**changes)
        assert (error.code, error.target) == ("InsufficientSubnetSize", "networkProfile.podCIDR")


@pytest.mark.parametrize(
    ("mode", "pods", "count", "fits"),
    [
        ("DynamicIndividual", 110, 15, True),
        ("DynamicIndividual", 110, 16, False),
        ("StaticBlock", 31, 7, True),  # two blocks of 16 each
        ("StaticBlock", 32, 7, False),  # three
    ],
)
def test_a_pod_subnet_that_is_too_small_is_advised_against(land, mode, pods, count, fits):
    """Rule: pod_subnets_hold_all_nodes."""
    subnet = land.azure.subnet("pods", "10.0.16.0/24")
    pool = {"podSubnetID": subnet.id, "podIPAllocationMode": mode, "maxPods": pods, "count": count}
    warnings = land.warned(network=NODE_SUBNET, pool=pool)
    assert fits != any("Pod subnet 'pods' has 251 addresses" in text for text in warnings)


def delegation(service: str) -> list[dict[str, str]]:
    return [{"name": "d", "serviceName": service}]


@pytest.mark.parametrize(
    "service", ["Microsoft.ContainerService/managedClusters", "Microsoft.Web/serverFarms"]
)
def test_a_delegated_node_subnet_is_refused(azure, service):
    land = Landscape(azure, delegations=delegation(service))
    assert land.refused().code == "SubnetIsDelegated"


def test_a_pod_subnet_of_another_service_is_advised_against(land):
    """Rule: pod_subnets_are_delegated_by_aks."""
    subnet = land.azure.subnet(
        "pods", "10.0.16.0/22", delegations=delegation("Microsoft.Web/serverFarms")
    )
    warnings = land.warned(network=NODE_SUBNET, pool={"podSubnetID": subnet.id})
    assert any("is delegated to another service" in text for text in warnings)


@pytest.mark.parametrize(
    ("prefix", "service", "accepted"),
    [
        ("10.0.16.0/28", "Microsoft.ContainerService/managedClusters", True),
        ("10.0.16.0/29", "Microsoft.ContainerService/managedClusters", False),
        ("10.0.16.0/28", "Microsoft.Web/serverFarms", False),
    ],
)
def test_the_api_servers_subnet_is_large_enough_and_its_own(land, prefix, service, accepted):
    subnet = land.azure.subnet("api", prefix, delegations=delegation(service))
    access = {"enableVnetIntegration": True, "subnetId": subnet.id}
    if accepted:
        assert land.make(apiServerAccessProfile=access)
    else:
        error = land.refused(apiServerAccessProfile=access)
        assert error.code == "ApiserverSubnetConfigError"


def test_the_api_server_does_not_share_the_nodes_subnet_or_leave_their_network(land):
    access = {"enableVnetIntegration": True, "subnetId": land.subnet.id}
    error = land.refused(apiServerAccessProfile=access)
    assert error.code == "ApiserverSubnetConfigError"
    land.azure.network("other", "10.7.0.0/16")
    access["subnetId"] = land.azure.subnet("api", "10.7.0.0/28", network="other").id
    land.grant(access["subnetId"])
    error = land.refused(apiServerAccessProfile=access)
    assert error.code == "ApiserverSubnetConfigError"


def test_a_pool_without_a_subnet_beside_one_with_is_refused(land):
    land.make()
    settings = land.pool()
    del settings["vnetSubnetID"]
    assert land.azure.refused(POOL, **settings).code == "AgentPoolsWithEmptySubnetError"


def test_pools_in_two_networks_are_refused(land):
    """Rule: all_subnets_are_in_one_network."""
    land.make()
    land.azure.network("other", "10.7.0.0/16")
    subnet = land.azure.subnet("nodes", "10.7.0.0/20", network="other")
    land.grant(subnet.id)
    error = land.azure.refused(POOL, **land.pool(vnetSubnetID=subnet.id))
    assert (error.code, error.target) == ("InvalidParameter", "agentPoolProfile.vnetSubnetID")


def test_nodes_and_pods_in_one_subnet_are_refused(land):
    """Rule: nodes_and_pods_have_different_subnets."""
    error = land.refused(network=NODE_SUBNET, pool={"podSubnetID": land.subnet.id})
    assert (error.code, error.target) == ("InvalidParameter", "agentPoolProfile.podSubnetID")


def test_a_network_in_another_region_is_refused(land):
    """Rule: the_network_is_in_the_clusters_region."""
    error = land.refused(location="uksouth")
    assert error.code == "InvalidParameter"
    assert "is in westeurope, the cluster in uksouth" in error.message


@pytest.mark.parametrize(
    ("hop", "code"),
    [
        (None, "RouteTableMissingDefaultRouteError"),
        ("Internet", "RouteTableInvalidNextHop"),
        ("VirtualAppliance", None),
        ("VirtualNetworkGateway", None),
    ],
)
@pytest.mark.parametrize("inline", [True, False])
def test_user_defined_routing_needs_a_default_route_to_an_appliance(azure, hop, code, inline):
    route = {"addressPrefix": "0.0.0.0/0", "nextHopType": hop}
    if hop == "VirtualAppliance":
        route["nextHopIpAddress"] = APPLIANCE
    routes = [{"name": "default", **route}] if hop and inline else []
    table = azure.put("network:RouteTable", routeTableName="rt", routes=routes)
    if hop and not inline:
        azure.put("network:Route", routeTableName="rt", routeName="default", **route)
    land = Landscape(azure, routeTable={"id": table.id})
    network = {"outboundType": "userDefinedRouting"}
    if code:
        assert land.refused(network=network).code == code
    else:
        assert land.make(network=network)


def test_user_defined_routing_needs_a_route_table(land):
    error = land.refused(network={"outboundType": "userDefinedRouting"})
    assert error.code == "ExistingRouteTableNotAssociatedWithSubnet"


def test_a_nat_gateway_of_ones_own_must_be_on_the_subnet(land):
    error = land.refused(network={"outboundType": "userAssignedNATGateway"})
    assert error.code == "SubnetNotAssociatedWithNATGateway"


@pytest.mark.parametrize("with_address", [True, False])
def test_a_nat_gateway_needs_an_address(azure, with_address):
    addresses = [{"id": azure.address().id}] if with_address else []
    gateway = azure.put(
        "network:NatGateway",
        natGatewayName="ng",
        sku={"name": "Standard"},
        publicIpAddresses=addresses,
    )
    land = Landscape(azure, natGateway={"id": gateway.id})
    network = {"outboundType": "userAssignedNATGateway"}
    if with_address:
        assert land.make(network=network)
    else:
        error = land.refused(network=network)
        assert error.code == "NATGatewayNotAssociatedWithPublicIPOrIPPrefix"


@pytest.mark.parametrize(
    "reserved", ["169.254.0.0/16", "172.30.0.0/16", "172.31.0.0/16", "192.0.2.0/24"]
)
@pytest.mark.parametrize("kind", ["pod", "service"])
def test_pods_and_services_in_a_reserved_range_are_refused(land, kind, reserved):
    """Rule: pods_and_services_leave_reserved_ranges_alone."""
    dns = {"dnsServiceIP": f"{reserved.rpartition('.')[0]}.10"} if kind == "service" else {}
    error = land.refused(network={f"{kind}Cidr": reserved, **dns})
    assert (error.code, error.target) == ("BadRequest", f"networkProfile.{kind}CIDR")
    assert f"overlaps the range {reserved}, which AKS reserves" in error.message


def test_a_pod_range_around_reserved_ranges_is_refused_for_new_clusters_only(land):
    around = {"podCidr": "172.16.0.0/12"}
    assert "172.30.0.0/16" in land.refused(network=around).message
    cluster = land.make()
    inputs = {**cluster.inputs, "networkProfile": {**OVERLAY, **around}}
    land.azure.cloud.store.put(replace(cluster, inputs=inputs))
    assert land.make(network=around, tags={"a": "b"})


def test_a_network_in_a_reserved_range_is_advised_against(azure):
    """Rule: the_network_leaves_reserved_ranges_alone."""
    azure.network(prefix="172.16.0.0/12")
    subnet, identity = azure.subnet("nodes", "172.16.0.0/20"), azure.identity()
    azure.role(subnet.id, identity.outputs["principalId"])
    azure.put(CLUSTER, **azure.cluster_inputs(subnet, identity))
    (warning, *_) = [text for text in azure.cloud.warnings if "reserves" in text]
    assert warning == (
        "172.16.0.0/12 of the virtual network overlaps 172.30.0.0/16, which AKS reserves."
    )
