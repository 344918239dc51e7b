"""Each check that asks Azure, where all is well and where it is not."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from cli import stack_file
from cli.doctor.checks import account, capacity, existing, names, permissions, providers, quotas
from cli.doctor.client import Response, SignIn
from cli.doctor.context import CommandResult, Context
from cli.doctor.findings import CheckUnavailable, Finding, Lazy, Result
from cli.doctor.planned_resources import Planned, tokens
from simulator.azure import identifiers
from simulator.azure.cloud import Cloud
from simulator.azure.namespaces.keyvault import DELETED_VAULT
from simulator.store import MemoryStore, Resource
from support.repository import ROOT
from tests.cli.doctor.contexts import SUBSCRIPTION, Check, FakePulumi, all_ok, context, worst

ACCOUNT = SignIn(
    "OIDC", identifiers.TENANT, identifiers.SUBSCRIPTION, identifiers.OPERATOR, is_user=False
)
GROUP = "7f951dda-4ed3-4680-a7ca-43fe172d538d"


# ------------------------------------------------------------------- sign-in


def test_who_is_signed_in_and_how_is_told():
    assert "simulated Azure, user" in all_ok(account.signed_in, context())
    assert "OIDC, service principal" in all_ok(account.signed_in, context(account=ACCOUNT))


def test_a_tenant_other_than_the_settings_name_fails():
    there = {"azure-native:tenantId": "99999999-9999-4999-8999-999999999999"}
    assert "az login --tenant 9999" in worst(account.tenant, context(config=there)).remedy
    all_ok(account.tenant, context(config={"azure-native:tenantId": identifiers.TENANT.upper()}))


@pytest.mark.parametrize(
    ("state", "result"),
    [
        ("Enabled", Result.OK),
        ("Warned", Result.WARNING),
        ("PastDue", Result.WARNING),
        ("Disabled", Result.FAILED),
        ("Deleted", Result.FAILED),
    ],
)
def test_a_subscription_that_takes_no_writes_fails(state: str, result: Result):
    assert worst(account.subscription, context(over={"state": state})).result == result


def test_a_subscription_that_is_not_seen_fails():
    gone = {SUBSCRIPTION: Response(404, {"error": {"code": "SubscriptionNotFound"}})}
    assert worst(account.subscription, context(answers=gone)).result == Result.FAILED


def test_a_subscription_of_another_tenant_fails():
    elsewhere = SignIn(
        "Azure CLI", "other", identifiers.SUBSCRIPTION, identifiers.OPERATOR, is_user=True
    )
    found = worst(account.subscription, context(account=elsewhere))
    assert found.remedy == f"az login --tenant {identifiers.TENANT}"


def test_two_subscriptions_in_settings_and_environment_are_a_warning():
    key, other = "azure-native:subscriptionId", {"ARM_SUBSCRIPTION_ID": "other"}
    pinned = {key: identifiers.SUBSCRIPTION}
    both = context(config=pinned, environment=other, simulated=False)
    assert "overrides" in worst(account.pinned, both).detail
    all_ok(account.pinned, context(config=pinned, simulated=False))
    all_ok(account.pinned, context(environment=other, simulated=False))


def test_a_subscription_that_only_az_knows_is_a_warning():
    found = worst(account.pinned, context(simulated=False))
    assert found.result == Result.WARNING
    assert identifiers.SUBSCRIPTION in found.remedy


# -------------------------------------------------------------------- rights


@pytest.mark.parametrize("stack", ["dev", "prod", "custom-role"])
def test_an_owner_may_deploy(stack: str):
    all_ok(permissions.subscription, context(stack))


def _roles(*roles: dict[str, Any]) -> dict[str, Any]:
    return {"permissions": list(roles)}


CONTRIBUTOR = {
    "actions": ["*"],
    "notActions": ["Microsoft.Authorization/*/Delete", "Microsoft.Authorization/*/Write"],
}
ACCESS = {"actions": ["*/read", "Microsoft.Authorization/roleAssignments/*"]}


def test_a_contributor_alone_may_not_grant_roles():
    found = worst(permissions.subscription, context(over=_roles(CONTRIBUTOR)))
    assert "roleAssignments/write" in found.detail
    assert "Role Based Access Control Administrator" in found.remedy


def test_what_one_role_takes_back_another_gives():
    all_ok(permissions.subscription, context(over=_roles(CONTRIBUTOR, ACCESS)))


def test_a_custom_role_needs_the_right_to_define_roles():
    both = _roles(CONTRIBUTOR, ACCESS)
    found = worst(permissions.subscription, context("custom-role", over=both))
    assert "Microsoft.Authorization/roleDefinitions/write" in found.detail


def test_a_reader_is_told_of_groups_first():
    found = worst(permissions.subscription, context(over=_roles({"actions": ["*/read"]})))
    assert "resourceGroups/write" in found.detail
    assert "more" in found.detail


def test_a_role_with_a_condition_is_a_warning():
    owner = {"actions": ["*"], "condition": "@Request[…] ForAnyOfAnyValues:GuidEquals {…}"}
    assert worst(permissions.subscription, context(over=_roles(owner))).result == Result.WARNING


def test_a_data_role_on_the_subscription_may_apply_objects():
    assert "RBAC role" in all_ok(permissions.cluster, context())


def test_without_data_role_and_group_nothing_can_be_applied():
    found = worst(permissions.cluster, context(over=_roles({"actions": ["*"]})))
    assert found.result == Result.FAILED
    assert "names no group" in found.detail


def _with_group(config: dict[str, Any]) -> None:
    config["aks-network:cluster"]["adminGroupObjectIds"] = [GROUP]


def test_a_member_of_the_administrators_may_apply_objects():
    over = _roles({"actions": ["*"]}) | {"memberOf": [GROUP]}
    assert GROUP in all_ok(permissions.cluster, context(over=over, edit=_with_group))
    over["memberOf"] = []
    assert worst(permissions.cluster, context(over=over, edit=_with_group)).result == Result.FAILED


def test_a_service_principals_groups_are_asked_by_its_id():
    over = _roles({"actions": ["*"]}) | {"memberOf": [GROUP]}
    about = context(over=over, edit=_with_group, account=ACCOUNT)
    all_ok(permissions.cluster, about)
    asked = [one.path for one in about.azure.transport.sent]  # pyright: ignore[reportAttributeAccessIssue]
    assert f"/v1.0/servicePrincipals/{identifiers.OPERATOR}/checkMemberGroups" in asked


def test_groups_that_the_directory_does_not_tell_of_are_not_checked():
    over = _roles({"actions": ["*"]})
    denied = {"checkMemberGroups": Response(403, {"error": {"code": "Authorization_Denied"}})}
    with pytest.raises(CheckUnavailable, match="Authorization_Denied"):
        list(permissions.cluster(context(over=over, edit=_with_group, answers=denied)))


def test_rendered_objects_need_no_rights_in_the_cluster():
    over = _roles({"actions": ["*"]})
    assert "not needed" in all_ok(permissions.cluster, context("prod", over=over))


# ----------------------------------------------------------------- providers


def test_the_providers_of_a_stack_are_those_of_its_types_and_what_stands_behind_them():
    about = context("agc")
    needed = providers.namespaces(about.planned.get(), about.settings)
    assert {"Microsoft.ServiceNetworking", "Microsoft.NetworkFunction"} <= set(needed)
    dev = context()
    assert not {"Microsoft.ServiceNetworking", "Microsoft.NetworkFunction", "Microsoft.Storage"} & (
        set(providers.namespaces(dev.planned.get(), dev.settings))
    )
    prod = context("prod")
    assert {"Microsoft.PolicyInsights", "Microsoft.Insights", "Microsoft.Storage"} <= set(
        providers.namespaces(prod.planned.get(), prod.settings)
    )


@pytest.mark.parametrize(
    ("state", "result"),
    [
        ("Registered", Result.OK),
        ("Registering", Result.WARNING),
        ("NotRegistered", Result.FAILED),
        ("Unregistered", Result.FAILED),
    ],
)
def test_a_provider_that_is_not_registered_fails(state: str, result: Result):
    about = context(over={"providers": {"Microsoft.ContainerService": state}})
    found = worst(providers.registered, about)
    assert found.result == result
    if result == Result.FAILED:
        assert found.remedy == "az provider register --namespace Microsoft.ContainerService --wait"


def _encrypted(config: dict[str, Any]) -> None:
    config["aks-network:management"]["jumpBox"]["encryptionAtHost"] = True


def test_a_feature_is_asked_for_where_a_setting_uses_it():
    off = {"features": {"Microsoft.Compute/EncryptionAtHost": "NotRegistered"}}
    all_ok(providers.features, context(over=off))
    all_ok(providers.features, context(edit=_encrypted))
    found = worst(providers.features, context(over=off, edit=_encrypted))
    assert found.remedy.startswith("az feature register --namespace Microsoft.Compute")


def test_a_region_without_a_type_fails():
    all_ok(providers.offered, context())
    body = {
        "registrationState": "Registered",
        "resourceTypes": [
            {"resourceType": "managedClusters", "locations": ["East US"]},
            {"resourceType": "managedClusters/agentPools", "locations": []},
        ],
    }
    elsewhere = {"providers/Microsoft.ContainerService": Response(200, body)}
    found = worst(providers.offered, context(answers=elsewhere))
    assert found.detail == "westeurope does not offer Microsoft.ContainerService/managedClusters"


# -------------------------------------------------------------------- region


def _move(config: dict[str, Any], region: str) -> None:
    config["azure-native:location"] = region


def test_a_region_that_the_subscription_does_not_have_fails():
    all_ok(capacity.region, context())
    found = worst(capacity.region, context(edit=lambda c: _move(c, "westmars")))
    assert "westmars" in found.detail


def test_zones_in_a_region_without_any_fail():
    assert "1, 2, 3" in all_ok(capacity.zones, context("prod"))
    assert "names none" in all_ok(capacity.zones, context())
    over = {"regions": {"westeurope": {"zones": []}}}
    assert "has no zones" in worst(capacity.zones, context("prod", over=over)).detail
    over = {"regions": {"westeurope": {"zones": ["1", "2"]}}}
    assert "no zone 3" in worst(capacity.zones, context("prod", over=over)).detail


@pytest.mark.parametrize("stack", ["dev", "prod", "pools"])
def test_the_sizes_of_the_stacks_can_be_had(stack: str):
    all_ok(capacity.sizes, context(stack))


def _size(config: dict[str, Any]) -> None:
    config["aks-network:cluster"]["nodePools"][0]["vmSize"] = "Standard_Z9"


@pytest.mark.parametrize(
    ("restrictions", "says"),
    [
        ({"Standard_D8ds_v5": ["westeurope"]}, "this subscription may not use"),
        ({"Standard_D8ds_v5": {"westeurope": ["2"]}}, "only in zones 1, 3, not in 2"),
        ({"Standard_D8ds_v5": {"westeurope": ["1", "2", "3"]}}, "in no zone"),
        ({"Standard_B2s": {"westeurope": ["1"]}}, "Standard_B2s only in zones 2, 3"),
    ],
)
def test_a_size_that_is_restricted_fails(restrictions: dict[str, Any], says: str):
    about = context("prod", over={"restrictions": restrictions})
    assert says in worst(capacity.sizes, about).detail


def test_a_restriction_elsewhere_does_not_matter():
    over = {"restrictions": {"Standard_D8ds_v5": ["eastus"]}}
    all_ok(capacity.sizes, context("prod", over=over))


def test_a_size_that_the_region_does_not_have_fails():
    assert "has no size Standard_Z9" in worst(capacity.sizes, context(edit=_size)).detail


def test_a_size_that_can_not_be_spot_fails():
    over = {"families": {"standardDDSv5Family": {"spot": False}}}
    all_ok(capacity.sizes, context("prod", over=over))
    assert "not available as spot" in worst(capacity.sizes, context("pools", over=over)).detail


def test_no_sizes_at_all_is_no_answer():
    nothing = {"Microsoft.Compute/skus": Response(200, {"value": []})}
    with pytest.raises(CheckUnavailable, match="lists no machine sizes"):
        list(capacity.sizes(context(answers=nothing)))


def _version(config: dict[str, Any], version: str, tier: str = "Free") -> None:
    config["aks-network:cluster"] |= {"kubernetesVersion": version, "tier": tier}


@pytest.mark.parametrize(
    ("version", "tier", "result"),
    [
        ("1.35", "Free", Result.OK),
        ("1.35.1", "Free", Result.OK),
        ("1.35.77", "Free", Result.FAILED),
        ("1.20", "Free", Result.FAILED),
        ("1.33", "Premium", Result.OK),
    ],
)
def test_a_version_that_aks_does_not_offer_fails(version: str, tier: str, result: Result):
    about = context(edit=lambda c: _version(c, version, tier))
    assert worst(capacity.kubernetes, about).result == result


def test_a_version_without_the_clusters_support_plan_fails():
    row = {"version": "1.35", "patchVersions": {}}
    row["capabilities"] = {"supportPlan": ["AKSLongTermSupport"]}
    answers = {"Versions": Response(200, {"values": [row]})}
    finding = worst(capacity.kubernetes, context(answers=answers))
    assert finding.result == Result.FAILED
    assert "supportPlan: AKSLongTermSupport" in finding.remedy


def test_a_preview_version_is_a_warning():
    body = {"values": [{"version": "1.35", "isPreview": True, "patchVersions": {}}]}
    found = worst(capacity.kubernetes, context(answers={"Versions": Response(200, body)}))
    assert found.result == Result.WARNING


# -------------------------------------------------------------------- quotas


def test_vcpus_are_counted_at_first_and_with_every_pool_at_its_maximum_and_upgraded():
    about = context("pools")
    known = capacity.skus(about)
    needed = quotas.cores(about.settings, known)
    # system D4 3..5 (33 %), apps D8 3..12 (3), batch D8 spot 0..20, fixed E8 3 (33 %), win D8 2..6
    # (33 %), jump box B2s.
    assert needed["standardDDSv5Family"] == quotas.Cores(
        3 * 4 + 3 * 8 + 2 * 8, (5 + 2) * 4 + (12 + 3) * 8 + (6 + 2) * 8
    )
    assert needed["standardEDSv5Family"] == quotas.Cores(3 * 8, (3 + 1) * 8)
    assert needed["lowPriorityCores"] == quotas.Cores(0, 20 * 8)
    assert needed["standardBSFamily"] == quotas.Cores(2, 2)
    regional = ("standardDDSv5Family", "standardEDSv5Family", "standardBSFamily")
    assert needed["cores"] == quotas.Cores(
        sum(needed[one].initial for one in regional), sum(needed[one].maximum for one in regional)
    )


@pytest.mark.parametrize(
    ("cores", "result"), [(26, Result.OK), (25, Result.WARNING), (10, Result.WARNING)]
)
def test_a_quota_below_the_maximum_is_a_warning(cores: int, result: Result):
    assert worst(quotas.compute, context(over={"quotas": {"cores": cores}})).result == result


def test_a_quota_below_the_first_nodes_fails_and_says_by_how_much():
    found = worst(quotas.compute, context(over={"quotas": {"standardDDSv5Family": 7}}))
    assert found.result == Result.FAILED
    assert found.detail.startswith(
        "Standard DDSv5 Family vCPUs: needs 8 initially, 24 at maximum; 7 of 7"
    )
    assert "raise it by 17" in found.remedy


def test_a_spot_quota_is_looked_at_for_spot_pools_only():
    over = {"quotas": {"lowPriorityCores": 0}}
    all_ok(quotas.compute, context("prod", over=over))
    assert "Spot" in worst(quotas.compute, context("pools", over=over)).detail


def test_a_quota_that_is_not_reported_is_no_answer():
    empty = {"Microsoft.Compute/locations/westeurope/usages": Response(200, {"value": []})}
    with pytest.raises(CheckUnavailable, match="reports no quota cores"):
        list(quotas.compute(context(answers=empty)))


MACHINE: dict[str, Any] = {
    "type": "azure-native:compute:VirtualMachine",
    "urn": "urn:pulumi:dev::aks-network::azure-native:compute:VirtualMachine::management-jump-box",
    "id": "/m",
    "outputs": {"hardwareProfile": {"vmSize": "Standard_B2s"}},
}


def test_what_the_stack_holds_already_is_not_asked_for_again():
    pool = {"name": "system", "vmSize": "Standard_D4ds_v5", "count": 3}
    other = {"name": "apps", "vmSize": "Standard_D4ds_v5", "count": 1}
    state = {
        "resources": [
            {
                "type": "azure-native:containerservice:ManagedCluster",
                "id": "/c",
                "outputs": {"agentPoolProfiles": [pool, other]},
            },
            {
                "type": "azure-native:containerservice:AgentPool",
                "id": "/c/agentPools/apps",
                "outputs": other,
            },
            MACHINE,
        ]
    }
    about = context(pulumi=FakePulumi(deployment=state))
    taken = quotas.in_use(about.state.get(), capacity.skus(about))
    assert taken == {"cores": 18, "standardDDSv5Family": 16, "standardBSFamily": 2}


def test_more_networks_than_the_quota_leaves_fail():
    assert "virtual networks 2 of 1000" in all_ok(quotas.network, context())
    found = worst(quotas.network, context(over={"networkQuotas": {"VirtualNetworks": 1}}))
    assert (found.title, found.result) == ("Quota of virtual networks", Result.FAILED)
    assert "raise it by 1" in found.remedy


def _public_addresses(stack: str) -> tuple[int, int]:
    """Public addresses that the program registers, and those that the quota is asked for."""
    over = {"networkQuotas": {"StandardSkuPublicIpAddresses": 0}}
    about = context(stack, over=over)
    found = worst(quotas.network, about)
    assert found.title == "Quota of Standard public addresses"
    return tokens(about.planned.get())["network:PublicIPAddress"], int(found.detail.split()[0])


def test_a_public_address_that_aks_makes_itself_counts():
    registered, asked = _public_addresses("load-balancer")
    assert asked == registered + 1
    registered, asked = _public_addresses("azure-cni")
    assert asked == registered


# --------------------------------------------------------------------- names


def _cloud_with(*rows: tuple[str, dict[str, Any]]) -> MemoryStore:
    cloud = Cloud(MemoryStore())
    for token, inputs in rows:
        cloud.put(token, inputs)
    return cloud.store


def test_a_resource_group_that_is_there_but_not_in_the_state_fails():
    assert "5 to create" in all_ok(names.groups, context())
    group = {"resourceGroupName": "rg-shop-dev-westeurope-network", "location": "westeurope"}
    there = _cloud_with(("resources:ResourceGroup", group))
    found = worst(names.groups, context(store=there))
    assert "rg-shop-dev-westeurope-network" in found.detail
    assert "make recover STACK=dev;" in found.remedy


def test_a_resource_group_of_the_stack_itself_is_no_problem():
    name = "rg-shop-dev-westeurope-network"
    there = _cloud_with(
        ("resources:ResourceGroup", {"resourceGroupName": name, "location": "westeurope"})
    )
    urn = "urn:pulumi:dev::aks-network::azure-native:resources:ResourceGroup::network-rg"
    state = {"resources": [{"type": "azure-native:resources:ResourceGroup", "urn": urn}]}
    all_ok(names.groups, context(store=there, pulumi=FakePulumi(deployment=state)))


def test_the_group_that_aks_makes_for_the_nodes_must_not_be_there():
    group = {"resourceGroupName": "rg-shop-dev-westeurope-nodes", "location": "westeurope"}
    there = _cloud_with(("resources:ResourceGroup", group))
    assert "nodes" in worst(names.groups, context(store=there)).detail


def test_a_storage_account_whose_name_is_taken_fails():
    name = all_ok(names.available, context("prod")).split()[2]
    over = {"takenNames": {"Microsoft.Storage": [name]}}
    assert "AlreadyExists" in worst(names.available, context("prod", over=over)).detail


def test_a_name_that_azure_native_draws_is_not_asked_for():
    assert "makes up a random name" in all_ok(names.available, context())


def _named(about: Context, token: str, **inputs: Any) -> Context:
    """The subject with a planned resource that the program itself never names so."""
    return replace(about, planned=Lazy(lambda: [Planned(token, "it", inputs)]))


def test_a_vault_that_was_deleted_keeps_its_name():
    key = f"{SUBSCRIPTION}/providers/Microsoft.KeyVault/deletedVaults/kv-mine"
    store = MemoryStore()
    store.put(Resource(key, DELETED_VAULT, {}, {"id": key, "name": "kv-mine"}))
    about = _named(context(store=store), "keyvault:Vault", vaultName="kv-mine")
    assert "az keyvault recover --name kv-mine" in worst(names.available, about).remedy
    all_ok(names.available, _named(context(), "keyvault:Vault", vaultName="kv-mine"))


def test_a_dns_label_that_is_taken_fails():
    settings = {"dnsSettings": {"domainNameLabel": "shop"}}
    over = {"takenNames": {"Microsoft.Network": ["shop"]}}
    about = _named(context(over=over), "network:PublicIPAddress", **settings)
    assert worst(names.available, about).result == Result.FAILED
    all_ok(names.available, _named(context(), "network:PublicIPAddress", **settings))


def test_a_custom_role_of_the_same_name_fails():
    about = context("custom-role")
    role = next(p for p in about.planned.get() if p.token == "authorization:RoleDefinition")
    name = role.inputs["roleName"]
    assert name in all_ok(names.roles, about)
    body = {"value": [{"id": "/there", "properties": {"roleName": name}}]}
    taken = {"Microsoft.Authorization/roleDefinitions": Response(200, body)}
    assert "/there" in worst(names.roles, context("custom-role", answers=taken)).detail


def test_a_role_that_a_known_principal_holds_already_fails():
    scope = f"{SUBSCRIPTION}/resourceGroups/rg-hub/providers/Microsoft.Network/virtualNetworks/v"
    role = f"{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{GROUP}"
    inputs = {"scope": scope, "principalId": identifiers.OPERATOR, "roleDefinitionId": role}
    row = {"id": "/there", "properties": {**inputs, "scope": scope.upper()}}
    there = {"roleAssignments": Response(200, {"value": [row]})}
    token = "authorization:RoleAssignment"
    assert "/there" in worst(names.roles, _named(context(answers=there), token, **inputs)).detail
    inherited = Response(200, {"value": [{"id": "/i", "properties": {**inputs, "scope": "/"}}]})
    about = context(answers={"roleAssignments": inherited})
    all_ok(names.roles, _named(about, token, **inputs))


# ---------------------------------------------------------- what others own


@pytest.mark.parametrize("stack", ["byo-vnet", "byo-hub", "byo-logs", "expressroute"])
def test_what_the_settings_name_is_looked_for(stack: str):
    named = list(existing.named(context(stack).checked.get(), identifiers.SUBSCRIPTION))
    assert named
    assert all(one.kind in existing.APIS for one in named)


EXAMPLES = sorted(stack_file.committed_examples(ROOT))


@pytest.mark.parametrize("stack", EXAMPLES)
def test_every_id_in_the_settings_is_looked_for(stack: str):
    config = stack_file.config_with_placeholders(stack_file.committed_file(stack, ROOT))
    ids = set(re.findall(r"/subscriptions/[^\s\"',]+", json.dumps(config)))
    named = {
        one.id for one in existing.named(context(stack).checked.get(), identifiers.SUBSCRIPTION)
    }
    assert named == ids


@pytest.mark.parametrize("stack", ["byo-vnet", "byo-hub", "byo-logs", "kv-certificate"])
def test_what_is_there_is_well(stack: str):
    assert "exists" in all_ok(existing.existing, context(stack))


def test_a_subnet_that_is_gone_fails_and_the_others_are_still_looked_at():
    gone = {"subnets/snet-aks-nodes": Response(404)}
    found = list(existing.existing(context("byo-vnet", answers=gone)))
    failed = [one.title for one in found if one.result == Result.FAILED]
    assert failed == ["network.existing.subnets.nodes"]
    assert len(found) == 4


def test_a_network_that_may_not_be_read_is_not_checked():
    denied = {"virtualNetworks/vnet-byo-vnet": Response(403)}
    found = list(existing.existing(context("byo-vnet", answers=denied)))
    assert Result.UNCHECKED in {one.result for one in found}
    assert any("Reader" in one.remedy for one in found)


def test_a_subnet_that_may_not_be_joined_fails():
    found = worst(existing.existing, context("byo-vnet", over=_roles({"actions": ["*/read"]})))
    assert "subnets/join/action" in found.detail


def test_a_hub_that_may_not_be_peered_fails():
    found = worst(existing.existing, context("byo-hub", over=_roles({"actions": ["*/read"]})))
    assert "virtualNetworks/peer/action" in found.detail


def _circuit(state: str) -> dict[str, Response]:
    body = {"properties": {"serviceProviderProvisioningState": state}}
    return {"expressRouteCircuits/erc-office": Response(200, body)}


def test_a_circuit_that_the_provider_has_not_provisioned_fails():
    all_ok(existing.existing, context("expressroute", answers=_circuit("Provisioned")))
    about = context("expressroute", answers=_circuit("NotProvisioned"))
    assert "NotProvisioned" in worst(existing.existing, about).detail


def test_a_circuit_of_another_subscription_need_not_be_seen():
    (found,) = existing.existing(context("expressroute"))
    assert found.result == Result.UNCHECKED


def test_a_circuit_of_ones_own_has_to_be_there_and_may_be_joined():
    def ours(config: dict[str, Any]) -> None:
        gateway = config["aks-network:management"]["gateway"]
        gateway["circuitId"] = gateway["circuitId"].replace(
            gateway["circuitId"].split("/")[2], identifiers.SUBSCRIPTION
        )

    about = context("expressroute", edit=ours)
    assert "does not exist" in worst(existing.existing, about).detail
    reader = _roles({"actions": ["*/read"]})
    about = context("expressroute", edit=ours, over=reader, answers=_circuit("Provisioned"))
    assert "expressRouteCircuits/join/action" in worst(existing.existing, about).detail


def test_a_route_table_on_their_subnet_is_looked_at_too():
    table = f"{SUBSCRIPTION}/resourceGroups/g/providers/Microsoft.Network/routeTables/rt"
    subnet = Response(200, {"properties": {"routeTable": {"id": table}}})
    answers = {"subnets/snet-aks-nodes": subnet, "routeTables/rt": Response(200, {"id": table})}
    assert "route table rt" in all_ok(existing.existing, context("byo-vnet", answers=answers))
    answers["routeTables/rt"] = Response(404)
    assert (
        "rt does not exist" in worst(existing.existing, context("byo-vnet", answers=answers)).detail
    )


def test_a_resource_that_failed_before_fails():
    broken = Response(200, {"properties": {"provisioningState": "Failed"}})
    about = context("byo-logs", answers={"workspaces/log-central": broken})
    assert worst(existing.existing, about).result == Result.FAILED


def test_a_stack_that_names_nothing_of_others_is_well():
    assert "name none" in all_ok(existing.existing, context())


# ----------------------------------------------------------------- no answer


@pytest.mark.parametrize(
    "check", [names.groups, names.available, names.roles, quotas.compute, quotas.network]
)
def test_what_the_stack_holds_is_not_taken_for_anothers_where_its_state_is_out_of_reach(
    check: Check,
):
    locked = FakePulumi(
        {"stack export": CommandResult(255, "", "error: could not open the backend\n")}
    )
    with pytest.raises(CheckUnavailable, match="could not open the backend"):
        list(check(context(pulumi=locked)))


READ_ONLY_POSTS: list[Check] = [
    account.subscription,
    permissions.subscription,
    permissions.cluster,
    providers.registered,
    providers.offered,
    capacity.region,
    capacity.sizes,
    capacity.kubernetes,
    quotas.compute,
    quotas.network,
    names.groups,
    names.roles,
]


@pytest.mark.parametrize(
    "check", READ_ONLY_POSTS, ids=lambda check: f"{check.__module__}.{check.__name__}"
)
@pytest.mark.parametrize(
    ("response", "says"),
    [
        (Response(403, {"error": {"code": "AuthorizationFailed"}}), "Reader"),
        (Response(429, None, "17"), "again in 17 s"),
        (Response(503), "later"),
        (CheckUnavailable("no answer within 60 s", "run this again"), "run this again"),
    ],
    ids=["forbidden", "throttled", "down", "timeout"],
)
def test_no_answer_is_said_with_what_to_do(check: Check, response: Response | Exception, says: str):
    about = context("custom-role", answers={"": response})
    if check is permissions.cluster:
        about = context(answers={"": response})
    with pytest.raises(CheckUnavailable) as raised:
        list(check(about))
    finding: Finding = raised.value.finding("it")
    assert finding.result == Result.UNCHECKED
    assert says in finding.remedy
