"""A bad configuration: `pulumi preview` says why, and registers nothing at all."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.engine.conftest import Deploy

POOL: dict[str, Any] = {
    "name": "system",
    "mode": "System",
    "vmSize": "Standard_D4ds_v5",
    "minCount": 2,
    "maxCount": 4,
    "maxPods": 110,
}


def network(**changes: Any) -> dict[str, Any]:
    base = {
        "model": "azure-cni-overlay",
        "addressSpace": "10.20.0.0/16",
        "podCidr": "10.244.0.0/16",
        "serviceCidr": "10.100.0.0/16",
        "dnsServiceIp": "10.100.0.10",
    }
    return {"aks-network:network": base | changes}


def pools(*changed: dict[str, Any]) -> dict[str, Any]:
    rows = [POOL | change for change in changed]
    return {"aks-network:cluster": {"kubernetesVersion": "1.35", "nodePools": rows}}


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("pods in the network", network(podCidr="10.20.128.0/20"), "network.podCidr"),
    (
        "a reserved range",
        network(reserved=[{"name": "hq", "cidr": "10.20.0.0/24"}]),
        "network.reserved[0]",
    ),
    ("a forbidden range", network(addressSpace="172.30.0.0/16"), "network.addressSpace"),
    ("services too large", network(serviceCidr="10.96.0.0/12"), "network.serviceCidr"),
    ("DNS first in its range", network(dnsServiceIp="10.100.0.1"), "network.dnsServiceIp"),
    ("DNS outside its range", network(dnsServiceIp="10.99.0.10"), "network.dnsServiceIp"),
    ("too many nodes for the pods", network(podCidr="10.244.0.0/23"), "network.podCidr"),
    ("a small Bastion subnet", {}, "management.subnets.bastion"),
    (
        "too few pods",
        pools({"maxPods": 10, "minCount": 1, "maxCount": 1}),
        "cluster.nodePools[0].maxPods",
    ),
]


@pytest.mark.parametrize(("what", "settings", "path"), REFUSED, ids=[row[0] for row in REFUSED])
def test_a_bad_plan_registers_no_resource(
    deploy: Deploy, what: str, settings: dict[str, Any], path: str
):
    if what == "a small Bastion subnet":
        management = {"addressSpace": "10.30.0.0/24", "subnets": {"bastion": "10.30.0.0/27"}}
        settings = {"aks-network:management": management}
    deployment = deploy("dev", settings)

    run = deployment.refused("preview")

    assert f"aks-network:{path}" in run.text
    assert "nothing was registered" in run.text
    assert "Traceback" not in run.text
    # The one to create is the stack, which the engine registers before the program runs.
    assert re.findall(r"\d+ to create", run.text) == ["1 to create"]
    assert deployment.resources() == []


def test_up_stops_where_preview_does(deploy: Deploy):
    deployment = deploy("dev", network(podCidr="10.20.128.0/20"))

    deployment.refused("up")

    assert deployment.resources() == []
    assert [r["type"] for r in deployment.state()] in ([], ["pulumi:pulumi:Stack"])
