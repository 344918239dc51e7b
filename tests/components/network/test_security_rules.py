"""Security groups as data: complete where Azure asks for it, closed everywhere else."""

from collections import Counter

import pytest

from components.network import security_rules
from components.network.security_rules import Rule
from tests.helpers.security_groups import MANAGEMENT_PORTS, allowed_sources
from tests.helpers.stacks import STACKS, recorded

NODE_RANGES = ["10.20.0.0/17"]
CLUSTER_RANGES = [*NODE_RANGES, "10.244.0.0/16"]

GROUPS: dict[str, tuple[Rule, ...]] = {
    "nodes": security_rules.nodes(
        node_ranges=NODE_RANGES,
        cluster_ranges=CLUSTER_RANGES,
        api_server_ranges=["10.20.196.0/26"],
        operator_ranges=["10.30.0.0/26"],
        ingress_sources=["10.20.192.0/24"],
    ),
    "ingress": security_rules.ingress(ingress_sources=["10.20.192.0/24"]),
    "privateEndpoints": security_rules.private_endpoints(client_ranges=["10.20.0.0/17"]),
    "apiServer": security_rules.api_server(client_ranges=["10.20.0.0/17"]),
    "applicationGateway": security_rules.application_gateway(),
    "trafficController": security_rules.traffic_controller(
        own_ranges=["10.20.193.0/24"], cluster_ranges=CLUSTER_RANGES
    ),
    "jumpBox": security_rules.jump_box(sources=["10.30.0.0/26"]),
    "bastion": security_rules.bastion(),
}
OPERATORS = {"10.30.0.0/26"}
MANAGED_FROM: dict[str, set[str]] = {
    "nodes": {*OPERATORS, *CLUSTER_RANGES},
    "ingress": set(),
    "privateEndpoints": set(),
    "apiServer": set(),
    # Health probes, on every port.
    "applicationGateway": {"AzureLoadBalancer"},
    "trafficController": {"AzureLoadBalancer", "10.20.193.0/24"},
    "jumpBox": OPERATORS,
}
"""Who reaches SSH and RDP in each group but Bastion's, whose rules Azure prescribes.

AKS requires all traffic between nodes and pods."""
DEFAULT_NAMES = {
    "AllowVnetInBound",
    "AllowAzureLoadBalancerInBound",
    "DenyAllInBound",
    "AllowVnetOutBound",
    "AllowInternetOutBound",
    "DenyAllOutBound",
}


@pytest.mark.parametrize("group", GROUPS)
def test_priorities_and_names_are_unique_and_allowed(group: str):
    rules = GROUPS[group]
    assert max(Counter((r.direction, r.priority) for r in rules).values()) == 1
    assert max(Counter(r.name for r in rules).values()) == 1
    assert all(100 <= r.priority <= 4096 for r in rules)
    assert not {r.name.lower() for r in rules} & {name.lower() for name in DEFAULT_NAMES}
    assert all(len(r.description) <= 140 for r in rules)


@pytest.mark.parametrize("group", [g for g in GROUPS if g != "bastion"])
def test_the_rest_of_the_virtual_network_is_shut_out(group: str):
    inbound = [rule for rule in GROUPS[group] if rule.direction == "Inbound"]
    last = max(inbound, key=lambda rule: rule.priority)
    assert (last.access, last.sources, last.ports) == ("Deny", ("VirtualNetwork",), ("*",))


@pytest.mark.parametrize("group", MANAGED_FROM)
@pytest.mark.parametrize("port", MANAGEMENT_PORTS)
def test_management_ports_are_open_to_operators_and_within_the_cluster_only(group: str, port: int):
    assert allowed_sources(GROUPS[group], port, NODE_RANGES) == MANAGED_FROM[group]


@pytest.mark.parametrize("group", MANAGED_FROM)
@pytest.mark.parametrize("ports", ["22", "20-30", "1-22", "80,3389", "3300-3400", "*"])
def test_a_rule_that_opens_a_management_port_is_found(group: str, ports: str):
    opened = Rule("Open", "Inbound", 105, "Allow", ("Internet",), ("*",), (ports,), "Tcp", "")
    found = [allowed_sources((*GROUPS[group], opened), port, NODE_RANGES) for port in (22, 3389)]
    assert MANAGED_FROM[group] | {"Internet"} in found


def test_every_group_but_bastions_is_asked_about_its_management_ports():
    assert {*MANAGED_FROM, "bastion"} == set(GROUPS)


def test_bastions_group_holds_the_eight_rules_that_azure_asks_for():
    wanted = {
        ("Inbound", "Internet", "443"),
        ("Inbound", "GatewayManager", "443"),
        ("Inbound", "AzureLoadBalancer", "443"),
        ("Inbound", "VirtualNetwork", "8080,5701"),
        ("Outbound", "*", "22,3389"),
        ("Outbound", "*", "443"),
        ("Outbound", "VirtualNetwork", "8080,5701"),
        ("Outbound", "*", "80"),
    }
    rules = security_rules.bastion()
    allowed = [rule for rule in rules if rule.access == "Allow"]
    assert {(r.direction, r.sources[0], ",".join(r.ports)) for r in allowed} == wanted
    assert {(r.direction, r.sources) for r in rules if r.access == "Deny"} == {
        ("Inbound", ("*",)),
        ("Outbound", ("*",)),
    }


def test_bastions_group_lets_tunnels_out_to_the_api_server_only():
    plain, more = (
        security_rules.bastion(),
        security_rules.bastion(api_server_ranges=["10.0.4.0/28"]),
    )
    (rule,) = set(more) - set(plain)
    assert (rule.direction, rule.access, rule.destinations, rule.ports) == (
        "Outbound",
        "Allow",
        ("10.0.4.0/28",),
        ("443",),
    )
    assert set(plain) < set(more), "the other rules keep their priorities"


def test_nothing_denies_traffic_of_the_cluster_before_it_is_allowed():
    """AKS supports no block between nodes and pods (aks/concepts-network)."""
    rules = sorted(GROUPS["nodes"], key=lambda rule: rule.priority)
    names = [rule.name for rule in rules]
    assert rules[names.index("AllowClusterInbound")].ports == ("*",)
    assert rules[names.index("AllowClusterInbound")].protocol == "*"
    denials = [index for index, rule in enumerate(rules) if rule.access == "Deny"]
    assert names.index("AllowClusterInbound") < min(denials)


@pytest.mark.parametrize("stack", STACKS)
def test_azure_has_no_advice_against_the_groups_of_a_stack(stack: str):
    assert recorded(stack).of_type("network:NetworkSecurityGroup")
    warnings = recorded(stack).cloud.warnings
    assert not [text for text in warnings if "does not support security rule" in text]


def test_clients_reach_application_gateway_for_containers_which_reaches_pods():
    rules = {rule.name: rule for rule in GROUPS["trafficController"]}
    assert rules["AllowWebInbound"].sources == ("Internet",)
    assert rules["AllowWebInbound"].ports == security_rules.WEB
    out = rules["AllowPodsOutbound"]
    assert (out.direction, out.destinations) == ("Outbound", tuple(CLUSTER_RANGES))


def test_azure_can_manage_the_gateways_instances():
    (manager,) = [
        r for r in security_rules.application_gateway() if r.sources == ("GatewayManager",)
    ]
    assert (manager.access, manager.ports, manager.destinations) == (
        "Allow",
        ("65200-65535",),
        ("*",),
    )
