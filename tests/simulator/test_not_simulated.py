"""What the simulator cannot do is reported as its own limitation, never as Azure's refusal."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from pulumi.runtime import proto

from simulator.azure.cloud import Cloud
from simulator.azure.provider import AzureNative
from simulator.errors import AzureError, NotSimulated
from simulator.kubernetes.provider import Kubernetes
from simulator.server import Servicer
from simulator.wire import UNKNOWN

SPEAKING = "This is the simulator speaking, not Azure: "


def said(error: pytest.ExceptionInfo[NotSimulated]) -> str:
    """The message, which has no code, as no service answers so."""
    assert not isinstance(error.value, AzureError)
    assert (error.value.code, error.value.status) == ("", 0)
    text = str(error.value)
    assert text.startswith(SPEAKING)
    return text.removeprefix(SPEAKING)


def test_a_type_without_a_row_is_named_with_the_way_to_add_it():
    with pytest.raises(NotSimulated) as error:
        Cloud().put("azure-native:network:LoadBalancer", {})
    assert "network:LoadBalancer is not among" in said(error)
    assert "TYPES" in str(error.value)


@pytest.mark.usefixtures("state")
def test_the_engine_receives_the_beginning_too():
    """A missing type is refused in the check of the inputs already."""
    missing = "urn:pulumi:dev::aks-network::azure-native:network:LoadBalancer::lb"
    servicer = Servicer(AzureNative(), "")
    response = asyncio.run(servicer.Check(proto.CheckRequest(urn=missing), None))
    (failure,) = response.failures
    assert failure.reason.startswith(f"{SPEAKING}network:LoadBalancer is not among")


def test_a_function_is_named_with_the_way_to_add_it():
    with pytest.raises(NotSimulated) as error:
        Cloud().invoke("azure-native:network:checkDnsNameAvailability", {})
    assert "network:checkDnsNameAvailability is not among" in said(error)
    assert '@function("network:checkDnsNameAvailability")' in str(error.value)


def test_a_resource_without_a_name_has_no_id():
    with pytest.raises(NotSimulated) as error:
        Cloud().id_of("network:VirtualNetwork", {"resourceGroupName": "rg"})
    assert "virtualNetworkName" in said(error)


def test_a_role_that_is_not_known_may_exist_in_azure(azure):
    with pytest.raises(NotSimulated) as error:
        azure.role(azure.network().id, "p", "00000000-0000-4000-8000-000000000000")
    assert said(error).startswith("00000000-0000-4000-8000-000000000000 is neither a custom role")
    assert "built_in_roles.py" in str(error.value)


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_SIM_STATE", str(tmp_path))


@pytest.mark.usefixtures("state")
def test_a_function_is_not_called_with_what_is_not_known_yet():
    with pytest.raises(NotSimulated) as error:
        AzureNative().invoke("azure-native:network:getSubnet", {"subnetName": UNKNOWN})
    assert "not known yet" in said(error)


@pytest.mark.usefixtures("state")
def test_functions_of_kubernetes_are_not_simulated():
    with pytest.raises(NotSimulated) as error:
        Kubernetes().invoke("kubernetes:yaml:decode", {})
    assert "kubernetes:yaml:decode" in said(error)
