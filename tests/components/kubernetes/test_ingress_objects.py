"""The controllers' own objects and their charts' values."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from components.kubernetes.application_manifests import manifests
from components.kubernetes.gateway_manifests import (
    GATEWAY,
    AppRoutingGateway,
    alb_gateway,
    app_routing_gateways,
)
from components.kubernetes.ingress_plan import nginx_controller
from components.kubernetes.ingress_routes import GatewayReference, IngressRoute, VaultCertificates
from components.kubernetes.load_balancer import LoadBalancer
from components.kubernetes.manifest import Manifest
from components.settings.gateway_api_rules import LONGEST_PATH, MOST_HOSTS, MOST_ZONES_OF_A_KIND
from components.settings.kubernetes import Application
from simulator.azure.cloud import Cloud
from simulator.kubernetes import certificates, custom, schemas, validation
from simulator.store import Resource

PREFIX = "service.beta.kubernetes.io/azure-load-balancer"
INTERNAL = LoadBalancer(internal_subnet="snet-ingress", address="10.20.195.4")


def test_an_internal_controller_has_its_planned_address():
    annotations = nginx_controller("publicingress", INTERNAL)["spec"]["loadBalancerAnnotations"]
    assert annotations == {
        f"{PREFIX}-internal": "true",
        f"{PREFIX}-internal-subnet": "snet-ingress",
        f"{PREFIX}-ipv4": "10.20.195.4",
    }


def test_a_public_controller_for_everyone_is_not_restricted():
    assert (
        "loadBalancerAnnotations" not in nginx_controller("publicingress", LoadBalancer())["spec"]
    )


def test_a_public_controller_behind_someone_elses_firewall_hears_that_firewall_only():
    balancer = LoadBalancer(source_ranges=("198.51.100.0/24", "203.0.113.0/24"))
    annotations = nginx_controller("publicingress", balancer)["spec"]["loadBalancerAnnotations"]
    assert annotations == {
        "service.beta.kubernetes.io/azure-allowed-ip-ranges": "198.51.100.0/24,203.0.113.0/24"
    }


def application(number: int, **changes: Any) -> Application:
    given = {
        "name": f"app{number}",
        "host": f"app{number}.example.com",
        "tls": {"certificateName": "shop"} if number % 2 else {"secretName": "tls"},
        "services": [{"name": "web", "app": "web", "path": ["/"]}],
        **changes,
    }
    return Application.model_validate(given, strict=False)


@given(
    st.from_regex(r"([a-z0-9]([a-z0-9-]{0,40}[a-z0-9])?\.){1,5}com", fullmatch=True),
    st.sampled_from([GATEWAY, GatewayReference("i" * 39, GATEWAY.namespace)]),
)
@example("checkout.preprod.eu-west.shop.contoso.com", GATEWAY)
def test_the_add_on_can_fetch_a_certificate_for_a_host_of_any_length(
    host: str, reference: GatewayReference
):
    given_vault = VaultCertificates(own={"app1": "https://kv.vault.azure.net/certificates/c"})
    of_host = application(1, host=host)
    (gateway,) = (
        m
        for m in app_routing_gateways(
            [AppRoutingGateway(reference, [of_host], INTERNAL, given_vault)],
            client_id="7f951dda-4ed3-4680-a7ca-43fe172d538d",
            zone_ids={},
        )
        if m["kind"] == "Gateway"
    )
    cluster = Resource("/aks", "", {}, {})
    (problem,) = certificates.warnings(Cloud(), cluster, gateway)
    assert "no such pod" not in problem
    assert f"service account {GATEWAY.namespace}/ingress-gateway has no identity" in problem
    _, listener = gateway["spec"]["listeners"]
    (route,) = (
        m
        for m in manifests(of_host, [IngressRoute("", None, gateway=reference)])
        if m["kind"] == "HTTPRoute"
    )
    assert route["spec"]["parentRefs"][0]["sectionName"] == listener["name"]


def test_the_listener_of_a_short_host_has_its_whole_name():
    assert GATEWAY.listener_of("shop.example.com") == "shop-example-com"


def problems(made: Manifest) -> list[str]:
    known = custom.known(made["apiVersion"], made["kind"])
    schema = custom.problems if known else schemas.problems
    return [f"{p.path}: {p.reason}" for p in (*schema("1.35", made), *validation.problems(made))]


ZONE = "/subscriptions/1/resourceGroups/rg/providers/Microsoft.Network/{}/z{}.example.com"


@pytest.mark.parametrize("longest", [1, LONGEST_PATH])
def test_at_its_limits_a_gateway_is_what_its_definition_allows(longest: int):
    """As many hosts as the settings accept, more paths than a route holds, all zones."""
    paths = [f"/p{n}".ljust(longest, "x") for n in range(40)]
    many = {"services": [{"name": "web", "app": "web", "path": paths}]}
    applications = [application(0, **many), *map(application, range(1, MOST_HOSTS))]
    by_secret = [application(2 * number) for number in range(MOST_HOSTS)]
    vaults = VaultCertificates(
        own={one.name: "https://kv.vault.azure.net/certificates/c" for one in applications[1::2]}
    )
    zones = {
        kind: [ZONE.format(token, n) for n in range(MOST_ZONES_OF_A_KIND)]
        for kind, token in (("public", "dnszones"), ("private", "privateDnsZones"))
    }
    made = [
        *app_routing_gateways(
            [AppRoutingGateway(GATEWAY, applications, INTERNAL, vaults)],
            client_id="7f951dda-4ed3-4680-a7ca-43fe172d538d",
            zone_ids=zones,
        ),
        *alb_gateway(by_secret, traffic_controller_id="/subscriptions/1", policy_id="/s/1"),
    ]
    route = IngressRoute("", None, vaults, gateway=GATEWAY)
    for one in applications:
        made += manifests(one, [route])
    of_others = {"NginxIngressController", "CiliumNetworkPolicy"}
    assert {m["kind"] for m in made} >= {kind for _, kind in custom.kinds()} - of_others
    assert [text for one in made for text in problems(one)] == []

    routes = [
        m for m in made if m["kind"] == "HTTPRoute" and m["metadata"].get("namespace") == "app0"
    ]
    served = [r["matches"][0]["path"]["value"] for m in routes for r in m["spec"]["rules"]]
    assert served == paths
    assert len({m["metadata"]["name"] for m in routes}) == len(routes) == 3
