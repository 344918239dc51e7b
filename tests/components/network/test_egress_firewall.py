"""Azure Firewall for egress: what it lets through, in which order it is written, its addresses."""

from __future__ import annotations

from typing import Any
from unittest import mock

import pytest

from cli.simulated.fixture import fixture_of
from components.network.registry_hosts import registry_hosts, registry_of
from simulator.kubernetes import egress
from support.arm_ids import name_of as resource_name
from support.nested import at
from tests.helpers.mocks import Recording
from tests.helpers.stacks import ROOT, example, recorded_file, run_program

POLICY = "network:FirewallPolicy"
GROUP = "network:FirewallPolicyRuleCollectionGroup"
RELEASE = "kubernetes:helm.sh/v3:Release"
ADDED = {
    "private": {"private": True},
    "integrated": {"private": False, "apiServerVnetIntegration": True},
    "public": {"private": False},
}


def behind_firewall(name: str, api_server: str = "public", **firewall: Any) -> dict[str, Any]:
    """An example whose egress is a firewall."""
    config = example(name)
    config["aks-network:network"] |= {"egress": "firewall", "firewall": firewall}
    config["aks-network:cluster"] |= ADDED[api_server]
    config.setdefault("aks-network:kubernetes", {})["reachable"] = True
    return config


def rules(recording: Recording) -> dict[str, dict[str, Any]]:
    return {
        rule["name"]: rule
        for group in recording.of_type(GROUP)
        for collection in group.inputs["ruleCollections"]
        for rule in collection["rules"]
    }


def https_names(recording: Recording) -> set[str]:
    return {name for rule in rules(recording).values() for name in rule.get("targetFqdns", ())}


@pytest.mark.parametrize("api_server", ADDED)
@pytest.mark.parametrize("controller", ["traefik", "contour", "haproxy", "agc"])
@pytest.mark.parametrize("tier", ["Basic", "Standard"])
def test_the_pods_of_every_chart_get_ready_behind_the_firewall(controller, api_server, tier):
    recording = run_program(behind_firewall(controller, api_server, tier=tier))
    (release,) = (item for item in recording.registrations if item.type == RELEASE)
    store = recording.cloud.store
    (cluster,) = store.of_type("containerservice:ManagedCluster")
    assert egress.release_failure(store, cluster, release.inputs["chart"]) is None


@pytest.mark.parametrize(
    ("api_server", "tier", "expected"),
    [
        ("private", "Standard", None),
        ("integrated", "Standard", None),
        ("private", "Basic", None),
        ("public", "Standard", "destinationFqdns"),
        ("public", "Basic", "destinationAddresses"),
    ],
)
def test_only_a_public_api_server_has_a_rule(api_server, tier, expected):
    recording = run_program(behind_firewall("traefik", api_server, tier=tier))
    rule = rules(recording).get("api-server")
    assert (rule is None) == (expected is None)
    if rule is not None:
        assert rule["destinationPorts"] == ["443"]
        (cluster,) = recording.cloud.store.of_type("containerservice:ManagedCluster")
        names = {
            "destinationFqdns": cluster.outputs["fqdn"],
            "destinationAddresses": "AzureCloud.westeurope",
        }
        assert rule[expected] == [names[expected]]
    ports = {
        port for item in rules(recording).values() for port in item.get("destinationPorts", ())
    }
    assert not ports & {"1194", "9000"}, "konnectivity needs neither"


def test_what_runs_in_the_cluster_waits_for_the_rule_of_the_api_server():
    recording = run_program(behind_firewall("traefik"))
    rule = recording.one(GROUP, "egress-api-server")
    (release,) = (item for item in recording.registrations if item.type == RELEASE)
    assert rule.urn in recording.waits_for(release)
    assert recording.one("containerservice:ManagedCluster").urn in recording.waits_for(rule)


def test_the_images_of_workloads_and_the_registries_of_the_settings_are_allowed():
    config = behind_firewall("traefik", registries=["shop.azurecr.io", "registry.example.com"])
    application = config["aks-network:kubernetes"]["applications"][0]
    application["workloads"] = [{"app": "frontend", "image": "quay.io/shop/web:1.2.3"}]
    names = https_names(run_program(config))
    assert {"quay.io", "cdn01.quay.io", "registry-1.docker.io"} <= names
    assert {"shop.azurecr.io", "shop.westeurope.data.azurecr.io"} <= names
    assert "registry.example.com" in names
    assert "ghcr.io" not in names


def test_without_charts_and_workloads_no_registry_is_allowed():
    assert https_names(recorded_file(ROOT / "examples" / "firewall.yaml")) == {
        "packages.example.com"
    }


def test_a_certificates_vault_of_another_team_is_allowed():
    config = behind_firewall("nginx")
    application = config["aks-network:kubernetes"]["applications"][0]
    source = example("kv-certificate")["aks-network:kubernetes"]["applications"][0]
    application["tls"] = source["tls"]
    recording = run_program(config, seed=fixture_of(ROOT / "examples" / "kv-certificate.yaml"))
    assert "kv-certificates.vault.azure.net" in https_names(recording)


def test_the_tag_for_aks_has_both_protocols():
    """Azure fails on a rule by FQDN tag without protocols (terraform-provider-azurerm#15760)."""
    rule = rules(recorded_file(ROOT / "examples" / "firewall.yaml"))["aks"]
    assert rule["fqdnTags"] == ["AzureKubernetesService"]
    assert {(item["protocolType"], item["port"]) for item in rule["protocols"]} == {
        ("Https", 443),
        ("Http", 80),
    }


