"""What Azure refuses or advises against reaches whoever runs the engine, with Azure's code."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.conftest import Deploy
from tests.engine.harness import write_program

PROGRAM = """
import pulumi
from pulumi_azure_native import authorization, containerservice, managedidentity, network, resources

wanted = pulumi.Config("aks-network").require_object("tags")
group = resources.ResourceGroup("rg")
own = {"resource_group_name": group.name}
vnet = network.VirtualNetwork(
    "vnet", address_space={"address_prefixes": ["10.0.0.0/16"]}, **own
)
subnet = network.Subnet(
    "nodes", virtual_network_name=vnet.name, address_prefix="10.0.0.0/20", **own
)
identity = managedidentity.UserAssignedIdentity("id-aks", **own)
subscription = authorization.get_client_config_output().subscription_id
role = authorization.RoleAssignment(
    "join",
    scope=subnet.id,
    principal_id=identity.principal_id,
    principal_type="ServicePrincipal",
    role_definition_id=pulumi.Output.concat(
        "/subscriptions/",
        subscription,
        "/providers/Microsoft.Authorization/roleDefinitions/4d97b98b-1d4f-4787-a291-c67834d212e7",
    ),
)
containerservice.ManagedCluster(
    "aks",
    dns_prefix="aks",
    kubernetes_version=wanted["version"],
    identity={"type": "UserAssigned", "user_assigned_identities": [identity.id]},
    network_profile={
        "network_plugin": "azure",
        "network_plugin_mode": "overlay",
        "pod_cidr": "10.244.0.0/16",
        "podCIDR": "10.244.0.0/16",
        "service_cidr": "10.100.0.0/16",
        "dns_service_ip": "10.100.0.10",
    },
    agent_pool_profiles=[
        {
            "name": "system",
            "mode": "System",
            "count": 1,
            "vm_size": "Standard_D4ds_v5",
            "vnet_subnet_id": subnet.id,
        }
    ],
    opts=pulumi.ResourceOptions(depends_on=[role] if wanted.get("waits") else []),
    **own,
)
"""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    return write_program(tmp_path / "a program", PROGRAM)


def test_a_refusal_and_advice_reach_the_console(deploy: Deploy, program: Path):
    wanted = {"version": "1.27", "waits": True}
    settings = {"aks-network:tags": wanted, "azure-native:location": "westeurope"}
    deployment = deploy("mine", settings, program=program)

    run = deployment.refused("up")
    assert 'Code="AgentPoolK8sVersionNotSupported"' in run.text
    assert "warning: networkProfile.podCIDR: unknown property" in run.text
    assert "did you mean 'podCidr'?" in run.text

    deployment.change({"aks-network:tags": {**wanted, "version": "1.34"}})
    run = deployment.up()
    assert "warning: System pool 'system' should have at least two nodes" in run.text
    assert "warning: Support for Kubernetes 1.34 ends in November 2026." in run.text
    deployment.expect_no_changes()

    deployment.change({"aks-network:tags": {**wanted, "version": "1.36"}})
    assert 'Code="OperationNotAllowed"' in deployment.refused("up").text
    deployment.destroy()
    assert deployment.resources() == []
