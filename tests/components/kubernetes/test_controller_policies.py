"""The policies of the controllers' own namespaces."""

from __future__ import annotations

from typing import Any

import pytest

from components.kubernetes.controller_policies import controller_policies
from components.kubernetes.gateway_manifests import GATEWAY, alb_gateway, app_routing_gateways
from components.kubernetes.helm_charts import CHARTS
from components.kubernetes.ingress_plan import IngressInputs, ingress_plan
from components.settings.ingress import IngressSettings
from components.settings.kubernetes import KubernetesSettings
from tests.helpers.mocks import Recording
from tests.helpers.stacks import ROOT, recorded_file

TUNNEL = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}}}


def by_name(policies: Any) -> dict[str, Any]:
    return {
        one["metadata"]["name"]: one["spec"] for one in policies if one["kind"] == "NetworkPolicy"
    }


def plan_of(controller: str, **inputs: Any):
    ingress = IngressSettings.model_validate({"controller": controller}, strict=False)
    return ingress_plan(ingress, KubernetesSettings(), IngressInputs(**inputs))


@pytest.mark.parametrize("controller", CHARTS)
def test_every_charts_namespace_is_closed_but_to_itself(controller: str):
    plan = plan_of(controller)
    assert {one["metadata"]["namespace"] for one in plan.policies} == {CHARTS[controller].namespace}
    found = by_name(plan.policies)
    assert found["default-deny"] == {"podSelector": {}, "policyTypes": ["Ingress"]}
    assert found["allow-same-namespace"]["ingress"] == [{"from": [{"podSelector": {}}]}]
    assert all(spec["podSelector"] == {} for spec in found.values())
    assert all(spec["policyTypes"] == ["Ingress"] for spec in found.values())


@pytest.mark.parametrize(
    ("controller", "ports"),
    [("traefik", [8000, 8443]), ("contour", [8080, 8443]), ("haproxy", [8080, 8443])],
)
def test_a_proxy_is_open_on_its_ports_for_requests_only(controller: str, ports: list[int]):
    found = by_name(plan_of(controller).policies)
    assert found["allow-requests"]["ingress"] == [
        {"ports": [{"protocol": "TCP", "port": port} for port in ports]}
    ]
    assert "allow-api-server" not in found


def test_the_alb_controllers_webhooks_are_open_to_the_api_server_only():
    found = by_name(plan_of("application-gateway-for-containers").policies)
    assert found["allow-api-server"]["ingress"] == [{"from": [TUNNEL]}]
    assert "allow-requests" not in found


def test_an_api_server_in_the_network_calls_webhooks_from_its_subnet():
    found = by_name(controller_policies("alb", (), webhooks_from=["10.0.9.0/28"]))
    peers = [TUNNEL, {"ipBlock": {"cidr": "10.0.9.0/28"}}]
    assert found["allow-api-server"]["ingress"] == [{"from": peers}]


def test_the_proxies_of_a_gateway_are_open_on_their_listeners_and_for_health_probes():
    made = list(app_routing_gateways([], client_id="id", zone_ids={}))
    found = by_name(made)
    ports = [row["port"] for row in found["allow-requests"]["ingress"][0]["ports"]]
    assert ports == [80, 443, 15021]
    kinds = [one["kind"] for one in made]
    assert kinds[0] == "Namespace"
    assert {one["metadata"]["namespace"] for one in made if one["kind"] == "NetworkPolicy"} == {
        GATEWAY.namespace
    }


def test_a_gateway_outside_the_cluster_has_a_closed_namespace():
    found = by_name(alb_gateway([], traffic_controller_id="id", policy_id=None))
    assert found == {"default-deny": {"podSelector": {}, "policyTypes": ["Ingress"]}}


def test_the_chart_waits_for_the_policies_of_its_namespace():
    recording: Recording = recorded_file(ROOT / "examples" / "traefik.yaml")
    (chart,) = (one for one in recording.registrations if one.type.endswith(":Release"))
    policies = {
        one.urn
        for one in recording.registrations
        if one.type.endswith(":NetworkPolicy") and one.parent == chart.parent
    }
    assert len(policies) == 3
    assert policies <= chart.dependencies
