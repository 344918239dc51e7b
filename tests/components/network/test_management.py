"""The management network: Bastion, jump box, gateways to on-premises, and the peerings."""

from __future__ import annotations

import base64
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from cli.simulated.fixture import fixture_of
from components.network import cloud_init, security_rules
from tests.helpers.certificates import PFX
from tests.helpers.loops import each
from tests.helpers.mocks import Recording, Registration
from tests.helpers.security_groups import MANAGEMENT_PORTS, allowed_sources, rule_of
from tests.helpers.stacks import ROOT, example, recorded, run_program
from tests.helpers.stacks import recorded_example as deployed

LOGIN = "1c0163c0-47e6-4577-8991-ea5c82e286e4"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"


def changed(name: str, **management: Any) -> Recording:
    config = example(name)
    config["aks-network:management"].update(management)
    return run_program(config)


@pytest.fixture(params=["vpn", "expressroute"])
def hybrid(request: pytest.FixtureRequest) -> Recording:
    return deployed(request.param)


def rules_of(recording: Recording, group: str) -> dict[str, dict[str, Any]]:
    made = recording.one("network:NetworkSecurityGroup", f"{group}-nsg")
    return {rule["name"]: rule for rule in made.inputs["securityRules"]}


def sources(rule: dict[str, Any]) -> set[str]:
    return {*rule.get("sourceAddressPrefixes", ()), rule.get("sourceAddressPrefix")} - {None}


def peering(recording: Recording, key: str) -> Registration:
    return recording.one("network:VirtualNetworkPeering", f"management-{key}-cluster")


def test_the_clusters_network_uses_the_gateway_through_the_peering(hybrid: Recording):
    hub, spoke = (peering(hybrid, key).inputs for key in ("to", "from"))
    assert (hub["allowGatewayTransit"], hub["useRemoteGateways"]) == (True, False)
    assert (spoke["allowGatewayTransit"], spoke["useRemoteGateways"]) == (False, True)


def test_only_the_side_that_uses_the_gateway_and_its_connection_wait_for_it(hybrid: Recording):
    gateway = hybrid.one("network:VirtualNetworkGateway").urn
    waiting = {r.name for r in hybrid.azure() if gateway in hybrid.waits_for(r)}
    assert "management-from-cluster" in waiting
    assert waiting - {"management-tunnel", "management-circuit"} == {"management-from-cluster"}


def test_traffic_through_a_gateway_is_not_forwarded_traffic(hybrid: Recording):
    for made in each(hybrid.of_type("network:VirtualNetworkPeering")):
        assert made.inputs["allowForwardedTraffic"] is False


@pytest.mark.parametrize("name", ["firewall", "appliance"])
def test_a_cluster_whose_egress_goes_through_the_peering_waits_for_it(name: str):
    recording = deployed(name)
    back = peering(recording, "from")
    assert back.inputs["allowForwardedTraffic"] is True
    assert peering(recording, "to").inputs["allowForwardedTraffic"] is False
    assert back.urn in recording.waits_for(recording.one("containerservice:ManagedCluster"))


def test_any_other_cluster_waits_for_no_peering_that_waits_for_a_gateway(hybrid: Recording):
    waits = hybrid.waits_for(hybrid.one("containerservice:ManagedCluster"))
    # The other side's is written while the cluster would be: then the network is not at rest.
    assert peering(hybrid, "to").urn in waits
    assert peering(hybrid, "from").urn not in waits


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_without_a_gateway_no_peering_allows_transit(stack: str):
    for made in each(recorded(stack).of_type("network:VirtualNetworkPeering")):
        assert made.inputs["allowGatewayTransit"] is False
        assert made.inputs["useRemoteGateways"] is False


def test_the_gateways_subnet_has_no_security_group_nat_gateway_or_routes(hybrid: Recording):
    subnet = hybrid.one("network:Subnet", "management-gateway").inputs
    assert subnet["subnetName"] == "GatewaySubnet"
    assert not {"networkSecurityGroup", "natGateway", "routeTable"} & subnet.keys()


