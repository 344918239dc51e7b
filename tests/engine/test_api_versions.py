"""Types of another API version under the engine: an older state moves over, and locks hold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from components.azure.api_versions import MANAGED_CLUSTERS, TYPES
from support.repository import ROOT
from tests.engine.conftest import Deploy
from tests.engine.harness import Deployment, write_program

PROVIDER = f"pulumi:providers:{MANAGED_CLUSTERS.package}"
OF_CLUSTERS = [token for token, version in TYPES.items() if version is MANAGED_CLUSTERS]
SDK_VERSION = "2025-09-01"
"""The version of these types in azure-native 3.29 itself."""


def as_before(exported: str) -> str:
    """An exported state as the program left it before it used the package.

    All types are of azure-native's default package, at its own API version.
    """
    document = json.loads(exported)
    rows = document["deployment"]["resources"]
    default = next(row for row in rows if row["type"] == "pulumi:providers:azure-native")
    document["deployment"]["resources"] = [row for row in rows if row["type"] != PROVIDER]
    for row in rows:
        if row["type"].startswith(f"{MANAGED_CLUSTERS.package}:"):
            row["provider"] = f"{default['urn']}::{default['id']}"
            for side in ("inputs", "outputs"):
                row[side]["azureApiVersion"] = SDK_VERSION
        own = [urn for urn in row.get("dependencies", []) if PROVIDER not in urn]
        row["dependencies"] = own
    return json.dumps(document).replace(f"{MANAGED_CLUSTERS.package}:", "azure-native:")


def put_back(deployment: Deployment, file: Path) -> None:
    exported = deployment.run("stack export")
    assert exported.status == 0, exported.text
    file.write_text(as_before(exported.stdout))
    assert MANAGED_CLUSTERS.package not in file.read_text()
    imported = deployment.run("stack import", "--file", str(file))
    assert imported.status == 0, imported.text


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_a_state_of_azure_natives_own_version_moves_over_without_a_replacement(
    deploy: Deploy, tmp_path: Path, stack: str
):
    deployment = deploy(stack)
    deployment.up()
    ids = {item.id for item in deployment.resources()}
    outputs = deployment.outputs()
    put_back(deployment, tmp_path / "state.json")

    steps = {(step["op"], step["urn"].split("::")[2].split("$")[-1]) for step in deployment.steps()}
    moved = {("update", f"{MANAGED_CLUSTERS.package}:{token}") for token in OF_CLUSTERS}
    if stack == "dev":
        moved = {step for step in moved if not step[1].endswith(":AgentPool")}
    assert steps == {("create", PROVIDER), *moved}

    deployment.up()
    deployment.expect_no_changes()
    deployment.expect_no_drift()
    assert {item.id for item in deployment.resources()} == ids
    assert deployment.outputs() == outputs
    types = {row["type"] for row in deployment.state()}
    assert not {f"azure-native:{token}" for token in OF_CLUSTERS} & types


def test_the_clusters_provider_has_the_stacks_settings_and_keeps_their_secrets(deploy: Deploy):
    other = "33333333-3333-4333-8333-333333333333"
    secret = {"azure-native:clientSecret": "throw-away"}
    deployment = deploy("dev", {"azure-native:subscriptionId": other, **secret})
    deployment.up()
    (provider,) = (row for row in deployment.state() if row["type"] == PROVIDER)
    assert provider["inputs"]["subscriptionId"] == other
    assert "ciphertext" in provider["inputs"]["clientSecret"]
    assert "throw-away" not in json.dumps(provider)
    ids = [item.id for item in deployment.resources() if item.id.startswith("/subscriptions/")]
    assert ids
    assert {item.split("/")[2] for item in ids} == {other}
    deployment.expect_no_changes()


UNORDERED = """
import pulumi
from pulumi_azure_native import authorization, containerservice, managedidentity, network, resources

from components.azure.api_versions import MANAGED_CLUSTERS, VersionProvider, at_version

group = resources.ResourceGroup("rg", resource_group_name="rg", location="westeurope")
net = network.VirtualNetwork(
    "vnet", resource_group_name=group.name, virtual_network_name="vnet", location="westeurope",
    address_space=network.AddressSpaceArgs(address_prefixes=["10.0.0.0/16"]))
nodes = network.Subnet(
    "nodes", resource_group_name=group.name, virtual_network_name=net.name, subnet_name="nodes",
    address_prefix="10.0.0.0/20")
identity = managedidentity.UserAssignedIdentity(
    "id", resource_group_name=group.name, resource_name_="id-aks", location="westeurope")
role = authorization.RoleAssignment(
    "role", scope=nodes.id, principal_id=identity.principal_id, principal_type="ServicePrincipal",
    role_definition_id=pulumi.Output.concat(
        "/subscriptions/", nodes.id.apply(lambda text: text.split("/")[2]),
        "/providers/Microsoft.Authorization/roleDefinitions/4d97b98b-1d4f-4787-a291-c67834d212e7"))
late = network.Subnet(
    "late", resource_group_name=group.name, virtual_network_name=net.name, subnet_name="late",
    address_prefix="10.0.32.0/24", opts=pulumi.ResourceOptions(depends_on=[role]))
provider = VersionProvider("provider", MANAGED_CLUSTERS)
at_version(containerservice.ManagedCluster)(
    "aks", resource_group_name=group.name, resource_name_="aks", location="westeurope",
    dns_prefix="aks", kubernetes_version="1.35",
    identity=containerservice.ManagedClusterIdentityArgs(
        type="UserAssigned", user_assigned_identities=[identity.id]),
    network_profile=containerservice.ContainerServiceNetworkProfileArgs(
        network_plugin="azure", network_plugin_mode="overlay", pod_cidr="10.244.0.0/16",
        service_cidr="10.100.0.0/16", dns_service_ip="10.100.0.10"),
    agent_pool_profiles=[containerservice.ManagedClusterAgentPoolProfileArgs(
        name="system", mode="System", count=1, vm_size="Standard_D4ds_v5", os_type="Linux",
        vnet_subnet_id=nodes.id)],
    opts=pulumi.ResourceOptions(provider=provider, depends_on=[role, {depends_on}]))
"""
"""A cluster in a network to which another provider's process still writes."""


@pytest.mark.parametrize(
    ("depends_on", "refused", "scale"),
    # A write of the subnet takes a second, so that the cluster is certain to meet it.
    [("nodes", True, "0.2"), ("late", False, "0.02")],
)
def test_a_cluster_that_does_not_wait_for_its_network_is_refused_by_another_process(
    deploy: Deploy, tmp_path: Path, depends_on: str, refused: Any, scale: str
):
    text = UNORDERED.replace("{depends_on}", depends_on)
    deployment = deploy(
        "mine",
        {"azure-native:location": "westeurope"},
        program=write_program(tmp_path / "program", text),
    )
    slowly = {"AZURE_SIM_TIME_SCALE": scale, "PYTHONPATH": str(ROOT)}
    run = deployment.run("up", "--yes", "--skip-preview", environment=slowly)
    assert ("VirtualNetworkNotInSucceededState" in run.text) == refused, run.text
    assert (run.status != 0) == refused, run.text
