"""The client's address: which proxies each controller trusts, and what the gateway sends it."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from components.kubernetes.client_address import (
    NO_PROXIES,
    Proxies,
    contour_values,
    haproxy_config,
    istio_annotations,
    nginx_annotations,
    traefik_values,
)
from simulator.kubernetes.snippets import BLOCKED
from tests.components.ingress.recordings import deployed, example, objects, one, release, run
from tests.helpers.mocks import Recording

SNIPPET = "nginx.ingress.kubernetes.io/configuration-snippet"
EXTERNAL = {"external": {"sourceRanges": ["198.51.100.0/24", "203.0.113.0/24"]}}
OUTSIDE = ["198.51.100.0/24", "203.0.113.0/24"]
PORTLESS = "{var_add_x_forwarded_for_proxy}"


def changed(name: str, **ingress: Any) -> Recording:
    """An example with other settings for ingress, and certificates from secrets."""
    config = example(name)
    config["aks-network:ingress"] |= ingress
    for application in config["aks-network:kubernetes"]["applications"]:
        application.setdefault("tls", {"secretName": "tls"})
    return run(name, config)


def values(recording: Recording) -> dict[str, Any]:
    return release(recording).inputs["values"]


def gateway_subnet(recording: Recording) -> str:
    made = recording.one("network:Subnet", "network-applicationGateway").inputs
    return made["addressPrefix"]


@pytest.mark.parametrize("name", ["traefik", "haproxy", "internal-class"])
def test_the_gateway_sends_the_clients_address_without_its_port(name: str):
    gateway = deployed(name).one("network:ApplicationGateway").inputs
    (rewrites,) = gateway["rewriteRuleSets"]
    (rule,) = rewrites["rewriteRules"]
    (header,) = rule["actionSet"]["requestHeaderConfigurations"]
    assert (header["headerName"], header["headerValue"]) == ("X-Forwarded-For", PORTLESS)
    for routing in gateway["requestRoutingRules"]:
        applied = (routing.get("rewriteRuleSet") or {}).get("id", "")
        # A rule that redirects to HTTPS rewrites nothing.
        assert applied.endswith(f"/rewriteRuleSets/{rewrites['name']}") != (
            "redirectConfiguration" in routing
        )


def test_traefik_trusts_the_gateways_subnet_at_both_entry_points():
    ports = values(deployed("traefik"))["ports"]
    for name in ("web", "websecure"):
        trusted = ports[name]["forwardedHeaders"]["trustedIPs"]
        assert trusted == [gateway_subnet(deployed("traefik"))]


def test_haproxy_takes_the_address_from_the_gateways_subnet_only():
    config = values(deployed("haproxy"))["controller"]["config"]
    subnet = gateway_subnet(deployed("haproxy"))
    assert config["frontend-config-snippet"] == (
        f"http-request set-src hdr(X-Forwarded-For) if {{ src {subnet} }}\n"
    )


def test_contour_counts_the_firewall_in_front():
    assert "configInline" not in values(deployed("contour"))
    outside = changed("contour", waf=EXTERNAL, exposure="external")
    assert values(outside)["configInline"] == {"network": {"num-trusted-hops": 1}}


NGINX = {"implementation": "nginx"}
INTERNAL = {"internalClass": "internalingress"}


@pytest.mark.parametrize("name", ["nginx", "external-waf"])
def test_nginx_takes_the_address_from_what_is_in_front(name: str):
    outside = name == "external-waf"
    made = changed(name, appRouting=NGINX) if outside else deployed(name)
    trusted = OUTSIDE if outside else [gateway_subnet(made)]
    ingress = one(made, "Ingress", "myapp-ingress")
    assert ingress.inputs["metadata"]["annotations"][SNIPPET].splitlines() == [
        *[f"set_real_ip_from {cidr};" for cidr in trusted],
        "real_ip_header X-Forwarded-For;",
        "real_ip_recursive on;",
    ]


def test_nobody_is_trusted_where_clients_connect_themselves():
    public = changed("external-waf", waf="none", appRouting=NGINX)
    for made in (deployed("agic"), public):
        (ingress,) = objects(made, "Ingress")
        assert SNIPPET not in (ingress.inputs["metadata"].get("annotations") or {})
    assert "ports" not in values(changed("traefik", waf="none"))
    assert "config" not in values(changed("haproxy", waf="none"))["controller"]


def test_only_applications_behind_the_firewall_trust_it():
    """The second class has clients of its own, which could name any address."""
    by_class = {
        one.inputs["spec"]["ingressClassName"]: one.inputs["metadata"].get("annotations", {})
        for one in objects(changed("internal-class", appRouting={**NGINX, **INTERNAL}), "Ingress")
    }
    assert len(by_class) == 2
    assert SNIPPET not in by_class["internalingress"]


def options(**ingress: Any) -> dict[str, Any]:
    """The ConfigMap of the Gateway of application routing, by resource."""
    made = changed("nginx", appRouting={}, **ingress)
    (found,) = objects(made, "ConfigMap")
    return {key: yaml.safe_load(text) for key, text in found.inputs["data"].items()}


def test_the_gateways_proxies_count_the_application_gateway_in_front():
    template = options()["deployment"]["spec"]["template"]
    (annotation,) = template["metadata"]["annotations"].values()
    assert json.loads(annotation) == {"gatewayTopology": {"numTrustedProxies": 1}}
    assert template["spec"]["nodeSelector"] == {"kubernetes.io/os": "linux"}
    alone = options(waf="none")["deployment"]["spec"]["template"]
    assert "metadata" not in alone


def test_the_gateways_service_is_probed_by_node_and_keeps_the_client():
    service = options()["service"]
    assert service["spec"] == {"externalTrafficPolicy": "Local"}
    removed = service["metadata"]["annotations"]
    assert set(removed.values()) == {None}
    assert {key.removeprefix("service.beta.kubernetes.io/") for key in removed} == {
        f"port_{port}_health-probe_{part}"
        for port in (80, 443)
        for part in ("port", "protocol", "request-path")
    }


def test_without_proxies_nothing_is_set():
    for made in (
        nginx_annotations(NO_PROXIES),
        traefik_values(NO_PROXIES),
        contour_values(NO_PROXIES),
        haproxy_config(NO_PROXIES),
        istio_annotations(NO_PROXIES),
    ):
        assert made == {}


def test_the_addon_accepts_the_snippet():
    (text,) = nginx_annotations(Proxies(1, tuple(OUTSIDE))).values()
    assert not [word for word in BLOCKED if word in text]


def test_many_ranges_fit_into_lines_that_haproxy_reads():
    ranges = tuple(f"10.0.{number}.0/24" for number in range(40))
    lines = haproxy_config(Proxies(1, ranges))["config"]["frontend-config-snippet"].splitlines()
    assert len(lines) == 3
    assert max(len(line.split()) for line in lines) < 64
    assert [word for line in lines for word in line.split() if "/" in word] == [*ranges]
