"""The checks of private DNS zones and their links to networks of other teams."""

from __future__ import annotations

from typing import Any, cast

import pytest

from cli.doctor.checks import existing, private_dns
from cli.doctor.checks.phases import network_of_cluster
from cli.doctor.client import Response
from cli.doctor.findings import CheckUnavailable, Result
from simulator.azure import identifiers
from simulator.azure.cloud import Cloud
from simulator.store import MemoryStore
from tests.cli.doctor.contexts import FakePulumi, Overruled, all_ok, context, roles, worst

CENTRAL = "33333333-3333-4333-8333-333333333333"
VAULT, API = "privatelink.vaultcore.azure.net", "privatelink.westeurope.azmk8s.io"
GROUP = f"/subscriptions/{CENTRAL}/resourceGroups/rg-dns/providers/Microsoft.Network"
HUB = (
    "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg-hub/providers"
    "/Microsoft.Network/virtualNetworks/vnet-hub"
)


def own_zones(config: dict[str, Any]) -> None:
    """The stack makes its zones itself and links the hub to them."""
    config["aks-network:network"]["privateDns"] = {"linkManagementNetwork": True}


def new_network_behind_the_hub(config: dict[str, Any]) -> None:
    """A new network of the cluster behind the hub, with the zones of the stack linked to it."""
    del config["aks-network:network"]["existing"], config["aks-network:network"]["subnets"]
    own_zones(config)
    config["aks-network:management"] = {
        "addressSpace": "10.61.0.0/24",
        "subnets": {"bastion": "10.61.0.0/26", "jumpBox": "10.61.0.224/28"},
        "existing": {"virtualNetworkId": HUB},
    }
    config["aks-network:cluster"]["private"] = True


def hub_with(zone: str, group: str = "rg-central") -> MemoryStore:
    """A cloud in which a zone of the stack's subscription is linked to the hub."""
    cloud = Cloud(MemoryStore())
    place = {"resourceGroupName": group, "location": "global"}
    cloud.put("resources:ResourceGroup", {**place, "location": "westeurope"})
    cloud.put("resources:ResourceGroup", {"resourceGroupName": "rg-hub", "location": "westeurope"})
    space = {
        "addressSpace": {"addressPrefixes": ["10.61.0.0/24"]},
        "virtualNetworkName": "vnet-hub",
    }
    network = {"resourceGroupName": "rg-hub", "location": "westeurope", **space}
    cloud.put("network:VirtualNetwork", network)
    cloud.put("privatedns:PrivateZone", {**place, "privateZoneName": zone})
    link = {"privateZoneName": zone, "virtualNetworkLinkName": "hub", "virtualNetwork": {"id": HUB}}
    cloud.put("privatedns:VirtualNetworkLink", {**place, **link, "registrationEnabled": False})
    return cloud.store


@pytest.mark.parametrize("zone", [VAULT, API])
def test_a_hub_that_is_linked_to_a_zone_of_the_name_fails(zone: str):
    about = context("byo-vnet", edit=new_network_behind_the_hub, store=hub_with(zone))
    found = worst(private_dns.overlaps, about)
    assert found.result == Result.FAILED
    assert f"privateDnsZones/{zone}" in found.detail
    assert f"privateDnsZones/{zone} to network.privateDns.existingZones" in found.remedy


def test_a_zone_of_another_stack_behind_the_hub_fails():
    store = hub_with(VAULT, group="rg-shop-first-westeurope-ingress")
    about = context("byo-vnet", edit=new_network_behind_the_hub, store=store)
    assert "rg-shop-first" in worst(private_dns.overlaps, about).remedy


def test_the_stacks_own_link_is_no_overlap():
    store = hub_with(VAULT)
    (zone,) = store.of_type("privatedns:PrivateZone")
    row = {"type": "azure-native:privatedns:PrivateZone", "urn": "a::b::c::d", "id": zone.id}
    pulumi = FakePulumi(deployment={"resources": [row]})
    about = context("byo-vnet", edit=new_network_behind_the_hub, store=store, pulumi=pulumi)
    assert "overlap no zone" in all_ok(private_dns.overlaps, about)


