"""What recovery reads in a state."""

from __future__ import annotations

import pytest

from cli.console import Failure
from cli.recover import state
from cli.recover.candidates import Candidate, candidates, import_file
from support.urns import type_token

STACK = "urn:pulumi:dev::aks-network::pulumi:pulumi:Stack::aks-network-dev"
NETWORK = "urn:pulumi:dev::aks-network::aks-network:index:ClusterNetwork::network"
GROUP = (
    "urn:pulumi:dev::aks-network::aks-network:index:ClusterNetwork"
    "$azure-native:resources:ResourceGroup::network-rg"
)
VAULT = "urn:pulumi:dev::aks-network::azure-native:keyvault:Vault::kv"
DEFAULT = "urn:pulumi:dev::aks-network::pulumi:providers:azure-native::default_3_29_0"
EXPLICIT = "urn:pulumi:dev::aks-network::pulumi:providers:kubernetes::kubernetes"


def resource(urn: str, **more: object) -> dict[str, object]:
    return {"urn": urn, "type": type_token(urn), "provider": f"{DEFAULT}::0-1", **more}


def test_pending_creations_are_those_in_the_cloud():
    operations = [
        {"type": "creating", "resource": resource(GROUP)},
        {"type": "deleting", "resource": resource(VAULT)},
        {"type": "creating", "resource": resource(EXPLICIT)},
    ]
    assert list(state.pending({"pending_operations": operations})) == [GROUP]
    assert state.pending({"pending_operations": None}) == {}


def test_what_a_replacement_is_to_delete_is_not_present():
    resources = [resource(GROUP), resource(VAULT, delete=True)]
    assert state.present({"resources": resources}) == {GROUP}


def test_a_resource_needs_its_dependencies_its_component_and_its_own_provider():
    plain = resource(GROUP, parent=STACK)
    nested = resource(GROUP, parent=NETWORK, dependencies=[VAULT], provider=f"{EXPLICIT}::1")
    assert state.dependencies(plain) == set()
    assert state.dependencies(nested) == {NETWORK, VAULT, EXPLICIT}


def test_a_peering_without_its_other_side_is_found():
    urn = "urn:pulumi:dev::aks-network::azure-native:network:VirtualNetworkPeering::peering"
    both = [
        resource(f"{urn}-1", outputs={"peeringState": "Connected"}),
        resource(f"{urn}-2", outputs={"peeringState": "Disconnected"}),
    ]
    assert state.disconnected({"resources": both}) == [f"{urn}-2"]


def test_an_import_names_component_and_provider_and_no_secret():
    found = [
        Candidate(GROUP, NETWORK, DEFAULT, {"location": "westeurope"}, "/subscriptions/s"),
        Candidate(VAULT, STACK, EXPLICIT, {"__createBeforeDelete": True, "key": "[secret]"}, "/v"),
    ]
    document = import_file(found)
    group, vault = document["resources"]
    assert document["nameTable"] == {NETWORK: NETWORK, EXPLICIT: EXPLICIT}
    assert (group["type"], group["name"], group["id"], group["parent"]) == (
        "azure-native:resources:ResourceGroup", "network-rg", "/subscriptions/s", NETWORK,
    )  # fmt: skip
    assert group["version"].count(".") == 2
    assert "provider" not in group
    assert vault["provider"] == EXPLICIT
    assert "parent" not in vault
    assert vault["inputs"] == {"__createBeforeDelete": True}


class Subscription:
    """A cloud with vaults of these names."""

    def __init__(self, *names: str) -> None:
        self._names = list(names)

    def pulumi(self, command: str, *arguments: str):
        raise AssertionError((command, arguments))

    def subscription(self) -> str:
        return "s"

    def names(self, group: str, arm_type: str) -> list[str]:
        assert (group, arm_type) == ("rg", "Microsoft.KeyVault/vaults")
        return self._names


DRAWN = {"resourceGroupName": "rg", "vaultName": "kv00000000", "__createBeforeDelete": True}
VAULTS = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.KeyVault/vaults"


def looked_for(*there: str, known: str = "") -> list[str]:
    missing = [resource(VAULT, inputs=DRAWN)]
    deployment = {"resources": [resource(GROUP, id=known)]}
    return [item.id for item in candidates(Subscription(*there), missing, deployment)]


def test_a_random_name_is_looked_up_in_the_cloud():
    assert looked_for("kv12345678", "others") == [f"{VAULTS}/kv12345678"]


def test_a_random_name_of_another_resource_of_the_stack_is_not_taken():
    names = ("kv12345678", "kv87654321")
    assert looked_for(*names, known=f"{VAULTS}/KV12345678") == [f"{VAULTS}/kv87654321"]


def test_two_resources_that_may_be_the_one_are_named_and_not_guessed():
    with pytest.raises(Failure, match=r"kv: several resources.*kv12345678.*kv87654321.*import"):
        looked_for("kv12345678", "kv87654321")


def test_a_type_without_a_path_is_named():
    unknown = resource("urn:pulumi:dev::aks-network::azure-native:unknown:Thing::thing")
    with pytest.raises(Failure, match=r"unknown:Thing has no path in support/arm_ids.py"):
        candidates(Subscription(), [unknown], {})


def test_a_provider_that_writes_files_is_known_and_its_objects_are_not_looked_for():
    provider = resource(EXPLICIT, inputs={"renderYamlToDirectory": "rendered"})
    namespace = "urn:pulumi:dev::aks-network::kubernetes:core/v1:Namespace::shop"
    inputs = {"metadata": {"name": "shop"}}
    missing = [resource(namespace, inputs=inputs, provider=f"{EXPLICIT}::1")]
    into_files = {"resources": [provider, resource(GROUP)]}
    into_a_cluster = {"resources": [resource(EXPLICIT, inputs={"kubeconfig": "…"})]}
    assert state.rendering(into_files) == {EXPLICIT}
    assert candidates(Subscription(), missing, into_files) == []
    assert [item.id for item in candidates(Subscription(), missing, into_a_cluster)] == ["shop"]
