"""The move of a stack from a NAT gateway in one zone to one in all zones."""

from __future__ import annotations

import copy
from typing import Any

import yaml

from support.repository import ROOT
from tests.engine.conftest import Deploy

NETWORK = "aks-network:network"
NAT, ADDRESS, SUBNET = "network:NatGateway", "network:PublicIPAddress", "network:Subnet"


def test_subnets_move_to_the_new_gateway_before_the_old_one_is_deleted(deploy: Deploy):
    config: dict[str, Any] = yaml.safe_load((ROOT / "examples" / "pools.yaml").read_text())[
        "config"
    ]
    network = config[NETWORK]
    deployment = deploy("nat", config)
    deployment.up()
    former = deployment.outputs()["egressAddresses"]

    moved = copy.deepcopy(network) | {"natGateway": {"sku": "StandardV2"}}
    deployment.change({NETWORK: moved})
    steps = [
        (step["op"], step["urn"].split("::")[2].split("$")[-1].split(":", 1)[1], step["urn"])
        for step in deployment.steps()
    ]
    replaced = [urn for op, _, urn in steps if "replace" in op]
    assert replaced == []
    assert {(op, kind) for op, kind, _ in steps if kind in {NAT, ADDRESS}} == {
        ("create", NAT),
        ("create", ADDRESS),
        ("delete", NAT),
        ("delete", ADDRESS),
    }
    # The addresses are known before the move (docs/egress.md, A NAT gateway in all zones).
    deployment.up("--target", "**::network-nat-v2-ip-*")
    announced = deployment.outputs()["egressAddresses"]
    assert set(announced).isdisjoint(former)
    assert [i.name for i in deployment.resources() if i.token == NAT and "-v2" in i.name] == []
    # The simulated Azure refuses to delete a gateway that a subnet uses, and an address in use.
    assert "all outbound addresses are new" in deployment.up().text
    found = deployment.resources()
    of_nodes = [item for item in found if item.token == NAT and "-nodes" in item.name]
    assert [item.inputs["sku"] for item in of_nodes] == [{"name": "StandardV2"}]
    subnets = [item for item in found if item.token == SUBNET and "nodes" in item.name]
    assert len(subnets) == 2
    assert {item.inputs["natGateway"]["id"] for item in subnets} == {of_nodes[0].id}
    assert deployment.outputs()["egressAddresses"] == announced
    deployment.expect_no_changes()
    deployment.expect_no_drift()