def test_without_a_link_to_the_hub_nothing_overlaps():
    assert "none of this stack" in all_ok(private_dns.overlaps, context("byo-hub"))
    assert "none of this stack" in all_ok(private_dns.overlaps, context("dev"))


def test_zones_that_may_not_be_listed_are_not_checked():
    denied = {"Microsoft.Network/privateDnsZones": Response(403)}
    about = context("byo-hub", edit=own_zones, answers=denied)
    with pytest.raises(CheckUnavailable, match="no permission to read"):
        list(private_dns.overlaps(about))


def test_the_zones_in_other_subscriptions_of_the_networks_are_read():
    def elsewhere(config: dict[str, Any]) -> None:
        own_zones(config)
        hub = config["aks-network:management"]["existing"]
        hub["virtualNetworkId"] = HUB.replace("11111111-1111-4111-8111-111111111111", CENTRAL)

    about = context("byo-hub", edit=elsewhere)
    list(private_dns.overlaps(about))
    sent = cast("Overruled", about.azure.transport).sent
    listed = [request.path for request in sent if request.path.endswith("privateDnsZones")]
    assert [path.split("/")[2] for path in listed] == [identifiers.SUBSCRIPTION, CENTRAL]


def test_an_existing_zone_without_a_link_is_a_warning():
    all_ok(private_dns.unlinked, context("byo-hub"))
    empty = {f"{VAULT}/virtualNetworkLinks": Response(200, {"value": []})}
    found = worst(private_dns.unlinked, context("byo-hub", answers=empty))
    assert found.result == Result.WARNING
    assert VAULT in found.detail
    assert HUB in found.detail


@pytest.mark.parametrize(
    ("phase", "result"), [("all", Result.FAILED), ("networks", Result.WARNING)]
)
def test_a_gateway_needs_the_vaults_zone_in_its_own_network(phase: str, result: Result):
    def edit(config: dict[str, Any]) -> None:
        zone = f"{GROUP}/privateDnsZones/{VAULT}"
        config["aks-network:network"] |= {"privateDns": {"existingZones": [zone]}}
        config["aks-network:phase"] = phase

    links: dict[str, Any] = {"value": [{"properties": {"virtualNetwork": {"id": HUB}}}]}
    answers = {f"{VAULT}/virtualNetworkLinks": Response(200, links)}
    about = context("dev", edit=edit, answers=answers)
    found = worst(private_dns.unlinked, about)
    assert found.result == result
    assert network_of_cluster(about) in found.detail
    assert "aks-network:phase: networks" in found.remedy
    links["value"].append({"properties": {"virtualNetwork": {"id": network_of_cluster(about)}}})
    all_ok(private_dns.unlinked, about)


def test_the_rights_on_anothers_zones_and_networks_are_asked_for():
    reader = roles({"actions": ["*/read"]})
    found = list(existing.existing(context("byo-hub", over=reader)))
    by_setting = {one.title: one.detail for one in found if one.result == Result.FAILED}
    assert "privateDnsZones/join/action" in by_setting["network.privateDns.existingZones[0]"]
    assert "roleAssignments/write" in by_setting["network.privateDns.existingZones[1]"]
    assert "virtualNetworks/join/action" not in by_setting["management.existing.virtualNetworkId"]


def test_joining_a_network_of_others_is_asked_for_where_a_zone_is_linked_to_it():
    reader = roles({"actions": ["*/read"]})
    about = context("byo-hub", over=reader, edit=own_zones)
    found = {one.title: one.detail for one in existing.existing(about)}
    assert "virtualNetworks/join/action" in found["management.existing.virtualNetworkId"]
    found = {one.title: one.detail for one in existing.existing(context("byo-vnet", over=reader))}
    assert "virtualNetworks/join/action" in found["network.existing.virtualNetworkId"]


def test_a_role_on_the_network_of_others_is_asked_for_where_the_cluster_is_private():
    def private(config: dict[str, Any]) -> None:
        config["aks-network:cluster"]["private"] = True

    reader = roles({"actions": ["*/read", "Microsoft.Network/*"]})
    about = context("byo-vnet", over=reader, edit=private)
    found = {one.title: one.detail for one in existing.existing(about)}
    assert "roleAssignments/write" in found["network.existing.virtualNetworkId"]
