"""Types at an API version other than azure-native's default, and the packages that serve them."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest

from simulator.azure import api_versions, catalog
from simulator.azure.model import ResourceType
from simulator.azure.provider import AzureNative
from simulator.errors import NotSimulated, Refused
from simulator.server import CheckRequest, DiffRequest, Urn
from simulator.wire import Properties
from tests.helpers.derive_models import path_of
from tests.simulator.subscription import Subscription

PACKAGE = "azure-native_containerservice_v20260301"
CLUSTER, POOL = "containerservice:ManagedCluster", "containerservice:AgentPool"
VERSION = "2026-03-01"
PARAMETER = base64.b64encode(b'{"module":"containerservice","version":"v20260301"}')
GATEWAY = {"gatewayAPI": {"installation": "Standard"}}


def urn(token: str) -> Urn:
    return Urn(f"urn:pulumi:dev::shop::{token}::thing")


@pytest.fixture
def later(provider: AzureNative) -> AzureNative:
    provider.parameterize(PARAMETER)
    return provider


# The version's own shape.

VERSIONS = [(module, at) for module, rows in api_versions.VERSIONS.items() for at in rows]


def published(module: str, version: str) -> tuple[dict[str, Any], dict[str, Any]]:
    tables = json.loads(path_of(module, version).read_text())
    return tables["models"], tables["enums"]


def described(module: str, version: str) -> dict[str, ResourceType]:
    """The types that are simulated at a version, at azure-native's own one."""
    return {
        token: kind
        for token, kind in catalog.by_token().items()
        if token.startswith(f"{module}:")
        and api_versions.describes(module, version, token.partition(":")[2])
    }


@pytest.mark.parametrize(("module", "version"), VERSIONS)
def test_a_version_has_the_inputs_that_microsofts_models_of_it_have(module: str, version: str):
    models, enums = published(module, version)
    checked = 0
    for token, default in described(module, version).items():
        name = token.partition(":")[2]
        differing = list(differences(default.at(version), models, enums, name))
        assert differing == []
        checked += 1
    assert checked > 1


@pytest.mark.parametrize(("module", "version"), VERSIONS)
def test_the_default_version_lacks_what_a_version_adds(module: str, version: str):
    models, enums = published(module, version)
    found = {
        problem
        for token, kind in described(module, version).items()
        for problem in differences(kind, models, enums, token.partition(":")[2])
    }
    added = api_versions.VERSIONS[module][version]
    missing = {f"{name}.{key}" for name, keys in added.properties.items() for key in keys}
    missing |= {f"{name}.{key}: values" for name, key in added.values}
    assert found == missing


READ_BY_AZURE_NATIVE_ONLY = {"status"}
"""Objects that are writable in the models, and whose properties are all read-only."""


def differences(
    kind: ResourceType, models: dict[str, Any], enums: dict[str, Any], name: str
) -> Iterator[str]:
    """What the inputs of a type have that Microsoft's model lacks, and the other way round."""
    waiting, seen = [(name, kind.shape["inputs"]["properties"])], set[str]()
    while waiting:
        name, properties = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        # The models write the autoscaler's settings with dashes, azure-native in camel case.
        model = {camel(key): entry for key, entry in models[name].items()}
        writable = {key for key, entry in model.items() if not entry.get("readonly")}
        sent = set(properties) - set(kind.path_parameters)
        if name == kind.token.partition(":")[2]:
            sent |= {"type"} & writable
            writable -= {"type"} - set(properties)
        for key in (sent ^ writable) - READ_BY_AZURE_NATIVE_ONLY:
            yield f"{name}.{key}"
        for key in sent & set(model):
            inner = innermost(properties[key])
            published_type = model[key]["type"].strip("[]{}")
            if "object" in inner:
                shape = kind.module_schema["objects"][inner["object"]]
                waiting.append((published_type, shape["properties"]))
            elif "open_enum" in inner and set(inner["open_enum"]) != set(enums[published_type]):
                yield f"{name}.{key}: values"


def innermost(form: Any) -> dict[str, Any]:
    while isinstance(form, dict) and (form.keys() & {"items", "values"}):
        (form,) = form.values()
    return form if isinstance(form, dict) else {}


def camel(key: str) -> str:
    head, *tail = key.split("-")
    return head + "".join(part.capitalize() for part in tail)


def test_a_version_that_nobody_described_is_refused():
    with pytest.raises(NotSimulated, match=r"not at 2031-01-01; add what that version adds"):
        catalog.by_token()[CLUSTER].at("2031-01-01")


