"""Between networks: peerings, gateways to on-premises, routes and firewalls."""

from __future__ import annotations

import pytest

from analysis.reachability.explain import explain
from tests.analysis.reachability.changes import (
    API,
    NETWORK,
    NODES,
    Change,
    add,
    after,
    put,
    security_rule,
)
from tests.analysis.reachability.states import Resources, matrix_of, named, passes, state_of


def test_a_disconnected_peering_carries_nothing():
    matrix = after(
        "dev", put("VirtualNetworkPeering", "-from-cluster", peeringState="Disconnected")
    )
    assert passes(matrix, "jump box", NODES) == "none"


def test_the_side_that_was_created_first_may_stay_initiated():
    matrix = after("dev", put("VirtualNetworkPeering", "-to-cluster", peeringState="Initiated"))
    assert passes(matrix, "jump box", NODES) == "tcp 22, 3389"


@pytest.mark.parametrize("side", ["-to-cluster", "-from-cluster"])
def test_a_peering_carries_what_the_remote_network_had_when_it_was_synced(side: str):
    """Neither to a range that the other network got since, nor answers from it."""
    known = {"addressPrefixes": ["10.99.0.0/16"]}
    matrix = after("dev", put("VirtualNetworkPeering", side, remoteAddressSpace=known))
    assert passes(matrix, "jump box", NODES) == "none"


def test_forbidding_access_over_a_peering_only_takes_it_out_of_the_tag():
    """Bastion's group sends to VirtualNetwork only, which is then its own network alone."""
    forbidden = put("VirtualNetworkPeering", "-to-cluster", allowVirtualNetworkAccess=False)
    matrix = after("dev", forbidden)
    assert passes(matrix, "Bastion", NODES) == "none"
    rule = security_rule(
        "AllowCluster", 200, direction="Outbound", destinationAddressPrefix="10.20.0.0/16"
    )

    def explicit(resources: Resources) -> None:
        group = named(resources, "NetworkSecurityGroup", "-bastion")
        group["outputs"]["securityRules"].append(rule)

    assert passes(after("dev", forbidden, explicit), "Bastion", NODES) == "tcp 22, 3389"


def on_premises(resources: Resources) -> None:
    """A VPN gateway in the management network, with the head office behind it."""
    network = named(resources, "VirtualNetwork", "-management")["id"]
    subnet = f"{network}/subnets/GatewaySubnet"
    vpn = f"{NETWORK}/virtualNetworkGateways/vpn"
    add("azure-native:network:Subnet", subnet, name="GatewaySubnet", addressPrefix="10.30.0.96/27")(
        resources
    )
    add("azure-native:network:VirtualNetworkGateway", vpn, name="vpn",
        ipConfigurations=[{"subnet": {"id": subnet}}])(resources)  # fmt: skip
    space = {"addressPrefixes": ["192.168.0.0/16"]}
    add("azure-native:network:LocalNetworkGateway", f"{NETWORK}/localNetworkGateways/office",
        name="office", localNetworkAddressSpace=space)(resources)  # fmt: skip


def open_nodes_to_the_office(resources: Resources) -> None:
    rules = named(resources, "NetworkSecurityGroup", "-nodes")["outputs"]["securityRules"]
    rules.append(
        security_rule("AllowOffice", 320, sourceAddressPrefix="192.168.0.0/16", protocol="Tcp",
                      destinationPortRange="443")
    )  # fmt: skip


transit = (
    put("VirtualNetworkPeering", "-to-cluster", allowGatewayTransit=True),
    put("VirtualNetworkPeering", "-from-cluster", useRemoteGateways=True),
)


def test_without_a_gateway_there_is_no_on_premises():
    assert "on-premises" not in {one.name for one in after("dev").endpoints}


def test_on_premises_reaches_peers_of_the_gateways_network_only_by_transit():
    without = after("dev", on_premises, open_nodes_to_the_office)
    assert passes(without, "on-premises", NODES) == "none"
    assert passes(without, NODES, "on-premises") == "none"
    matrix = after("dev", on_premises, open_nodes_to_the_office, *transit)
    assert passes(matrix, "on-premises", NODES) == "tcp 443"
    assert passes(matrix, NODES, "on-premises") == "all"