@pytest.mark.parametrize("api_server", ["private", "public"])
def test_another_tier_comes_with_another_policy(api_server):
    """Azure does not change the tier of a policy (FirewallPolicySkuChangeDisallowed)."""
    standard = run_program(behind_firewall("traefik", api_server, tier="Standard"))
    premium = run_program(
        behind_firewall("traefik", api_server, tier="Premium"), cloud=standard.cloud
    )
    store = premium.cloud.store
    (firewall,) = store.of_type("network:AzureFirewall")
    policies = {item.name: item for item in store.of_type("network:FirewallPolicy")}
    assert {at(item.inputs, "sku", "tier") for item in policies.values()} == {"Standard", "Premium"}
    chosen = policies[resource_name(firewall.inputs["firewallPolicy"]["id"])]
    assert at(chosen.inputs, "sku", "tier") == at(firewall.inputs, "sku", "tier") == "Premium"
    groups = {item.name: store.below(item.id, GROUP) for item in policies.values()}
    assert len({len(found) for found in groups.values()}) == 1, "both have the same rules"


@pytest.mark.parametrize(("controller", "opened"), [("agc", True), ("traefik", False)])
def test_the_controller_of_application_gateway_for_containers_reaches_its_endpoint(
    controller, opened
):
    names = https_names(run_program(behind_firewall(controller, "private")))
    assert ({"*.alb.azure.com", "*.oic.prod-aks.azure.com"} <= names) == opened


def test_windows_nodes_and_ubuntus_updates_have_rules_of_their_own():
    config = behind_firewall("overlay-win")
    config["aks-network:cluster"]["nodeOsUpgradeChannel"] = "SecurityPatch"
    found = rules(run_program(config))
    assert "ctldl.windowsupdate.com" in found["windows-http"]["targetFqdns"]
    assert found["windows-http"]["protocols"] == [{"protocolType": "Http", "port": 80}]
    assert found["ubuntu-updates"]["targetFqdns"] == ["snapshot.ubuntu.com"]
    config["aks-network:cluster"]["nodeOsUpgradeChannel"] = "NodeImage"
    assert "ubuntu-updates" not in rules(run_program(config))


@pytest.mark.parametrize(
    ("image", "registry"),
    [
        ("nginx:1.29", "docker.io"),
        ("org/web:1", "docker.io"),
        ("docker.io/traefik", "docker.io"),
        ("ghcr.io/org/web@sha256:0", "ghcr.io"),
        ("registry.example.com:5000/web:1", "registry.example.com"),
        ("mcr.microsoft.com/app:1", "mcr.microsoft.com"),
    ],
)
def test_the_registry_of_an_image(image, registry):
    assert registry_of(image) == registry


def test_microsofts_registry_is_behind_the_tag_and_needs_no_name():
    assert registry_hosts(["mcr.microsoft.com", "ghcr.io", "ghcr.io"], "westeurope") == (
        "ghcr.io",
        "pkg-containers.githubusercontent.com",
    )


def behind_several(count: int, **cluster: Any) -> dict[str, Any]:
    config = behind_firewall("traefik", publicIpCount=count)
    config["aks-network:cluster"] |= cluster
    return config


def test_a_firewall_with_several_addresses_names_its_subnet_once():
    recording = run_program(behind_several(20))
    parts = recording.one("network:AzureFirewall").inputs["ipConfigurations"]
    assert [part["name"] for part in parts] == ["egress", *(f"egress-{n}" for n in range(2, 21))]
    assert [bool(part.get("subnet")) for part in parts] == [True, *[False] * 19]
    assert len({part["publicIPAddress"]["id"] for part in parts}) == 20
    first = recording.one("network:PublicIPAddress", "egress-firewall-ip")
    assert parts[0]["publicIPAddress"]["id"].endswith(first.inputs["publicIpAddressName"])


def test_every_address_of_the_firewall_may_reach_the_api_server_and_is_an_output():
    outputs: dict[str, Any] = {}
    with mock.patch("pulumi.export", outputs.__setitem__):
        recording = run_program(behind_several(3, authorizedIpRanges=["198.51.100.0/24"]))
    (cluster,) = recording.cloud.store.of_type("containerservice:ManagedCluster")
    ranges = cluster.inputs["apiServerAccessProfile"]["authorizedIPRanges"]
    addresses = {
        item.outputs["ipAddress"]
        for item in recording.cloud.store.of_type("network:PublicIPAddress")
        if "firewall" in item.name
    }
    assert len(addresses) == 3
    assert ranges[0] == "198.51.100.0/24"
    assert {address.removesuffix("/32") for address in ranges[1:]} == addresses
    assert len(outputs["egressAddresses"]) == 3


def test_the_firewall_waits_for_its_rules_and_the_later_rule_for_the_firewall():
    """Azure refuses rules while a firewall is being written (FirewallPolicyUpdateFailed)."""
    recording = run_program(behind_firewall("traefik"))
    firewall = recording.one("network:AzureFirewall")
    base = recording.one(GROUP, "egress-rules")
    later = recording.one(GROUP, "egress-api-server")
    assert base.urn in recording.waits_for(firewall)
    assert {base.urn, firewall.urn} <= recording.waits_for(later)


@pytest.mark.parametrize("tier", ["Basic", "Premium"])
def test_the_policy_of_another_tier_is_created_beside_the_first(tier: str):
    """Azure changes no policy's tier, and deletes none that a firewall has."""

    def policies(recording: Recording) -> set[str]:
        parts = [recording.one(POLICY), *recording.of_type(GROUP)]
        return {part.name for part in parts} | {parts[0].inputs["firewallPolicyName"]}

    standard, other = (
        policies(run_program(behind_firewall("traefik", tier=one))) for one in ("Standard", tier)
    )
    assert len(standard) == 4
    assert not standard & other
