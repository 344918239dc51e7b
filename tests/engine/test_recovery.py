"""Interrupted runs: the documented steps lead to where an undisturbed run ends.

Each kind of fault once for `up` and `destroy`; `make sweep` has every operation.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.conftest import Deploy
from tests.engine.harness import Deployment
from tools.recover.access import Simulated
from tools.recover.adoption import recover, show
from tools.sweep.cases import KINDS, Operation
from tools.sweep.comparing import differences, picture
from tools.sweep.runs import strike

PROGRAM = """
import pulumi
import pulumi_azure_native as azure

class Network(pulumi.ComponentResource):
    def __init__(self):
        super().__init__("test:index:Network", "network")
        inside = pulumi.ResourceOptions(parent=self)
        group = azure.resources.ResourceGroup(
            "group", resource_group_name="rg", location="westeurope", opts=inside
        )
        network = azure.network.VirtualNetwork(
            "vnet",
            resource_group_name=group.name,
            virtual_network_name="vnet",
            address_space={"address_prefixes": ["10.0.0.0/16"]},
            opts=inside,
        )
        azure.network.Subnet(
            "subnet",
            resource_group_name=group.name,
            virtual_network_name=network.name,
            subnet_name="subnet",
            address_prefix="10.0.0.0/24",
            opts=inside,
        )
        azure.keyvault.Vault(
            "kv",
            resource_group_name=group.name,
            properties={
                "sku": {"family": "A", "name": "standard"},
                "tenant_id": "22222222-2222-4222-8222-222222222222",
                "enable_rbac_authorization": True,
            },
            opts=inside,
        )

Network()
"""
RUN = "struck"
VNET = ("azure-native:network:VirtualNetwork", "vnet")
PEERING = ("azure-native:network:VirtualNetworkPeering", "from-right")
VAULT = ("azure-native:keyvault:Vault", "kv")


@pytest.fixture
def small(deploy: Deploy, tmp_path: Path) -> Deployment:
    """A group with a network, a subnet and a vault whose name is random, in a component."""
    directory = tmp_path / "small"
    directory.mkdir()
    (directory / "Pulumi.yaml").write_text("name: aks-network\nruntime: python\n")
    (directory / "__main__.py").write_text(PROGRAM)
    return deploy("mine", program=directory)


def interrupt(deployment: Deployment, command: str, target: tuple[str, str], kind: str) -> None:
    """Run the command; the operation on the target has to be struck."""
    deployment.cloud.prepare(deployment.stack, deployment.committed)
    operation = Operation("create" if command == "up" else "delete", *target)
    name = f"{RUN}-{command}"
    struck = strike(
        deployment.cloud, deployment.stack, command, KINDS[kind], targets=[operation], name=name
    )
    assert struck == {operation}
    deployment.cloud.prepare(deployment.stack, deployment.committed)


@pytest.mark.parametrize(
    ("target", "kind"),
    [
        (VNET, "fails"),
        (VNET, "crash"),
        (VNET, "lost"),
        (VNET, "killed"),
        (VAULT, "lost"),
        (VAULT, "killed"),
    ],
)
def test_an_interrupted_creation_is_recovered(
    small: Deployment, target: tuple[str, str], kind: str
):
    interrupt(small, "up", target, kind)
    outcome = recover(Simulated(small.cloud, small.stack))
    there = kind != "fails"
    assert any(target[1] in item.rpartition("/")[2] for item in outcome.adopted) == there
    small.up()
    small.expect_no_changes()
    small.expect_no_drift()
    assert len(small.resources()) == 4


@pytest.mark.parametrize("kind", ["fails", "crash", "lost", "killed"])
def test_an_interrupted_deletion_is_recovered(small: Deployment, kind: str):
    small.up()
    interrupt(small, "destroy", VNET, kind)
    recover(Simulated(small.cloud, small.stack))
    small.destroy()
    assert small.resources() == []
    assert small.state() == []


def test_recovery_of_what_is_whole_does_nothing(small: Deployment):
    small.up()
    before = picture(small.cloud, small.stack)
    outcome = recover(Simulated(small.cloud, small.stack))
    assert "nothing to do" in show(outcome, small.stack, "simulated")
    assert list(differences(before, picture(small.cloud, small.stack))) == []


PEERED = """
import pulumi
import pulumi_azure_native as azure

group = azure.resources.ResourceGroup("group", resource_group_name="rg", location="westeurope")
left, right = (
    azure.network.VirtualNetwork(
        name,
        resource_group_name=group.name,
        virtual_network_name=name,
        address_space={"address_prefixes": [f"10.{index}.0.0/16"]},
    )
    for index, name in enumerate(["left", "right"])
)

def peer(name, network, remote, after):
    return azure.network.VirtualNetworkPeering(
        name,
        resource_group_name=group.name,
        virtual_network_name=network.name,
        virtual_network_peering_name=name,
        remote_virtual_network={"id": remote.id},
        opts=pulumi.ResourceOptions(depends_on=after),
    )

peer("from-right", right, left, [peer("from-left", left, right, [])])
"""


def test_a_peering_that_lost_its_other_side_is_told_with_the_way_out(
    deploy: Deploy, tmp_path: Path
):
    directory = tmp_path / "peered"
    directory.mkdir()
    (directory / "Pulumi.yaml").write_text("name: aks-network\nruntime: python\n")
    (directory / "__main__.py").write_text(PEERED)
    peered = deploy("mine", program=directory)
    peered.up()
    interrupt(peered, "destroy", PEERING, "lost")
    outcome = recover(Simulated(peered.cloud, peered.stack))
    (urn,) = outcome.disconnected
    assert urn.endswith("::from-left")
    assert f"--target '{urn}'" in show(outcome, peered.stack, "simulated")
    assert "RemotePeeringIsDisconnected" in peered.refused("up").text
    peered.destroy("--target", urn)
    peered.up()
    peered.expect_no_changes()
    peered.expect_no_drift()
