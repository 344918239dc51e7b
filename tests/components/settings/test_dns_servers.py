"""DNS servers of the networks: where they may be, and what must resolve there."""

from __future__ import annotations

from typing import Any

import pytest

from components.problems import ConfigurationError
from components.settings.load import configuration
from tests.helpers.stacks import with_dns_servers as example

SERVERS = "network.dnsServers"
VAULT, API = "privatelink.vaultcore.azure.net", "privatelink.westeurope.azmk8s.io"
FIREWALL_ADDRESS = "10.61.0.68"


def problems(config: dict[str, Any]) -> dict[str, str]:
    try:
        configuration(config)
    except ConfigurationError as error:
        return {one.path.removeprefix("aks-network:"): str(one) for one in error.problems}
    return {}


def warnings(config: dict[str, Any]) -> str:
    return "\n".join(configuration(config).warnings)


def behind_hub(servers: list[str], private_dns: dict[str, Any], **cluster: Any) -> dict[str, Any]:
    config = example("byo-hub", servers, privateDns=private_dns)
    config["aks-network:cluster"] |= cluster
    return config


RESERVED = [{"name": "dns", "cidr": "10.99.0.0/24"}]


@pytest.mark.parametrize(
    "config",
    [
        example("firewall", []),
        example("firewall", ["10.60.15.250", "10.61.0.250"]),
        example("firewall", ["10.99.0.4", "10.99.0.5"], reserved=RESERVED),
        example("appliance", ["10.99.0.4"]),
        example("vpn", ["172.20.0.10"]),
        example("vpn", ["10.61.0.244"]),
        example("kubenet", ["10.99.0.4"], reserved=RESERVED),
        example("byo-vnet", ["10.99.0.4"]),
    ],
    ids=str,
)
def test_servers_in_known_networks_or_behind_a_route_are_accepted(config: dict[str, Any]):
    assert not problems(config)


@pytest.mark.parametrize(
    ("config", "path", "words"),
    [
        (example("firewall", ["dns.example.com"]), f"{SERVERS}[0]", "must be an IPv4 address"),
        (example("firewall", ["10.61.0.250/32"]), f"{SERVERS}[0]", "must be an IPv4 address"),
        (example("firewall", ["10.61.0.250"] * 2), f"{SERVERS}[1]", "must be unique"),
        (example("firewall", [f"10.60.14.{n}" for n in range(10, 31)]), SERVERS, "at most 20"),
        (example("firewall", ["168.63.129.16"]), f"{SERVERS}[0]", "Azure's own resolver"),
        (example("firewall", ["10.200.3.4"]), f"{SERVERS}[0]", "podCidr or serviceCidr"),
        (example("firewall", ["10.100.0.10"]), f"{SERVERS}[0]", "podCidr or serviceCidr"),
        (example("firewall", ["10.99.0.4"]), f"{SERVERS}[0]", "aks-network:network.reserved"),
        (example("firewall", ["8.8.8.8"]), f"{SERVERS}[0]", "must be a private address"),
        (example("appliance", ["8.8.8.8"]), f"{SERVERS}[0]", "must be a private address"),
        (example("firewall", ["10.61.0.65"]), f"{SERVERS}[0]", "that Azure reserves in 10.61.0.64"),
    ],
    ids=str,
)  # fmt: skip
def test_a_server_that_cannot_answer_is_refused_with_a_remedy(
    config: dict[str, Any], path: str, words: str
):
    found = problems(config)[path]
    assert words in found
    assert found.count(" — ") == 2


def test_an_unreadable_network_hides_no_problem_of_the_servers():
    config = example("firewall", ["8.8.8.8"], egress="nowhere")
    assert f"{SERVERS}[0]" not in problems(config), "where the default route leads is not known"
    assert f"{SERVERS}[0]" in problems(example("firewall", ["10.100.0.10"], egress="nowhere"))


@pytest.mark.parametrize(("tier", "refused"), [("Standard", False), ("Basic", True)])
def test_the_firewall_is_a_dns_server_from_the_tier_standard_on(tier: str, *, refused: bool):
    found = problems(example("firewall", [FIREWALL_ADDRESS], firewall={"tier": tier}))
    assert ("tier Basic has no DNS proxy" in found.get(f"{SERVERS}[0]", "")) == refused


@pytest.mark.parametrize(
    ("name", "server"), [("firewall", FIREWALL_ADDRESS), ("vpn", "10.61.0.244")]
)
def test_the_management_network_does_not_ask_its_own_services(name: str, server: str):
    config = example(name, [])
    config["aks-network:management"]["dnsServers"] = [server]
    assert "the jump box starts before it" in problems(config)["management.dnsServers[0]"]


def test_the_management_network_has_servers_of_its_own():
    config = example("vpn", [])
    config["aks-network:management"]["dnsServers"] = ["172.20.0.10", "172.20.0.11"]
    assert not problems(config)
    config["aks-network:management"]["dnsServers"] = ["10.99.0.4"]
    assert "must be in a network that is known" in problems(config)["management.dnsServers[0]"]


def test_another_teams_management_network_keeps_its_servers():
    config = example("byo-hub", [])
    config["aks-network:management"]["dnsServers"] = ["10.61.0.4"]
    assert "another team's network" in problems(config)["management.dnsServers"]


IN_HUB = ["10.61.0.100"]
GROUP = "/subscriptions/33333333-3333-4333-8333-333333333333/resourceGroups/rg-dns"
ZONES = [f"{GROUP}/providers/Microsoft.Network/privateDnsZones/{name}" for name in (VAULT, API)]


@pytest.mark.parametrize(
    ("private_dns", "cluster", "refused"),
    [
        ({}, {"private": True}, True),
        ({"existingZones": ZONES[:1]}, {"private": True}, True),
        ({"existingZones": ZONES}, {"private": True}, False),
        ({"linkManagementNetwork": True}, {"private": True}, False),
        ({}, {"private": False}, False),
    ],
    ids=str,
)
def test_nodes_must_find_a_private_api_server_by_the_servers_in_the_hub(
    private_dns: dict[str, Any], cluster: dict[str, Any], *, refused: bool
):
    found = problems(behind_hub(IN_HUB, private_dns, **cluster))
    assert (f"must be in a network that {API} is linked to" in str(found)) == refused
    assert bool(found) == refused


def test_a_private_cluster_with_kubenet_has_azures_dns():
    config = example("kubenet", ["10.99.0.4"], reserved=RESERVED)
    config["aks-network:cluster"]["private"] = True
    assert "can't create a private cluster with kubenet" in problems(config)[SERVERS]


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (example("firewall", ["10.61.0.250"]), "10.61.0.250 must answer over UDP and TCP 53"),
        (example("firewall", ["10.61.0.250"]), "forward to 168.63.129.16"),
        (example("vpn", ["172.20.0.10"]), "to 10.61.0.244, the DNS private resolver of this stack"),
        (example("firewall", ["10.99.0.4"], reserved=RESERVED), f"{VAULT}, {API}"),
        (example("appliance", ["10.99.0.4"]), "must allow UDP and TCP 53 to 10.99.0.4"),
    ],
    ids=str,
)
def test_the_owner_of_the_servers_learns_what_they_must_do(config: dict[str, Any], words: str):
    assert words in warnings(config)


@pytest.mark.parametrize("server", [None, FIREWALL_ADDRESS])
def test_the_firewalls_dns_proxy_needs_nobody(server: str | None):
    config = example("firewall", [server] if server else [])
    assert "dnsServers" not in warnings(config)
