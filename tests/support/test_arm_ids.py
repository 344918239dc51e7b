"""Ids of resources, from their inputs alone."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.azure import catalog
from simulator.azure.cloud import Cloud
from simulator.store import MemoryStore
from support.arm_ids import (
    PATHS,
    UNKNOWN,
    RandomName,
    group_of,
    id_of,
    ids_in,
    name_of,
    parent_of,
    parse,
)

SUBSCRIPTION = "11111111-1111-4111-8111-111111111111"
SUBNET = {"resourceGroupName": "rg", "virtualNetworkName": "vnet", "subnetName": "nodes"}


@pytest.mark.parametrize("token", PATHS)
def test_an_id_is_the_one_that_the_cloud_gives(token: str):
    cloud = Cloud(MemoryStore(), subscription=SUBSCRIPTION)
    inputs: dict[str, Any] = {}
    for name in cloud.type_of(token).path_parameters:
        head, _, inner = name.partition(".")
        value = f"/the/{name}" if name in {"scope", "resourceUri"} else name
        inputs[head] = {inner: value} if inner else value
    assert id_of(f"azure-native:{token}", inputs, SUBSCRIPTION) == cloud.id_of(token, inputs)


def test_the_paths_are_those_of_the_simulated_types():
    assert set(PATHS) == set(catalog.by_token())


def test_an_id_is_taken_apart_and_names_its_ancestors():
    network = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/hub"
    subnet = f"{network}/subnets/nodes"
    parsed = parse(f"{subnet}/providers/Microsoft.Insights/diagnosticSettings/all")
    assert parsed is not None
    assert (parsed.scope, parsed.type) == (subnet, "Microsoft.Insights/diagnosticSettings")
    parsed = parse(subnet)
    assert parsed is not None
    assert parsed.lineage() == [
        ("Microsoft.Network/virtualNetworks/subnets", subnet),
        ("Microsoft.Network/virtualNetworks", network),
    ]
    assert parse("/subscriptions/s/resourceGroups/rg") is None
    assert (name_of(subnet), parent_of(subnet)) == ("nodes", network)
    assert group_of(subnet.upper()) == "/SUBSCRIPTIONS/S/RESOURCEGROUPS/RG"


def test_ids_are_found_anywhere_in_a_value():
    value = {"/subscriptions/s/key": [{"id": "/SUBSCRIPTIONS/s/item"}], "path": "/healthz", "n": 1}
    assert list(ids_in(value)) == ["/subscriptions/s/key", "/SUBSCRIPTIONS/s/item"]


@pytest.mark.parametrize("value", [None, UNKNOWN, 7])
def test_an_input_that_is_not_known_leaves_the_id_unknown(value: object):
    inputs = {**SUBNET, "virtualNetworkName": value}
    assert id_of("azure-native:network:Subnet", inputs, SUBSCRIPTION) is None


def test_a_type_without_a_path_is_named():
    with pytest.raises(KeyError, match="quantum:Workspace"):
        id_of("azure-native:quantum:Workspace", {}, SUBSCRIPTION)


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        ({"metadata": {"name": "shop", "namespace": "myapp"}}, "myapp/shop"),
        ({"metadata": {"name": "myapp"}}, "myapp"),
        ({"name": "traefik", "namespace": "ingress", "chart": "traefik"}, "ingress/traefik"),
        ({"metadata": {"name": "shop", "namespace": UNKNOWN}}, None),
    ],
)
def test_a_kubernetes_object_is_known_by_namespace_and_name(
    inputs: dict[str, object], expected: str | None
):
    assert id_of("kubernetes:core/v1:Service", inputs, SUBSCRIPTION) == expected


def test_a_random_name_is_the_logical_name_and_eight_hex_digits():
    vault = RandomName(
        f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.KeyVault/vaults", "kv"
    )
    assert (vault.group, vault.arm_type) == ("rg", "Microsoft.KeyVault/vaults")
    assert vault.matches("kv0123abcd")
    assert not vault.matches("kv-endpoint")
    assert not vault.matches("kv0123abcde")
