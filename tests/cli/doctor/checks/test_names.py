"""The checks of names."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cli.doctor.checks import names
from cli.doctor.client import Response
from cli.doctor.context import Context
from cli.doctor.findings import Lazy, Result
from cli.doctor.planned_resources import Planned
from simulator.azure import identifiers
from simulator.azure.cloud import Cloud
from simulator.azure.namespaces.keyvault import DELETED_VAULT
from simulator.store import MemoryStore, Resource
from tests.cli.doctor.contexts import (
    SUBSCRIPTION,
    FakePulumi,
    all_ok,
    context,
    worst,
)

GROUP = "7f951dda-4ed3-4680-a7ca-43fe172d538d"


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
    assert "generates a random name" in all_ok(names.available, context())


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
