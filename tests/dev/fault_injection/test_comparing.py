"""The sweep's comparison finds what recovery could leave behind, and nothing that is random."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from dev.fault_injection.comparing import comparable, differences
from simulator.store import Resource
from support import secrets

GROUP = "/subscriptions/s/resourceGroups/rg"
STACK = "urn:pulumi:dev::aks-network::pulumi:pulumi:Stack::aks-network-dev"
PROVIDER = (
    "urn:pulumi:dev::aks-network::aks-network:index:Cluster$pulumi:providers:azure-native::own"
)
VNET = "urn:pulumi:dev::aks-network::azure-native:network:VirtualNetwork::vnet"
SECRET = "urn:pulumi:dev::aks-network::azure-native:keyvault:Secret::certificate"
GRANT = "urn:pulumi:dev::aks-network::azure-native:authorization:RoleAssignment::grant"
ROLE = "/providers/Microsoft.Authorization/roleDefinitions/reader"


def sealed(text: str) -> dict[str, str]:
    """A secret as `pulumi stack export --show-secrets` has it."""
    return {
        secrets.SIGNATURE: secrets.SECRET,
        "plaintext": f'"{text}"',
    }


class Deployed:
    """A stack's state and cloud, as one of many deployments that are alike made them."""

    def __init__(
        self,
        drawn: str = "0a1b2c3d",
        provider: str = "6e396a6c-6429-405c-97f1-0e02cba4d213",
        version: str = "a" * 32,
        grant: str = "4f0b6fd2-6f0f-5a4b-9d3c-000000000001",
        at: str = "2026-01-01T00:00:00Z",
    ) -> None:
        vault = f"{GROUP}/providers/Microsoft.KeyVault/vaults/routing-kv{drawn}"
        secret = f"{vault}/secrets/waf-certificate-{drawn}"
        address = (
            f"https://routing-kv{drawn}.vault.azure.net/secrets/waf-certificate-{drawn}/{version}"
        )
        vnet = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/vnet"
        assignment = f"{vault}/providers/Microsoft.Authorization/roleAssignments/{grant}"
        space = {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}
        granted = {"roleDefinitionId": ROLE, "principalId": "p", "scope": vault}
        made = {"created": at, "modified": at, "provider": f"{PROVIDER}::{provider}"}
        self.pending: list[Any] = []
        state: list[dict[str, Any]] = [
            {"urn": STACK, "type": "pulumi:pulumi:Stack"},
            {"urn": PROVIDER, "type": "pulumi:providers:azure-native", "id": provider},
            {
                "urn": VNET, "type": "azure-native:network:VirtualNetwork", "id": vnet,
                "dependencies": [STACK, PROVIDER], "inputs": deepcopy(space),
                "outputs": {**space, "etag": f"W/{at}"}, **made,
            },
            {
                "urn": SECRET, "type": "azure-native:keyvault:Secret", "id": secret,
                "inputs": {"properties": {"value": sealed("pfx")}},
                "outputs": {"properties": {"secretUriWithVersion": address}}, **made,
            },
            {
                "urn": GRANT, "type": "azure-native:authorization:RoleAssignment",
                "id": assignment, "inputs": {**granted, "roleAssignmentName": grant}, **made,
            },
        ]  # fmt: skip
        cloud = [
            Resource(vnet, "network:VirtualNetwork", space),
            Resource(vault, "keyvault:Vault", {"vaultName": f"routing-kv{drawn}"}),
            Resource(secret, "keyvault:Secret", {"properties": {"value": "pfx"}}),
            Resource(assignment, "authorization:RoleAssignment", granted),
        ]
        # What is alike in both is to be changed in one of them.
        self.state, self.cloud = deepcopy(state), deepcopy(cloud)

    def resource(self, urn: str) -> dict[str, Any]:
        return next(item for item in self.state if item["urn"] == urn)

    def snapshot(self) -> dict[str, Any]:
        deployment = {"resources": self.state, "pending_operations": self.pending}
        return comparable(deepcopy(deployment), self.cloud)


def found(change: Callable[[Deployed], Any]) -> list[str]:
    """The differences between a deployment and the same one after the change."""
    deployed = Deployed()
    before = deployed.snapshot()
    change(deployed)
    return list(differences(before, deployed.snapshot()))


def test_two_deployments_that_are_alike_do_not_differ():
    other = Deployed(
        drawn="ffffffff",
        provider="163b5fee-f5d0-4a0a-9d3f-747c9f222244",
        version="b" * 32,
        grant="4f0b6fd2-6f0f-5a4b-9d3c-000000000002",
        at="2026-02-02T02:02:02Z",
    )
    assert list(differences(Deployed().snapshot(), other.snapshot())) == []


