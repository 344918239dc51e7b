"""The settings of a protected stack: each row of the table stops a change of its setting."""

from __future__ import annotations

import copy
from typing import Any
from unittest import mock

import pulumi
import pytest

from components.deployment.protected_settings import (
    FORMER_OUTPUT,
    OUTPUT,
    PROTECTED_SETTINGS,
    find_protected_changes,
    protected_baseline,
)
from components.problems import Problem
from components.settings.load import Configuration, configuration
from dev.docs.edits import changed
from tests.helpers.mocks import Recording
from tests.helpers.stacks import configuration_of, run_program

VNET = (
    "/subscriptions/3f2504e0-4f89-41d3-9a0c-0305e82c3301/resourceGroups/r"
    "/providers/Microsoft.Network/virtualNetworks/existing"
)
VAULT_ZONE = VNET.replace(
    "virtualNetworks/existing", "privateDnsZones/privatelink.vaultcore.azure.net"
)
SUBNETS = ("nodes", "ingress", "privateEndpoints", "applicationGateway")
FIREWALL = {"aks-network:network.egress": "firewall"}
GATEWAY = {
    "aks-network:management.gateway": {
        "kind": "vpn",
        "site": {"publicIp": "203.0.113.10", "addressSpace": "172.20.0.0/16"},
        "sharedKey": "made_up",
    }
}
NO_WAF = {
    "aks-network:ingress.waf": "none",
    "aks-network:observability.diagnostics.applicationGateway": False,
    "aks-network:kubernetes.applications[0].tls": {"secretName": "tls"},
}
CHANGES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "azure-native:location": ({}, {"azure-native:location": "northeurope"}),
    "aks-network:workload": ({}, {"aks-network:workload": "store"}),
    "aks-network:environment": ({}, {"aks-network:environment": "live"}),
    "aks-network:network.model": (
        {},
        {
            "aks-network:network.model": "azure-cni-overlay",
            "aks-network:network.podCidr": "10.244.0.0/16",
        },
    ),
    "aks-network:network.dataplane": (
        {"aks-network:cluster.nodePools[2]": None},
        {"aks-network:network.dataplane": "cilium", "aks-network:network.policy": "cilium"},
    ),
    "aks-network:network.policy": ({}, {"aks-network:network.policy": "azure"}),
    "aks-network:network.podCidr": (
        {
            "aks-network:network.model": "azure-cni-overlay",
            "aks-network:network.podCidr": "10.244.0.0/16",
        },
        {"aks-network:network.podCidr": "10.245.0.0/16"},
    ),
    "aks-network:network.serviceCidr": (
        {},
        {
            "aks-network:network.serviceCidr": "10.110.0.0/16",
            "aks-network:network.dnsServiceIp": "10.110.0.10",
        },
    ),
    "aks-network:network.dnsServiceIp": ({}, {"aks-network:network.dnsServiceIp": "10.101.0.11"}),
    "aks-network:network.egress": (
        FIREWALL,
        {"aks-network:network.egress": "appliance", "aks-network:network.applianceIp": "10.99.0.4"},
    ),
    "aks-network:network.firewall.tier": (
        FIREWALL,
        {"aks-network:network.firewall.tier": "Basic"},
    ),
    "aks-network:network.existing": (
        {},
        {
            "aks-network:network.existing": {
                "virtualNetworkId": VNET,
                "subnets": {key: f"{VNET}/subnets/{key}" for key in SUBNETS},
            },
            "aks-network:network.subnets": {
                "nodes": "10.40.0.0/17",
                "ingress": "10.40.128.0/24",
                "privateEndpoints": "10.40.129.0/24",
                "applicationGateway": "10.40.130.0/24",
            },
        },
    ),
    "aks-network:management.existing": (
        {},
        {
            "aks-network:management.existing": {"virtualNetworkId": VNET},
            "aks-network:management.bastion": None,
            "aks-network:management.jumpBox": None,
            "aks-network:management.subnets": {
                "bastion": "10.50.0.0/26",
                "jumpBox": "10.50.0.224/28",
            },
            "aks-network:observability.diagnostics.bastion": False,
        },
    ),
    "aks-network:management.gateway": (GATEWAY, {"aks-network:management.gateway": None}),
    "aks-network:cluster.private": ({}, {"aks-network:cluster.private": False}),
    "aks-network:cluster.windows": (
        {},
        {"aks-network:cluster.nodePools[2]": None, "aks-network:cluster.windows": None},
    ),
    "aks-network:cluster.ownRegistry": (
        {"aks-network:cluster.ownRegistry": {}},
        {"aks-network:cluster.ownRegistry": None},
    ),
    "aks-network:ingress.waf": ({}, NO_WAF),
    "aks-network:ingress.publicDnsZones": (
        {"aks-network:ingress.publicDnsZones": ["myapp.com", "example.org"]},
        {"aks-network:ingress.publicDnsZones": ["myapp.com"]},
    ),
    "aks-network:ingress.privateDnsZones": ({}, {"aks-network:ingress.privateDnsZones": None}),
    "aks-network:network.privateDns.existingZones": (
        {},
        {"aks-network:network.privateDns": {"existingZones": [VAULT_ZONE]}},
    ),
    "aks-network:observability": ({}, {"aks-network:observability": None}),
    "aks-network:network.subnets": (
        {"aks-network:cluster.nodePools[1].subnet": "nodes-2"},
        {"aks-network:cluster.nodePools[1].subnet": "nodes"},
    ),
}


