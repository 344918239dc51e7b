"""Making components from what other languages pass, without an engine."""

from __future__ import annotations

import functools
from typing import Any

import pulumi
import pytest
from google.protobuf import json_format, struct_pb2
from pulumi.errors import InputPropertiesError
from pulumi.provider.server import ProviderServicer

from package.composites import version_of
from package.provider import Package
from package.values import _now
from support.secrets import SECRET, SIGNATURE
from tests.helpers.certificates import PFX
from tests.helpers.mocks import Recording, record
from tests.helpers.packaged import settings_of

package = functools.cache(Package)

OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
"""How the wire marks an output's value."""


def output(value: Any = None, *, secret: bool = False) -> dict[str, Any]:
    """An output on the wire; one without a value is not known yet."""
    known = {} if value is None else {"value": value}
    return {SIGNATURE: OUTPUT, "secret": secret, **known}


def arrived(inputs: dict[str, Any]) -> dict[str, Any]:
    """Inputs as Pulumi's server hands them over."""
    wire = json_format.ParseDict(inputs, struct_pb2.Struct())
    return _now(ProviderServicer._construct_inputs(wire, {}))


def dev(**changes: Any) -> dict[str, Any]:
    settings = {**settings_of("dev"), **changes}
    settings["ingress"]["waf"]["certificate"] = {"pfx": output(PFX, secret=True)}
    return settings


def make(kind: str, inputs: dict[str, Any]) -> tuple[Recording, dict[str, Any]]:
    state: dict[str, Any] = {}

    def program() -> None:
        made = package().construct("mine", f"aks-network:index:{kind}", arrived(inputs), None)
        state.update(made.state)

    return record(program), state


@pytest.mark.parametrize(
    ("outputs", "version"),
    [
        ({}, None),
        ({"kubernetesVersion": "1.33"}, None),
        ({"clusterName": "aks-other", "kubernetesVersion": "1.33"}, None),
        ({"clusterName": "aks-shop", "kubernetesVersion": "1.35"}, "1.35"),
        ({"clusterName": "aks-shop"}, None),
        (
            {
                "kubernetesVersion": "1.33",
                "clusterName": "aks-other",
                "plan": ["aks-shop"],
                "shop": {"clusterName": "aks-shop", "kubernetesVersion": "1.35"},
            },
            "1.35",
        ),
    ],
)
def test_the_last_version_of_a_cluster_is_that_beside_its_name(outputs, version):
    assert version_of("aks-shop", outputs) == version


def refused(kind: str, inputs: dict[str, Any]) -> str:
    with pytest.raises(InputPropertiesError) as error:
        make(kind, inputs)
    return error.value.message


def network_ids(*roles: str) -> dict[str, str]:
    network = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/v"
    return {role: f"{network}/subnets/{role}" for role in roles}


def test_a_network_is_made_of_settings_alone():
    recording, state = make("ClusterNetwork", {"settings": dev()})

    assert len(recording.of_type("network:Subnet")) == 4
    assert recording.of_type("aks-network:index:ClusterNetwork")
    assert {"virtualNetworkId", "subnetIds", "egressAddresses"} <= set(state)
    assert "lastSubnet" not in state


def test_numbers_that_travelled_as_floating_point_are_whole_again():
    settings = dev()
    for pool in settings["cluster"]["nodePools"]:
        pool["minCount"] = float(pool["minCount"])

    recording, _ = make("ClusterNetwork", {"settings": settings})

    assert recording.of_type("network:VirtualNetwork")


def test_all_problems_are_reported_at_once_with_paths_of_the_inputs():
    settings = dev(location=None, environment="")
    del settings["cluster"]["kubernetesVersion"]
    settings["network"]["adressSpace"] = "10.0.0.0/8"

    said = refused("ManagementNetwork", {"settings": settings, "clusterNetwork": "x"})

    assert said.startswith("6 problems in the inputs; nothing was registered:")
    assert "clusterNetworkId: — is required" in said
    assert "clusterNetwork: — is not an input" in said
    assert "settings.location: — is required" in said
    assert "settings.environment: — is required" in said
    assert "settings.network.adressSpace: — is not a setting" in said
    assert "settings.cluster.kubernetesVersion: — is required — set it" in said
    assert "pulumi config set" not in said
    assert "aks-network:" not in said


def test_a_secret_in_plain_text_is_refused():
    settings = dev()
    settings["ingress"]["waf"]["certificate"] = {"pfx": PFX}

    said = refused("ClusterNetwork", {"settings": settings})

    assert "settings.ingress.waf.certificate.pfx: — must be a secret" in said
    assert PFX not in said


def test_settings_that_are_secret_as_a_whole_are_accepted():
    settings = dev()
    settings["ingress"]["waf"]["certificate"] = {"pfx": PFX}

    recording, _ = make("ClusterNetwork", {"settings": {SIGNATURE: SECRET, "value": settings}})

    assert recording.of_type("network:VirtualNetwork")


def test_a_setting_that_no_preview_knows_is_refused_by_name():
    settings = dev(tags={"owner": output()})

    said = refused("ClusterNetwork", {"settings": settings})

    assert "settings.tags.owner: — must be known in a preview" in said


def test_an_existing_network_is_not_created():
    ids = network_ids("nodes", "applicationGateway", "privateEndpoints", "ingress")
    settings = dev()
    settings["network"]["existing"] = {
        "virtualNetworkId": ids["nodes"]
        .partition("/subnets/")[0]
        .replace("/s/", "/3f2504e0-4f89-41d3-9a0c-0305e82c3301/"),
        "subnets": {
            role: id_.replace("/s/", "/3f2504e0-4f89-41d3-9a0c-0305e82c3301/")
            for role, id_ in ids.items()
        },
    }
    settings["network"]["subnets"] = {
        "nodes": "10.20.0.0/17",
        "applicationGateway": "10.20.192.0/24",
        "privateEndpoints": "10.20.194.0/24",
        "ingress": "10.20.195.0/24",
    }

    said = refused("ClusterNetwork", {"settings": settings})

    assert "settings.network.existing: — must be left out for a new network" in said


def test_the_addons_roles_need_what_the_controller_uses():
    given = {"settings": dev(), "principalId": "p", "resourceGroupId": "/subscriptions/s/g"}

    assert "vaultId: — is required" in refused("AddonRoles", given)


def test_the_identity_is_given_out_once_its_roles_are_there():
    kinds: set[str] = set()

    async def waited_for(value: pulumi.Output[str]) -> None:
        kinds.update(type(one).__name__ for one in await value.resources())

    def program() -> pulumi.Output[None]:
        settings = arrived({"settings": dev()})
        network = package().construct("net", "aks-network:index:ClusterNetwork", settings, None)
        inputs = {
            **settings,
            "resourceGroupName": network.state["resourceGroupName"],
            "subnetIds": network.state["subnetIds"],
        }
        made = package().construct("mine", "aks-network:index:ClusterIdentity", inputs, None)
        identity = pulumi.Output.from_input(made.state["identityId"])
        return pulumi.Output.from_input(waited_for(identity))

    record(program)
    assert "RoleAssignment" in kinds
