"""DNS of every host: a record in a zone of the stack, or an output that says what to enter."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any
from unittest import mock

import pulumi
import pytest

from cli.stack_file import config_with_placeholders
from components.azure.roles import Role
from tests.helpers.mocks import Recording
from tests.helpers.stacks import ROOT, recorded_file, run_program

PREFIX = "service.beta.kubernetes.io/azure-load-balancer"
PIP_NAME = "service.beta.kubernetes.io/azure-pip-name"
BY_CHART = ("traefik", "contour", "haproxy")
EXTERNAL = {"external": {"sourceRanges": ["198.51.100.0/24"]}}
PROFILE = "55ce4ed1-4b06-4bf1-b40e-4638452104da"
Edit = Callable[[dict[str, Any]], None]


def ingress(**changes: Any) -> Edit:
    def edit(config: dict[str, Any]) -> None:
        config["aks-network:ingress"].update(changes)
        if "waf" in changes:
            config["aks-network:kubernetes"]["applications"][0].setdefault(
                "tls", {"secretName": "myapp-tls"}
            )

    return edit


def deploy(name: str, edit: Edit) -> tuple[Recording, dict[str, Any]]:
    """What an example with an edit registers, and its outputs."""
    config = config_with_placeholders(ROOT / "examples" / f"{name}.yaml")
    edit(config)
    outputs: dict[str, Any] = {}

    def export(key: str, value: Any) -> None:
        pulumi.Output.from_input(value).apply(lambda known: outputs.update({key: known}))

    with mock.patch("pulumi.export", export):
        recording = run_program(config, seed=ROOT / "examples" / f"{name}.cloud.yaml")
    return recording, outputs


def records(recording: Recording) -> dict[str, dict[str, Any]]:
    """The record sets of all zones by `<name>.<zone>`."""
    found: dict[str, dict[str, Any]] = {}
    for token, zone in (("dns:RecordSet", "zoneName"), ("privatedns:PrivateRecordSet",) * 2):
        for item in recording.of_type(token):
            name = item.inputs.get(zone) or item.inputs["privateZoneName"]
            found[f"{item.inputs['relativeRecordSetName']}.{name}"] = item.inputs
    return found


INTERNAL_ZONE = ingress(waf="none", publicDnsZones=[], privateDnsZones=["myapp.com"])


@pytest.mark.parametrize("name", BY_CHART)
def test_a_host_behind_a_chart_resolves_in_the_private_zone_to_the_planned_address(name: str):
    recording, outputs = deploy(name, INTERNAL_ZONE)
    record = records(recording)["@.myapp.com"]
    release = recording.one("kubernetes:helm.sh/v3:Release")
    planned = outputs["ingressAddress"]
    assert record["aRecords"] == [{"ipv4Address": planned}]
    assert f"'{PREFIX}-ipv4': '{planned}'" in str(release.inputs["values"])
    assert outputs["dnsEntries"] == []


def test_the_addon_makes_its_own_private_records():
    recording, outputs = deploy("internal-class", lambda _: None)
    assert not recording.of_type("privatedns:PrivateRecordSet")
    assert outputs["dnsEntries"] == []


@pytest.mark.parametrize("name", BY_CHART)
def test_a_public_host_behind_a_chart_resolves_to_its_static_address(name: str):
    recording, outputs = deploy(
        name, ingress(waf="none", exposure="external", publicDnsZones=["myapp.com"])
    )
    address = recording.one("network:PublicIPAddress", "origin-ip")
    made = recording.made(address)
    assert records(recording)["@.myapp.com"]["targetResource"]["id"] == made.id
    assert outputs["ingressAddress"] == made.outputs["ipAddress"]
    assert made.name in str(recording.one("kubernetes:helm.sh/v3:Release").inputs["values"])
    assert outputs["dnsEntries"] == []


def test_agic_and_the_traffic_controller_have_private_records_too():
    zone = {"privateDnsZones": ["shop.internal"]}

    def host(config: dict[str, Any]) -> None:
        config["aks-network:ingress"].update(zone)
        config["aks-network:kubernetes"]["applications"][0]["host"] = "www.shop.internal"

    recording, outputs = deploy("agic", host)
    address = recording.made(recording.one("network:PublicIPAddress", "waf-ip"))
    record = records(recording)["www.shop.internal"]
    assert record["aRecords"] == [{"ipv4Address": address.outputs["ipAddress"]}]
    assert outputs["dnsEntries"] == []
    recording, outputs = deploy("agc", host)
    assert records(recording)["www.shop.internal"]["cnameRecord"] == {
        "cname": outputs["ingressHost"]
    }


@functools.cache
def behind_a_firewall() -> tuple[Recording, dict[str, Any]]:
    return deploy("external-waf", lambda _: None)


def test_behind_a_third_partys_firewall_no_public_name_leads_to_the_origin():
    recording, outputs = behind_a_firewall()
    profile = recording.one("containerservice:ManagedCluster").inputs["ingressProfile"]
    assert not profile["webAppRouting"].get("dnsZoneResourceIds")
    assert not [r for r in recording.registrations if r.type.endswith(":ClusterExternalDNS")]
    roles = [r.name for r in recording.of_type("authorization:RoleAssignment")]
    assert not {"routing-addon-myapp.com", "gateway-myapp.com"} & set(roles)
    assert not records(recording)
    assert recording.one("dns:Zone").inputs["zoneName"] == "myapp.com"
    assert outputs["dnsEntries"] == [
        {"host": "myapp.com", "type": "A", "value": "the address of your web application firewall"}
    ]


def test_the_origin_of_a_third_partys_firewall_is_a_static_address():
    recording, outputs = behind_a_firewall()
    address = recording.one("network:PublicIPAddress", "gateway-origin-ip")
    assert address.inputs["publicIPAllocationMethod"] == "Static"
    assert outputs["ingressAddress"] == recording.made(address).outputs["ipAddress"]
    role = recording.one("authorization:RoleAssignment", "gateway-origin-group")
    assert role.inputs["roleDefinitionId"].endswith(Role.NETWORK_CONTRIBUTOR)
    group = recording.made(recording.one("resources:ResourceGroup", "gateway-origin-rg"))
    assert role.inputs["scope"] == group.id
    cluster = recording.one("containerservice:ManagedCluster")
    assert {address.urn, role.urn} <= recording.waits_for(cluster)


@pytest.mark.parametrize("name", BY_CHART)
def test_behind_a_third_partys_firewall_a_chart_has_no_records_either(name: str):
    edit = ingress(waf=EXTERNAL, exposure="external", privateDnsZones=["myapp.com"])
    recording, outputs = deploy(name, edit)
    assert not records(recording)
    assert [entry["host"] for entry in outputs["dnsEntries"]] == ["myapp.com"]
    assert PIP_NAME in str(recording.one("kubernetes:helm.sh/v3:Release").inputs["values"])


def test_an_address_that_nobody_needs_to_know_is_left_to_aks():
    recording, outputs = deploy("external-waf", ingress(waf="none"))
    assert not [r for r in recording.of_type("network:PublicIPAddress") if "origin" in r.name]
    assert "ingressAddress" not in outputs
    assert outputs["dnsEntries"] == [], "the add-on publishes it"


@pytest.mark.parametrize(
    ("name", "edit", "kind", "value"),
    [
        ("traefik", ingress(publicDnsZones=[]), "A", "wafPublicAddress"),
        ("traefik", ingress(publicDnsZones=[], waf="none"), "A", "ingressAddress"),
        ("traefik", ingress(publicDnsZones=[], waf="none", exposure="external"), "A",
         "ingressAddress"),
        ("agc", ingress(publicDnsZones=[]), "CNAME", "ingressHost"),
        ("external-waf", ingress(publicDnsZones=[], waf="none"), "A",
         "the EXTERNAL-IP of the ingress controller's Service"),
        ("traefik", ingress(waf="none", controller="none", controllerNamespace="own"), "A",
         "the address of your own ingress controller"),
    ],
)  # fmt: skip
def test_an_output_says_what_to_enter_where_no_record_can_be_made(
    name: str, edit: Edit, kind: str, value: str
):
    _, outputs = deploy(name, edit)
    (entry,) = outputs["dnsEntries"]
    assert (entry["type"], entry["value"]) == (kind, outputs.get(value, value))
    assert entry["host"] in outputs["hosts"]


def test_no_record_is_written_to_another_teams_zone():
    zone = (
        "/subscriptions/33333333-3333-4333-8333-333333333333/resourceGroups/rg-dns/providers"
        "/Microsoft.Network/privateDnsZones/myapp.com"
    )

    def edit(config: dict[str, Any]) -> None:
        INTERNAL_ZONE(config)
        config["aks-network:network"]["privateDns"] = {"existingZones": [zone]}

    recording, outputs = deploy("traefik", edit)
    assert not records(recording)
    assert outputs["dnsEntries"] == [
        {"host": "myapp.com", "type": "A", "value": outputs["ingressAddress"]}
    ]


def test_the_examples_behind_a_firewall_leave_every_host_to_its_owner():
    recording = recorded_file(ROOT / "examples" / "kv-certificate.yaml")
    assert not records(recording)


@pytest.mark.parametrize(
    ("name", "waf", "host"),
    [
        ("traefik", {"frontDoorId": PROFILE}, "myapp.com"),
        ("agic", {"frontDoorId": PROFILE}, "myapp.com"),
        ("agc", {"frontDoorId": PROFILE}, "www.myapp.com"),
        ("haproxy", {"external": {"frontDoorId": PROFILE}}, "myapp.com"),
    ],
)
def test_public_names_behind_front_door_are_left_to_whoever_manages_it(
    name: str, waf: dict[str, Any], host: str
):
    def edit(config: dict[str, Any]) -> None:
        given = config["aks-network:ingress"]
        external = "external" in waf
        given |= {"waf": waf if external else {**given["waf"], **waf}}
        given["exposure"] = "external" if external or name == "agc" else "internal"

    recording, outputs = deploy(name, edit)
    assert not recording.of_type("dns:RecordSet")
    (entry,) = outputs["dnsEntries"]
    assert (entry["host"], entry["type"]) == (host, "CNAME")
    assert entry["value"] == "the host name of your Azure Front Door endpoint"
