"""Azure's refusals on their way through the real engine, and the way on once they are mended."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.conftest import Deploy
from tests.engine.harness import write_program

PROGRAM = """
import pulumi
from pulumi_azure_native import network, resources

good = pulumi.Config("aks-network").require_object("tags")["good"]
group = resources.ResourceGroup("rg", resource_group_name="rg-refusals", location="westeurope")
place = {"resource_group_name": group.name, "location": "westeurope"}
network.PublicIPAddress(
    "address",
    sku={"name": "Standard" if good else "Basic"},
    public_ip_allocation_method="Static",
    **place,
)


def rule(name, priority):
    return network.SecurityRuleArgs(
        name=name,
        priority=priority,
        direction="Inbound",
        access="Allow",
        protocol="Tcp",
        source_address_prefix="*",
        source_port_range="*",
        destination_address_prefix="*",
        destination_port_range="443",
    )


network.NetworkSecurityGroup(
    "group", security_rules=[rule("a", 100), rule("b", 110 if good else 100)], **place
)
network.VirtualNetwork(
    "network",
    virtual_network_name="vnet",
    address_space={"address_prefixes": ["10.0.0.0/16"]},
    subnets=[
        {"name": "a", "address_prefix": "10.0.0.0/24"},
        {"name": "b", "address_prefix": "10.0.1.0/24" if good else "10.0.0.0/25"},
    ],
    **place,
)
"""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    return write_program(tmp_path / "program", PROGRAM)


def test_what_azure_refuses_leaves_nothing_behind_and_is_made_once_it_is_right(
    deploy: Deploy, program: Path
):
    deployment = deploy("mine", {"aks-network:tags": {"good": False}}, program=program)

    run = deployment.refused("up", "--continue-on-error")
    for code in (
        "IPv4BasicSkuPublicIpCountLimitReached",
        "SecurityRuleConflict",
        "NetcfgSubnetRangesOverlap",
    ):
        assert f'Code="{code}"' in run.text
    assert [item.token for item in deployment.resources()] == ["resources:ResourceGroup"]

    deployment.change({"aks-network:tags": {"good": True}})
    deployment.up()
    deployment.expect_no_changes()
    deployment.expect_no_drift()
    deployment.destroy()
    assert deployment.resources() == []