def test_the_gateways_subnet_is_made_first(hybrid: Recording):
    first, *_ = (s for s in hybrid.of_type("network:Subnet") if s.name.startswith("management-"))
    assert first.name == "management-gateway"


def gateway_addresses(recording: Recording) -> list[Any]:
    return [r for r in recording.of_type("network:PublicIPAddress") if "-gateway-ip" in r.name]


def test_a_vpn_gateways_zones_come_with_its_public_addresses():
    addresses = gateway_addresses(deployed("vpn"))
    assert addresses
    for address in addresses:
        assert address.inputs["zones"] == ["1", "2", "3"]


def test_azure_assigns_the_address_of_an_expressroute_gateway():
    recording = deployed("expressroute")
    assert gateway_addresses(recording) == []
    gateway = recording.one("network:VirtualNetworkGateway").inputs
    (configuration,) = gateway["ipConfigurations"]
    assert "publicIPAddress" not in configuration
    assert "zones" not in gateway


def test_an_active_active_gateway_has_two_addresses():
    configurations = deployed("vpn").one("network:VirtualNetworkGateway").inputs["ipConfigurations"]
    assert len({one["publicIPAddress"]["id"] for one in configurations}) == 2


def test_the_shared_key_is_secret():
    tunnel = deployed("vpn").one("network:VirtualNetworkGatewayConnection")
    assert tunnel.secrets == {"sharedKey"}


def test_the_authorization_key_is_secret():
    gateway = example("expressroute")["aks-network:management"]["gateway"]
    recording = changed("expressroute", gateway={**gateway, "authorizationKey": "6d1cd21e"})
    circuit = recording.one("network:VirtualNetworkGatewayConnection")
    assert circuit.secrets == {"authorizationKey"}
    assert circuit.inputs["peer"]["id"] == gateway["circuitId"]


def test_a_site_that_speaks_bgp_announces_its_ranges_itself():
    site = deployed("vpn").one("network:LocalNetworkGateway").inputs
    assert site["bgpSettings"] == {
        "asn": 65010,
        "bgpPeeringAddress": "192.168.0.1",
        "peerWeight": 0,
    }
    assert "localNetworkAddressSpace" not in site


def test_a_site_without_bgp_has_its_ranges_written_down():
    gateway = {**example("vpn")["aks-network:management"]["gateway"], "bgp": None}
    recording = changed("vpn", gateway=gateway)
    site = recording.one("network:LocalNetworkGateway").inputs
    assert site["localNetworkAddressSpace"]["addressPrefixes"] == [
        "192.168.0.0/17",
        "172.20.0.0/16",
    ]
    assert recording.one("network:VirtualNetworkGateway").inputs["enableBgp"] is False


def test_on_premises_reaches_the_jump_box_only_where_it_is_let_in():
    rule = rules_of(deployed("vpn"), "management-jumpBox")["AllowOnPremisesInbound"]
    assert sources(rule) == {"192.168.0.0/17", "172.20.0.0/16"}
    assert rule["destinationPortRange"] == "22"
    closed = rules_of(deployed("expressroute"), "management-jumpBox")
    assert set(closed) == {"AllowBastionInbound", "DenyVirtualNetworkInbound"}


def test_on_premises_reaches_the_internal_ingress_only_where_it_is_let_in():
    ranges = {"192.168.0.0/17", "172.20.0.0/16"}
    for group in ("network-nodes", "network-ingress"):
        assert ranges < sources(rules_of(deployed("vpn"), group)["AllowIngressInbound"])
        closed = sources(rules_of(deployed("expressroute"), group)["AllowIngressInbound"])
        # Not the tag VirtualNetwork, which takes in what is behind a gateway.
        assert closed == {"10.60.0.0/20", "10.61.0.0/24"}


