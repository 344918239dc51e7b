"""Private DNS zones: a stack's own, those of other teams, and stacks behind one hub."""

from __future__ import annotations

import json
import os
import runpy
from typing import Any
from unittest import mock

import pytest

from cli.stack_file import config_with_placeholders
from simulator.azure.cloud import Cloud
from simulator.errors import AzureError
from tests.helpers.mocks import Recording, record
from tests.helpers.stacks import ROOT, cloud_of_others

HUB = ROOT / "examples" / "byo-hub.yaml"
CENTRAL = "/subscriptions/33333333-3333-4333-8333-333333333333"
VAULT, API = "privatelink.vaultcore.azure.net", "privatelink.westeurope.azmk8s.io"


def deploy(
    cloud: Cloud,
    environment: str = "spoke",
    ingress: dict[str, Any] | None = None,
    **private_dns: Any,
) -> Recording:
    """One stack behind the hub, in a cloud that several stacks share."""
    config = config_with_placeholders(HUB)
    config["aks-network:environment"] = environment
    config["aks-network:ingress"] = ingress or {}
    if private_dns:
        config["aks-network:network"]["privateDns"] = private_dns
    texts = {k: v if isinstance(v, str) else json.dumps(v) for k, v in config.items()}
    variables = {
        "PULUMI_CONFIG": json.dumps(texts),
        "PULUMI_CONFIG_SECRET_KEYS": json.dumps(list(config)),
    }
    with mock.patch.dict(os.environ, variables):
        program = str(ROOT / "__main__.py")
        return record(lambda: runpy.run_path(program, run_name="__main__"), cloud=cloud)


def scopes(recording: Recording, name: str) -> list[str]:
    roles = recording.of_type("authorization:RoleAssignment")
    return [role.inputs["scope"] for role in roles if role.name == name]


def test_an_existing_zone_gets_the_vaults_record_and_a_role_and_nothing_else():
    cloud = cloud_of_others("byo-hub")
    recording = deploy(cloud)
    assert not recording.of_type("privatedns:PrivateZone")
    assert not recording.of_type("privatedns:VirtualNetworkLink")
    group = recording.one("network:PrivateDnsZoneGroup")
    (row,) = group.inputs["privateDnsZoneConfigs"]
    assert row["privateDnsZoneId"].startswith(CENTRAL)
    assert row["privateDnsZoneId"].endswith(f"/{VAULT}")
    (scope,) = scopes(recording, "cluster-zone-contributor")
    assert scope.startswith(CENTRAL)
    assert scope.endswith(f"/{API}")
    cluster = recording.one("containerservice:ManagedCluster")
    assert cluster.inputs["apiServerAccessProfile"]["privateDNSZone"] == scope


@pytest.mark.parametrize("private_dns", [{}, {"linkManagementNetwork": False}], ids=str)
def test_two_stacks_stand_behind_one_hub(private_dns: dict[str, Any]):
    cloud = cloud_of_others("byo-hub")
    for environment in ("blue", "green"):
        for vault in cloud.store.of_type("keyvault:Vault"):
            cloud.store.delete(vault.id)  # Without an engine both stacks give it the same name.
        deploy(cloud, environment, **private_dns)
    assert len(cloud.store.of_type("containerservice:ManagedCluster")) == 2


def test_azure_refuses_the_hub_a_second_zone_of_a_name():
    """What every stack did before zones of other teams could be named."""
    with pytest.raises(AzureError, match="overlapping namespaces"):
        deploy(cloud_of_others("byo-hub"), existingZones=[], linkManagementNetwork=True)


def test_zones_of_the_stack_are_not_linked_to_the_hub_of_another_team():
    recording = deploy(cloud_of_others("byo-hub"), existingZones=[])
    names = {zone.inputs["privateZoneName"] for zone in recording.of_type("privatedns:PrivateZone")}
    assert names == {VAULT, API}
    links = recording.of_type("privatedns:VirtualNetworkLink")
    assert {link.name for link in links} == {"cluster-api-zone-cluster", f"routing-{VAULT}-cluster"}


def test_the_addon_manages_records_in_another_teams_zone():
    cloud = cloud_of_others("byo-hub")
    central = Cloud(cloud.store, subscription=CENTRAL.rpartition("/")[2])
    place = {"resourceGroupName": "rg-dns", "location": "global"}
    zone = central.put("privatedns:PrivateZone", {**place, "privateZoneName": "shop.internal"})
    config = config_with_placeholders(HUB)
    ids = config["aks-network:network"]["privateDns"]["existingZones"]
    ingress = {
        "privateDnsZones": ["shop.internal"],
        "appRouting": {"implementation": "nginx"},
    }
    recording = deploy(cloud, ingress=ingress, existingZones=[*ids, zone.id])
    (scope,) = scopes(recording, "routing-addon-shop.internal")
    assert scope == zone.id
    profile = recording.one("containerservice:ManagedCluster").inputs["ingressProfile"]
    assert profile["webAppRouting"]["dnsZoneResourceIds"] == [zone.id]
