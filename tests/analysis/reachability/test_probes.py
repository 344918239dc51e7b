"""Load balancers that send nothing to any node, because their health probes fail."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from analysis.reachability.explain import explain
from tests.analysis.reachability.changes import CONTROLLER, GATEWAY, Change, after, put
from tests.analysis.reachability.states import ENABLED, Resources, passes

FRONTEND = "myapp/frontend"
PREFIX = "service.beta.kubernetes.io"


def service_of_chart(*section: str, drop: tuple[str, ...] = (), **annotations: Any) -> Change:
    """Change the Service in the values of the only chart."""

    def change(resources: Resources) -> None:
        (release,) = (item for item in resources if item["type"].endswith(":Release"))
        service = release["outputs"]["values"]
        for step in section:
            service = service[step]
        for key in drop:
            service.pop(key)
        service["annotations"] |= annotations

    return change


def cluster_policy(**annotations: Any) -> Change:
    """HAProxy's Service with the traffic policy that Kubernetes defaults to."""
    return service_of_chart("controller", "service", drop=("externalTrafficPolicy",), **annotations)


@pytest.mark.parametrize("example", ["haproxy", "traefik"])
def test_requests_arrive_at_the_charts_behind_a_gateway(example: str):
    matrix = after(example)
    assert "443" in passes(matrix, GATEWAY, CONTROLLER)
    assert passes(matrix, "Internet", FRONTEND) != "none"


def test_a_probe_of_the_root_over_http_takes_every_node_out():
    """haproxytech/helm-charts#205: its chart sets appProtocol, and the controller answers 404."""
    matrix = after("haproxy", cluster_policy())
    assert passes(matrix, "Internet", FRONTEND) == "none"
    text = explain(matrix, GATEWAY, CONTROLLER)
    assert "health probe requests / over HTTPS on port 443, and the controller answers 404" in text


@pytest.mark.parametrize(
    ("annotations", "arrives"),
    [
        ({f"{PREFIX}/port_443_health-probe_protocol": "tcp"}, True),
        ({f"{PREFIX}/port_443_health-probe_request-path": "/healthz"}, True),
        ({f"{PREFIX}/azure-load-balancer-health-probe-request-path": "/healthz"}, True),
        ({f"{PREFIX}/azure-load-balancer-health-probe-protocol": "tcp"}, False),
        ({f"{PREFIX}/port_80_health-probe_protocol": "tcp"}, False),
    ],
)
def test_the_annotations_of_a_port_decide_before_its_app_protocol(
    annotations: dict[str, str], *, arrives: bool
):
    """An annotation for all ports does not (cloud-provider-azure)."""
    matrix = after("haproxy", cluster_policy(**annotations))
    assert (passes(matrix, "Internet", FRONTEND) != "none") == arrives


def test_without_an_app_protocol_the_probe_is_a_connection():
    change = service_of_chart("service", drop=("spec",))
    assert passes(after("traefik", change), "Internet", FRONTEND) != "none"


def gateways_service(text: str) -> Change:
    return put("ConfigMap", "", data={"service": text})


PORT_443 = f"{PREFIX}/port_443_health-probe"
STATUS = {f"{PORT_443}_port": "15021", f"{PORT_443}_request-path": "/healthz/ready"}


def test_the_gateways_port_443_is_probed_over_https_unless_a_node_answers():
    """Azure/AKS#3646: Istio sets appProtocol; the add-on corrects the probe of port 80 only."""
    assert "443" in passes(after(ENABLED), GATEWAY, CONTROLLER)
    matrix = after(ENABLED, gateways_service(""))
    assert passes(matrix, GATEWAY, CONTROLLER) == "tcp 80"
    text = explain(matrix, GATEWAY, CONTROLLER)
    assert "health probe requests / over HTTPS on port 443" in text


@pytest.mark.parametrize(
    ("annotations", "arrives"),
    [
        ({f"{PORT_443}_protocol": "tcp"}, "tcp 80, 443"),
        (STATUS, "tcp 80, 443"),
        ({f"{PREFIX}/port_80_health-probe_request-path": None}, "none"),
    ],
)
def test_the_gateways_probes_follow_the_annotations_of_its_config_map(
    annotations: dict[str, Any], arrives: str
):
    service = yaml.safe_dump({"metadata": {"annotations": annotations}})
    assert passes(after(ENABLED, gateways_service(service)), GATEWAY, CONTROLLER) == arrives
