"""DNS servers of the networks: what is written, what waits for them, and who lets them through."""

from __future__ import annotations

import copy
import dataclasses
from typing import Any
from unittest import mock

import pulumi
import pytest

from cli.simulated.fixture import fixture_of, load_fixture
from cli.stack_file import config_with_placeholders
from simulator.azure.cloud import Cloud
from tests.helpers.mocks import Recording
from tests.helpers.stacks import ROOT, run_program, with_dns_servers

NETWORK, CLUSTER = "network:VirtualNetwork", "containerservice:ManagedCluster"
GROUP = "network:FirewallPolicyRuleCollectionGroup"
RESERVED = [{"name": "dns", "cidr": "10.99.0.0/24"}]
FIREWALL_ADDRESS, RESOLVER_ADDRESS = "10.61.0.68", "10.61.0.244"


def servers_of(recording: Recording) -> dict[str, Any]:
    return {item.name: item.inputs.get("dhcpOptions") for item in recording.of_type(NETWORK)}


def test_each_network_has_its_own_servers_in_their_order():
    config = with_dns_servers("vpn", ["172.20.0.11", "172.20.0.10"])
    config["aks-network:management"]["dnsServers"] = ["172.20.0.10"]
    assert servers_of(run_program(config)) == {
        "network-vnet": {"dnsServers": ["172.20.0.11", "172.20.0.10"]},
        "management-vnet": {"dnsServers": ["172.20.0.10"]},
    }


@pytest.mark.parametrize(("server", "waits"), [("172.20.0.10", True), ("10.60.15.250", False)])
def test_the_cluster_waits_for_the_gateway_that_leads_to_its_dns_server(
    server: str, *, waits: bool
):
    recording = run_program(with_dns_servers("vpn", [server]))
    for token in ("network:VirtualNetworkGateway", "network:VirtualNetworkGatewayConnection"):
        resource = recording.one(token)
        assert (resource.urn in recording.waits_for(recording.one(CLUSTER))) == waits


def test_without_servers_azure_resolves():
    assert set(servers_of(run_program(with_dns_servers("vpn", []))).values()) == {None}


def dns_rule(recording: Recording) -> dict[str, Any] | None:
    rules = [
        rule
        for group in recording.of_type(GROUP)
        for collection in group.inputs["ruleCollections"]
        for rule in collection["rules"]
        if rule["name"] == "dns"
    ]
    return rules[0] if rules else None


def test_the_firewall_lets_nodes_ask_the_servers_beyond_both_networks():
    servers = ["10.99.0.4", "10.61.0.250", "10.99.0.5"]
    rule = dns_rule(run_program(with_dns_servers("firewall", servers, reserved=RESERVED)))
    assert rule is not None
    assert rule["destinationAddresses"] == ["10.99.0.4", "10.99.0.5"]
    assert rule["ipProtocols"] == ["TCP", "UDP"]
    assert rule["destinationPorts"] == ["53"]
    assert "10.200.0.0/16" in rule["sourceAddresses"], "pods in an overlay"


def test_no_rule_leads_to_a_server_in_the_networks():
    assert dns_rule(run_program(with_dns_servers("firewall", ["10.61.0.250"]))) is None


def test_the_cluster_waits_for_the_firewall_that_is_its_dns_server():
    recording = run_program(with_dns_servers("firewall", [FIREWALL_ADDRESS]))
    firewall = recording.one("network:AzureFirewall")
    assert firewall.urn in recording.waits_for(recording.one(CLUSTER))


def with_gateway(servers: list[str]) -> dict[str, Any]:
    """A stack with an Application Gateway and a DNS private resolver."""
    config = copy.deepcopy(config_with_placeholders(ROOT / "Pulumi.dev.yaml"))
    config["aks-network:network"] |= {"dnsServers": servers, "reserved": []}
    gateway = with_dns_servers("expressroute", [])["aks-network:management"]["gateway"]
    config["aks-network:management"] |= {"gateway": gateway, "dnsResolver": True}
    return config


