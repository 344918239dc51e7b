"""Networks that other teams own: read and checked against the settings, never written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pulumi
import pytest
import yaml

from cli.simulated.fixture import fixture_of
from cli.stack_file import config_with_placeholders
from components.settings.load import configuration
from simulator.azure.cloud import Cloud
from tests.helpers.mocks import Recording
from tests.helpers.stacks import ROOT, run_program

BYO_VNET, HUB = (ROOT / "examples" / f"{name}.yaml" for name in ("byo-vnet", "byo-hub"))


def run(file: Path, **network: Any) -> Recording:
    config = config_with_placeholders(file)
    config["aks-network:network"] |= network
    return run_program(config, seed=fixture_of(file))


GROUP = (
    "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg-hub"
    "/providers/Microsoft.Network"
)
APPLIANCE = {"egress": "appliance", "applianceIp": "10.99.0.4"}


def seed_with_route_tables(directory: Path, **tables: dict[str, str]) -> Path:
    """The cloud of `byo-vnet.yaml`, with a route table on each named subnet: its default route."""
    rows = yaml.safe_load(fixture_of(BYO_VNET).read_text())
    apps = {"virtualNetworkName": "vnet-byo-vnet", "subnetName": "snet-aks-apps"}
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
    rows += peered("vnet-byo-vnet", "vnet-nva", "10.99.0.0/24")
    seed = directory / "byo-vnet.cloud.yaml"
    seed.write_text(yaml.safe_dump(rows))
    return seed


def peered(here: str, there: str, prefix: str, *, back: bool = True) -> list[dict[str, Any]]:
    """A network with this range, its peering with another one, and the peering back."""
    space = {"addressPrefixes": [prefix]}
    network = {"resourceGroupName": "rg-hub", "virtualNetworkName": there, "addressSpace": space}
    sides = [(here, there), *([(there, here)] if back else [])]
    return [
        {"token": "network:VirtualNetwork", "inputs": {**network, "location": "westeurope"}},
        *(
            {
                "token": "network:VirtualNetworkPeering",
                "inputs": {
                    "resourceGroupName": "rg-hub",
                    "virtualNetworkName": local,
                    "virtualNetworkPeeringName": f"to-{remote}",
                    "remoteVirtualNetwork": {"id": f"{GROUP}/virtualNetworks/{remote}"},
                },
            }
            for local, remote in sides
        ),
    ]


def run_routed(seed: Path, **network: Any) -> Recording:
    config = config_with_placeholders(BYO_VNET)
    config["aks-network:network"] |= network
    return run_program(config, seed=seed)


def existing_ids(file: Path) -> set[str]:
    cloud = Cloud()
    rows = yaml.safe_load(fixture_of(file).read_text())
    return {cloud.id_of(row["token"], row["inputs"]).lower() for row in rows}


@pytest.mark.parametrize("file", [BYO_VNET, HUB], ids=lambda path: path.stem)
def test_no_existing_resource_is_registered(file: Path):
    recording = run(file)
    existing = existing_ids(file)
    registered = {
        recording.cloud.id_of(r.type, r.inputs).lower()
        for r in recording.azure()
        if "vaultName" not in recording.cloud.type_of(r.type).path_parameters
    }
    assert registered
    assert not registered & existing


def test_an_existing_network_gets_only_role_assignments_on_the_used_subnets():
    existing = existing_ids(BYO_VNET)
    recording = run(BYO_VNET)
    inside = [
        r
        for r in recording.azure()
        if str(r.inputs.get("scope", "")).lower() in existing
        or r.inputs.get("virtualNetworkName") == "vnet-byo-vnet"
    ]
    assert {r.type for r in inside} == {"azure-native:authorization:RoleAssignment"}
    scopes = {r.inputs["scope"].rsplit("/", 1)[-1] for r in inside}
    assert scopes == {"snet-aks-nodes", "snet-aks-ingress"}


def test_only_the_side_of_the_peering_in_an_own_network_is_created():
    (from_cluster,) = run(HUB).of_type("network:VirtualNetworkPeering")
    assert from_cluster.inputs["virtualNetworkName"] == "vnet-shop-spoke-westeurope"
    assert from_cluster.inputs["allowForwardedTraffic"] is False
    (from_management,) = run(BYO_VNET).of_type("network:VirtualNetworkPeering")
    assert "management" in from_management.inputs["virtualNetworkName"]


@pytest.mark.parametrize(
    ("changes", "path", "words"),
    [
        ({"addressSpace": "10.60.0.0/19"}, "network.addressSpace", "it has 10.60.0.0/20"),
        (
            {
                "subnets": {
                    "nodes": "10.60.0.0/23",
                    "ingress": "10.60.4.0/26",
                    "privateEndpoints": "10.60.4.64/26",
                }
            },
            "network.subnets.nodes",
            "it has 10.60.0.0/22",
        ),
        (
            {"egress": "appliance", "applianceIp": "10.99.0.4"},
            "network.existing.subnets.nodes",
            "must have a route table",
        ),
    ],
)
def test_a_difference_from_the_settings_is_an_error_before_anything_is_registered(
    changes: dict[str, Any], path: str, words: str
):
    with pytest.raises(pulumi.RunError) as error:
        run(BYO_VNET, **changes)
    assert f"aks-network:{path}" in str(error.value)
    assert words in str(error.value)


@pytest.mark.parametrize(
    ("hop", "words"),
    [
        ({"nextHopType": "Internet"}, "rt-aks-nodes routes it to Internet"),
        (
            {"nextHopType": "VirtualAppliance", "nextHopIpAddress": "10.99.0.9"},
            "rt-aks-nodes routes it to VirtualAppliance 10.99.0.9",
        ),
        ({}, "rt-aks-nodes has no default route"),
    ],
)
def test_a_default_route_to_anything_but_the_appliance_is_an_error(
    tmp_path: Path, hop: dict[str, str], words: str
):
    seed = seed_with_route_tables(tmp_path, **{"aks-nodes": hop})
    with pytest.raises(pulumi.RunError) as error:
        run_routed(seed, **APPLIANCE)
    assert words in str(error.value)
    assert "must route 0.0.0.0/0 to VirtualAppliance 10.99.0.4" in str(error.value)
    assert "network.existing.subnets.nodes" in str(error.value)


def test_a_default_route_to_the_appliance_is_accepted(tmp_path: Path):
    hop = {"nextHopType": "VirtualAppliance", "nextHopIpAddress": "10.99.0.4"}
    recording = run_routed(seed_with_route_tables(tmp_path, **{"aks-nodes": hop}), **APPLIANCE)
    cluster = recording.one("containerservice:ManagedCluster")
    assert cluster.inputs["networkProfile"]["outboundType"] == "userDefinedRouting"


def test_kubenet_has_one_route_table_for_all_node_subnets(tmp_path: Path):
    config = config_with_placeholders(BYO_VNET)
    config["aks-network:network"] |= {
        "model": "kubenet",
        "dataplane": "azure",
        "policy": "calico",
        "egress": "load-balancer",
    }
    network = config["aks-network:network"]
    network["subnets"]["nodes-2"] = "10.60.5.0/24"
    existing = network["existing"]["subnets"]
    existing["nodes-2"] = existing["nodes"].replace("aks-nodes", "aks-apps")
    config["aks-network:cluster"]["nodePools"].append(
        {"name": "apps", "vmSize": "Standard_D4ds_v5", "maxPods": 60, "subnet": "nodes-2"}
        | {"minCount": 1, "maxCount": 3}
    )
    seed = seed_with_route_tables(tmp_path, **{"aks-nodes": {}, "aks-apps": {}})
    with pytest.raises(pulumi.RunError, match="must have one route table") as error:
        run_program(config, seed=seed)
    assert "they have rt-aks-apps, rt-aks-nodes" in str(error.value)

    seed.write_text(seed.read_text().replace("routeTables/rt-aks-apps", "routeTables/rt-aks-nodes"))
    recording = run_program(config, seed=seed)
    scopes = {r.inputs["scope"] for r in recording.of_type("authorization:RoleAssignment")}
    assert f"{GROUP}/routeTables/rt-aks-nodes" in scopes


def test_a_peering_is_updated_when_the_existing_network_grows(tmp_path: Path):
    def known(seed: Path) -> list[str]:
        peering = run_program(config_with_placeholders(HUB), seed=seed).one(
            "network:VirtualNetworkPeering"
        )
        return peering.inputs["remoteAddressSpace"]["addressPrefixes"]

    grown = tmp_path / "byo-hub.cloud.yaml"
    text = fixture_of(HUB).read_text()
    grown.write_text(text.replace("[10.61.0.0/24]", "[10.61.0.0/24, 10.62.0.0/24]"))
    assert known(fixture_of(HUB)) == ["10.61.0.0/24"]
    assert known(grown) == ["10.61.0.0/24", "10.62.0.0/24"]


SERVICES = {
    "applicationGateway": "Microsoft.Network/applicationGateways",
    "trafficController": "Microsoft.ServiceNetworking/trafficControllers",
}


@pytest.mark.parametrize(
    ("key", "source"), [("applicationGateway", "agic"), ("trafficController", "agc")]
)
def test_an_existing_subnet_must_be_delegated_to_the_service_that_uses_it(
    tmp_path: Path, key: str, source: str
):
    config = config_with_placeholders(BYO_VNET)
    other = config_with_placeholders(ROOT / "examples" / f"{source}.yaml")
    config |= {name: other[name] for name in ("aks-network:ingress", "aks-network:kubernetes")}
    network = config["aks-network:network"]
    network["subnets"][key] = "10.60.6.0/24"
    network["existing"]["subnets"][key] = f"{GROUP}/virtualNetworks/vnet-byo-vnet/subnets/snet-gw"

    def seed(*services: str) -> Path:
        rows = yaml.safe_load(fixture_of(BYO_VNET).read_text())
        inputs = {"resourceGroupName": "rg-hub", "virtualNetworkName": "vnet-byo-vnet"}
        delegations = [{"name": "d", "serviceName": service} for service in services]
        inputs |= {"subnetName": "snet-gw", "addressPrefix": "10.60.6.0/24"}
        rows.append({"token": "network:Subnet", "inputs": {**inputs, "delegations": delegations}})
        file = tmp_path / "byo-vnet.cloud.yaml"
        file.write_text(yaml.safe_dump(rows))
        return file

    with pytest.raises(pulumi.RunError, match=f"must be delegated to {SERVICES[key]}") as error:
        run_program(config, seed=seed())
    assert f"aks-network:network.existing.subnets.{key}" in str(error.value)
    with pytest.raises(pulumi.RunError, match="must not be delegated to Microsoft"):
        run_program(config, seed=seed("Microsoft.Web/serverFarms"))
    assert run_program(config, seed=seed(SERVICES[key])).one("containerservice:ManagedCluster")


def test_a_missing_subnet_id_is_an_error():
    existing = config_with_placeholders(BYO_VNET)["aks-network:network"]["existing"]
    del existing["subnets"]["ingress"]
    with pytest.raises(pulumi.RunError, match=r"existing\.subnets\.ingress"):
        run(BYO_VNET, existing=existing)


def test_a_network_that_does_not_exist_is_an_error():
    existing = config_with_placeholders(BYO_VNET)["aks-network:network"]["existing"]
    text = yaml.safe_dump(existing).replace("vnet-byo-vnet", "vnet-nowhere")
    with pytest.raises(pulumi.RunError, match="that can be read"):
        run(BYO_VNET, existing=yaml.safe_load(text))


def test_unknown_egress_addresses_give_a_warning_where_the_api_server_limits_its_clients():
    def warnings(**network: Any) -> str:
        config = config_with_placeholders(BYO_VNET)
        config["aks-network:network"] |= network
        config["aks-network:cluster"] |= {
            "private": False,
            "authorizedIpRanges": ["203.0.113.0/24"],
        }
        return "\n".join(configuration(config).warnings)

    assert "no node reaches the API server" in warnings()
    assert "no node reaches the API server" not in warnings(egress="load-balancer")
