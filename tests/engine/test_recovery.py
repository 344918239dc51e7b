"""Interrupted runs: the documented steps lead to where an undisturbed run ends.

Four kinds of fault (fails, crash, lost, killed) for `up` and for `destroy`, on a stack that is
small; `make sweep` has every kind and every operation of the real ones.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.recover.adoption import Outcome, recover, show
from cli.recover.simulated import SimulatedAccess
from dev.fault_injection.cases import KINDS, Operation
from dev.fault_injection.comparing import differences, snapshot
from dev.fault_injection.runs import inject
from simulator.azure.cloud import Cloud
from simulator.azure.identifiers import OPERATOR
from simulator.store import JournalStore
from tests.engine.conftest import Deploy
from tests.engine.harness import Deployment, write_program

pytestmark = pytest.mark.checkpoints

SECRETS = ("a-tag-that-azure-tells", "a-value-that-it-does-not")
PROGRAM = f"""
import pulumi
import pulumi_azure_native as azure

class Vaults(pulumi.ComponentResource):
    def __init__(self):
        super().__init__("test:index:Vaults", "vaults")
        group = azure.resources.ResourceGroup(
            "group", resource_group_name="rg", location="westeurope", opts=self.after()
        )
        identity = azure.managedidentity.UserAssignedIdentity(
            "identity",
            resource_group_name=group.name,
            resource_name_="workload-id",
            tags={{"pin": pulumi.Output.secret("{SECRETS[0]}")}},
            opts=self.after(),
        )
        credential = azure.managedidentity.FederatedIdentityCredential(
            "credential",
            resource_group_name=group.name,
            resource_name_=identity.name,
            federated_identity_credential_resource_name="credential",
            audiences=["api://AzureADTokenExchange"],
            issuer="https://oidc.example.com",
            subject="system:serviceaccount:shop:web",
            opts=self.after(),
        )
        vault = self.vault("kv", group, self.after())
        spare = self.vault("spare", group, self.after(identity, vault))
        azure.keyvault.Secret(
            "secret",
            resource_group_name=group.name,
            vault_name=vault.name,
            secret_name="secret",
            properties={{"value": pulumi.Output.secret("{SECRETS[1]}")}},
            opts=self.after(credential, spare),
        )

    def after(self, *resources):
        return pulumi.ResourceOptions(parent=self, depends_on=resources)

    def vault(self, name, group, opts):
        return azure.keyvault.Vault(
            name,
            resource_group_name=group.name,
            properties={{
                "sku": {{"family": "A", "name": "standard"}},
                "tenant_id": "22222222-2222-4222-8222-222222222222",
                "enable_rbac_authorization": False,
                "access_policies": [{{
                    "object_id": "{OPERATOR}",
                    "tenant_id": "22222222-2222-4222-8222-222222222222",
                    "permissions": {{"secrets": ["get", "delete"]}},
                }}],
            }},
            opts=opts,
        )

Vaults()
"""
IDENTITY = ("azure-native:managedidentity:UserAssignedIdentity", "identity")
CREDENTIAL = ("azure-native:managedidentity:FederatedIdentityCredential", "credential")
VAULT = ("azure-native:keyvault:Vault", "kv")
SPARE = ("azure-native:keyvault:Vault", "spare")
SECRET = ("azure-native:keyvault:Secret", "secret")
PEERING = ("azure-native:network:VirtualNetworkPeering", "from-right")


def program(deploy: Deploy, directory: Path, text: str) -> Deployment:
    return deploy("mine", program=write_program(directory, text))


@pytest.fixture
def small(deploy: Deploy, tmp_path: Path) -> Deployment:
    """An identity and vaults with random names, in a component; beside it another team's group."""
    small = program(deploy, tmp_path / "small", PROGRAM)
    others = {"resourceGroupName": "rg-others", "location": "westeurope"}
    Cloud(JournalStore(small.cloud.state)).put("resources:ResourceGroup", others)
    return small


