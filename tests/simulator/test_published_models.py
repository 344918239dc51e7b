"""Everything that the program sends agrees with the models that Microsoft publishes."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from cli.simulated.drift import changed
from simulator.azure import bounds, catalog
from simulator.azure.cloud import Cloud
from simulator.azure.model import ResourceType
from support.type_tokens import api_version
from tests.helpers.loops import each
from tests.helpers.mocks import Registration
from tests.helpers.published_models import (
    LATER,
    LATER_VALUES,
    MODULES,
    bounds_of,
    model_of,
    problems,
    version_problems,
)
from tests.helpers.stacks import ROOT, recorded_file

STACKS = [
    *sorted(ROOT.glob("Pulumi.*.yaml")),
    *(file for file in sorted(ROOT.glob("examples/*.yaml")) if ".cloud" not in file.name),
]
QUERY_PARAMETERS = {"syncRemoteAddressSpace"}
"""Inputs that azure-native sends beside the body."""


def bodies(registrations: Iterator[Registration]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(token, logical name, body) of the resources whose namespaces are published."""
    for item in registrations:
        token = item.type.removeprefix("azure-native:")
        if token.split(":")[0] in MODULES:
            yield token, item.name, body_of(item)


def body_of(item: Registration) -> dict[str, Any]:
    kind = Cloud().type_of(item.package_type)
    left_out = {*kind.path_parameters, *QUERY_PARAMETERS}
    body = {key: value for key, value in item.inputs.items() if key not in left_out}
    if "location" in kind.shape["inputs"]["properties"]:
        body.setdefault("location", "westeurope")  # From the provider's settings.
    return body


def faults(token: str, body: dict[str, Any]) -> list[str]:
    model = model_of(token)
    assert model is not None, f"the packages have no model of {token}"
    return list(problems(token.split(":", maxsplit=1)[0], model, body))


@pytest.mark.parametrize("file", STACKS, ids=lambda file: file.stem)
def test_every_body_of_a_stack_fits_microsofts_models(file: Path):
    checked = list(bodies(recorded_file(file).azure()))
    assert len(checked) > 10
    found = {f"{token} {name}": faults(token, body) for token, name, body in checked}
    assert {name: items for name, items in found.items() if items} == {}


@pytest.mark.parametrize("file", STACKS, ids=lambda file: file.stem)
def test_every_body_of_another_version_fits_microsofts_models_of_that_version(file: Path):
    checked = 0
    for item in recorded_file(file).azure():
        version = api_version(item.package_type)
        if version is not None:
            module, _, name = item.type.removeprefix("azure-native:").partition(":")
            assert list(version_problems(module, version, name, body_of(item))) == [], item.name
            checked += 1
    phase = yaml.safe_load(file.read_text())["config"].get("aks-network:phase")
    assert checked > 0 or phase == "networks"


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        ("ingressProfile.gatewayAPI.installation", "Managed", "is not one of"),
        ("ingressProfile.gateway", "{}", "unknown to ManagedClusterIngressProfile"),
        ("fqdn", "mine.example.com", "read-only"),
        ("agentPoolProfiles[0].count", '"3"', "expected int"),
        ("agentPoolProfiles[0].osSKU", "Windows2023", "is not one of"),
    ],
)
def test_a_body_that_is_wrong_at_another_version_is_found(path: str, value: str, problem: str):
    cluster = recorded_file(ROOT / "Pulumi.prod.yaml").one(CLUSTER)
    body = changed(without(body_of(cluster), path), path, value)
    version = api_version(cluster.package_type)
    assert version
    (found,) = version_problems("containerservice", version, "ManagedCluster", body)
    assert found.startswith(f"{path}: ")
    assert problem in found


@pytest.mark.parametrize("file", STACKS, ids=lambda file: file.stem)
def test_azure_natives_check_finds_nothing_in_a_stack(file: Path):
    cloud = Cloud()
    for item in each(recorded_file(file).azure()):
        token = item.type.removeprefix("azure-native:")
        problems_ = cloud.problems(item.package_type, item.inputs)
        found = [*problems_, *bounds.problems(token, item.inputs)]
        # The names and the region are azure-native's defaults.
        assert [problem for problem in found if problem.kind != "missing"] == [], item.name


def test_every_published_bound_is_checked():
    published = [
        (token, path, rule)
        for token, kind in catalog.by_token().items()
        if (model := model_of(token))
        for path, rule in bounds_of(token.split(":", maxsplit=1)[0], model)
        if path_exists(kind, path)
    ]
    assert len(published) > 50
    for token, path, rule in published:
        row = bounds.BOUNDS[token][path]
        assert {key: getattr(row, key) for key in rule} == rule, f"{token} {path}"


