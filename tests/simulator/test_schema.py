from __future__ import annotations

from typing import Any

import pytest

from simulator.azure import catalog, outputs
from simulator.azure.cloud import Cloud
from simulator.wire import UNKNOWN

GATEWAY = {"resourceGroupName": "rg", "applicationGatewayName": "agw"}


def problems(token: str, **inputs: Any) -> list[str]:
    return [f"{item.path}: {item.reason}" for item in Cloud().problems(token, inputs)]


def kinds(token: str, **inputs: Any) -> list[str]:
    return [item.kind for item in Cloud().problems(token, inputs)]


@pytest.mark.parametrize("token", sorted(catalog.by_token()))
def test_every_type_of_the_table_is_one_of_the_sdk(token: str):
    kind = catalog.by_token()[token]
    inputs = kind.shape["inputs"]["properties"]
    assert {name.split(".")[0] for name in kind.path_parameters} <= set(inputs)
    assert kind.shape["outputs"]


REPLACED = sorted(token for token, kind in catalog.by_token().items() if kind.replaces)


@pytest.mark.parametrize("token", REPLACED)
def test_every_replacing_property_exists(token: str):
    kind = catalog.by_token()[token]
    for path in kind.replaces:
        shape: Any = {"properties": kind.shape["inputs"]["properties"]}
        for part in path.split("."):
            found = shape["properties"].get(part.removesuffix("[]"))
            assert found, f"{path}: {part}"
            found = found["items"] if part.endswith("[]") else found
            nested = isinstance(found, dict) and "object" in found
            shape = kind.module_schema["objects"][found["object"]] if nested else {}


def test_an_unknown_property_is_found_with_a_suggestion():
    found = problems("network:VirtualNetwork", resourceGroupName="rg", adressSpace={})
    assert found == [
        "adressSpace: unknown property, which azure-native ignores; did you mean 'addressSpace'?"
    ]


def test_a_missing_property_is_refused():
    found = problems("network:WebApplicationFirewallPolicy", resourceGroupName="rg")
    assert found == ["managedRules: missing required property"]


def test_a_missing_nested_property_is_named_by_its_path():
    pool = {"vmSize": "Standard_D4ds_v5"}
    found = problems(
        "containerservice:ManagedCluster", resourceGroupName="rg", agentPoolProfiles=[pool]
    )
    assert found == ["agentPoolProfiles[0].name: missing required property"]


@pytest.mark.parametrize(
    ("inputs", "kind", "problem"),
    [
        (
            {"networkProfile": {"networkPlugin": "flannel"}},
            "open value",
            "networkProfile.networkPlugin: 'flannel' is not one of: azure, kubenet, none",
        ),
        (
            {"identity": {"type": "Own"}},
            "value",
            "identity.type: 'Own' is not one of: SystemAssigned, UserAssigned, None",
        ),
    ],
)
def test_enumerations_are_closed_or_extensible(inputs: dict[str, Any], kind: str, problem: str):
    given = {"resourceGroupName": "rg", **inputs}
    assert problems("containerservice:ManagedCluster", **given) == [problem]
    assert kinds("containerservice:ManagedCluster", **given) == [kind]


def test_enum_values_are_compared_without_case():
    assert not problems(
        "containerservice:ManagedCluster",
        resourceGroupName="rg",
        networkProfile={"networkPlugin": "Azure"},
    )


@pytest.mark.parametrize(
    ("inputs", "problem"),
    [
        ({"enableHttp2": "yes"}, "enableHttp2: expected a value of type boolean, got 'yes'"),
        ({"sku": {"capacity": "2"}}, "sku.capacity: expected a value of type integer, got '2'"),
        ({"sku": {"capacity": True}}, "sku.capacity: expected a value of type integer, got True"),
        ({"zones": "1"}, "zones: expected a list, got '1'"),
        ({"tags": ["a"]}, "tags: expected a map, got a list"),
        ({"sku": "WAF_v2"}, "sku: expected an object, got 'WAF_v2'"),
    ],
)
def test_a_value_of_the_wrong_type_is_refused(inputs: dict[str, Any], problem: str):
    assert problems("network:ApplicationGateway", **GATEWAY, **inputs) == [problem]


@pytest.mark.parametrize(
    ("inputs", "kind"),
    [
        ({"enableHttp2": "yes"}, "type"),
        ({"zones": "1"}, "type"),
        ({"tags": ["a"]}, "type"),
        ({"sku": {"capacity": True}}, "form"),
        ({"zones": {"a": "1"}}, "form"),
        ({"sku": {"name": {}}}, "form"),
    ],
)
def test_azure_native_checks_the_type_of_texts_numbers_and_lists_only(
    inputs: dict[str, Any], kind: str
):
    assert kinds("network:ApplicationGateway", **GATEWAY, **inputs) == [kind]


def test_azure_native_does_not_look_into_unions():
    rules = {"ruleCollectionType": "FirewallPolicyFilterRuleCollection", "priority": "high"}
    found = kinds(
        "network:FirewallPolicyRuleCollectionGroup",
        resourceGroupName="rg",
        firewallPolicyName="afwp",
        ruleCollections=[rules],
    )
    assert found == ["form"]


@pytest.mark.parametrize("identities", [["/subscriptions/s/id"], {"/subscriptions/s/id": {}}])
def test_identities_are_a_list_or_a_map(identities: Any):
    identity = {"type": "UserAssigned", "userAssignedIdentities": identities}
    assert not problems("network:ApplicationGateway", **GATEWAY, identity=identity)


def test_what_is_not_known_yet_fits_everywhere():
    inputs = {"sku": UNKNOWN, "zones": [UNKNOWN], "tags": {"a": UNKNOWN}, "enableHttp2": UNKNOWN}
    assert not problems("network:ApplicationGateway", **GATEWAY, **inputs)


def test_a_preview_shows_what_is_given_and_leaves_the_rest_open():
    kind = catalog.by_token()["containerservice:ManagedCluster"]
    shown = outputs.preview(kind, {"dnsPrefix": "aks", "networkProfile": {"podCidr": UNKNOWN}})
    assert shown["dnsPrefix"] == "aks"
    assert shown["fqdn"] is UNKNOWN
    assert shown["networkProfile"]["podCidr"] is UNKNOWN
    assert shown["networkProfile"]["loadBalancerProfile"] is UNKNOWN


def test_a_type_that_is_not_simulated_is_refused_with_the_way_to_add_it():
    with pytest.raises(Exception, match=r"network:LoadBalancer is not among.*TYPES table"):
        problems("network:LoadBalancer")
