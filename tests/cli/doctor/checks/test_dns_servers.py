"""The check of the DNS servers: whether the private zones resolve where they are."""

from __future__ import annotations

from typing import Any

import pytest

from cli.doctor.checks import dns_servers, phases
from cli.doctor.client import Response
from cli.doctor.context import Context
from cli.doctor.findings import Result
from tests.cli.doctor.contexts import all_ok, context, worst

HUB = "/subscriptions/s/resourceGroups/rg-hub/providers/Microsoft.Network/virtualNetworks/vnet-hub"
VAULT, API = "privatelink.vaultcore.azure.net", "privatelink.westeurope.azmk8s.io"
NETWORK = "virtualNetworks/vnet-shop-spoke-westeurope"
FIREWALL = "virtualNetworks/vnet-shop-firewall-westeurope"


def asking(
    stack: str, *servers: str, answers: dict[str, Any] | None = None, **network: Any
) -> Context:
    def edit(config: dict[str, Any]) -> None:
        config["aks-network:network"] |= {"dnsServers": list(servers), **network}

    return context(stack, edit=edit, answers=answers)


def test_without_servers_azure_resolves():
    assert "Azure resolves" in all_ok(dns_servers.servers, context("dev"))


@pytest.mark.parametrize("server", ["10.60.15.250", "10.61.0.68"])
def test_the_program_links_its_zones_to_its_own_networks(server: str):
    found = all_ok(dns_servers.servers, asking("firewall", server))
    assert "all private zones are linked to" in found


def test_the_hubs_owner_has_linked_the_zones_to_the_hub():
    all_ok(dns_servers.servers, asking("byo-hub", "10.61.0.100"))


@pytest.mark.parametrize(("zone", "result"), [(API, Result.FAILED), (VAULT, Result.WARNING)])
def test_a_zone_that_does_not_resolve_at_the_servers_is_found(zone: str, result: Result):
    empty = {f"{zone}/virtualNetworkLinks": Response(200, {"value": []})}
    found = worst(dns_servers.servers, asking("byo-hub", "10.61.0.100", answers=empty))
    assert found.result == result
    assert zone in found.detail
    assert "vnet-hub" in found.detail
    assert "aks-network:phase: networks" in found.remedy


def test_links_that_may_not_be_read_are_not_checked():
    denied = {f"{API}/virtualNetworkLinks": Response(403)}
    found = worst(dns_servers.servers, asking("byo-hub", "10.61.0.100", answers=denied))
    assert found.result == Result.UNCHECKED


RESERVED = [{"name": "dns", "cidr": "10.99.0.0/24"}]


def peered(network: str, *states: str) -> dict[str, Any]:
    """Answers that show peerings with a network that contains the server."""
    rows = [
        {
            "name": "peer-dns",
            "properties": {
                "peeringState": state,
                "remoteVirtualNetwork": {"id": HUB},
                "remoteAddressSpace": {"addressPrefixes": ["10.99.0.0/24"]},
            },
        }
        for state in states
    ]
    return {
        network: Response(200, {"id": network}),
        f"{network}/virtualNetworkPeerings": Response(200, {"value": rows}),
    }


def test_a_server_in_no_known_network_is_a_warning():
    found = worst(dns_servers.servers, asking("firewall", "10.99.0.4", reserved=RESERVED))
    assert found.result == Result.WARNING
    assert "not known where it resolves names" in found.detail
    assert f"{VAULT}, {API}" in found.remedy


def test_a_peered_network_that_the_stacks_zones_are_not_linked_to_fails():
    answers = peered(FIREWALL, "Connected")
    about = asking("firewall", "10.99.0.4", answers=answers, reserved=RESERVED)
    found = worst(dns_servers.servers, about)
    assert found.result == Result.FAILED
    assert HUB in found.detail


@pytest.mark.parametrize(
    ("states", "result"), [((), Result.FAILED), (("Initiated",), Result.FAILED),
                           (("Connected",), Result.OK)],
)  # fmt: skip
def test_the_phase_says_whether_a_peering_leads_to_the_servers(
    states: tuple[str, ...], result: Result
):
    answers = peered("virtualNetworks/vnet-shop-load-balance-westeurope", *states)
    about = asking("load-balancer", "10.99.0.4", answers=answers, reserved=RESERVED)
    (found,) = phases.phase(about)
    assert found.result == result
    assert "10.99.0.4, one of the nodes' DNS servers" in found.detail