def test_the_order_of_dependencies_does_not_differ():
    assert found(lambda it: it.resource(VNET)["dependencies"].reverse()) == []


def test_the_order_in_which_pools_were_made_does_not_differ_but_a_lost_one_does():
    deployed = Deployed()
    pools = [{"name": "system"}, {"name": "apps"}, {"name": "win"}]
    cluster = {
        "urn": "c",
        "type": "cluster",
        "outputs": {"agentPoolProfiles": pools},
        "propertyDependencies": {"agentPoolProfiles": ["urn:pulumi:b", "urn:pulumi:a"]},
    }
    deployed.state.append(cluster)
    before = deployed.snapshot()
    pools.append(pools.pop(1))
    assert list(differences(before, deployed.snapshot())) == []
    pools.pop()
    (difference,) = differences(before, deployed.snapshot())
    assert difference.startswith("/state/c/outputs/agentPoolProfiles")


def test_what_the_engine_leaves_out_because_it_is_empty_does_not_differ():
    assert found(lambda it: it.resource(VNET).update(protect=False, aliases=[])) == []


def test_what_azure_never_tells_is_compared_in_the_cloud_only():
    profile = {"osProfile": {"computerName": "jump", "customData": "I2Nsb3Vk"}}
    deployed = Deployed()
    machine = {"urn": "m", "type": "azure-native:compute:VirtualMachine", "inputs": profile}
    deployed.state.append(machine)
    deployed.cloud.append(Resource("/m", "compute:VirtualMachine", profile))
    before = deployed.snapshot()
    machine["inputs"] = {"osProfile": {"computerName": "jump"}}
    assert list(differences(before, deployed.snapshot())) == []
    deployed.cloud[-1] = Resource("/m", "compute:VirtualMachine", machine["inputs"])
    (difference,) = differences(before, deployed.snapshot())
    assert difference.startswith("/cloud//m/inputs/osProfile/customData")
    assert profile["osProfile"]["customData"], "nothing is changed by comparing"


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (lambda it: it.state.remove(it.resource(VNET)), f"/state/{VNET}"),
        (lambda it: it.cloud.pop(0), "/cloud"),
        (
            lambda it: it.cloud.append(
                Resource(f"{GROUP}/orphan", "network:Subnet", {"name": "x"})
            ),
            f"/cloud/{GROUP}/orphan",
        ),
        (
            lambda it: it.resource(VNET)["inputs"]["addressSpace"].update(
                addressPrefixes=["10.1.0.0/16"]
            ),
            f"/state/{VNET}/inputs/addressSpace/addressPrefixes",
        ),
        (
            lambda it: it.cloud[0].inputs["addressSpace"].update(addressPrefixes=[]),
            "/cloud",
        ),
        (lambda it: it.pending.append({"type": "creating"}), "/pending"),
        (
            lambda it: it.resource(SECRET)["inputs"]["properties"].update(value="pfx"),
            f"/state/{SECRET}/inputs/properties/value",
        ),
        (
            lambda it: it.resource(SECRET)["inputs"]["properties"].update(value=sealed("other")),
            f"/state/{SECRET}/inputs/properties/value",
        ),
        (lambda it: it.resource(VNET).update(id=f"{GROUP}/elsewhere"), f"/state/{VNET}/id"),
        (lambda it: it.resource(VNET).update(dependencies=[STACK]), f"/state/{VNET}/dependencies"),
        (lambda it: it.resource(VNET).update(protect=True), f"/state/{VNET}/protect"),
        (lambda it: it.resource(VNET).update(delete=True), f"/state/{VNET}/delete"),
        (lambda it: it.resource(VNET).pop("outputs"), f"/state/{VNET}/outputs"),
        (
            lambda it: it.resource(GRANT)["inputs"].update(principalId="somebody else"),
            f"/state/{GRANT}/inputs/principalId",
        ),
    ],
    ids=[
        "a resource lost from the state",
        "a resource lost from the cloud",
        "an orphan in the cloud",
        "an input changed in the state",
        "an input changed in the cloud",
        "a pending operation",
        "a secret that is not marked any more",
        "another secret",
        "another id",
        "a lost dependency",
        "a protection",
        "a deletion that is due",
        "lost outputs",
        "another principal",
    ],
)
def test_what_recovery_could_leave_behind_is_found(change: Callable[[Deployed], Any], where: str):
    (difference,) = found(change)
    assert difference.startswith(where)
    assert "became" in difference
