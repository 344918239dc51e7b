"""A network that grows under the real engine: what others know of it grows with it."""

from __future__ import annotations

from tests.engine.conftest import Deploy
from tests.stacks import configuration_of


def test_both_sides_of_the_peering_take_over_a_range_that_is_appended(deploy: Deploy):
    dev = deploy("dev")
    dev.up()
    network = configuration_of("dev")["aks-network:network"]
    ranges = [network["addressSpace"], "10.21.0.0/16"]
    dev.change({"aks-network:network": {**network, "addressSpace": ranges}})

    changed = {step["urn"].rpartition("::")[2]: step["op"] for step in dev.steps()}
    changed = {name: op for name, op in changed.items() if op != "same"}
    assert changed == {"network-vnet": "update", "management-to-cluster": "update"}
    dev.up()

    known = {
        item.name: (item.outputs["peeringSyncLevel"], item.outputs["remoteAddressSpace"])
        for item in dev.resources()
        if item.token == "network:VirtualNetworkPeering"
    }
    assert len(known) == 2
    assert {level for level, _ in known.values()} == {"FullyInSync"}
    assert {"addressPrefixes": ranges} in [space for _, space in known.values()]
    dev.expect_no_changes()
    dev.expect_no_drift()
