"""Container registries: what the tiers allow, and who may pull from them."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.azure.namespaces.authorization.built_in_roles import ACR_PULL, REPOSITORY_READER
from simulator.kubernetes.images import warnings
from simulator.store import Resource
from tests.simulator.subscription import Subscription

REGISTRY = "containerregistry:Registry"
IMAGE = "crshop.azurecr.io/web:1"


def registry(azure: Subscription, tier: str = "Premium", **more: Any) -> Resource:
    return azure.put(REGISTRY, registryName="crshop", sku={"name": tier}, **more)


@pytest.mark.parametrize(
    "setting",
    [
        {"publicNetworkAccess": "Disabled"},
        {"zoneRedundancy": "Enabled"},
        {"networkRuleSet": {"defaultAction": "Deny", "ipRules": [{"iPAddressOrRange": "1.2.3.4"}]}},
        {"dataEndpointEnabled": True},
    ],
)
def test_networks_and_zones_need_the_premium_tier(azure: Subscription, setting: dict[str, Any]):
    sku = {"name": "Standard"}
    error = azure.refused(REGISTRY, registryName="crshop", sku=sku, **setting)
    assert (error.code, error.target) == ("BadRequest", next(iter(setting)))
    assert registry(azure, **setting)


@pytest.mark.parametrize("tier", ["Standard", "Premium"])
def test_an_endpoint_of_a_registry_needs_the_premium_tier(azure: Subscription, tier: str):
    azure.network()
    endpoint = {
        "privateEndpointName": "pep",
        "subnet": {"id": azure.subnet("endpoints", "10.0.0.0/28").id},
        "privateLinkServiceConnections": [
            {
                "name": "registry",
                "privateLinkServiceId": registry(azure, tier).id,
                "groupIds": ["registry"],
            }
        ],
    }
    if tier == "Premium":
        assert azure.put("network:PrivateEndpoint", **endpoint)
    else:
        error = azure.refused("network:PrivateEndpoint", **endpoint)
        assert error.code == "BadRequest"
        assert "Premium" in error.message


def workload(image: str = IMAGE) -> dict[str, Any]:
    return {
        "kind": "Deployment",
        "metadata": {"name": "web"},
        "spec": {"template": {"spec": {"containers": [{"name": "web", "image": image}]}}},
    }


def said(azure: Subscription, cluster: Resource, image: str = IMAGE) -> list[str]:
    return list(warnings(azure.cloud, cluster, workload(image)))


def kubelet(cluster: Resource) -> str:
    return cluster.outputs["identityProfile"]["kubeletidentity"]["objectId"]


def test_nodes_pull_with_a_role_on_the_registry(azure: Subscription):
    cluster, made = azure.cluster(), registry(azure)
    (text,) = said(azure, cluster)
    assert "ImagePullBackOff" in text
    assert made.id in text
    assert not said(azure, cluster, "docker.io/library/nginx:1")
    assert not said(azure, cluster, "crother.azurecr.io/web:1")
    azure.role(made.id, kubelet(cluster), ACR_PULL)
    assert not said(azure, cluster)


def test_a_registry_with_abac_does_not_honor_acrpull(azure: Subscription):
    cluster, made = azure.cluster(), registry(azure)
    made.outputs["roleAssignmentMode"] = "AbacRepositoryPermissions"
    azure.role(made.id, kubelet(cluster), ACR_PULL)
    assert said(azure, cluster)
    azure.role(made.id, kubelet(cluster), REPOSITORY_READER)
    assert not said(azure, cluster)
