"""Application routing's Gateways: what the cluster's profile gives them, and takes away again."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from simulator.errors import AzureError, InitializationFailed, KubernetesError
from simulator.kubernetes import gateways
from simulator.kubernetes.api import ClusterApi
from simulator.store import Resource
from simulator.wire import Properties
from tests.simulator.aks import CLUSTER
from tests.simulator.subscription import Subscription
from tests.simulator.test_kubernetes import Session, session, urn

__all__ = ["session"]

GROUP = "gateway.networking.k8s.io/v1"
RECORDS = "approuting.kubernetes.azure.com/v1alpha1"
ON = {"appRoutingIstio": {"mode": "Enabled"}}
ROUTING = {"webAppRouting": {"enabled": True, "gatewayAPIImplementations": ON}}
BOTH = {**ROUTING, "gatewayAPI": {"installation": "Standard"}}
ZONE = (
    "/subscriptions/1/resourceGroups/rg/providers/Microsoft.Network/privateDnsZones/shop.internal"
)


def gateway(name: str = "web", address: str = "10.0.16.6", **annotations: str) -> dict[str, Any]:
    return {
        "apiVersion": GROUP,
        "kind": "Gateway",
        "metadata": {"name": name, "namespace": "default", "annotations": annotations},
        "spec": {
            "gatewayClassName": "approuting-istio",
            "infrastructure": {"annotations": {gateways.FIXED_ADDRESS: address}},
            "listeners": [{"name": "http", "port": 80, "protocol": "HTTP"}],
        },
    }


def records(zone: str = ZONE) -> dict[str, Any]:
    return {
        "apiVersion": RECORDS,
        "kind": "ClusterExternalDNS",
        "metadata": {"name": "private"},
        "spec": {"dnsZoneResourceIDs": [zone], "resourceTypes": ["gateway"]},
    }


def put(azure: Subscription, cluster: Resource, manifest: dict[str, Any]) -> Resource:
    token = f"kubernetes:{manifest['apiVersion']}:{manifest['kind']}"
    return ClusterApi(azure.cloud.store, cluster).put(token, manifest, create=True)


def test_the_kinds_exist_where_the_profile_installs_them(azure: Subscription):
    with pytest.raises(KubernetesError, match='no matches for kind "Gateway"'):
        put(azure, azure.cluster(ingressProfile=ROUTING), gateway())
    assert put(azure, azure.cluster(ingressProfile=BOTH), gateway())


def test_records_of_gateways_need_workload_identity(azure: Subscription):
    with pytest.raises(KubernetesError, match='no matches for kind "ClusterExternalDNS"'):
        put(azure, azure.cluster(ingressProfile=BOTH), records())
    workload = {"workloadIdentity": {"enabled": True}}
    with_it = azure.cluster(
        ingressProfile=BOTH, securityProfile=workload, oidcIssuerProfile={"enabled": True}
    )
    assert put(azure, with_it, records())


def test_the_class_serves_a_gateway_at_its_planned_address(azure: Subscription):
    made = put(azure, azure.cluster(ingressProfile=BOTH), gateway())
    assert made.outputs["status"]["addresses"][0]["value"] == "10.0.16.6"
    assert made.outputs["status"]["conditions"] == [{"type": "Programmed", "status": "True"}]


def test_without_the_implementation_nobody_programs_a_gateway(azure: Subscription):
    cluster = azure.cluster(ingressProfile={"gatewayAPI": {"installation": "Standard"}})
    assert "status" not in put(azure, cluster, gateway()).outputs
    why = gateways.failure(azure.cloud.store, cluster, gateway())
    assert why is not None
    assert "no controller serves the class approuting-istio" in why
    other = gateway()
    other["spec"]["gatewayClassName"] = "azure-alb-external"
    assert gateways.failure(azure.cloud.store, cluster, other) is None


def test_two_load_balancers_do_not_share_an_address(azure: Subscription):
    cluster = azure.cluster(ingressProfile=BOTH)
    put(azure, cluster, gateway())
    assert gateways.failure(azure.cloud.store, cluster, gateway()) is None
    assert gateways.failure(azure.cloud.store, cluster, gateway("second", "10.0.16.7")) is None
    why = gateways.failure(azure.cloud.store, cluster, gateway("second"))
    assert why == "its Service gets no address: Gateway web has 10.0.16.6 and the same ports"


def test_a_wait_for_a_gateway_that_nobody_programs_fails(session: Session):
    session.azure.cluster(ingressProfile={"gatewayAPI": {"installation": "Standard"}})
    session.log_in()
    token = f"{GROUP}:Gateway"

    async def create(manifest: dict[str, Any]) -> list[str]:
        await session.provider.create(urn(token), Properties(manifest), preview=False)
        return session.provider.take_warnings()

    with pytest.raises(InitializationFailed, match="Timed out waiting for default/web"):
        asyncio.run(create(gateway(**{gateways.WAIT_FOR: "condition=Programmed"})))
    (warning,) = asyncio.run(create(gateway("other", "10.0.16.7")))
    assert warning.startswith("Gateway default/other: no controller serves the class")


def test_turning_the_definitions_off_deletes_their_objects(azure: Subscription):
    cluster = azure.cluster(ingressProfile=BOTH)
    made = put(azure, cluster, gateway())
    azure.put(CLUSTER, **{**cluster.inputs, "tags": {"a": "b"}})
    assert azure.cloud.get(made.id)
    off = {"webAppRouting": {"enabled": True}, "gatewayAPI": {"installation": "Disabled"}}
    azure.put(CLUSTER, **{**cluster.inputs, "ingressProfile": off})
    assert azure.cloud.get(made.id) is None


def test_the_service_mesh_is_turned_off_first_and_by_itself(azure: Subscription):
    mesh = {"serviceMeshProfile": {"mode": "Istio", "istio": {"revisions": ["asm-1-28"]}}}
    given = {**azure.cluster(**mesh).inputs, "ingressProfile": BOTH}

    def refused(**changes: Any) -> AzureError:
        return azure.refused(CLUSTER, **{**given, **changes})

    assert "must be disabled first" in refused().message
    off = {"serviceMeshProfile": {"mode": "Disabled"}}
    assert "in a separate operation" in refused(**off).message
    azure.put(CLUSTER, **{**given, "ingressProfile": {}, **off})
    assert azure.put(CLUSTER, **{**given, **off})


def test_definitions_of_ones_own_are_advised_against(azure: Subscription):
    azure.cluster(ingressProfile=BOTH)
    assert not any("Gateway API" in text for text in azure.cloud.warnings)
    azure.cluster(ingressProfile=ROUTING)
    assert any("requires the managed Gateway API" in text for text in azure.cloud.warnings)


def test_a_zone_has_the_records_of_one_external_dns():
    profile = {**BOTH, "webAppRouting": {**ROUTING["webAppRouting"], "dnsZoneResourceIds": [ZONE]}}
    cluster = Resource("/aks", "", {"ingressProfile": profile}, {})
    (warning,) = gateways.record_warnings(cluster, records(ZONE.upper()))
    assert "delete each other's records" in warning
    assert list(gateways.record_warnings(cluster, records(ZONE.replace("shop", "other")))) == []