def test_behind_the_firewall_on_premises_is_let_in_beside_it():
    config = example("vpn")
    config["aks-network:kubernetes"] = {
        "applications": [
            {
                "name": "a",
                "host": "a.com",
                "services": [{"name": "web", "app": "web", "path": "/"}],
            }
        ]
    }
    config["aks-network:ingress"]["waf"] = {"certificate": {"pfx": PFX}}
    found = sources(rules_of(run_program(config), "network-ingress")["AllowIngressInbound"])
    assert {"192.168.0.0/17", "172.20.0.0/16"} < found
    assert len(found) == 3


def test_from_outside_the_cluster_nodes_are_reached_by_ssh_through_bastion_only(hybrid: Recording):
    rules = [rule_of(rule) for rule in rules_of(hybrid, "network-nodes").values()]
    (closing,) = [rule for rule in rules if rule.name == "DenyManagementInbound"]
    (of_cluster,) = [rule for rule in rules if rule.name == "AllowClusterInbound"]
    bastion = hybrid.one("network:Subnet", "management-bastion").inputs["addressPrefix"]
    jump_box = hybrid.one("network:Subnet", "management-jumpBox").inputs["addressPrefix"]
    for port in MANAGEMENT_PORTS:
        found = allowed_sources(rules, port, closing.destinations)
        assert found == {bastion, jump_box, *of_cluster.sources}


def test_bastion_lets_tunnels_out_to_a_private_api_server():
    integrated = deployed("vnet-api")
    api_server = integrated.one("network:Subnet", "network-apiServer").inputs["addressPrefix"]
    rule = rules_of(integrated, "management-bastion")["AllowApiServerOutbound"]
    assert (rule["destinationAddressPrefix"], rule["destinationPortRange"]) == (api_server, "443")
    bastion = integrated.one("network:Subnet", "management-bastion").inputs["addressPrefix"]
    assert bastion in sources(rules_of(integrated, "network-apiServer")["AllowClientsInbound"])
    # Without integration the API server has a private endpoint among the nodes.
    nodes = recorded("prod").one("network:Subnet", "network-nodes").inputs["addressPrefix"]
    rule = rules_of(recorded("prod"), "management-bastion")["AllowApiServerOutbound"]
    assert nodes in {
        *rule.get("destinationAddressPrefixes", ()),
        rule.get("destinationAddressPrefix"),
    }


@pytest.mark.parametrize(
    ("cluster", "bastion"), [({"private": False}, {}), ({}, {"tunneling": False})]
)
def test_without_tunnels_to_a_private_api_server_bastion_has_no_rule_for_them(
    cluster: dict[str, Any], bastion: dict[str, Any]
):
    config = example("vnet-api")
    config["aks-network:cluster"] |= cluster
    config["aks-network:management"]["bastion"] = bastion
    recording = run_program(config)
    assert "AllowApiServerOutbound" not in rules_of(recording, "management-bastion")
    prefix = recording.one("network:Subnet", "management-bastion").inputs["addressPrefix"]
    allowed = rules_of(recording, "network-apiServer")["AllowClientsInbound"]
    assert prefix not in sources(allowed)


def test_an_existing_bastion_reaches_an_api_server_inside_the_network():
    config = example("byo-hub")
    config["aks-network:cluster"]["apiServerVnetIntegration"] = True
    # Its private zone has another name than the zone of the example's private API server.
    (vault,) = [
        zone
        for zone in config["aks-network:network"]["privateDns"]["existingZones"]
        if zone.endswith("privatelink.vaultcore.azure.net")
    ]
    config["aks-network:network"]["privateDns"]["existingZones"] = [vault]
    recording = run_program(config, seed=fixture_of(ROOT / "examples" / "byo-hub.yaml"))
    rule = rules_of(recording, "network-apiServer")["AllowClientsInbound"]
    assert config["aks-network:management"]["subnets"]["bastion"] in sources(rule)