def test_properties_of_a_later_version_are_in_azure_native_alone():
    kinds = catalog.by_token()
    nested = {"ManagedClusterAgentPoolProfile": (CLUSTER, "agentPoolProfiles[].")}
    for name, properties in LATER.items():
        token, path = nested.get(name, (f"containerservice:{name}", ""))
        model = model_of(f"containerservice:{name}")
        assert model is not None
        known = {entry["key"].split(".")[-1] for entry in model._attribute_map.values()}
        assert not properties & known, f"{name}: the package has it now; take it out of LATER"
        assert all(path_exists(kinds[token], path + key) for key in properties)


def test_values_of_a_later_version_are_not_in_the_package(monkeypatch: pytest.MonkeyPatch):
    later = dict(LATER_VALUES)
    monkeypatch.setattr("tests.helpers.published_models.LATER_VALUES", {})
    for (name, key), values in later.items():
        model = model_of(f"containerservice:{name}")
        for value in values:
            (found,) = problems("containerservice", model, {key: value})
            assert "is not one of" in found, f"the package has {value} now"


def path_exists(kind: ResourceType, path: str) -> bool:
    """Whether the SDK has the property at the API version of the simulated type."""
    shape: Any = kind.shape["inputs"]
    for name in path.split("."):
        form = shape["properties"].get(name.removesuffix("[]")) if shape else None
        if form is None:
            return False
        inner = form["items"] if isinstance(form, dict) and "items" in form else form
        nested = isinstance(inner, dict) and "object" in inner
        shape = kind.module_schema["objects"][inner["object"]] if nested else None
    return True


CLUSTER, POOL = "containerservice:ManagedCluster", "containerservice:AgentPool"
GATEWAY, POLICY = "network:ApplicationGateway", "network:WebApplicationFirewallPolicy"
GROUP, SUBNET, ADDRESS = "network:NetworkSecurityGroup", "network:Subnet", "network:PublicIPAddress"


@pytest.mark.parametrize(
    ("token", "path", "value", "problem"),
    [
        (CLUSTER, "networkProfile.serviceCidr", "10.0.0.0/40", "does not match"),
        (CLUSTER, "networkProfile.dnsServiceIP", "10.0.0.300", "does not match"),
        (CLUSTER, "networkProfile.networkPolicy", "flannel", "is not one of"),
        (CLUSTER, "networkProfile.podCIDR", "10.0.0.0/8", "unknown to"),
        (CLUSTER, "agentPoolProfiles[0].osType", "Solaris", "is not one of"),
        (CLUSTER, "agentPoolProfiles[0].maxPods", '"many"', "expected int"),
        (CLUSTER, "agentPoolProfiles[0].osDiskSizeGB", "4096", "is above 2048"),
        (CLUSTER, "fqdn", "mine.example.com", "read-only"),
        (CLUSTER, "location", "null", "required"),
        (CLUSTER, "identity.userAssignedIdentities", '"one"', "expected {"),
        (POOL, "upgradeSettings.drainTimeoutInMinutes", "2000", "is above 1440"),
        (GATEWAY, "requestRoutingRules[0].priority", "0", "is below 1"),
        (GATEWAY, "autoscaleConfiguration.maxCapacity", "1", "is below 2"),
        (GATEWAY, "sku.tier", "WAF_v9", "is not one of"),
        (POLICY, "managedRules.managedRuleSets", "null", "required"),
        (POLICY, "policySettings.maxRequestBodySizeInKb", "1", "is below 8"),
        (GROUP, "securityRules[0].access", "Maybe", "is not one of"),
        (GROUP, "securityRules[0].priority", '"100"', "expected int"),
        (SUBNET, "natGateway", '"id"', "expected SubResource"),
        (ADDRESS, "publicIPAllocationMethod", "Sometimes", "is not one of"),
    ],
)
def test_a_wrong_body_is_found(token: str, path: str, value: str, problem: str):
    production = recorded_file(ROOT / "Pulumi.prod.yaml")
    body = next(body for found, _, body in bodies(production.azure()) if found == token)
    assert faults(token, body) == []
    spoilt = changed(without(body, path), path, value)
    (found,) = faults(token, spoilt)
    assert found.startswith(f"{path}: ")
    assert problem in found


def without(body: dict[str, Any], path: str) -> dict[str, Any]:
    """A copy of a body without the property, so that what stood there shapes no value."""
    result = copy.deepcopy(body)
    *way, last = path.replace("[0]", ".0").split(".")
    target: Any = result
    for step in way:
        target = target[int(step)] if step.isdigit() else target.setdefault(step, {})
    target.pop(last, None)
    return result
