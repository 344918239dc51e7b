"""Nodes and the jump box: public addresses, groups at subnets and interfaces."""

from __future__ import annotations

import pytest

from tests.analysis.reachability.changes import NODES, after, security_rule
from tests.analysis.reachability.states import Resources, named, passes


def test_nodes_with_public_addresses_stay_closed_by_the_default_rules():
    def publish(resources: Resources) -> None:
        pools = named(resources, "ManagedCluster", "")["outputs"]["agentPoolProfiles"]
        pools[0]["enableNodePublicIP"] = True

    assert passes(after("dev", publish), "Internet", NODES) == "none"


def test_a_rule_for_the_internet_opens_nodes_only_where_they_have_public_addresses():
    def open_ssh(resources: Resources) -> None:
        rules = named(resources, "NetworkSecurityGroup", "-nodes")["outputs"]["securityRules"]
        rules.append(security_rule("Open", 110, sourceAddressPrefix="Internet"))

    assert passes(after("dev", open_ssh), "Internet", NODES) == "none"


@pytest.mark.parametrize("group", [True, False], ids=["with a group", "without a group"])
def test_a_public_address_of_the_jump_box_lets_nothing_in_by_itself(*, group: bool):
    def publish(resources: Resources) -> None:
        card = named(resources, "NetworkInterface", "jump-box")
        address = named(resources, "PublicIPAddress", "-bastion")
        card["outputs"]["ipConfigurations"][0]["publicIPAddress"] = {"id": address["id"]}
        if not group:
            subnet = named(resources, "Subnet", "-jumpbox")
            subnet["outputs"]["networkSecurityGroup"] = None
            subnet["inputs"].pop("networkSecurityGroup", None)

    matrix = after("dev", publish)
    assert passes(matrix, "Internet", "jump box") == "none"
    (denied,) = {
        flow.reasons[-1]
        for flow in matrix.between("Internet", "jump box").denied
        if flow.reasons[0] == "public address"
    }
    assert ("without a security group" in denied) is not group


def test_a_group_at_the_interface_counts_besides_the_subnets():
    def closed_card(resources: Resources) -> None:
        group = "/subscriptions/s/resourceGroups/r/providers/Microsoft.Network/nsg/card"
        deny = security_rule("DenyRdp", 100, access="Deny", destinationPortRange="3389")
        made = {"type": "azure-native:network:NetworkSecurityGroup", "id": group, "inputs": {}}
        resources.append({**made, "outputs": {"name": "card", "securityRules": [deny]}})
        card = named(resources, "NetworkInterface", "jump-box")
        card["outputs"]["networkSecurityGroup"] = {"id": group}

    assert passes(after("dev", closed_card), "Bastion", "jump box") == "tcp 22"


def test_rules_that_are_resources_of_their_own_count():
    def apart(resources: Resources) -> None:
        group = named(resources, "NetworkSecurityGroup", "-jumpbox")
        rules = group["outputs"].pop("securityRules")
        group["inputs"].pop("securityRules")
        for rule in rules:
            made = {"type": "azure-native:network:SecurityRule", "inputs": {}, "outputs": rule}
            resources.append({**made, "id": f"{group['id']}/securityRules/{rule['name']}"})

    assert passes(after("dev", apart), "Bastion", "jump box") == "tcp 22, 3389"
