"""Networks of other teams: read and held against the settings, and never written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pulumi
import pytest
import yaml

from cli.cloud_fixture import seed_of
from cli.stackfile import settings_without_engine
from components.settings.load import configuration
from simulator.azure.cloud import Cloud
from tests.helpers.mocks import Recording
from tests.helpers.stacks import ROOT, run_program

THEIRS, HUB = (ROOT / "examples" / f"{name}.yaml" for name in ("theirs", "their-hub"))


def run(file: Path, **network: Any) -> Recording:
    config = settings_without_engine(file)
    config["aks-network:network"] |= network
    return run_program(config, seed=seed_of(file))


GROUP = (
    "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg-hub"
    "/providers/Microsoft.Network"
)
APPLIANCE = {"egress": "appliance", "applianceIp": "10.99.0.4"}


def seed_with_route_tables(directory: Path, **tables: dict[str, str]) -> Path:
    """What `theirs.yaml` finds, with a route table on each subnet named: its default route."""
    rows = yaml.safe_load(seed_of(THEIRS).read_text())
    apps = {"virtualNetworkName": "vnet-theirs", "subnetName": "snet-aks-apps"}
    apps |= {"resourceGroupName": "rg-hub", "addressPrefix": "10.60.5.0/24"}
    rows.append({"token": "network:Subnet", "inputs": apps})
    for subnet, hop in tables.items():
        route = {"name": "default", "addressPrefix": "0.0.0.0/0", **hop}
        table = {
            "resourceGroupName": "rg-hub",
            "routeTableName": f"rt-{subnet}",
            "location": "westeurope",
            "routes": [route] if hop else [],
        }
        rows.insert(1, {"token": "network:RouteTable", "inputs": table})
        for row in rows:
            if row["inputs"].get("subnetName") == f"snet-{subnet}":
                row["inputs"]["routeTable"] = {"id": f"{GROUP}/routeTables/rt-{subnet}"}
    seed = directory / "theirs.cloud.yaml"
    seed.write_text(yaml.safe_dump(rows))
    return seed


def run_routed(seed: Path, **network: Any) -> Recording:
    config = settings_without_engine(THEIRS)
    config["aks-network:network"] |= network
    return run_program(config, seed=seed)


def ids_of_theirs(file: Path) -> set[str]:
    cloud = Cloud()
    rows = yaml.safe_load(seed_of(file).read_text())
    return {cloud.id_of(row["token"], row["inputs"]).lower() for row in rows}


@pytest.mark.parametrize("file", [THEIRS, HUB], ids=lambda path: path.stem)
def test_nothing_of_theirs_is_registered(file: Path):
    recording = run(file)
    theirs = ids_of_theirs(file)
    made = {
        recording.cloud.id_of(r.type, r.inputs).lower()
        for r in recording.azure()
        if "vaultName" not in recording.cloud.type_of(r.type).path_parameters
    }
    assert made
    assert not made & theirs


def test_in_their_network_only_roles_on_used_subnets_are_made():
    theirs = ids_of_theirs(THEIRS)
    recording = run(THEIRS)
    inside = [
        r
        for r in recording.azure()
        if str(r.inputs.get("scope", "")).lower() in theirs
        or r.inputs.get("virtualNetworkName") == "vnet-theirs"
    ]
    assert {r.type for r in inside} == {"azure-native:authorization:RoleAssignment"}
    scopes = {r.inputs["scope"].rsplit("/", 1)[-1] for r in inside}
    assert scopes == {"snet-aks-nodes", "snet-aks-ingress"}


def test_the_peering_is_ours_on_our_side_only():
    ours = run(HUB).of_type("network:VirtualNetworkPeering")
    assert [r.inputs["virtualNetworkName"] for r in ours] == ["vnet-shop-spoke-westeurope"]
    assert ours[0].inputs["allowForwardedTraffic"] is True
    (from_management,) = run(THEIRS).of_type("network:VirtualNetworkPeering")
    assert "management" in from_management.inputs["virtualNetworkName"]


@pytest.mark.parametrize(
    ("changes", "path", "words"),
    [
        ({"addressSpace": "10.60.0.0/19"}, "network.addressSpace", "has 10.60.0.0/20"),
        (
            {
                "subnets": {
                    "nodes": "10.60.0.0/23",
                    "ingress": "10.60.4.0/26",
                    "privateEndpoints": "10.60.4.64/26",
                }
            },
            "network.subnets.nodes",
            "the subnet has 10.60.0.0/22",
        ),
        (
            {"egress": "appliance", "applianceIp": "10.99.0.4"},
            "network.existing.subnets.nodes",
            "has no route table",
        ),
    ],
)
def test_what_differs_from_the_settings_is_told_before_anything_is_made(
    changes: dict[str, Any], path: str, words: str
):
    with pytest.raises(pulumi.RunError) as error:
        run(THEIRS, **changes)
    assert f"aks-network:{path}" in str(error.value)
    assert words in str(error.value)


@pytest.mark.parametrize(
    ("hop", "words"),
    [
        ({"nextHopType": "Internet"}, "leads 0.0.0.0/0 to Internet, and egress is 10.99.0.4"),
        (
            {"nextHopType": "VirtualAppliance", "nextHopIpAddress": "10.99.0.9"},
            "leads 0.0.0.0/0 to VirtualAppliance 10.99.0.9, and egress is 10.99.0.4",
        ),
        ({}, "has no default route, and egress is 10.99.0.4"),
    ],
)
def test_a_route_table_that_leads_elsewhere_is_told_of(
    tmp_path: Path, hop: dict[str, str], words: str
):
    seed = seed_with_route_tables(tmp_path, **{"aks-nodes": hop})
    with pytest.raises(pulumi.RunError) as error:
        run_routed(seed, **APPLIANCE)
    assert words in str(error.value)
    assert "network.existing.subnets.nodes" in str(error.value)


def test_a_route_table_that_leads_to_the_appliance_will_do(tmp_path: Path):
    hop = {"nextHopType": "VirtualAppliance", "nextHopIpAddress": "10.99.0.4"}
    recording = run_routed(seed_with_route_tables(tmp_path, **{"aks-nodes": hop}), **APPLIANCE)
    cluster = recording.one("containerservice:ManagedCluster")
    assert cluster.inputs["networkProfile"]["outboundType"] == "userDefinedRouting"


def test_kubenet_has_one_route_table_for_all_node_subnets(tmp_path: Path):
    config = settings_without_engine(THEIRS)
    config["aks-network:network"] |= {
        "model": "kubenet",
        "dataplane": "azure",
        "policy": "calico",
        "egress": "load-balancer",
    }
    network = config["aks-network:network"]
    network["subnets"]["nodes-2"] = "10.60.5.0/24"
    theirs = network["existing"]["subnets"]
    theirs["nodes-2"] = theirs["nodes"].replace("aks-nodes", "aks-apps")
    config["aks-network:cluster"]["nodePools"].append(
        {"name": "apps", "vmSize": "Standard_D4ds_v5", "maxPods": 60, "subnet": "nodes-2"}
        | {"minCount": 1, "maxCount": 3}
    )
    seed = seed_with_route_tables(tmp_path, **{"aks-nodes": {}, "aks-apps": {}})
    with pytest.raises(pulumi.RunError, match="different route tables") as error:
        run_program(config, seed=seed)
    assert "(rt-aks-apps, rt-aks-nodes)" in str(error.value)

    seed.write_text(seed.read_text().replace("routeTables/rt-aks-apps", "routeTables/rt-aks-nodes"))
    recording = run_program(config, seed=seed)
    scopes = {r.inputs["scope"] for r in recording.of_type("authorization:RoleAssignment")}
    assert f"{GROUP}/routeTables/rt-aks-nodes" in scopes


def test_a_peering_is_written_again_when_their_network_grows(tmp_path: Path):
    def known(seed: Path) -> list[str]:
        peering = run_program(settings_without_engine(HUB), seed=seed).one(
            "network:VirtualNetworkPeering"
        )
        return peering.inputs["remoteAddressSpace"]["addressPrefixes"]

    grown = tmp_path / "their-hub.cloud.yaml"
    text = seed_of(HUB).read_text()
    grown.write_text(text.replace("[10.61.0.0/24]", "[10.61.0.0/24, 10.62.0.0/24]"))
    assert known(seed_of(HUB)) == ["10.61.0.0/24"]
    assert known(grown) == ["10.61.0.0/24", "10.62.0.0/24"]


def test_a_subnet_that_is_not_named_is_asked_for():
    existing = settings_without_engine(THEIRS)["aks-network:network"]["existing"]
    del existing["subnets"]["ingress"]
    with pytest.raises(pulumi.RunError, match=r"existing\.subnets\.ingress"):
        run(THEIRS, existing=existing)


def test_a_network_that_is_not_there_is_told_of():
    existing = settings_without_engine(THEIRS)["aks-network:network"]["existing"]
    text = yaml.safe_dump(existing).replace("vnet-theirs", "vnet-nowhere")
    with pytest.raises(pulumi.RunError, match="can't be read"):
        run(THEIRS, existing=yaml.safe_load(text))


def test_nodes_behind_an_unknown_way_out_are_spoken_of_where_the_api_server_takes_few():
    def warnings(**network: Any) -> str:
        config = settings_without_engine(THEIRS)
        config["aks-network:network"] |= network
        config["aks-network:cluster"] |= {
            "private": False,
            "authorizedIpRanges": ["203.0.113.0/24"],
        }
        return "\n".join(configuration(config).warnings)

    assert "no node reaches the API server" in warnings()
    assert "no node reaches the API server" not in warnings(egress="load-balancer")
