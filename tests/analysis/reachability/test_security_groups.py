"""Security groups, decided as Azure decides."""

from __future__ import annotations

from typing import Any

import pytest

from analysis.reachability import addresses, services
from analysis.reachability.addresses import network
from analysis.reachability.intervals import Intervals
from analysis.reachability.security_groups import Direction, parse, with_default_rules
from analysis.reachability.traffic import Flow

VNET = network("10.0.0.0/16") | addresses.AZURE_HOST


def rule(name: str, priority: int, access: str = "Allow", **more: Any) -> dict[str, Any]:
    row = {
        "name": name,
        "priority": priority,
        "access": access,
        "direction": "Inbound",
        "protocol": "*",
        "sourceAddressPrefix": "*",
        "sourcePortRange": "*",
        "destinationAddressPrefix": "*",
        "destinationPortRange": "*",
    }
    return {**row, **more}


def passes(
    rules: list[dict[str, Any]],
    source: str | Intervals = "10.0.0.4",
    target: str | Intervals = "10.0.1.4",
    direction: Direction = "Inbound",
) -> str:
    ends = [network(end) if isinstance(end, str) else end for end in (source, target)]
    flow = Flow(ends[0], ends[1], services.EVERYTHING)
    made = with_default_rules("nsg", [parse(row) for row in rules])
    allowed = made.evaluate(direction, flow, VNET).allowed
    return services.text(Intervals.of(part for one in allowed for part in one.services))


def test_without_rules_of_its_own_a_group_lets_the_network_in_and_nobody_else():
    assert passes([], source="10.0.9.9") == "all"
    assert passes([], source="203.0.113.9") == "none"
    assert passes([], source="192.168.0.9") == "none"


def test_the_load_balancer_probes_unless_a_rule_denies_it():
    assert passes([], source=addresses.LOAD_BALANCER_PROBES) == "all"
    everything = [rule("DenyAll", 4000, "Deny")]
    assert passes(everything, source=addresses.LOAD_BALANCER_PROBES) == "none"


def test_denying_the_virtual_network_denies_the_probes_too():
    network_only = [rule("DenyVnet", 4096, "Deny", sourceAddressPrefix="VirtualNetwork")]
    assert passes(network_only, source=addresses.LOAD_BALANCER_PROBES) == "none"
    probes = rule("AllowProbes", 4000, sourceAddressPrefix="AzureLoadBalancer")
    assert passes([*network_only, probes], source=addresses.LOAD_BALANCER_PROBES) == "all"


def test_everything_leaves_for_the_network_and_the_internet_but_not_for_other_private_ranges():
    assert passes([], target="10.0.1.4", direction="Outbound") == "all"
    assert passes([], target="203.0.113.9", direction="Outbound") == "all"
    assert passes([], target="192.168.0.9", direction="Outbound") == "none"


def test_the_lower_priority_number_decides_whatever_the_order():
    deny = rule("Deny", 200, "Deny", protocol="Tcp", destinationPortRange="22")
    allow = rule("Allow", 100, protocol="Tcp", destinationPortRange="22")
    assert passes([deny, allow], source="203.0.113.9") == "tcp 22"
    assert passes([allow | {"priority": 300}, deny], source="203.0.113.9") == "none"


def test_rules_of_one_direction_say_nothing_about_the_other():
    assert passes([rule("Deny", 100, "Deny", direction="Outbound")]) == "all"


def test_prefixes_and_ports_count_in_the_singular_and_in_the_plural():
    both = rule(
        "Allow",
        100,
        protocol="Tcp",
        sourceAddressPrefix="203.0.113.0/25",
        sourceAddressPrefixes=["198.51.100.7"],
        destinationPortRange="80",
        destinationPortRanges=["443", "8000-8002"],
    )
    for source in ("203.0.113.1", "198.51.100.7"):
        assert passes([both], source=source) == "tcp 80, 443, 8000-8002"
    assert passes([both], source="203.0.113.200") == "none"


@pytest.mark.parametrize(
    ("tag", "source", "inside"),
    [
        ("Internet", network("203.0.113.9"), True),
        ("Internet", network("10.0.0.4"), False),
        ("Internet", addresses.GATEWAY_MANAGER, True),
        ("GatewayManager", addresses.GATEWAY_MANAGER, True),
        ("GatewayManager", network("203.0.113.9"), False),
        ("AzureCloud", addresses.GATEWAY_MANAGER, True),
        ("AzureCloud.westeurope", addresses.service_tag("AzureCloud"), True),
        ("AzureLoadBalancer", addresses.LOAD_BALANCER_PROBES, True),
        ("AzureLoadBalancer", network("10.0.0.4"), False),
        ("VirtualNetwork", network("10.0.0.4"), True),
        ("VirtualNetwork", network("192.168.0.4"), False),
    ],
)
def test_service_tags_mean_what_azure_says(tag: str, source: Intervals, *, inside: bool):
    rules = [
        rule("Tag", 100, protocol="Tcp", destinationPortRange="443", sourceAddressPrefix=tag),
        rule("Rest", 200, "Deny"),
    ]
    assert passes(rules, source=source) == ("tcp 443" if inside else "none")


def test_a_rule_about_part_of_the_internet_lets_that_part_in():
    half = [rule("Some", 100, sourceAddressPrefix="198.51.100.0/24")]
    made = with_default_rules("nsg", [parse(row) for row in half])
    flow = Flow(addresses.INTERNET, network("10.0.0.4"), services.EVERYTHING)
    (allowed,) = made.evaluate("Inbound", flow, VNET).allowed
    assert addresses.text(allowed.sources) == "198.51.100.0/24"


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"sourceApplicationSecurityGroups": [{"id": "/x"}]}, "application security groups"),
        ({"sourcePortRange": "1024-65535"}, "source ports"),
    ],
)
def test_what_can_not_be_decided_is_refused(more: dict[str, Any], message: str):
    with pytest.raises(ValueError, match=message):
        parse(rule("Odd", 100, **more))


def test_an_unknown_service_tag_is_refused_with_those_that_are_known():
    with pytest.raises(ValueError, match=r"SqlManagement.*GatewayManager"):
        passes([rule("Odd", 100, sourceAddressPrefix="SqlManagement")])
