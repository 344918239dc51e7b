"""NAT gateways of both SKUs, their addresses, and the move from one to the other."""

from __future__ import annotations

from typing import Any

import pytest

from components.azure.api_versions import STANDARD_V2
from components.settings.load import configuration
from tests.helpers.loops import each
from tests.helpers.mocks import Recording
from tests.helpers.stacks import configuration_of, recorded, run_program

NAT, ADDRESS, SUBNET = "network:NatGateway", "network:PublicIPAddress", "network:Subnet"
PROVIDER = f"pulumi:providers:{STANDARD_V2.package}"
V2 = {"name": "StandardV2"}


def prod(sku: str) -> dict[str, Any]:
    config = configuration_of("prod")
    config["aks-network:network"]["natGateway"]["sku"] = sku
    return config


def addresses_of(recording: Recording, gateway: str) -> list[dict[str, Any]]:
    names = {item["id"] for item in recording.one(NAT, gateway).inputs["publicIpAddresses"]}
    return [item.inputs for item in recording.of_type(ADDRESS) if recording.made(item).id in names]


def test_production_reaches_the_internet_through_all_zones():
    gateway = recorded("prod").one(NAT, "network-nat-v2")
    assert gateway.inputs["sku"] == V2
    assert "zones" not in gateway.inputs
    assert set(gateway.ignore_changes) == {"zones"}
    addresses = addresses_of(recorded("prod"), "network-nat-v2")
    assert [item["sku"] for item in addresses] == [{**V2, "tier": "Regional"}] * 2
    assert all("zones" not in item for item in addresses)
    zonal = configuration_of("prod")
    zonal["aks-network:network"]["natGateway"] = {"sku": "Standard"}
    about_zones = [
        [text for text in configuration(config).warnings if "depends on one zone" in text]
        for config in (zonal, configuration_of("prod"))
    ]
    assert list(map(len, about_zones)) == [1, 0]


def test_only_what_is_standard_v2_is_of_the_package_and_has_its_provider():
    prod_recording = recorded("prod")
    provider = prod_recording.one(PROVIDER)
    for item in each([*prod_recording.of_type(NAT), *prod_recording.of_type(ADDRESS)]):
        own = item.inputs["sku"]["name"] == "StandardV2"
        assert item.package_type.startswith(STANDARD_V2.package) is own
        assert (item.provider.rpartition("::")[0] == provider.urn) is own


def test_a_stack_without_the_sku_starts_no_provider_for_it():
    dev = recorded("dev")
    assert dev.of_type(PROVIDER) == []
    assert {item.inputs["sku"]["name"] for item in dev.of_type(NAT)} == {"Standard"}


def test_the_default_is_the_sku_that_existing_stacks_have():
    settings = configuration(configuration_of("dev")).settings
    assert settings.network.nat_gateway.sku == "Standard"
    assert settings.management.nat_gateway
    assert settings.management.nat_gateway.sku == "Standard"


def test_the_jump_box_may_have_a_gateway_in_all_zones_too():
    config = configuration_of("dev")
    config["aks-network:management"]["natGateway"] = {"sku": "StandardV2"}
    recording = run_program(config)
    assert recording.one(NAT, "management-nat-v2").inputs["sku"] == V2
    assert recording.one(NAT, "network-nat").inputs["sku"] == {"name": "Standard"}
    assert recording.one(PROVIDER).name == "management-provider"


@pytest.mark.parametrize(
    ("before", "after"), [("Standard", "StandardV2"), ("StandardV2", "Standard")]
)
def test_the_other_sku_has_other_names_so_that_both_gateways_exist_during_the_move(
    before: str, after: str
):
    first = run_program(prod(before))
    second = run_program(prod(after), cloud=first.cloud)
    (old,) = (item for item in first.of_type(NAT) if "network-nat" in item.name)
    (new,) = (item for item in second.of_type(NAT) if "network-nat" in item.name)
    assert old.name != new.name
    assert first.made(old).id != second.made(new).id
    # Each subnet is updated, and waits for the new gateway.
    moved = [item for item in second.of_type(SUBNET) if new.urn in second.waits_for(item)]
    assert {"network-nodes"} <= {item.name for item in moved}
    assert {item.urn for item in moved} <= {item.urn for item in first.of_type(SUBNET)}
    assert second.one(SUBNET, "network-nodes").inputs["natGateway"] == {"id": second.made(new).id}


def test_the_outbound_addresses_are_those_of_the_gateway_in_use():
    recording = recorded("prod")
    gateway = recording.one(NAT, "network-nat-v2")
    waits = recording.waits_for(recording.one("containerservice:ManagedCluster"))
    assert gateway.urn in waits