def checked(*changes: dict[str, Any]) -> Configuration:
    config = configuration_of("prod")
    for change in changes:
        config = changed(config, change)
    return configuration(config)


def changes_of(was: Configuration, now: Configuration) -> list[Problem]:
    baseline = protected_baseline(was.settings, was.plan)
    return list(find_protected_changes(baseline, now.settings, now.plan))


def test_each_row_has_a_change_here():
    assert list(CHANGES) == [setting.path for setting in PROTECTED_SETTINGS]


@pytest.mark.parametrize("path", CHANGES)
def test_a_change_that_deletes_something_is_an_error_with_a_remedy(path: str):
    before, change = CHANGES[path]
    was, now = checked(before), checked(before, change)
    problems = {problem.path: problem for problem in changes_of(was, now)}
    assert path in problems
    (row,) = (setting for setting in PROTECTED_SETTINGS if setting.path == path)
    assert f"the change deletes {row.deletes}, which is protected" in problems[path].rule
    assert problems[path].remedy.startswith(row.remedy)


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"aks-network:tags": {"owner": "others"}},
        {"aks-network:network.addressSpace": ["10.40.0.0/16", "10.41.0.0/16"]},
        {"aks-network:cluster.nodePools[1].maxCount": 40},
        {"aks-network:cluster.nodePools[1]": None},
        {"aks-network:cluster.kubernetesVersion": "1.36"},
        {"aks-network:ingress.publicDnsZones": ["myapp.com", "example.org"]},
        GATEWAY,
    ],
)
def test_a_change_that_deletes_nothing_is_accepted(change: dict[str, Any]):
    was, now = checked(), checked(change)
    assert list(changes_of(was, now)) == []


def test_the_firewall_changes_between_standard_and_premium():
    premium = {"aks-network:network.firewall.tier": "Premium"}
    was, now = checked(FIREWALL), checked(FIREWALL, premium)
    assert list(changes_of(was, now)) == []
    assert list(changes_of(now, was)) == []


def test_the_tier_is_not_reported_where_the_firewall_goes():
    was, now = checked(FIREWALL), checked(FIREWALL, CHANGES["aks-network:network.egress"][1])
    assert [problem.path for problem in changes_of(was, now)] == ["aks-network:network.egress"]


def run_after(before: Configuration, config: dict[str, Any], output: str = OUTPUT) -> Recording:
    outputs = {output: protected_baseline(before.settings, before.plan)}
    with mock.patch("components.deployment.stack_outputs.last_outputs", return_value=outputs):
        return run_program(copy.deepcopy(config))


@pytest.mark.parametrize("output", [OUTPUT, FORMER_OUTPUT])
def test_a_protected_stack_registers_nothing_when_a_change_would_delete_its_cluster(output: str):
    config = changed(configuration_of("prod"), CHANGES["aks-network:network.serviceCidr"][1])
    with pytest.raises(pulumi.RunError, match="nothing was registered") as error:
        run_after(checked(), config, output)
    text = str(error.value)
    assert "aks-network:network.serviceCidr: 10.110.0.0/16 — must keep 10.101.0.0/16" in text
    assert "run with aks-network:protect: false first" in text
    assert run_after(checked(), {**config, "aks-network:protect": False}).registrations
