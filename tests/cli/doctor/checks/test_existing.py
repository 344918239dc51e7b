"""The checks of existing resources."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from cli import stack_file
from cli.doctor.checks import existing
from cli.doctor.client import Response
from cli.doctor.findings import Result
from simulator.azure import identifiers
from support.repository import ROOT
from tests.cli.doctor.contexts import (
    SUBSCRIPTION,
    all_ok,
    context,
    roles,
    worst,
)


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
    about = context("byo-vnet", over=roles({"actions": ["*/read"]}))
    found = {one.title: one.detail for one in existing.existing(about)}
    assert "subnets/join/action" in found["network.existing.subnets.nodes"]


@pytest.mark.parametrize("private", [True, False])
def test_the_network_of_a_private_cluster_takes_a_role_assignment(*, private: bool):
    def edit(config: dict[str, Any]) -> None:
        config["aks-network:cluster"]["private"] = private

    named = existing.named(context("byo-vnet", edit=edit).checked.get(), identifiers.SUBSCRIPTION)
    (network,) = [one for one in named if one.setting == "network.existing.virtualNetworkId"]
    assert (existing.GRANT in network.actions) is private


def test_a_hub_that_may_not_be_peered_fails():
    found = worst(existing.existing, context("byo-hub", over=roles({"actions": ["*/read"]})))
    assert "virtualNetworks/peer/action" in found.detail


def _circuit(state: str) -> dict[str, Response]:
    body = {"properties": {"serviceProviderProvisioningState": state}}
    return {"expressRouteCircuits/erc-office": Response(200, body)}


REGISTRY = (
    "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg-images"
    "/providers/Microsoft.ContainerRegistry/registries/crshared"
)


@pytest.mark.parametrize("mode", ["LegacyRegistryPermissions", "AbacRepositoryPermissions"])
def test_the_mode_of_a_registry_decides_the_role_of_the_nodes(mode: str):
    def edit(config: dict[str, Any]) -> None:
        registry = {"registryId": REGISTRY, "roleAssignmentMode": "AbacRepositoryPermissions"}
        config["aks-network:cluster"]["registries"] = [registry]

    body = {"properties": {"roleAssignmentMode": mode}}
    about = context(edit=edit, answers={"registries/crshared": Response(200, body)})
    if mode == "AbacRepositoryPermissions":
        assert "crshared exists" in all_ok(existing.existing, about)
    else:
        assert mode in worst(existing.existing, about).remedy
    reader = roles({"actions": ["*/read"]})
    about = context(edit=edit, over=reader, answers={"registries/crshared": Response(200, body)})
    found = worst(existing.existing, about)
    assert (existing.GRANT in found.detail) is (mode == "AbacRepositoryPermissions")


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
    reader = roles({"actions": ["*/read"]})
    about = context("expressroute", edit=ours, over=reader, answers=_circuit("Provisioned"))
    assert "expressRouteCircuits/join/action" in worst(existing.existing, about).detail


def test_a_ddos_protection_plan_has_to_be_there_and_may_be_joined():
    plan = (
        f"{SUBSCRIPTION}/resourceGroups/rg-ddos/providers/Microsoft.Network/ddosProtectionPlans/d"
    )

    def edit(config: dict[str, Any]) -> None:
        for part in ("network", "management"):
            config[f"aks-network:{part}"]["ddosProtectionPlanId"] = plan

    found = list(existing.existing(context("dev", edit=edit)))
    assert {one.title for one in found} == {
        "network.ddosProtectionPlanId",
        "management.ddosProtectionPlanId",
    }
    assert all("does not exist" in one.detail for one in found)
    there = {"ddosProtectionPlans/d": Response(200, {})}
    all_ok(existing.existing, context("dev", edit=edit, answers=there))
    reader = roles({"actions": ["*/read"]})
    about = context("dev", edit=edit, answers=there, over=reader)
    assert "ddosProtectionPlans/join/action" in worst(existing.existing, about).detail


def test_a_subnet_that_is_not_delegated_to_its_service_fails():
    network = (
        f"{SUBSCRIPTION}/resourceGroups/rg-hub/providers/Microsoft.Network/virtualNetworks/"
        "vnet-byo-vnet"
    )

    def with_a_gateway(config: dict[str, Any]) -> None:
        config["aks-network:network"]["subnets"]["applicationGateway"] = "10.60.6.0/24"
        subnets = config["aks-network:network"]["existing"]["subnets"]
        subnets["applicationGateway"] = f"{network}/subnets/agw"
        prod = stack_file.config_with_placeholders(stack_file.committed_file("prod", ROOT))
        config |= {key: prod[key] for key in ("aks-network:ingress", "aks-network:kubernetes")}

    def answer(*services: str) -> dict[str, Response]:
        delegations = [{"name": "d", "properties": {"serviceName": each}} for each in services]
        body = {"properties": {"delegations": delegations}}
        return {"subnets/agw": Response(200, body)}

    service = "Microsoft.Network/applicationGateways"
    all_ok(existing.existing, context("byo-vnet", edit=with_a_gateway, answers=answer(service)))
    about = context("byo-vnet", edit=with_a_gateway, answers=answer())
    found = worst(existing.existing, about)
    assert found.title == "network.existing.subnets.applicationGateway"
    assert f"not delegated to {service}" in found.detail


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
