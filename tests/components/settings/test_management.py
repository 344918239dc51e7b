"""What the settings of the management network may hold, and what they say when they may not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from components.settings.load import configuration
from tests.helpers.broken import problems
from tests.helpers.loops import each
from tests.helpers.stacks import example

PREFIX = "aks-network:management."
Edit = Callable[[dict[str, Any]], None]


def ranges(count: int) -> list[str]:
    """So many ranges that overlap nothing."""
    return [f"172.{20 + number // 256}.{number % 256}.0/24" for number in range(count)]


def gateway(**changes: Any) -> Edit:
    return lambda management: management["gateway"].update(changes)


def box(**changes: Any) -> Edit:
    return lambda management: management["jumpBox"].update(changes)


def bastion(**changes: Any) -> Edit:
    return lambda management: management.update(bastion=changes)


CASES: list[tuple[str, str, Edit, str]] = [
    ("vpn", "gateway", gateway(kind="wires"), "use kind: none, kind: vpn or kind: expressRoute"),
    ("vpn", "gateway.circuitId", gateway(circuitId="c"), "is not a setting"),
    ("vpn", "gateway.sharedkey", gateway(sharedkey="k"), "did you mean sharedKey?"),
    ("vpn", "gateway.site", gateway(site=None), "must be an object"),
    ("vpn", "gateway.sku", gateway(sku="VpnGw1"), "use VpnGw1AZ"),
    ("vpn", "gateway.zones", gateway(zones=[]), "must not be empty"),
    ("vpn", "gateway.sharedKey", gateway(sharedKey="with-hyphen"), "space, hyphen and tilde"),
    ("vpn", "gateway.sharedKey", gateway(sharedKey=""), "must not be empty"),
    (
        "vpn",
        "gateway.site.publicIp",
        gateway(site={"publicIp": "192.168.0.1", "addressSpace": "172.20.0.0/16"}),
        "a public address",
    ),
    (
        "vpn",
        "gateway.site.addressSpace",
        gateway(site={"publicIp": "203.0.113.1", "addressSpace": "172.20.0.1/16"}),
        "172.20.0.0/16",
    ),
    ("vpn", "gateway.bgp.asn", gateway(bgp={"asn": 65515, "peerAddress": "10.9.9.9"}), "reserve"),
    ("vpn", "gateway.bgp.asn", gateway(bgp={"asn": 64500, "peerAddress": "10.9.9.9"}), "reserve"),
    (
        "vpn",
        "gateway.bgp.asn",
        gateway(bgp={"asn": 65010, "gatewayAsn": 65010, "peerAddress": "10.9.9.9"}),
        "different number for each end",
    ),
    (
        "vpn",
        "gateway.bgp.peerAddress",
        gateway(bgp={"asn": 65010, "peerAddress": "203.0.113.10"}),
        "loopback",
    ),
    ("expressroute", "gateway.onPremises", gateway(onPremises=[]), "must not be empty"),
    (
        "expressroute",
        "gateway.onPremises",
        gateway(onPremises=ranges(1901)),
        "must be at most 1,900 ranges",
    ),
    (
        "vpn",
        "gateway.site.addressSpace",
        gateway(site={"publicIp": "203.0.113.1", "addressSpace": ranges(1001)}),
        "must be at most 1,000 ranges",
    ),
    ("expressroute", "gateway.circuitId", gateway(circuitId="erc"), "resource ID"),
    ("expressroute", "gateway.zones", gateway(zones=["1"]), "must not be set: Azure assigns"),
    (
        "expressroute",
        "dnsResolver",
        lambda m: m.update(gateway={"kind": "none"}),
        "use dnsResolver: false",
    ),
    ("bastion-premium", "jumpBox.fromOnPremises", box(fromOnPremises=True), "no gateway to"),
    ("bastion-premium", "jumpBox.tools", lambda m: m.update(natGateway=None), "without natGateway"),
    (
        "bastion-premium",
        "jumpBox.entraLogin",
        lambda m: m.update(natGateway=None),
        "without natGateway",
    ),
    ("vpn", "bastion.sku", bastion(sku="Developer"), "use Basic, Standard or Premium"),
    ("vpn", "bastion.tunneling", bastion(sku="Basic"), "needs the Standard SKU"),
    ("vpn", "bastion.fileCopy", bastion(sku="Basic", fileCopy=True), "sku: Standard"),
    ("vpn", "bastion.ipConnect", bastion(sku="Basic", ipConnect=True), "sku: Standard"),
    ("vpn", "bastion.shareableLink", bastion(sku="Basic", shareableLink=True), "sku: Standard"),
    ("vpn", "bastion.copyPaste", bastion(sku="Basic", copyPaste=False), "use copyPaste: true"),
    ("vpn", "bastion.scaleUnits", bastion(sku="Basic", scaleUnits=3), "must be 2"),
    ("vpn", "bastion.sessionRecording", bastion(sessionRecording=True), "sku: Premium"),
    (
        "vpn",
        "bastion.sessionRecording",
        bastion(sku="Premium", sessionRecording=True),
        "use tunneling: false",
    ),
    ("vpn", "bastion.fileCopy", bastion(tunneling=False, fileCopy=True), "native client"),
]


@pytest.mark.parametrize(
    ("name", "path", "edit", "words"),
    CASES,
    ids=[f"{path}-{words}" for _, path, _, words in CASES],
)
def test_what_azure_does_not_take_is_named_with_a_remedy(
    name: str, path: str, edit: Edit, words: str
):
    config = example(name)
    edit(config["aks-network:management"])
    found = problems(config)
    assert words in found[PREFIX + path]
    assert found[PREFIX + path].count(" — ") >= 2


@pytest.mark.parametrize(
    ("overlapping", "blamed"),
    [
        ("10.60.0.0/22", "aks-network:network.addressSpace"),
        ("10.61.0.0/26", "aks-network:management.addressSpace"),
        ("10.200.0.0/24", "aks-network:network.podCidr"),
        ("10.100.0.0/24", "aks-network:network.serviceCidr"),
    ],
)
def test_ranges_on_premises_overlap_nothing(overlapping: str, blamed: str):
    config = example("vpn")
    site = {"publicIp": "203.0.113.10", "addressSpace": ["172.20.0.0/16", overlapping]}
    config["aks-network:management"]["gateway"]["site"] = site
    found = problems(config)[blamed]
    assert "(aks-network:management.gateway.site.addressSpace[1])" in found


def test_a_line_to_on_premises_is_checked_for_overlap_too():
    config = example("expressroute")
    config["aks-network:management"]["gateway"]["onPremises"] = ["10.60.0.0/16"]
    found = problems(config)["aks-network:network.addressSpace"]
    assert "(aks-network:management.gateway.onPremises)" in found


def test_the_resolver_keeps_out_of_its_services_own_range():
    config = example("vpn")
    config["aks-network:management"]["addressSpace"] = "10.0.16.0/24"
    found = problems(config)[PREFIX + "dnsResolver"]
    assert "10.0.16.255" in found
    config["aks-network:management"]["addressSpace"] = ["10.0.16.0/24", "10.0.17.0/24"]
    config["aks-network:management"]["subnets"] = {"dnsResolver": "10.0.17.0/28"}
    assert configuration(config).plan.subnet("dnsResolver").prefix == "10.0.17.0/28"


def test_what_on_premises_shall_reach_is_an_internal_controller():
    config = example("vpn")
    config["aks-network:ingress"]["exposure"] = "external"
    assert "exposure: internal" in problems(config)[PREFIX + "gateway.reachesIngress"]


def test_a_vpn_without_its_key_asks_for_it_as_a_secret():
    config = example("vpn")
    del config["aks-network:management"]["gateway"]["sharedKey"]
    found = problems(config)[PREFIX + "gateway.sharedKey"]
    assert "pulumi config set --secret --path 'aks-network:management.gateway.sharedKey'" in found


@pytest.mark.parametrize("value", ["hunter2-hunter2", ["hunter2"], {"is": "hunter2"}])
def test_no_message_shows_a_gateways_secrets(value: Any):
    for name, key in (("vpn", "sharedKey"), ("expressroute", "authorizationKey")):
        config = example(name)
        config["aks-network:management"]["gateway"] |= {key: value, "sku": "none"}
        assert not [text for text in each(problems(config).values()) if "hunter2" in text]


def test_a_gateway_may_be_left_out_or_said_to_be_none():
    config = example("bastion-premium")
    plain = configuration(config).settings.management
    config["aks-network:management"]["gateway"] = {"kind": "none"}
    assert configuration(config).settings.management == plain
    assert plain.gateway.on_premises == ()


def test_a_machine_without_egress_may_have_it_through_on_premises():
    config = example("vpn")
    config["aks-network:management"]["natGateway"] = None
    assert configuration(config).settings.management.nat_gateway is None
