"""What a configuration may hold: every problem is reported at once, with its path and a remedy."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from cli.stack_file import config_with_placeholders
from components.problems import ConfigurationError
from components.settings.load import configuration
from components.settings.stack import BASICS, SECTIONS
from tests.helpers.broken import problems
from tests.helpers.loops import each
from tests.helpers.stacks import ROOT, STACKS, configuration_of

Edit = Callable[[dict[str, Any]], None]


def section(config: dict[str, Any], name: str) -> dict[str, Any]:
    return config[f"aks-network:{name}"]


def pool(**changes: Any) -> Edit:
    return lambda config: section(config, "cluster")["nodePools"][0].update(changes)


def put(name: str, **changes: Any) -> Edit:
    return lambda config: section(config, name).update(changes)


def application(**changes: Any) -> Edit:
    return lambda config: section(config, "kubernetes")["applications"][0].update(changes)


@pytest.mark.parametrize("stack", STACKS)
def test_the_repositorys_stacks_are_accepted(stack: str):
    checked = configuration(configuration_of(stack))
    assert checked.settings.environment == stack
    assert checked.plan.subnet("nodes").headroom > 0


def test_what_is_secret_or_personal_is_asked_for_by_name():
    config = configuration_of("prod")
    del section(config, "management")["jumpBox"]["sshPublicKey"]
    del section(config, "ingress")["waf"]["certificate"]
    del section(config, "cluster")["windows"]
    assert set(problems(config)) == {
        "aks-network:management.jumpBox.sshPublicKey",
        "aks-network:ingress.waf.certificate",
        "aks-network:cluster.windows",
    }


def test_problems_of_all_kinds_are_reported_together():
    config = configuration_of("dev")
    config["aks-network:wrkload"] = "shop"
    config["aks-network:environment"] = "Dev!"
    section(config, "network")["polcy"] = "cilium"
    section(config, "network")["reserved"] = [{"name": "office", "cidr": "10.20.128.0/20"}]
    section(config, "cluster")["nodePools"][0]["maxPods"] = 5
    section(config, "management")["bastion"] = {"sku": "Developer"}
    found = problems(config)
    assert {
        "aks-network:wrkload",
        "aks-network:environment",
        "aks-network:network.polcy",
        "aks-network:cluster.nodePools[0].maxPods",
        "aks-network:management.bastion.sku",
    } <= set(found)
    assert "did you mean workload?" in found["aks-network:wrkload"]
    assert "did you mean policy?" in found["aks-network:network.polcy"]


CASES: list[tuple[str, Edit, str]] = [
    ("network.policy", put("network", policy="calico"), "no other policy engine"),
    ("network.addressSpace", put("network", addressSpace="10.20.0.1/16"), "10.20.0.0/16"),
    ("network.addressSpace", put("network", addressSpace="fd00::/48"), "IPv6"),
    ("network.addressSpace", put("network", addressSpace=[]), "must not be empty"),
    ("network.egress", put("network", egress="wires"), "use nat-gateway"),
    ("network.applianceIp", put("network", applianceIp="10.20.0.4"), "egress: appliance"),
    ("network.dnsServiceIp", put("network", dnsServiceIp="10.200.0.10"), "inside the service"),
    ("network.podCidr", put("network", podCidr="10.20.0.0/18"), "must not overlap"),
    ("network.reserved[0].name", put("network", reserved=[{"cidr": "10.9.0.0/16"}]), "required"),
    ("cluster.kubernetesVersion", put("cluster", kubernetesVersion=1.35), "in quotes"),
    ("cluster.private", put("cluster", private="yes"), "true or false, without quotes"),
    ("cluster.nodePools", put("cluster", nodePools=[]), "must not be empty"),
    ("cluster.nodePools[0].name", pool(name="System"), "must be a node pool name"),
    ("cluster.nodePools[0].minCount", pool(minCount="2"), "without quotes"),
    ("cluster.nodePools[0].maxCount", pool(minCount=9), "at least minCount, 9"),
    ("cluster.nodePools[0].maxSurge", pool(maxSurge="0%"), "percentage"),
    ("cluster.nodePools[0].zones[0]", pool(zones=["4"]), "availability zone"),
    ("cluster.nodePools[0].spot", pool(spot=True), "Azure may evict"),
    ("cluster.nodePools[0].vmSize", pool(vmSize="Standard_DS1_v2"), "at least 2 vCPUs"),
    ("cluster.nodePools[0].vmSize", pool(vmSize="Standard_E4-1ds_v5"), "at least 2 vCPUs"),
    ("cluster.nodePools[0].osSku", pool(osSku="Windows2022"), "remove osSku"),
    ("cluster.nodePools[0].taints[0]", pool(taints=["gpu"]), "must be a taint"),
    ("cluster.nodePools", pool(mode="User"), "mode: System"),
    ("management.bastion.tunneling", put("management", bastion={"sku": "Basic"}), "Standard"),
    (
        "management.jumpBox.sshPublicKey",
        put("management", jumpBox={"sshPublicKey": "key"}),
        "OpenSSH",
    ),
    ("ingress.exposure", put("ingress", exposure="external"), "use exposure: internal"),
    ("ingress.controller", put("ingress", controller="none"), "must not be none"),
    ("ingress.publicDnsZones[0]", put("ingress", publicDnsZones=["Shop"]), "DNS name"),
    (
        "kubernetes.applications",
        put("kubernetes", applications=[]),
        "set the host of an application",
    ),
    ("kubernetes.ingressClass", put("kubernetes", ingressClass="PublicIngress"), "lower-case"),
    ("kubernetes.applications[0].name", application(name="My App"), "Kubernetes name"),
    (
        "kubernetes.applications[0].allow[0].to",
        application(allow=[{"from": "frontend", "to": "bakend"}]),
        "use one of backend, frontend",
    ),
    ("tags.a<b", lambda c: c.update({"aks-network:tags": {"a<b": "c"}}), "tag name"),
    ("workload", lambda c: c.update({"aks-network:workload": "Überfluss"}), "lower-case"),
    ("protect", lambda c: c.update({"aks-network:protect": "maybe"}), "true or false"),
]


@pytest.mark.parametrize(
    ("path", "edit", "words"), CASES, ids=[f"{path}-{words}" for path, _, words in CASES]
)
def test_a_setting_that_breaks_a_rule_is_named_with_a_remedy(path: str, edit: Edit, words: str):
    config = configuration_of("dev")
    edit(config)
    found = problems(config)
    assert f"aks-network:{path}" in found
    assert words in found[f"aks-network:{path}"]
    assert found[f"aks-network:{path}"].count(" — ") >= 2


@pytest.mark.parametrize(
    ("path", "edit", "words"),
    [
        ("nodePools[2].name", lambda p: p["nodePools"][2].update(name="windows"), "6 characters"),
        ("nodePools[2].mode", lambda p: p["nodePools"][2].update(mode="System"), "runs Linux"),
        ("nodePools[1].name", lambda p: p["nodePools"][1].update(name="system"), "different"),
        ("windows.adminUsername", lambda p: p["windows"].update(adminUsername="root"), "forbids"),
        ("windows.adminPassword", lambda p: p["windows"].update(adminPassword="short"), "classes"),
        (
            "authorizedIpRanges",
            lambda p: p.update(authorizedIpRanges=["203.0.113.0/24"]),
            "private: false",
        ),
    ],
)
def test_productions_cluster_is_held_to_azures_rules(path: str, edit: Edit, words: str):
    config = configuration_of("prod")
    edit(section(config, "cluster"))
    assert words in problems(config)[f"aks-network:cluster.{path}"]


def test_no_message_shows_a_secret():
    config = configuration_of("prod")
    section(config, "cluster")["windows"]["adminPassword"] = ["hunter2-hunter2"]
    section(config, "ingress")["waf"]["certificate"]["pfx"] = {"is": "hunter2-hunter2"}
    assert not [text for text in each(problems(config).values()) if "hunter2" in text]


def test_a_region_is_read_as_azure_compares_it():
    config = configuration_of("dev") | {"azure-native:location": "West Europe"}
    assert configuration(config).settings.location == "westeurope"


def test_without_a_region_nothing_is_accepted():
    config = configuration_of("dev")
    del config["azure-native:location"]
    assert "azure-native:location" in problems(config)


def test_objects_may_come_as_the_json_that_pulumi_hands_over():
    plain = configuration_of("dev")
    texts = {k: v if isinstance(v, str) else json.dumps(v) for k, v in plain.items()}
    assert configuration(texts).settings == configuration(plain).settings


def test_the_project_declares_every_setting():
    declared = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["config"]
    del declared["pulumi:autonaming"]  # a setting of the engine, not of the program
    assert set(declared) == {*BASICS, *SECTIONS}
    required = {key for key, entry in declared.items() if "Required." in entry["description"]}
    assert required == {"workload", "environment", "network", "management", "cluster"}
    for entry in declared.values():
        assert re.fullmatch(r"(Required|Optional)\. (The|Whether) .+\.", entry["description"])


def test_what_azure_retires_is_warned_of_with_date_and_successor():
    config = configuration_of("dev")
    assert len(configuration(config).warnings) == 1
    config["aks-network:ingress"]["appRouting"] = {"implementation": "nginx"}
    nginx, _ = configuration(config).warnings
    assert "2026-11-30" in nginx
    assert "Gateway API" in nginx


PLAN = (
    "/subscriptions/33333333-3333-4333-8333-333333333333/resourceGroups/rg-ddos/providers"
    "/Microsoft.Network/ddosProtectionPlans/ddos-company"
)


@pytest.mark.parametrize(("name", "part"), [("byo-vnet", "network"), ("byo-hub", "management")])
def test_only_a_network_of_ones_own_gets_a_ddos_protection_plan(name: str, part: str):
    config = config_with_placeholders(ROOT / "examples" / f"{name}.yaml")
    config[f"aks-network:{part}"]["ddosProtectionPlanId"] = PLAN
    with pytest.raises(ConfigurationError, match="ask the network's owner for the plan"):
        configuration(config)
    config = configuration_of("dev")
    config[f"aks-network:{part}"]["ddosProtectionPlanId"] = PLAN
    configuration(config)
    config[f"aks-network:{part}"]["ddosProtectionPlanId"] = PLAN.replace("ddosProtection", "other")
    with pytest.raises(ConfigurationError, match="the resource ID of a DDoS protection plan"):
        configuration(config)