def interrupt(deployment: Deployment, command: str, kind: str, *targets: tuple[str, str]) -> None:
    """Run the command; the operations on all targets must get a fault."""
    deployment.cloud.prepare(deployment.stack, deployment.committed)
    operations = {Operation("create" if command == "up" else "delete", *one) for one in targets}
    hit = inject(
        deployment.cloud, deployment.stack, command, KINDS[kind],
        targets=operations, name=f"{command}-{kind}",
    )  # fmt: skip
    assert hit == operations
    deployment.cloud.prepare(deployment.stack, deployment.committed)


def recovered(deployment: Deployment) -> Outcome:
    """What recovery did. It must change nothing in the cloud and leave no secret in plain text."""
    before = JournalStore(deployment.cloud.state).all()
    outcome = recover(SimulatedAccess(deployment.cloud, deployment.stack))
    assert JournalStore(deployment.cloud.state).all() == before
    state = json.dumps(deployment.state())
    assert [text for text in SECRETS if text in state] == []
    return outcome


def test_a_creation_that_is_interrupted_in_many_ways_ends_as_it_should(small: Deployment):
    interrupt(small, "up", "fails", IDENTITY, VAULT)
    assert recovered(small).adopted == []

    interrupt(small, "up", "lost", IDENTITY, VAULT)
    identity, vault = sorted(recovered(small).adopted, key=len, reverse=True)
    assert identity.endswith("/userAssignedIdentities/workload-id")
    assert "/vaults/kv" in vault

    interrupt(small, "up", "killed", CREDENTIAL, SPARE)
    credential, spare = sorted(recovered(small).adopted, key=len, reverse=True)
    assert credential.endswith(
        "/userAssignedIdentities/workload-id/federatedIdentityCredentials/credential"
    )
    assert "/vaults/spare" in spare

    interrupt(small, "up", "crash before", SECRET)
    assert recovered(small).adopted == []
    interrupt(small, "up", "crash", SECRET)
    (secret,) = recovered(small).adopted
    assert secret == f"{vault}/secrets/secret"

    small.up()
    small.expect_no_changes()
    small.expect_no_drift()
    assert len(small.resources()) == 7, "six of the stack, and the other team's"


def test_a_deletion_that_is_interrupted_in_many_ways_ends_with_nothing_left(small: Deployment):
    small.up()
    before = snapshot(small.cloud, small.stack)
    assert "nothing to do" in show(recovered(small), small.stack, "simulated")
    assert list(differences(before, snapshot(small.cloud, small.stack))) == []

    interrupt(small, "destroy", "fails", SECRET)
    assert recovered(small).deleted == []
    interrupt(small, "destroy", "killed before", SECRET)
    assert recovered(small).deleted == []
    interrupt(small, "destroy", "crash", SECRET)
    assert recovered(small).deleted == ["secret"]
    interrupt(small, "destroy", "killed", CREDENTIAL, SPARE)
    assert recovered(small).deleted == ["credential", "spare"]
    interrupt(small, "destroy", "lost", IDENTITY, VAULT)
    assert recovered(small).deleted == ["identity", "kv"]

    small.destroy()
    assert [item.name for item in small.resources()] == ["rg-others"]
    assert small.state() == []


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


def test_a_peering_that_lost_its_other_side_is_reported_with_the_remedy(
    deploy: Deploy, tmp_path: Path
):
    peered = program(deploy, tmp_path / "peered", PEERED)
    peered.up()
    interrupt(peered, "destroy", "lost", PEERING)
    outcome = recovered(peered)
    (urn,) = outcome.disconnected
    assert urn.endswith("::from-left")
    assert f"make destroy STACK=mine ARGS=\"--target '{urn}'\"" in show(
        outcome, "mine", "simulated"
    )
    assert f"STACK=mine CLOUD=azure ARGS=\"--target '{urn}'\"" in show(outcome, "mine", "azure")
    assert "RemotePeeringIsDisconnected" in peered.refused("up").text
    peered.destroy("--target", urn)
    peered.up()
    peered.expect_no_changes()
    peered.expect_no_drift()
