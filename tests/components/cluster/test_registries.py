"""Container registries: the role of the nodes, and the cluster's own registry."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any
from unittest import mock

import pulumi
import pytest

from analysis.reachability import compute
from cli.stack_file import committed_file, config_with_placeholders
from components.azure.roles import Role
from components.network.egress_rules import firewall_registry_rules
from simulator.azure import identifiers
from tests.analysis.reachability.changes import NODES
from tests.analysis.reachability.states import as_state, passes
from tests.helpers.mocks import Recording
from tests.helpers.stacks import ROOT, STACKS, configuration_of, run_program

GROUP = f"/subscriptions/{identifiers.SUBSCRIPTION}/resourceGroups/rg-images"
REGISTRY = f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/crShared"


OTHERS = [
    {
        "token": "resources:ResourceGroup",
        "inputs": {"resourceGroupName": "rg-images", "location": "westeurope"},
    },
    {
        "token": "containerregistry:Registry",
        "inputs": {
            "resourceGroupName": "rg-images",
            "registryName": "crShared",
            "location": "westeurope",
            "sku": {"name": "Premium"},
        },
    },
]


def deployed(stack: str = "prod", **cluster: Any) -> Recording:
    """What a stack or an example registers beside another team's registry."""
    file = committed_file(stack, ROOT)
    config = configuration_of(stack) if stack in STACKS else config_with_placeholders(file)
    config["aks-network:cluster"] = {**config["aks-network:cluster"], **cluster}
    with tempfile.TemporaryDirectory() as directory:
        seed = Path(directory) / "seed.yaml"
        seed.write_text(json.dumps(OTHERS))
        return run_program(config, seed=seed)


@pytest.mark.parametrize(
    ("mode", "role"),
    [
        (None, Role.ACR_PULL),
        ("LegacyRegistryPermissions", Role.ACR_PULL),
        ("AbacRepositoryPermissions", Role.CONTAINER_REGISTRY_REPOSITORY_READER),
    ],
)
def test_the_kubelet_identity_pulls_from_a_registry_by_id(mode: str | None, role: Role):
    registry = {"registryId": REGISTRY, **({"roleAssignmentMode": mode} if mode else {})}
    recording = deployed(registries=[registry])
    (pull,) = [r for r in recording.registrations if r.name == "registries-pull-crshared"]
    (cluster,) = recording.cloud.store.of_type("containerservice:ManagedCluster")
    kubelet = cluster.outputs["identityProfile"]["kubeletidentity"]["objectId"]
    assert pull.inputs["scope"] == REGISTRY
    assert pull.inputs["principalId"] == kubelet
    assert role in pull.inputs["roleDefinitionId"]
    assert not recording.of_type("containerregistry:Registry")


def test_a_service_principal_pulls_itself():
    recording = deployed("principal", registries=[{"registryId": REGISTRY}])
    (pull,) = [r for r in recording.registrations if r.name == "registries-pull-crshared"]
    config = config_with_placeholders(committed_file("principal", ROOT))
    principal = config["aks-network:cluster"]["identity"]["servicePrincipal"]
    assert pull.inputs["principalId"] == principal["objectId"]


def test_a_registry_of_ones_own_is_reached_by_its_private_endpoint_only():
    recording = deployed(ownRegistry={})
    registry = recording.one("containerregistry:Registry").inputs
    assert registry["sku"] == {"name": "Premium"}
    assert registry["publicNetworkAccess"] == "Disabled"
    assert (registry["adminUserEnabled"], registry["anonymousPullEnabled"]) == (False, False)
    assert registry["zoneRedundancy"] == "Enabled"
    (endpoint,) = [r for r in recording.registrations if r.name == "registries-cr-endpoint"]
    (connection,) = endpoint.inputs["privateLinkServiceConnections"]
    assert connection["groupIds"] == ["registry"]
    (zone,) = [r for r in recording.registrations if r.name == "registries-zone"]
    assert zone.inputs["privateZoneName"] == "privatelink.azurecr.io"
    (pull,) = [r for r in recording.registrations if r.name == "registries-pull-own"]
    assert Role.ACR_PULL in pull.inputs["roleDefinitionId"]


def test_the_outputs_say_where_images_come_from():
    outputs: dict[str, Any] = {}

    def export(name: str, value: Any) -> None:
        pulumi.Output.from_input(value).apply(lambda known: outputs.__setitem__(name, known))

    with mock.patch("pulumi.export", export):
        deployed(ownRegistry={}, registries=[{"registryId": REGISTRY}])
    own, shared = outputs["imageRegistries"]
    assert shared == "crshared.azurecr.io"
    assert own == f"{outputs['registryId'].rpartition('/')[2]}.azurecr.io"


def test_pods_wait_until_their_images_can_be_pulled():
    recording = deployed("dev", ownRegistry={}, registries=[{"registryId": REGISTRY}])
    needed = {
        r.urn
        for r in recording.registrations
        if r.name in {"registries-pull-own", "registries-pull-crshared", "registries-cr-dns"}
    }
    assert len(needed) == 3
    deployments = [r for r in recording.registrations if r.type.endswith(":Deployment")]
    assert deployments
    for deployment in deployments:
        assert needed <= recording.waits_for(deployment)


def test_nodes_reach_the_registry_and_the_internet_does_not():
    matrix = compute(as_state(deployed("dev", ownRegistry={})))
    assert passes(matrix, NODES, "registry") == "tcp 443"
    assert passes(matrix, "Internet", "registry") == "none"


def test_a_firewall_lets_the_nodes_pull():
    assert firewall_registry_rules({}) == ()
    (plain,) = firewall_registry_rules({"crShared": False})
    assert plain.fqdns == ("crshared.azurecr.io", "*.blob.core.windows.net")
    (dedicated,) = firewall_registry_rules({"crShared": True})
    assert dedicated.fqdns == ("crshared.azurecr.io", "*.data.azurecr.io")
    recording = deployed("firewall", registries=[{"registryId": REGISTRY}])
    assert "crshared.azurecr.io" in str([r.inputs for r in recording.registrations])