@pytest.mark.parametrize("side", range(2))
def test_transit_needs_both_sides(side: int):
    matrix = after("dev", on_premises, open_nodes_to_the_office, transit[side])
    assert passes(matrix, "on-premises", NODES) == "none"


def route(next_hop: str, prefix: str, address: str | None = None) -> Change:
    """A route table at the nodes' subnet with a route."""

    def change(resources: Resources) -> None:
        table = f"{NETWORK}/routeTables/rt"
        row = {"name": "r", "addressPrefix": prefix, "nextHopType": next_hop}
        row |= {"nextHopIpAddress": address} if address else {}
        add("azure-native:network:RouteTable", table, name="rt", routes=[row])(resources)
        subnet = named(resources, "Subnet", "-nodes")
        subnet["outputs"]["routeTable"] = {"id": table}

    return change


def test_a_route_to_nowhere_drops_what_it_is_for():
    matrix = after("dev", route("None", "0.0.0.0/0"))
    assert passes(matrix, NODES, "Internet") == "none"
    assert passes(matrix, NODES, API) == "none"
    assert passes(matrix, NODES, "key vault") == "tcp 443", "Azure's own route is more specific"
    matrix = after("dev", route("None", "10.20.194.0/24"))
    assert passes(matrix, NODES, "key vault") == "none"
    assert passes(matrix, NODES, "Internet") == "all"


def test_an_appliance_that_is_not_in_the_state_is_assumed_to_allow_everything():
    matrix = after("dev", route("VirtualAppliance", "0.0.0.0/0", "10.30.0.132"))
    assert passes(matrix, NODES, "Internet") == "all"
    (flow, *_) = matrix.between(NODES, "Internet").direct
    assert "if the appliance 10.30.0.132 allows it" in flow.reasons


def test_a_default_route_makes_everywhere_the_virtual_network():
    """Azure counts the prefixes of user-defined routes as VirtualNetwork."""

    def open_node(resources: Resources) -> None:
        pools = named(resources, "ManagedCluster", "")["outputs"]["agentPoolProfiles"]
        pools[0]["enableNodePublicIP"] = True
        group = named(resources, "NetworkSecurityGroup", "-nodes")
        group["outputs"]["securityRules"] = []
        group["inputs"]["securityRules"] = []

    assert passes(after("dev", open_node), "Internet", NODES) == "none"
    routed = after("dev", open_node, route("Internet", "0.0.0.0/0"))
    assert passes(routed, "Internet", NODES) == "all"


def test_a_subnet_without_egress_reaches_no_internet():
    matrix = after("dev", put("Subnet", "-nodes", natGateway=None), without_input("natGateway"))
    assert passes(matrix, NODES, "Internet") == "none"


def without_input(name: str) -> Change:
    return lambda resources: named(resources, "Subnet", "-nodes")["inputs"].pop(name, None)


def test_azure_firewall_lets_through_what_its_rules_allow():
    def firewall(resources: Resources) -> None:
        network = named(resources, "VirtualNetwork", "-management")["id"]
        subnet = f"{network}/subnets/AzureFirewallSubnet"
        policy = f"{NETWORK}/firewallPolicies/p"
        rules = [
            {
                "name": "web",
                "ruleType": "ApplicationRule",
                "sourceAddresses": ["10.20.0.0/16"],
                "targetFqdns": ["example.com"],
                "protocols": [{"protocolType": "Https", "port": 443}],
            },
            {
                "name": "time",
                "ruleType": "NetworkRule",
                "ipProtocols": ["UDP"],
                "sourceAddresses": ["*"],
                "destinationAddresses": ["203.0.113.0/24"],
                "destinationPorts": ["123"],
            },
        ]
        add("azure-native:network:Subnet", subnet, name="AzureFirewallSubnet",
            addressPrefix="10.30.0.128/26")(resources)  # fmt: skip
        add("azure-native:network:AzureFirewall", f"{NETWORK}/azureFirewalls/afw", name="afw",
            firewallPolicy={"id": policy}, ipConfigurations=[{"subnet": {"id": subnet}}])(
            resources
        )  # fmt: skip
        add(
            "azure-native:network:FirewallPolicyRuleCollectionGroup",
            f"{policy}/ruleCollectionGroups/aks",
            name="aks",
            priority=200,
            ruleCollections=[{"priority": 100, "action": {"type": "Allow"}, "rules": rules}],
        )(resources)

    matrix = after("dev", firewall, route("VirtualAppliance", "0.0.0.0/0", "10.30.0.132"))
    allowed = "udp 123 to 203.0.113.0/24; tcp 443 to example.com"
    assert passes(matrix, NODES, "Internet") == allowed
    text = explain(matrix, NODES, "Internet")
    assert "afw: web, only to example.com" in text
    assert "no firewall rule allows it" in text


