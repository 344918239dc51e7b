"""What the azure-native stand-in answers to the engine."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from simulator.azure.provider import AzureNative
from simulator.errors import AlreadyExists
from simulator.server import Autonaming, CheckRequest, DiffRequest, ResourceState
from simulator.wire import UNKNOWN, Properties
from tests.simulator.engine import urn


def check(provider: AzureNative, token: str, inputs: dict[str, Any], **more: Any) -> dict[str, Any]:
    asked = CheckRequest(urn(token), more.pop("olds", {}), inputs, b"seed", **more)
    answer = provider.check(asked)
    assert answer.failures == []
    return answer.inputs


def create(provider: AzureNative, token: str, inputs: dict[str, Any]) -> ResourceState:
    checked = check(provider, token, inputs)
    return asyncio.run(provider.create(urn(token), Properties(checked), preview=False))


def changes(provider: AzureNative, token: str, old: dict, new: dict, olds: dict | None = None):
    answer = provider.diff(DiffRequest(urn(token), old, olds or {}, new))
    return {path: replaces for path, (_, replaces) in answer.changes.items()}


def test_a_resource_without_a_name_gets_a_random_one_that_stays(provider):
    first = check(provider, "resources:ResourceGroup", {})
    assert first["resourceGroupName"].startswith("thing")
    assert len(first["resourceGroupName"]) == len("thing") + 8
    again = check(provider, "resources:ResourceGroup", {}, olds=first)
    assert again == first


def test_a_child_takes_its_logical_name(provider):
    names = {"resourceGroupName": "rg", "virtualNetworkName": "v"}
    assert check(provider, "network:Subnet", names)["subnetName"] == "thing"


def test_a_role_assignment_is_named_by_a_guid(provider):
    inputs = {"scope": "/subscriptions/s", "principalId": "p", "roleDefinitionId": "r"}
    name = check(provider, "authorization:RoleAssignment", inputs)["roleAssignmentName"]
    assert [len(part) for part in name.split("-")] == [8, 4, 4, 4, 12]


def test_the_engines_naming_rules_are_followed(provider):
    rules = Autonaming("dev-thing", disabled=False)
    inputs = check(provider, "resources:ResourceGroup", {}, autonaming=rules)
    assert inputs["resourceGroupName"] == "dev-thing"


def test_the_region_comes_from_the_providers_settings(provider):
    assert check(provider, "resources:ResourceGroup", {})["location"] == "westeurope"


def test_without_a_setting_the_region_is_the_groups(provider):
    create(provider, "resources:ResourceGroup", {"resourceGroupName": "rg", "location": "uksouth"})
    provider.location = None
    inputs = check(provider, "network:RouteTable", {"resourceGroupName": "rg"})
    assert inputs["location"] == "uksouth"


CLUSTER = "containerservice:ManagedCluster"


@pytest.mark.parametrize(
    ("inputs", "failure"),
    [
        ({"dnsPrefix": 3}, "dnsPrefix: expected a value of type string, got 3"),
        (
            {"networkProfile": {"natGatewayProfile": {"idleTimeoutInMinutes": 121}}},
            (
                "networkProfile.natGatewayProfile.idleTimeoutInMinutes: 121 is too high: at most"
                " 120 is allowed"
            ),
        ),
        (
            {"agentPoolProfiles": [{"name": "a"}, {"name": "b", "osDiskSizeGB": -1}]},
            "agentPoolProfiles[1].osDiskSizeGB: -1 is too low: at least 0 is required",
        ),
        (
            {"agentPoolProfiles": [{"name": "System"}]},
            "agentPoolProfiles[0].name: 'System' does not match ^[a-z][a-z0-9]{0,11}$",
        ),
        (
            {"resourceName": "a" * 64},
            (
                "resourceName: 'aaaaaaaaaaaa...aaaaaaaaaaaaa' is too long: at most 63 characters"
                " are allowed"
            ),
        ),
    ],
)
def test_a_check_names_the_property_that_is_wrong(provider, inputs, failure):
    given = {"resourceGroupName": "rg", "resourceName": "aks", **inputs}
    answer = provider.check(CheckRequest(urn(CLUSTER), {}, given))
    assert failure in answer.failures
    assert provider.take_warnings() == []


def test_a_text_that_is_too_short_or_ends_in_a_line_break_is_refused(provider):
    given = {"resourceGroupName": "rg", "registryName": "abc\n", "sku": {"name": "Basic"}}
    answer = provider.check(CheckRequest(urn("containerregistry:Registry"), {}, given))
    assert answer.failures == [
        "registryName: 'abc\\n' is too short: at least 5 characters are required",
        "registryName: 'abc\\n' does not match ^[a-zA-Z0-9]*$",
    ]


@pytest.mark.parametrize(
    "inputs",
    [
        {"networkProfile": {"networkPolicy": "flannel"}},
        {"identity": {"type": "Own"}},
        {"dnsPrefix": True},
        {"agentPoolProfiles": {"name": "system"}},
    ],
)
def test_enumerations_booleans_and_objects_are_left_to_azure(provider, inputs):
    check(provider, CLUSTER, {"resourceGroupName": "rg", "resourceName": "aks", **inputs})


def test_an_unknown_property_is_a_warning_with_the_near_name(provider):
    inputs = {"resourceGroupName": "rg", "networkProfile": {"podCIDR": "10.244.0.0/16"}}
    kept = check(provider, CLUSTER, {"resourceName": "aks", **inputs})
    assert kept["networkProfile"] == inputs["networkProfile"]
    (warning,) = provider.take_warnings()
    assert warning.startswith("networkProfile.podCIDR: unknown property, which azure-native")
    assert warning.endswith("; did you mean 'podCidr'?")
    check(provider, CLUSTER, {"resourceGroupName": "rg", "resourceName": "aks"})
    assert provider.take_warnings() == []


def test_unknown_values_pass_the_check(provider):
    check(provider, "network:RouteTable", {"resourceGroupName": UNKNOWN, "tags": UNKNOWN})


def test_a_changed_tag_updates_and_a_changed_name_replaces(provider):
    old = {"resourceGroupName": "rg", "virtualNetworkName": "v", "tags": {"a": "b"}}
    new = {"resourceGroupName": "rg", "virtualNetworkName": "w", "tags": {"a": "c"}}
    assert changes(provider, "network:VirtualNetwork", old, new) == {
        "virtualNetworkName": True,
        "tags.a": False,
    }


@pytest.mark.parametrize(
    ("token", "path", "replaced"),
    [
        ("containerservice:ManagedCluster", "networkProfile.networkPolicy", True),
        ("containerservice:ManagedCluster", "networkProfile.outboundType", True),
        ("containerservice:ManagedCluster", "networkProfile.loadBalancerSku", False),
        ("containerservice:ManagedCluster", "kubernetesVersion", False),
        ("containerservice:AgentPool", "vmSize", True),
        ("containerservice:AgentPool", "maxPods", False),
        ("network:Subnet", "addressPrefix", False),
        ("authorization:RoleAssignment", "principalId", True),
        ("authorization:RoleAssignment", "roleDefinitionId", False),
    ],
)
def test_exactly_azure_natives_properties_replace(provider, token, path, replaced):
    def nested(value: Any) -> dict[str, Any]:
        found: Any = value
        for part in reversed(path.split(".")):
            found = {part: found}
        return found

    assert changes(provider, token, nested("old"), nested("new")) == {path: replaced}
    assert changes(provider, token, nested("old"), nested(UNKNOWN)) == {path: replaced}


def test_a_region_written_differently_is_no_change(provider):
    old, new = {"location": "West Europe"}, {"location": "westeurope"}
    assert changes(provider, "network:VirtualNetwork", old, new) == {}


def test_a_default_that_is_written_out_is_no_change(provider):
    new = {"publicIPAddressVersion": "IPv4"}
    assert changes(provider, "network:PublicIPAddress", {}, new, olds=new) == {}


def test_a_fixed_name_is_deleted_before_it_is_replaced(provider):
    old = check(provider, "network:VirtualNetwork", {"resourceGroupName": "rg"})
    new = {**old, "location": "uksouth"}
    token = urn("network:VirtualNetwork")
    assert not provider.diff(DiffRequest(token, old, {}, new)).delete_before_replace
    del old["__createBeforeDelete"]
    assert provider.diff(DiffRequest(token, old, {}, new)).delete_before_replace


def test_what_exists_is_not_created_again(provider):
    create(provider, "resources:ResourceGroup", {"resourceGroupName": "rg"})
    with pytest.raises(AlreadyExists, match="cannot create already existing resource"):
        create(provider, "resources:ResourceGroup", {"resourceGroupName": "rg"})


def read(
    provider: AzureNative, token: str, state: ResourceState, inputs: dict
) -> ResourceState | None:
    work = provider.read(urn(token), state.id, Properties(state.outputs), Properties(inputs))
    return asyncio.run(work)


def test_a_refresh_finds_what_was_deployed(provider):
    inputs = check(provider, "resources:ResourceGroup", {"resourceGroupName": "rg"})
    made = create(provider, "resources:ResourceGroup", inputs)
    found = read(provider, "resources:ResourceGroup", made, inputs)
    assert found is not None
    assert (found.inputs, found.outputs) == (inputs, made.outputs)


def test_a_refresh_shows_what_others_changed(provider):
    inputs = check(provider, "resources:ResourceGroup", {"resourceGroupName": "rg"})
    made = create(provider, "resources:ResourceGroup", {**inputs, "tags": {"owner": "us"}})
    changed = {"resourceGroupName": "rg", "location": "westeurope", "tags": {"owner": "them"}}
    provider.cloud.put("resources:ResourceGroup", changed)
    mine = {**inputs, "tags": {"owner": "us"}}
    found = read(provider, "resources:ResourceGroup", made, mine)
    assert found is not None
    assert found.inputs == {**inputs, "tags": {"owner": "them"}}


def test_a_refresh_misses_what_others_deleted(provider):
    made = create(provider, "resources:ResourceGroup", {"resourceGroupName": "rg"})
    provider.cloud.delete(made.id)
    assert read(provider, "resources:ResourceGroup", made, {}) is None


def test_an_import_takes_the_inputs_from_the_cloud(provider):
    create(provider, "resources:ResourceGroup", {"resourceGroupName": "rg"})
    names = {"resourceGroupName": "rg", "virtualNetworkName": "vnet"}
    space = {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}
    made = create(provider, "network:VirtualNetwork", {**names, **space})
    found = read(provider, "network:VirtualNetwork", made, {})
    assert found is not None
    assert found.inputs is not None
    assert found.inputs.items() >= {**names, **space}.items()


def test_a_kubeconfig_is_secret(provider, azure):
    provider.cloud.store = azure.cloud.store
    azure.cluster()
    args = {"resourceGroupName": "rg-test", "resourceName": "aks"}
    function = "azure-native:containerservice:listManagedClusterUserCredentials"
    _, secrets = provider.invoke(function, args)
    assert secrets == {("kubeconfigs",)}


def test_an_access_policy_is_identified_by_its_principal(provider):
    names = {"resourceGroupName": "rg", "vaultName": "kv-shop"}
    settings = {"tenantId": provider.cloud.tenant, "sku": {"family": "A", "name": "standard"}}
    create(provider, "resources:ResourceGroup", {"resourceGroupName": "rg"})
    create(provider, "keyvault:Vault", {**names, "properties": settings})
    policy = {"objectId": "p", "tenantId": provider.cloud.tenant, "permissions": {}}
    given = {**names, "policy": policy}
    assert check(provider, "keyvault:AccessPolicy", given) == given
    made = create(provider, "keyvault:AccessPolicy", given)
    assert made.outputs == given
    other = {**names, "policy": {**policy, "objectId": "q"}}
    assert changes(provider, "keyvault:AccessPolicy", given, other) == {"policy.objectId": True}


def test_a_singleton_is_created_over_its_defaults(provider):
    names = {"resourceGroupName": "rg", "accountName": "stlogs"}
    create(provider, "resources:ResourceGroup", {"resourceGroupName": "rg"})
    account = {**names, "kind": "StorageV2", "sku": {"name": "Standard_LRS"}}
    create(provider, "storage:StorageAccount", account)
    service = create(
        provider, "storage:BlobServiceProperties", {**names, "blobServicesName": "default"}
    )
    container = create(provider, "storage:BlobContainer", {**names, "containerName": "logs"})
    assert container.id == f"{service.id}/containers/logs"


def test_a_disk_encryption_set_uses_a_key_of_a_vault(provider):
    names = {"resourceGroupName": "rg", "vaultName": "kv-shop"}
    settings = {"tenantId": provider.cloud.tenant, "sku": {"family": "A", "name": "standard"}}
    create(provider, "resources:ResourceGroup", {"resourceGroupName": "rg"})
    vault = create(provider, "keyvault:Vault", {**names, "properties": settings})
    key = create(provider, "keyvault:Key", {**names, "keyName": "k", "properties": {"kty": "RSA"}})
    active = {"keyUrl": key.outputs["keyUriWithVersion"], "sourceVault": {"id": vault.id}}
    disks = {
        "resourceGroupName": "rg",
        "identity": {"type": "SystemAssigned"},
        "activeKey": active,
    }
    made = create(provider, "compute:DiskEncryptionSet", disks)
    assert made.outputs["activeKey"] == active
    assert made.outputs["identity"]["principalId"]
