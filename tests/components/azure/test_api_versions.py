"""The types that go to Azure at another API version than azure-native's own."""

from __future__ import annotations

import base64
import dataclasses
import json
from collections.abc import Callable
from unittest import mock

import pulumi
import pulumi_azure_native
import pytest
from pulumi._types import input_type_py_to_pulumi_names
from pulumi_azure_native import containerservice, network

from components.azure import api_versions
from components.azure.api_versions import (
    MANAGED_CLUSTERS,
    SDK,
    SETTINGS,
    STANDARD_V2,
    TYPES,
    Version,
    VersionProvider,
    at_version,
)
from simulator.azure import catalog
from simulator.azure.parameterization import Parameter
from support.type_tokens import api_version, plain_token
from tests.helpers.loops import each
from tests.helpers.mocks import Recording, record
from tests.helpers.stacks import STACKS, configuration_of, recorded, run_program

CLUSTER, POOL = "containerservice:ManagedCluster", "containerservice:AgentPool"
PACKAGE = "azure-native_containerservice_v20260301"
PROVIDER = f"pulumi:providers:{PACKAGE}"


def test_the_parameter_is_what_azure_native_reads():
    assert MANAGED_CLUSTERS.package == PACKAGE
    value = base64.b64decode(MANAGED_CLUSTERS.parameter)
    assert json.loads(base64.b64decode(value)) == {
        "module": "containerservice",
        "version": "v20260301",
    }
    assert Parameter.of(value).package == PACKAGE


def test_types_whose_implementation_is_azure_natives_own_stay_in_its_package():
    own = {"authorization", "keyvault", "storage"}
    assert own.isdisjoint({version.module for version in TYPES.values()})
    assert all(catalog.by_token()[token].api for token in TYPES)


@pytest.mark.parametrize("stack", STACKS)
def test_clusters_and_pools_are_of_the_package_and_a_standard_v2_gateway_of_another(stack: str):
    for item in each(recorded(stack).azure()):
        token = item.type.removeprefix("azure-native:")
        version = TYPES.get(token)
        if version is STANDARD_V2 and item.inputs["sku"]["name"] != "StandardV2":
            version = None
        assert item.package_type == f"{version.package if version else 'azure-native'}:{token}"
        assert plain_token(item.package_type) == item.type
        provider = f"pulumi:providers:{version.package}" if version else ""
        own_provider = recorded(stack).one(provider).urn if provider else ""
        assert item.provider.rpartition("::")[0] == own_provider
    assert api_version(recorded(stack).one(CLUSTER).package_type) == "2026-03-01"


@pytest.mark.parametrize("stack", STACKS)
def test_a_resource_of_the_sdks_own_package_is_found_under_its_alias(stack: str):
    moved = [*recorded(stack).of_type(CLUSTER), *recorded(stack).of_type(POOL)]
    for item in each(moved):
        # Of azure-native's versioned aliases none is left: building them takes long.
        assert item.aliases == (item.type,)


def test_the_settings_are_those_of_the_sdks_provider():
    names = input_type_py_to_pulumi_names(pulumi_azure_native.ProviderArgs)
    assert set(SETTINGS) == set(names.values())


def test_the_provider_has_the_stacks_settings_and_keeps_secrets():
    config = configuration_of("dev") | {
        "azure-native:subscriptionId": "33333333-3333-4333-8333-333333333333",
        "azure-native:useOidc": "true",
        "azure-native:clientSecret": "s3cret",
        "azure-native:tenantId": "hidden",
    }
    secrets = ["azure-native:tenantId"]
    with mock.patch("components.azure.api_versions.is_config_secret", lambda key: key in secrets):
        provider = run_program(config).one(PROVIDER)
    assert provider.inputs == {
        "location": "westeurope",
        "subscriptionId": "33333333-3333-4333-8333-333333333333",
        "useOidc": "true",
        "clientSecret": "s3cret",
        "tenantId": "hidden",
    }
    assert provider.secrets == {"clientSecret", "tenantId"}


LATER = "v20290101"


@pytest.fixture
def versions(monkeypatch: pytest.MonkeyPatch) -> Callable[[Version], Recording]:
    """Runs a program with a pool at a version."""

    def use(version: Version) -> Recording:
        monkeypatch.setattr(api_versions, "TYPES", dict.fromkeys(TYPES, version))

        def program() -> None:
            provider = None
            if version.date != SDK:
                provider = VersionProvider("provider", version)
            opts = pulumi.ResourceOptions(provider=provider)
            at_version(containerservice.AgentPool)(
                "pool", resource_group_name="rg", resource_name_="aks", opts=opts
            )

        with mock.patch("tests.helpers.mocks._Cloud.new_resource", return_value=("id", {})):
            return record(program)

    return use


def test_a_newer_version_is_a_change_of_one_line(versions: Callable[[Version], Recording]):
    later = dataclasses.replace(MANAGED_CLUSTERS, date=LATER, former=("v20260301",))
    pool = versions(later).one(POOL)
    assert pool.package_type == f"azure-native_containerservice_{LATER}:{POOL}"
    assert {"azure-native:" + POOL, f"{PACKAGE}:{POOL}"} <= set(pool.aliases)


def test_the_sdks_own_version_later_is_a_change_of_one_line(
    versions: Callable[[Version], Recording],
):
    back = dataclasses.replace(MANAGED_CLUSTERS, date=SDK, former=("v20260301",))
    pool = versions(back).one(POOL)
    assert pool.package_type == f"azure-native:{POOL}"
    assert f"{PACKAGE}:{POOL}" in set(pool.aliases)
    assert f"azure-native:{POOL}" not in set(pool.aliases)


def test_a_class_is_made_once_and_is_the_sdks_otherwise():
    made = at_version(containerservice.AgentPool)
    assert made is at_version(containerservice.AgentPool)
    assert issubclass(made, containerservice.AgentPool)
    assert not issubclass(made, network.Subnet)