def test_an_explanation_names_every_address_of_the_firewall():
    def second(resources: Resources) -> None:
        first = named(resources, "PublicIPAddress", "-firewall")
        added = {**first, "id": f"{first['id']}-2"}
        added["outputs"] = {**first["outputs"], "ipAddress": "203.0.113.77"}
        resources.append(added)
        configurations = named(resources, "AzureFirewall", "")["outputs"]["ipConfigurations"]
        configurations.append({"name": "egress-2", "publicIPAddress": {"id": added["id"]}})

    one = named(state_of("firewall"), "PublicIPAddress", "-firewall")["outputs"]["ipAddress"]
    text = explain(after("firewall", second), "nodes system (Linux)", "Internet")
    line = next(line for line in text.splitlines() if "sends it from" in line)
    assert one in line
    assert "203.0.113.77" in line


def test_the_firewalls_names_are_the_ones_that_the_matrix_shows():
    passed = passes(matrix_of("firewall"), "nodes system (Linux)", "Internet")
    assert "tcp 443 to AzureKubernetesService, " in passed
    assert "packages.example.com" in passed


@pytest.mark.parametrize(
    ("routed", "sources"),
    [
        (route("VirtualAppliance", "0.0.0.0/0", "10.61.0.4"), None),
        (route("None", "0.0.0.0/0"), None),
        (route("VirtualAppliance", "203.0.113.0/24", "10.61.0.4"), "198.51.100.0/24"),
        (route("Internet", "0.0.0.0/0"), "198.51.100.0/24, 203.0.113.0/24"),
    ],
)
def test_the_answers_of_a_public_load_balancer_must_not_leave_by_an_appliance(
    routed: Change, sources: str | None
):
    """The appliance did not see the requests (aks/limit-egress-traffic)."""
    matrix = after("external-waf", routed)
    controller = passes(matrix, "Internet", "ingress controller")
    assert controller == (f"tcp 80, 443 from {sources}" if sources else "none")
    assert (passes(matrix, "Internet", "myapp/frontend") != "none") == bool(sources)


def test_an_explanation_names_the_route_that_leads_the_answers_away():
    routed = route("VirtualAppliance", "0.0.0.0/0", "10.61.0.4")
    text = explain(after("external-waf", routed), "Internet", "myapp/frontend")
    assert "route rt: r sends the answers to 10.61.0.4, which drops them" in text


PODS, DNS = "other pods", "cluster DNS"


def test_pods_dial_a_public_api_server_by_its_address_which_no_rule_by_name_matches():
    """aks/outbound-rules-control-egress; AKS's own pods use the name."""

    def without_rule(resources: Resources) -> None:
        group = named(resources, "FirewallPolicyRuleCollectionGroup", "aks")
        for collection in group["outputs"]["ruleCollections"]:
            rules = collection["rules"]
            collection["rules"] = [rule for rule in rules if rule["name"] != "api-server"]

    assert passes(after("firewall-kn"), PODS, API) == "tcp 443"
    closed = after("firewall-kn", without_rule)
    assert passes(closed, PODS, API) == "none"
    assert passes(closed, NODES, API) == passes(closed, DNS, API) == "tcp 443"


@pytest.mark.parametrize(("name", "expected"), [("", "tcp 443"), ("ghcr.io", "none")])
def test_a_network_rule_by_name_lets_pods_dial_that_server_only(name: str, expected: str):
    def by_name(resources: Resources) -> None:
        server = named(resources, "ManagedCluster", "")["outputs"]["fqdn"]
        group = named(resources, "FirewallPolicyRuleCollectionGroup", "aks")
        for collection in group["outputs"]["ruleCollections"]:
            for rule in collection["rules"]:
                if rule["name"] == "api-server":
                    rule.pop("destinationAddresses")
                    rule["destinationFqdns"] = [name or server]

    assert passes(after("firewall-kn", by_name), PODS, API) == expected