def test_on_premises_reaches_an_api_server_inside_the_network():
    config = example("vpn")
    config["aks-network:cluster"]["apiServerVnetIntegration"] = True
    rule = rules_of(run_program(config), "network-apiServer")["AllowClientsInbound"]
    assert {"192.168.0.0/17", "172.20.0.0/16"} < sources(rule)


def test_the_resolver_answers_on_premises_at_a_planned_address(hybrid: Recording):
    (configuration,) = hybrid.one("dnsresolver:InboundEndpoint").inputs["ipConfigurations"]
    subnet = hybrid.one("network:Subnet", "management-dnsResolver").inputs
    assert configuration["privateIpAllocationMethod"] == "Static"
    network, last = subnet["addressPrefix"].split("/")[0].rsplit(".", 1)
    assert configuration["privateIpAddress"] == f"{network}.{int(last) + 4}"
    assert subnet["delegations"][0]["serviceName"] == "Microsoft.Network/dnsResolvers"
    rules = rules_of(hybrid, "management-dnsResolver")
    assert rules["AllowDnsInbound"]["destinationPortRange"] == "53"
    assert rules["AllowDnsInbound"]["protocol"] == "*"


def test_a_gateway_is_protected_in_production():
    config = example("vpn") | {"aks-network:protect": True}
    assert run_program(config).one("network:VirtualNetworkGateway").protect is True


def test_bastion_has_the_features_that_are_set():
    host = deployed("bastion-premium").one("network:BastionHost").inputs
    assert host["sku"]["name"] == "Premium"
    features = {key: value for key, value in host.items() if key.startswith(("enable", "disable"))}
    assert {key for key, value in features.items() if value} == {
        "enableSessionRecording",
        "enableIpConnect",
        "disableCopyPaste",
    }


def test_administrators_sign_in_to_the_jump_box_by_entra_id():
    recording = deployed("bastion-premium")
    extension = recording.one("compute:VirtualMachineExtension").inputs
    assert extension["publisher"] == "Microsoft.Azure.ActiveDirectory"
    assert extension["type"] == "AADSSHLoginForLinux"
    machine = recording.one("compute:VirtualMachine").inputs
    assert machine["identity"]["type"] == "SystemAssigned"
    grants = [
        r.inputs for r in recording.of_type("authorization:RoleAssignment") if "operators" in r.name
    ]
    assert {one["roleDefinitionId"].rsplit("/", 1)[-1] for one in grants} == {LOGIN, READER}
    for one in grants:
        assert one["principalType"] == "Group"
        assert one["principalId"] == "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
        assert one["scope"].endswith("rg-shop-premium-westeurope-management")


def test_a_jump_box_with_keys_only_has_neither_extension_nor_roles():
    box = {"sshPublicKey": "ssh-ed25519 AAAA", "entraLogin": False}
    recording = changed("bastion-premium", jumpBox=box)
    assert recording.of_type("compute:VirtualMachineExtension") == []
    assert not [
        r for r in recording.of_type("authorization:RoleAssignment") if "operators" in r.name
    ]


def test_first_boot_installs_the_tools_and_never_changes_a_machine():
    machine = deployed("vpn").one("compute:VirtualMachine")
    data = base64.b64decode(machine.inputs["osProfile"]["customData"]).decode()
    assert data == cloud_init.jump_box("1.35")
    assert machine.ignore_changes == ("osProfile.customData",)


def test_encryption_at_host_is_asked_for_only_where_it_is_set():
    security = deployed("vpn").one("compute:VirtualMachine").inputs["securityProfile"]
    assert security["encryptionAtHost"] is True
    other = deployed("expressroute").one("compute:VirtualMachine").inputs["securityProfile"]
    assert "encryptionAtHost" not in other


