"""Names behind DNS servers of one's own: the servers are reached, and resolve what is linked."""

from __future__ import annotations

from typing import Any

import pytest

from analysis.reachability.explain import explain
from tests.analysis.reachability.changes import (
    API,
    GATEWAY,
    NETWORK,
    NODES,
    Change,
    add,
    after,
    drop,
    nested,
    put,
    security_rule,
)
from tests.analysis.reachability.states import Resources, named, passes

VAULT, PODS, JUMP_BOX = "key vault", "other pods", "jump box"
IN_CLUSTER, IN_MANAGEMENT, UNKNOWN = "10.40.255.4", "10.50.0.200", "10.99.0.4"
FIREWALL_ADDRESS = "10.61.0.68"


def asks(*servers: str) -> Change:
    """The cluster's network has these DNS servers."""

    def change(resources: Resources) -> None:
        (network,) = [
            item
            for item in resources
            if item["type"].endswith(":VirtualNetwork") and "-management" not in item["id"]
        ]
        network["outputs"]["dhcpOptions"] = {"dnsServers": list(servers)}

    return change


def unlinked(resources: Resources) -> None:
    """No private zone is linked to the management network."""
    resources[:] = [
        item
        for item in resources
        if not (item["type"].endswith(":VirtualNetworkLink") and item["id"].endswith("-management"))
    ]


@pytest.mark.parametrize("server", [IN_CLUSTER, IN_MANAGEMENT])
@pytest.mark.parametrize("source", [NODES, PODS, GATEWAY])
def test_names_resolve_where_the_server_is_in_a_linked_network(source: str, server: str):
    matrix = after("prod", asks(server))
    assert passes(matrix, source, VAULT) == passes(after("prod"), source, VAULT) != "none"


def test_the_link_of_the_servers_network_decides_and_not_that_of_the_nodes():
    matrix = after("prod", asks(IN_MANAGEMENT), unlinked)
    assert passes(matrix, NODES, API) == passes(matrix, NODES, VAULT) == "none"
    text = explain(matrix, NODES, API)
    assert f"where {IN_MANAGEMENT} answers for vnet-" in text
    assert "no virtual network link to privatelink.westeurope.azmk8s.io" in text
    assert passes(after("prod", asks(IN_CLUSTER), unlinked), NODES, API) == "tcp 443"
    assert passes(after("prod", asks(), unlinked), NODES, API) == "tcp 443", "Azure resolves"


def test_application_gateway_asks_azure_for_its_vault_whatever_the_servers():
    for changes in ((asks(IN_MANAGEMENT), unlinked), (asks(UNKNOWN),)):
        matrix = after("prod", *changes)
        assert passes(matrix, NODES, VAULT) == "none"
        assert passes(matrix, GATEWAY, VAULT) == passes(after("prod"), GATEWAY, VAULT) != "none"


def test_the_servers_of_one_network_are_not_those_of_the_other():
    assert passes(after("prod", asks(UNKNOWN)), JUMP_BOX, API) == "tcp 443"


def test_nothing_resolves_where_no_server_is_reached():
    matrix = after("prod", asks(UNKNOWN))
    assert passes(matrix, NODES, API) == "none"
    text = explain(matrix, NODES, API)
    assert f"no DNS server answers: {UNKNOWN} (" in text
    assert "DenyAllOutBound)" in text, "nothing leads beyond the virtual network"


def test_the_first_server_that_is_reached_answers():
    assert passes(after("prod", asks(UNKNOWN, IN_MANAGEMENT)), NODES, API) == "tcp 443"
    second = after("prod", asks(IN_MANAGEMENT, IN_CLUSTER), unlinked)
    assert passes(second, NODES, API) == "none", "nobody asks a second server after an answer"


def test_a_server_behind_a_missing_peering_does_not_answer():
    matrix = after("prod", asks(IN_MANAGEMENT), drop("VirtualNetworkPeering", "-to-cluster"))
    assert passes(matrix, NODES, API) == "none"
    assert "DenyAllOutBound)" in explain(matrix, NODES, API)


@pytest.mark.parametrize("protocol", ["Udp", "Tcp"])
def test_a_server_answers_over_both_protocols(protocol: str):
    rule = security_rule(
        "NoDns", 200, direction="Outbound", access="Deny", protocol=protocol,
        destinationPortRange="53",
    )  # fmt: skip

    def close(resources: Resources) -> None:
        named(resources, "NetworkSecurityGroup", "-nodes")["outputs"]["securityRules"].append(rule)

    matrix = after("prod", asks(IN_MANAGEMENT), close)
    assert passes(matrix, NODES, API) == "none"
    assert "NoDns" in explain(matrix, NODES, API)


def through(hop: str) -> Change:
    table = f"{NETWORK}/routeTables/rt"

    def change(resources: Resources) -> None:
        leads = {"nextHopType": "VirtualAppliance", "nextHopIpAddress": hop}
        routes = [{"name": "default", "addressPrefix": "0.0.0.0/0", **leads}]
        add("azure-native:network:RouteTable", table, name="rt", routes=routes)(resources)
        put("Subnet", "-nodes", routeTable={"id": table})(resources)

    return change


def test_a_server_in_no_known_network_is_a_condition():
    text = explain(after("prod", asks(UNKNOWN), through("10.50.0.132")), NODES, API)
    assert "allowed  tcp 443" in text
    assert "if the appliance 10.50.0.132 allows it" in text
    assert f"if the DNS server {UNKNOWN}, whose network is not known, resolves it" in text


def test_a_firewall_lets_the_queries_pass_only_by_a_rule():
    def rule(resources: Resources) -> None:
        group = named(resources, "FirewallPolicyRuleCollectionGroup", "aks")
        row: dict[str, Any] = {"name": "dns", "ruleType": "NetworkRule", "sourceAddresses": ["*"]}
        row |= {"ipProtocols": ["TCP", "UDP"], "destinationPorts": ["53"]}
        row |= {"destinationAddresses": [UNKNOWN]}
        group["outputs"]["ruleCollections"][0]["rules"].append(row)

    closed = after("firewall", asks(UNKNOWN))
    assert passes(closed, NODES, API) == "none"
    assert f"{UNKNOWN} (no firewall rule allows it)" in explain(closed, NODES, API)
    assert passes(after("firewall", asks(UNKNOWN), rule), NODES, API) == "tcp 443"


@pytest.mark.parametrize(("proxy", "expected"), [(True, "tcp 443"), (False, "none")])
def test_a_firewall_answers_itself_with_its_dns_proxy(*, proxy: bool, expected: str):
    settings = nested("FirewallPolicy", "", dnsSettings={"enableProxy": proxy})
    matrix = after("firewall", asks(FIREWALL_ADDRESS), settings)
    assert passes(matrix, NODES, API) == expected
    assert ("has no DNS proxy" in explain(matrix, NODES, API)) != proxy


def test_a_server_in_a_hub_of_another_team_resolves_if_its_zone_is_linked():
    (flow,) = after("byo-hub", asks("10.61.0.100")).between(NODES, VAULT).direct
    zone = "privatelink.vaultcore.azure.net"
    assert f"if its name resolves: another team owns the zone {zone}" in flow.reasons


def test_the_zone_that_aks_links_to_the_nodes_does_not_resolve_in_the_hub():
    """Only its owner can link it there; the state does not say whether that happened."""
    matrix = after("byo-hub", asks("10.61.0.100"))
    (flow,) = matrix.between(NODES, API).direct
    assert any("another team owns the zone" in reason for reason in flow.reasons)
