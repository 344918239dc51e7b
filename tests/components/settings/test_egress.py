"""Egress through a firewall or an appliance, with each controller and API server."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from components.problems import ConfigurationError
from components.settings.load import configuration
from tests.helpers.certificates import PFX
from tests.helpers.stacks import example


def with_own_controller(name: str) -> dict[str, Any]:
    config = example(name)
    config["aks-network:ingress"] = {"controller": "none", "controllerNamespace": "nginx"}
    return config


@pytest.mark.parametrize(("name", "advised"), [("firewall", True), ("load-balancer", False)])
def test_a_controller_of_ones_own_is_advised_to_be_internal(name: str, *, advised: bool):
    warnings = configuration(with_own_controller(name)).warnings
    assert any("must have an internal load balancer" in text for text in warnings) == advised


def zone_advice(pools: list[list[str]], nat: Any, egress: str = "nat-gateway") -> list[str]:
    """The advice on the zone of the egress of pools in these zones."""
    config = example("load-balancer")
    config["aks-network:network"] |= {"egress": egress, "natGateway": nat}
    pool = {**config["aks-network:cluster"]["nodePools"][0], "mode": "System", "os": "Linux"}
    config["aks-network:cluster"]["nodePools"] = [
        {**pool, "name": f"p{number}", "zones": given} for number, given in enumerate(pools)
    ]
    return [text for text in configuration(config).warnings if "depends on" in text]


ALL_ZONES = ["1", "2", "3"]


@pytest.mark.parametrize(
    ("pools", "nat", "words"),
    [
        (
            [ALL_ZONES],
            {},
            "1, 2, 3 depends on one zone: a NAT gateway of the SKU Standard is in one",
        ),
        (
            [["1"], ["2"]],
            {"zones": ["2"]},
            "depends on one zone: a NAT gateway of the SKU Standard",
        ),
        ([ALL_ZONES], {}, "use aks-network:network.natGateway.sku: StandardV2, which is in all"),
        ([["1"]], {"zones": ["2"]}, 'zone 2; use aks-network:network.natGateway.zones: ["1"]'),
        ([["1"]], {}, "depends on the zone that Azure chooses for the NAT gateway; use"),
    ],
)
def test_a_nat_gateway_in_another_zone_than_the_nodes_is_worth_a_word(pools, nat, words):
    (text,) = zone_advice(pools, nat)
    assert words in text


@pytest.mark.parametrize(
    ("pools", "egress", "nat"),
    [
        ([[]], "nat-gateway", {}),
        ([["3"]], "nat-gateway", {"zones": ["3"]}),
        ([ALL_ZONES], "nat-gateway", {"sku": "StandardV2"}),
        ([["1"]], "nat-gateway", {"sku": "StandardV2"}),
        ([ALL_ZONES], "load-balancer", {}),
        ([ALL_ZONES], "firewall", {}),
    ],
)
def test_other_egress_in_zones_needs_no_word(pools, egress, nat):
    assert zone_advice(pools, nat, egress) == []


EGRESS = ("nat-gateway", "load-balancer", "firewall", "appliance")
CONTROLLERS = ("app-routing", "nginx", "traefik", "contour", "haproxy", "agic", "agc", "none")
API_SERVERS = {
    "private": {"private": True},
    "private and integrated": {"private": True, "apiServerVnetIntegration": True},
    "integrated": {"private": False, "apiServerVnetIntegration": True},
    "public": {"private": False},
}
WAFS = ("none", "gateway", "external")
OF_EXAMPLE = {"app-routing": "internal-class"}


def stack(egress: str, controller: str, api_server: str, exposure: str, waf: str) -> dict[str, Any]:
    """A stack with this egress, controller, API server and exposure."""
    config = example(OF_EXAMPLE.get(controller, controller if controller != "none" else "firewall"))
    config["aks-network:network"].pop("firewall", None)
    config["aks-network:network"]["egress"] = egress
    if egress == "appliance":
        config["aks-network:network"]["applianceIp"] = "10.99.0.4"
    config["aks-network:cluster"] |= API_SERVERS[api_server]
    config.setdefault("aks-network:kubernetes", {})["reachable"] = True
    ingress = config.setdefault("aks-network:ingress", {"controller": "none"})
    ingress["exposure"] = exposure
    ranges = {"external": {"sourceRanges": ["203.0.113.0/24"]}}
    gateway = ingress.get("waf", {"certificate": {"pfx": PFX}})
    if controller == "nginx" and waf == "gateway" and isinstance(gateway, str):
        gateway = {"certificate": {"pfx": PFX}}
    ingress["waf"] = {"none": "none", "gateway": gateway, "external": ranges}[waf]
    for application in config["aks-network:kubernetes"].get("applications", ()):
        application.setdefault("tls", {"secretName": "tls"})
    return config


def fits(controller: str, exposure: str, waf: str) -> bool:
    """Whether controller, exposure and firewall go together whatever the egress is."""
    if controller == "agic":
        return (exposure, waf) == ("internal", "gateway")
    if controller == "agc":
        return exposure == "external" and waf != "external"
    if controller == "none":
        return waf == "none"
    return {"none": True, "gateway": exposure == "internal", "external": exposure == "external"}[
        waf
    ]


@pytest.mark.parametrize("controller", CONTROLLERS)
@pytest.mark.parametrize("egress", EGRESS)
def test_every_egress_with_every_controller_and_api_server_works_or_is_refused(
    egress: str, controller: str
):
    """Behind a firewall or an appliance no load balancer of the cluster is public."""
    through_hop = egress in {"firewall", "appliance"}
    has_load_balancer = controller not in {"agic", "agc", "none"}
    for api_server, exposure, waf in itertools.product(API_SERVERS, ("internal", "external"), WAFS):
        accepted = fits(controller, exposure, waf)
        if through_hop and has_load_balancer:
            accepted = accepted and exposure == "internal"
        config = stack(egress, controller, api_server, exposure, waf)
        found = problems(config)
        assert (not found) == accepted, (api_server, exposure, waf, found)


def problems(config: dict[str, Any]) -> list[str]:
    try:
        configuration(config)
    except ConfigurationError as error:
        return [str(problem) for problem in error.problems]
    return []


@pytest.mark.parametrize(
    ("name", "changes", "advised"),
    [
        ("firewall-kn", {}, "TCP 443 to all of Azure in the region"),
        ("appliance", {}, "appliance must allow TCP 443 to the address of the API server"),
        ("appliance", {"apiServerVnetIntegration": True}, None),
        ("load-balancer", {"private": False}, None),
    ],
)
def test_pods_that_dial_a_public_api_server_are_worth_a_word(
    name: str, changes: dict[str, Any], advised: str | None
):
    config = example(name)
    config["aks-network:cluster"] |= changes
    about = [text for text in configuration(config).warnings if "TCP 443" in text]
    assert len(about) == (advised is not None)
    assert advised is None or advised in about[0]


@pytest.mark.parametrize(
    ("count", "protect", "advised"),
    [(1, True, True), (19, True, True), (20, True, False), (1, False, False)],
)
def test_few_addresses_of_a_firewall_in_production_are_worth_a_word(
    count: int, *, protect: bool, advised: bool
):
    config = example("firewall")
    config["aks-network:protect"] = protect
    config["aks-network:network"]["firewall"]["publicIpCount"] = count
    about = [text for text in configuration(config).warnings if "publicIpCount" in text]
    assert bool(about) == advised


@pytest.mark.parametrize("count", [0, 251])
def test_a_firewall_has_1_to_250_addresses(count: int):
    config = example("firewall")
    config["aks-network:network"]["firewall"]["publicIpCount"] = count
    (problem,) = problems(config)
    assert problem.startswith("aks-network:network.firewall.publicIpCount")


@pytest.mark.parametrize(("ranges", "accepted"), [(180, True), (181, False)])
def test_the_api_servers_ranges_have_room_for_the_firewalls_addresses(
    ranges: int, *, accepted: bool
):
    config = stack("firewall", "none", "public", "internal", "none")
    config["aks-network:network"]["firewall"] = {"publicIpCount": 20}
    config["aks-network:cluster"]["authorizedIpRanges"] = [
        f"198.51.{number}.0/24" for number in range(ranges)
    ]
    found = problems(config)
    assert (not found) == accepted, found
    if not accepted:
        assert "must be at most 180 ranges" in found[0]