def test_the_cluster_waits_for_the_resolver_that_is_its_dns_server_and_the_gateway_does_not():
    plain = run_program(with_gateway([]))
    (endpoint,) = plain.of_type("dnsresolver:InboundEndpoint")
    address = endpoint.inputs["ipConfigurations"][0]["privateIpAddress"]
    recording = run_program(with_gateway([address]))
    assert endpoint.urn not in plain.waits_for(plain.one(CLUSTER))
    assert endpoint.urn in recording.waits_for(recording.one(CLUSTER))
    # It asks Azure's resolver for its key vault.
    gateway = recording.one("network:ApplicationGateway")
    assert endpoint.urn not in recording.waits_for(gateway)


@pytest.mark.parametrize(("servers", "rules"), [
    ([], ["AllowDnsInbound"]),
    ([RESOLVER_ADDRESS], ["AllowDnsInbound", "AllowClusterDnsInbound"]),
])  # fmt: skip
def test_the_resolver_lets_the_cluster_in_only_where_it_is_its_dns_server(
    servers: list[str], rules: list[str]
):
    recording = run_program(with_dns_servers("vpn", servers))
    group = recording.one("network:NetworkSecurityGroup", "management-dnsResolver-nsg")
    allowed = [rule for rule in group.inputs["securityRules"] if rule["access"] == "Allow"]
    assert [rule["name"] for rule in allowed] == rules
    assert {rule["protocol"] for rule in allowed} == {"*"}
    sources = {rule.get("sourceAddressPrefix") for rule in allowed}
    assert ("10.60.0.0/20" in sources) == bool(servers)


def existing(given: list[str], actual: list[str]) -> Recording:
    """The program in an existing network that has these servers."""
    cloud = Cloud()
    load_fixture(cloud, fixture_of(ROOT / "examples" / "byo-vnet.yaml"))
    (network,) = cloud.store.of_type(NETWORK)
    cloud.store.put(
        dataclasses.replace(
            network, outputs={**network.outputs, "dhcpOptions": {"dnsServers": actual}}
        )
    )
    return run_program(with_dns_servers("byo-vnet", given), cloud=cloud)


HOP = ["10.60.0.250", "10.60.0.251"]


def test_the_settings_say_what_an_existing_network_has():
    assert existing(HOP, HOP).one(CLUSTER)
    with pytest.raises(pulumi.RunError, match=r"it has 10\.60\.0\.250, 10\.60\.0\.251"):
        existing(HOP[::-1], HOP)
    with pytest.raises(pulumi.RunError, match="it has none, so Azure resolves names"):
        existing(HOP, [])


def test_servers_that_the_settings_leave_out_are_a_warning():
    with mock.patch("pulumi.log.warn") as warn:
        existing([], HOP)
    assert "dnsServers should be the DNS servers of the network" in str(warn.call_args_list)


HUB = ROOT / "examples" / "byo-hub.yaml"


def spoke(phase: str) -> dict[str, Any]:
    return with_dns_servers("byo-hub", ["10.61.0.100"]) | {"aks-network:phase": phase}


def test_servers_in_a_hub_that_is_not_connected_are_the_first_phase():
    cloud = Cloud()
    load_fixture(cloud, fixture_of(HUB))
    with pytest.raises(pulumi.RunError, match="nothing was registered") as error:
        run_program(spoke("all"), cloud=cloud)
    assert "aks-network:network.dnsServers[0]: 10.61.0.100" in str(error.value)
    assert "one of the nodes' DNS servers" in str(error.value)
    run_program(spoke("networks"), cloud=cloud)
    with pytest.raises(pulumi.RunError, match="is Initiated, not Connected"):
        run_program(spoke("all"), cloud=cloud)
    (own,) = [item for item in cloud.store.of_type(NETWORK) if "spoke" in item.name]
    side = {"resourceGroupName": "rg-hub", "virtualNetworkName": "vnet-hub"}
    side |= {"virtualNetworkPeeringName": "spoke", "remoteVirtualNetwork": {"id": own.id}}
    cloud.put("network:VirtualNetworkPeering", side)
    assert run_program(spoke("all"), cloud=cloud).one(CLUSTER)
