"""Day-2 changes under the real engine: what follows from them follows in the same run."""

from __future__ import annotations

from tests.engine.conftest import Deploy
from tests.engine.harness import Deployment
from tests.helpers.stacks import configuration_of


def changes(deployment: Deployment) -> dict[str, str]:
    """What a preview would do, by logical name."""
    steps = {step["urn"].rpartition("::")[2]: step["op"] for step in deployment.steps()}
    return {name: operation for name, operation in steps.items() if operation != "same"}


def test_the_peering_takes_over_a_range_that_is_appended(deploy: Deploy):
    dev = deploy("dev")
    dev.up()
    network = configuration_of("dev")["aks-network:network"]
    ranges = [network["addressSpace"], "10.21.0.0/16"]
    dev.change({"aks-network:network": {**network, "addressSpace": ranges}})

    assert changes(dev) == {"network-vnet": "update", "management-to-cluster": "update"}
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


def test_an_add_on_that_is_turned_on_gets_its_roles_and_keeps_them(deploy: Deploy):
    """A cluster that is updated in place keeps its add-on's identity, and the preview knows."""
    settings = configuration_of("dev")
    ingress = {"privateDnsZones": ["shop.internal"], "waf": "none", "exposure": "internal"}
    nothing = {"aks-network:kubernetes": {"delivery": "none"}}
    without = {"aks-network:ingress": {**ingress, "controller": "none"}}
    dev = deploy("dev", {**nothing, **without})
    dev.up()

    nginx = {"controller": "app-routing", "appRouting": {"implementation": "nginx"}}
    dev.change({"aks-network:ingress": {**ingress, **nginx}})
    turned_on = changes(dev)
    assert turned_on["cluster-aks"] == "update"
    assert turned_on["routing-addon-shop.internal"] == "create"
    dev.up()
    dev.expect_no_changes()

    dev.change({"aks-network:cluster": {**settings["aks-network:cluster"], "tier": "Standard"}})
    assert changes(dev) == {"cluster-aks": "update"}
