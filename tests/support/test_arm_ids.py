"""Ids of resources, told from their inputs alone."""

from __future__ import annotations

import pytest

from simulator.azure import arm, catalog
from support.arm_ids import PATHS, UNKNOWN, RandomName, id_of

SUBSCRIPTION = "11111111-1111-4111-8111-111111111111"
SUBNET = {"resourceGroupName": "rg", "virtualNetworkName": "vnet", "subnetName": "nodes"}


@pytest.mark.parametrize("token", PATHS)
def test_an_id_is_the_one_that_the_cloud_gives(token: str):
    kind = catalog.by_token()[token]
    inputs = {name: f"/the/{name}" if name in {"scope", "resourceUri"} else name
              for name in kind.path_parameters}  # fmt: skip
    values = {**inputs, "subscriptionId": SUBSCRIPTION}
    expected = arm.fill(kind.full_path, values)
    assert id_of(f"azure-native:{token}", inputs, SUBSCRIPTION) == expected


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
