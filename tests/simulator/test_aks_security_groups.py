"""Security groups of node and pod subnets that block traffic inside a cluster."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.aks import POOL, Landscape
from tests.simulator.conftest import Subscription
from tests.simulator.landscape import group, ref, rule

CLUSTER_RANGES = ["10.0.0.0/20", "10.244.0.0/16"]
NODE_SUBNET = {"networkPluginMode": None, "podCidr": None, "networkPlugin": "azure"}
CODE = "AKS does not support security rule"


def denies(name: str, priority: int = 110, **more: Any) -> dict[str, Any]:
    return rule(name, priority, access="Deny", **more)


def between(name: str, priority: int = 100, **more: Any) -> dict[str, Any]:
    """A rule about nodes and pods."""
    sides = {"sourceAddressPrefixes": CLUSTER_RANGES, "destinationAddressPrefixes": CLUSTER_RANGES}
    made = rule(name, priority, **{**sides, **more})
    return {
        key: value
        for key, value in made.items()
        if key not in ("sourceAddressPrefix", "destinationAddressPrefix") or key in more
    }


def found(azure: Subscription) -> list[str]:
    return [text for text in azure.cloud.warnings if CODE in text]


def warned(azure: Subscription, *rules: dict[str, Any], **network: Any) -> list[str]:
    """The advice about a cluster whose nodes have a group with these rules."""
    land = Landscape(azure, networkSecurityGroup=ref(group(azure, *rules)))
    land.make(network=network)
    return found(azure)


SSH: dict[str, Any] = {"protocol": "Tcp", "destinationPortRange": "22"}


@pytest.mark.parametrize(
    "rules",
    [
        [denies("Ssh", **SSH)],
        [denies("Ssh", sourceAddressPrefix="10.0.0.0/24", **SSH)],
        [denies("All", 4096, sourceAddressPrefix="VirtualNetwork")],
        [denies("Pods", sourceAddressPrefix="10.244.0.0/16")],
        [denies("Out", direction="Outbound", destinationAddressPrefix="10.0.8.0/24")],
        # Some ports are allowed before, or all of them after.
        [rule("Web", 100, destinationPortRange="443"), denies("All")],
        [denies("Ssh", 100, **SSH), between("Cluster", 110)],
        # Nodes are allowed, pods are not.
        [
            rule("Nodes", 100, sourceAddressPrefix="10.0.0.0/20"),
            denies("All", sourceAddressPrefix="VirtualNetwork"),
        ],
    ],
    ids=str,
)
def test_a_group_that_blocks_traffic_inside_the_cluster_is_advised_against(azure, rules):
    (text, *_) = warned(azure, *rules)
    (denial,) = [item["name"] for item in rules if item["access"] == "Deny"]
    assert f"{CODE} {denial} on subnet 'nodes'" in text


@pytest.mark.parametrize(
    "rules",
    [
        [],
        [between("Cluster"), denies("Ssh", **SSH), denies("All", 4096)],
        [between("Cluster"), denies("All", sourceAddressPrefix="VirtualNetwork")],
        [denies("Internet", sourceAddressPrefix="Internet")],
        [denies("Others", sourceAddressPrefix="10.9.0.0/16")],
        [denies("Out", direction="Outbound", destinationAddressPrefix="Internet")],
    ],
    ids=str,
)
def test_other_groups_are_not(azure, rules):
    assert warned(azure, *rules) == []


def test_without_an_overlay_only_the_subnets_count(azure):
    rules = [rule("Nodes", 100, sourceAddressPrefix="10.0.0.0/20"), denies("All")]
    assert warned(azure, *rules, **NODE_SUBNET) == []


@pytest.mark.parametrize("allowed", [True, False])
def test_pods_in_a_subnet_of_their_own_are_a_part_of_the_cluster(azure, allowed):
    sources = ["10.0.0.0/20", *(["10.0.32.0/20"] if allowed else [])]
    allow = rule("Cluster", 100, sourceAddressPrefixes=sources)
    del allow["sourceAddressPrefix"]
    guarded = group(azure, allow, denies("All", sourceAddressPrefix="VirtualNetwork"))
    land = Landscape(azure)
    pods = azure.subnet("pods", "10.0.32.0/20", networkSecurityGroup=ref(guarded))
    land.make(network=NODE_SUBNET, pool={"podSubnetID": pods.id})
    assert bool(found(azure)) != allowed


def test_a_rule_that_comes_later_is_advised_against_too(azure):
    nsg = group(azure)
    land = Landscape(azure, networkSecurityGroup=ref(nsg))
    land.make()
    inputs = denies("Ssh", **SSH)
    del inputs["name"]
    assert found(azure) == []
    azure.put(
        "network:SecurityRule",
        networkSecurityGroupName="nsg",
        securityRuleName="Ssh",
        **inputs,
    )
    assert len(found(azure)) == 1
    azure.cloud.warnings.clear()
    azure.put(POOL, **land.pool())
    assert len(found(azure)) == 1
    azure.cloud.warnings.clear()
    group(azure, denies("Rdp", destinationPortRange="3389"))
    assert len(found(azure)) == 1