def test_a_type_that_a_version_does_not_describe_is_refused():
    assert catalog.by_token()["network:NatGateway"].at("2025-03-01").api == "2025-03-01"
    with pytest.raises(NotSimulated, match=r"network:Subnet is simulated at .*, not at 2025-03-01"):
        catalog.by_token()["network:Subnet"].at("2025-03-01")


# The package.


def test_the_parameter_is_what_the_sdk_of_the_package_has():
    assert AzureNative().parameterize(PARAMETER) == (PACKAGE, AzureNative().version)
    assert AzureNative().parameterize(["containerservice", "v20260301"])[0] == PACKAGE


@pytest.mark.parametrize(
    ("parameter", "message"),
    [
        (b"%%%", "failed to deserialize"),
        (base64.b64encode(b"[]"), "failed to deserialize"),
        (["containerservice"], "expected 2 arguments"),
        (["containerservice", "v20310101"], "not simulated at v20310101"),
        (["keyvault", "v20260301"], "not simulated at v20260301"),
    ],
)
def test_another_parameter_is_refused(provider: AzureNative, parameter: Any, message: str):
    with pytest.raises(Refused, match=message):
        provider.parameterize(parameter)


@pytest.mark.parametrize(
    ("package", "token"),
    [("azure-native", f"{PACKAGE}:{CLUSTER}"), (PACKAGE, f"azure-native:{CLUSTER}")],
)
def test_a_provider_knows_the_types_of_its_own_package_only(
    provider: AzureNative, package: str, token: str
):
    if package == PACKAGE:
        provider.parameterize(PARAMETER)
    with pytest.raises(Refused, match="not found"):
        provider.check(CheckRequest(urn(token), {}, {}))


def test_inputs_are_checked_against_the_version_of_the_package(later: AzureNative):
    checked = later.check(
        CheckRequest(
            urn(f"{PACKAGE}:{CLUSTER}"),
            {},
            {"resourceGroupName": "rg", "ingressProfile": {**GATEWAY, "gateway": {}}},
        )
    )
    assert checked.inputs["azureApiVersion"] == VERSION
    (advice,) = later.take_warnings()
    assert advice.startswith("ingressProfile.gateway: unknown property")


def test_the_default_package_does_not_know_what_the_version_adds(provider: AzureNative):
    inputs = {"resourceGroupName": "rg", "ingressProfile": GATEWAY}
    provider.check(CheckRequest(urn(f"azure-native:{CLUSTER}"), {}, inputs))
    (advice,) = provider.take_warnings()
    assert advice.startswith("ingressProfile.gatewayAPI: unknown property")


def cluster_inputs(provider: AzureNative, **more: Any) -> dict[str, Any]:
    azure = Subscription(provider.cloud)
    azure.network()
    subnet, identity = azure.subnet("nodes", "10.0.0.0/20"), azure.identity()
    azure.role(subnet.id, identity.outputs["principalId"])
    inputs = azure.cluster_inputs(subnet, identity)
    return {"resourceGroupName": "rg-test", "location": "westeurope", **inputs, **more}


def test_a_cluster_returns_what_the_version_adds(later: AzureNative):
    given = cluster_inputs(later, ingressProfile=GATEWAY, azureApiVersion=VERSION)
    state = asyncio.run(later.create(urn(f"{PACKAGE}:{CLUSTER}"), Properties(given), preview=False))
    assert state.outputs["azureApiVersion"] == VERSION
    assert state.outputs["ingressProfile"]["gatewayAPI"] == {"installation": "Standard"}
    assert later.cloud.store.of_type(CLUSTER)[0].id == state.id


def test_a_wrong_value_of_what_the_version_adds_is_refused(later: AzureNative):
    wrong = {"gatewayAPI": {"installation": "Managed"}}
    given = cluster_inputs(later, ingressProfile=wrong, azureApiVersion=VERSION)
    with pytest.raises(Refused, match=r"installation.*Standard"):
        asyncio.run(later.create(urn(f"{PACKAGE}:{CLUSTER}"), Properties(given), preview=False))


def test_a_resource_that_moves_to_another_version_is_updated_and_not_replaced(later: AzureNative):
    old = cluster_inputs(later, azureApiVersion="2025-09-01")
    new = {**old, "azureApiVersion": VERSION}
    request = DiffRequest(urn(f"{PACKAGE}:{CLUSTER}"), old, old, new)
    assert later.diff(request).changes == {"azureApiVersion": ("update", False)}
    assert later.diff(DiffRequest(request.urn, new, new, new)).changes == {}