def test_user_data_is_a_cloud_config_that_installs_from_signed_repositories():
    text = cloud_init.jump_box("1.35.2")
    assert text.startswith("#cloud-config\n")
    (command,) = yaml.safe_load(text)["runcmd"]
    lines = command[-1].splitlines()
    sources = [line for line in lines if line.startswith("echo 'deb ")]
    assert len(sources) == 2
    for source in sources:
        key = source.split("signed-by=")[1].split("]")[0]
        fetched = next(line for line in lines if f" -o {key} https://" in line)
        assert lines.index(fetched) < lines.index(source)
    assert any("/core:/stable:/v1.35/deb/ /' > /etc/apt/sources.list.d/" in s for s in sources)
    assert "again apt-get install -y azure-cli kubectl" in lines
    assert any("--kubelogin-install-location /usr/local/bin/kubelogin" in line for line in lines)


def test_the_first_boots_script_is_one_that_bash_reads():
    (command,) = yaml.safe_load(cloud_init.jump_box("1.35"))["runcmd"]
    assert command[:2] == ["bash", "-ceu"]
    subprocess.run(["bash", "-n", "-c", command[2]], check=True)


def test_user_data_is_within_azures_limit():
    encoded = base64.b64encode(cloud_init.jump_box("1.35").encode())
    assert len(encoded) < 65_535


def test_a_resolver_that_nobody_may_ask_answers_nobody():
    rules = security_rules.dns_resolver(on_premises=[], cluster_ranges=[])
    assert [rule.access for rule in rules] == ["Deny"]


@pytest.mark.parametrize("name", ["vpn", "expressroute", "bastion-premium"])
def test_every_group_of_an_example_shuts_out_the_rest(name: str):
    groups = deployed(name).of_type("network:NetworkSecurityGroup")
    others = [group for group in groups if "bastion" not in group.name]
    assert others
    for group in others:
        last = max(group.inputs["securityRules"], key=lambda rule: rule["priority"])
        assert (last["access"], last["sourceAddressPrefix"]) == ("Deny", "VirtualNetwork")


def test_the_operators_guide_names_outputs_that_there_are():
    named = set(re.findall(r"pulumi stack output (\w+)", (ROOT / "docs/operating.md").read_text()))
    sources = ("components/deployment/deployment.py", "components/network/management_network.py")
    program = "".join((ROOT / name).read_text() for name in sources)
    assert len(named) > 5
    assert {name for name in named if f'"{name}"' not in program} == set()


PLAN = (
    "/subscriptions/33333333-3333-4333-8333-333333333333/resourceGroups/rg-ddos/providers"
    "/Microsoft.Network/ddosProtectionPlans/ddos-company"
)


OWNED = """\
- token: resources:ResourceGroup
  subscription: 33333333-3333-4333-8333-333333333333
  inputs: {resourceGroupName: rg-ddos, location: westeurope}
- token: network:DdosProtectionPlan
  subscription: 33333333-3333-4333-8333-333333333333
  inputs: {resourceGroupName: rg-ddos, ddosProtectionPlanName: ddos-company, location: westeurope}
"""
"""What the plan's owner has."""


def test_a_network_has_the_ddos_protection_plan_that_is_set(tmp_path: Path):
    seed = tmp_path / "seed.yaml"
    seed.write_text(OWNED)
    config = example("traefik")
    config["aks-network:management"]["ddosProtectionPlanId"] = PLAN
    made = run_program(config, seed=seed)
    networks = {r.name: r.inputs for r in made.of_type("network:VirtualNetwork")}
    assert networks["management-vnet"]["enableDdosProtection"] is True
    assert networks["management-vnet"]["ddosProtectionPlan"] == {"id": PLAN}
    assert networks["network-vnet"]["enableDdosProtection"] is False
    assert "ddosProtectionPlan" not in networks["network-vnet"]
    config["aks-network:network"]["ddosProtectionPlanId"] = PLAN
    both = run_program(config, seed=seed).of_type("network:VirtualNetwork")
    assert [r.inputs["ddosProtectionPlan"] for r in both] == [{"id": PLAN}] * 2
