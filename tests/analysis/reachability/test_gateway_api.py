"""The Gateway API in the cluster: what a Gateway's proxies serve, and for whom."""

from __future__ import annotations

from typing import Any

import pytest

from tests.analysis.reachability.changes import (
    CONTROLLER,
    FRONTEND,
    GATEWAY,
    Change,
    add,
    after,
    drop,
    nested,
    put,
)
from tests.analysis.reachability.states import ENABLED, Resources, matrix_of, named, passes

HOME = "ingress-gateway"
ROUTE = "myapp/myapp-myapp-com"
INGRESS_PATH = f"tcp 443 through {GATEWAY} with WAF, {CONTROLLER}"


def ingress_path(*changes: Change) -> str:
    return passes(after(ENABLED, *changes), "Internet", FRONTEND)


def listener(**values: Any) -> Change:
    """Set properties of the Gateway's listener for myapp.com; None takes one away."""

    def change(resources: Resources) -> None:
        row = named(resources, "Gateway", "applications")["outputs"]["spec"]["listeners"][1]
        row.update(values)
        for name in [name for name, value in row.items() if value is None]:
            del row[name]

    return change


def route(**values: Any) -> Change:
    return nested("HTTPRoute", ROUTE, "spec", **values)


def rule(**values: Any) -> Change:
    """Set properties of both rules of the route."""

    def change(resources: Resources) -> None:
        for row in named(resources, "HTTPRoute", ROUTE)["outputs"]["spec"]["rules"]:
            row.update(values)

    return change


def parent(**values: Any) -> Change:
    def change(resources: Resources) -> None:
        named(resources, "HTTPRoute", ROUTE)["outputs"]["spec"]["parentRefs"][0].update(values)

    return change


def balancer(**annotations: str) -> Change:
    prefix = "service.beta.kubernetes.io/azure-load-balancer-"
    named_so = {f"{prefix}{name}": value for name, value in annotations.items()}
    infrastructure = {"annotations": named_so, "parametersRef": {"name": "applications-options"}}
    return nested("Gateway", "applications", "spec", infrastructure=infrastructure)


# Proxies and their address


def test_requests_come_through_the_firewall_and_the_gateways_proxies():
    assert ingress_path() == INGRESS_PATH


def test_the_proxies_are_pods_in_the_gateways_own_namespace():
    elsewhere = [
        {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "istio-ingress"}}}
    ]

    def other_peers(resources: Resources) -> None:
        policy = named(resources, "NetworkPolicy", "allow-ingress-controller")
        policy["outputs"]["spec"]["ingress"][0]["from"] = elsewhere

    assert ingress_path(other_peers) == "none"


def test_the_proxies_bear_the_gateways_name():
    """A policy may tell several Gateways of a namespace apart by the label."""

    def by_name(name: str) -> Change:
        def change(resources: Resources) -> None:
            policy = named(resources, "NetworkPolicy", "allow-ingress-controller")
            (peer,) = policy["outputs"]["spec"]["ingress"][0]["from"]
            label = "gateway.networking.k8s.io/gateway-name"
            peer["podSelector"] = {"matchLabels": {label: name}}

        return change

    assert ingress_path(by_name("applications")) == INGRESS_PATH
    assert ingress_path(by_name("others")) == "none"


def test_the_firewall_leads_to_the_address_that_the_annotations_give():
    assert ingress_path(balancer(internal="true", ipv4="10.60.14.134")) == INGRESS_PATH
    assert ingress_path(balancer(internal="true", ipv4="10.60.14.135")) == "none"


def test_the_address_may_be_the_gateways_own():
    fixed = nested("Gateway", "applications", "spec", addresses=[{"value": "10.60.14.134"}])
    assert ingress_path(balancer(internal="true"), fixed) == INGRESS_PATH


def test_a_gateway_without_annotations_has_a_public_address_and_is_past_the_firewall():
    def from_anywhere(resources: Resources) -> None:
        rules = named(resources, "NetworkSecurityGroup", "-nodes")["outputs"]["securityRules"]
        row = next(rule for rule in rules if rule["name"] == "AllowIngressInbound")
        row |= {"sourceAddressPrefix": "Internet", "sourceAddressPrefixes": None}
        row |= {"destinationAddressPrefix": "*", "destinationAddressPrefixes": None}

    assert ingress_path(balancer()) == "none"
    assert ingress_path(balancer(), from_anywhere) == f"tcp 443 through {CONTROLLER}"


def test_the_proxies_health_has_a_port_of_its_own_that_leads_nowhere():
    matrix = matrix_of(ENABLED)
    assert passes(matrix, "load balancer probes", CONTROLLER) == "tcp 80, 443, 15021"
    assert passes(matrix, GATEWAY, CONTROLLER) == "tcp 80, 443"


# Listeners


def test_plain_http_is_redirected_and_leads_nowhere_by_itself():
    assert passes(matrix_of(ENABLED), "other pods", FRONTEND).endswith(
        f"tcp 443 through {CONTROLLER}"
    )


def test_a_route_at_the_plain_listener_is_reached_by_http_too():
    def everywhere(resources: Resources) -> None:
        gateway = named(resources, "Gateway", "applications")["outputs"]
        gateway["spec"]["listeners"][0]["allowedRoutes"] = {"namespaces": {"from": "All"}}

    matrix = after(ENABLED, everywhere, parent(sectionName=""))
    assert passes(matrix, "other pods", FRONTEND).endswith(f"tcp 80, 443 through {CONTROLLER}")
    assert passes(matrix, "Internet", FRONTEND) == INGRESS_PATH


@pytest.mark.parametrize(
    "tls",
    [
        None,
        {"mode": "Terminate"},
        {"mode": "Passthrough", "options": {"a": "b"}},
        {"certificateRefs": [{"name": "myapp-tls", "namespace": "myapp"}]},
    ],
    ids=["none", "no certificate", "passed through", "another namespace's secret"],
)
def test_a_listener_without_a_certificate_that_it_may_read_serves_nobody(tls: Any):
    assert ingress_path(listener(tls=tls)) == "none"


def test_a_secret_beside_the_gateway_needs_no_grant():
    assert ingress_path(listener(tls={"certificateRefs": [{"name": "myapp-tls"}]})) == INGRESS_PATH


@pytest.mark.parametrize(
    ("allowed", "expected"),
    [
        (None, "none"),
        ({"namespaces": {"from": "Same"}}, "none"),
        ({"namespaces": {"from": "None"}}, "none"),
        ({"namespaces": {"from": "All"}}, INGRESS_PATH),
        ({"namespaces": {"from": "Selector", "selector": {"matchLabels": {"a": "b"}}}}, "none"),
        ({"namespaces": {"from": "All"}, "kinds": [{"kind": "GRPCRoute"}]}, "none"),
    ],
)
def test_a_listener_takes_the_routes_that_it_allows(allowed: Any, expected: str):
    assert ingress_path(listener(allowedRoutes=allowed)) == expected


# Routes


@pytest.mark.parametrize(
    "values",
    [{"name": "others"}, {"namespace": "myapp"}, {"sectionName": "http"}, {"port": 80},
     {"kind": "Service"}],
)  # fmt: skip
def test_a_route_that_is_not_the_listeners_is_not_served(values: dict[str, Any]):
    assert ingress_path(parent(**values)) == "none"


@pytest.mark.parametrize(
    ("at_listener", "at_route", "expected"),
    [
        ("myapp.com", ["other.com"], "none"),
        ("myapp.com", ["other.com", "myapp.com"], INGRESS_PATH),
        ("myapp.com", [], INGRESS_PATH),
        (None, ["myapp.com"], INGRESS_PATH),
        (None, [], INGRESS_PATH),
        ("*.com", ["myapp.com"], INGRESS_PATH),
        ("myapp.com", ["*.com"], INGRESS_PATH),
        ("shop.com", [], "none"),
    ],
)
def test_listener_route_and_firewall_need_a_host_in_common(
    at_listener: str | None, at_route: list[str], expected: str
):
    assert ingress_path(listener(hostname=at_listener), route(hostnames=at_route)) == expected


def test_an_explanation_names_the_host_that_they_have_in_common():
    (proxied,) = (
        after(ENABLED, listener(hostname="*.com"), route(hostnames=[]))
        .between("Internet", FRONTEND)
        .proxied
    )
    assert proxied.reasons == ("myapp.com/blog", "myapp.com/store")


def test_a_rule_that_redirects_leads_to_nobody():
    assert ingress_path(rule(filters=[{"type": "RequestRedirect"}])) == "none"
    assert ingress_path(rule(filters=[{"type": "RequestHeaderModifier"}])) == INGRESS_PATH


def test_a_rule_without_matches_takes_every_path():
    (proxied,) = after(ENABLED, rule(matches=[])).between("Internet", FRONTEND).proxied
    assert proxied.reasons == ("myapp.com/",)


@pytest.mark.parametrize(
    "backend",
    [
        {"name": "blogservice", "port": 80, "weight": 0},
        {"name": "blogservice", "port": 81},
        {"name": "nobody", "port": 80},
        {"name": "blogservice", "port": 80, "kind": "ServiceImport"},
        {"name": "blogservice", "port": 80, "namespace": "others"},
    ],
)
def test_a_backend_that_gets_no_requests_is_not_reached(backend: dict[str, Any]):
    assert ingress_path(rule(backendRefs=[backend])) == "none"


def grant(source: str, kind: str, name: str) -> Change:
    group = "gateway.networking.k8s.io"
    return add(
        f"kubernetes:{group}/v1beta1:ReferenceGrant", "grant",
        apiVersion=f"{group}/v1beta1", kind="ReferenceGrant",
        metadata={"name": "grant", "namespace": "myapp"},
        spec={
            "from": [{"group": group, "kind": kind, "namespace": source}],
            "to": [{"group": "", "kind": "Service", "name": name}],
        },
    )  # fmt: skip


@pytest.mark.parametrize(
    ("granted", "expected"),
    [
        (("reports", "HTTPRoute", "blogservice"), INGRESS_PATH),
        (("others", "HTTPRoute", "blogservice"), "none"),
        (("reports", "Gateway", "blogservice"), "none"),
        (("reports", "HTTPRoute", "storeservice"), "none"),
    ],
)
def test_a_route_reaches_another_namespaces_service_only_by_its_grant(
    granted: tuple[str, str, str], expected: str
):
    move = put("HTTPRoute", ROUTE, metadata={"name": "myapp-myapp-com", "namespace": "reports"})
    backend = {"name": "blogservice", "port": 80, "namespace": "myapp"}
    everywhere = listener(allowedRoutes={"namespaces": {"from": "All"}})
    # The route is found by its old name, so it moves last.
    changes = (rule(backendRefs=[backend]), everywhere, grant(*granted), move)
    assert ingress_path(*changes) == expected


# What is not supported


def test_a_gateway_of_an_unknown_class_is_reported_as_skipped():
    matrix = after(ENABLED, nested("Gateway", "applications", "spec", gatewayClassName="nginx"))
    assert passes(matrix, "Internet", FRONTEND) == "none"
    (sentence,) = matrix.skipped
    assert sentence.startswith(f"Gateway {HOME}/applications: class nginx is not supported")


def test_a_gateway_at_an_existing_service_is_reported_as_skipped():
    address = [{"type": "Hostname", "value": "own.myapp.svc.cluster.local"}]
    matrix = after(ENABLED, nested("Gateway", "applications", "spec", addresses=address))
    assert passes(matrix, "Internet", FRONTEND) == "none"
    (sentence,) = matrix.skipped
    assert sentence.startswith(f"Gateway {HOME}/applications: uses an existing Service")


def test_a_route_of_another_kind_is_reported_as_skipped():
    made = add(
        "kubernetes:gateway.networking.k8s.io/v1:GRPCRoute", "grpc",
        apiVersion="gateway.networking.k8s.io/v1", kind="GRPCRoute",
        metadata={"name": "calls", "namespace": "myapp"}, spec={},
    )  # fmt: skip
    assert after(ENABLED, made).skipped == (
        "GRPCRoute myapp/calls: not supported; ingress paths through it are missing.",
    )


def test_istios_own_kind_of_gateway_is_not_taken_for_one():
    made = add(
        "kubernetes:networking.istio.io/v1:Gateway", "istio",
        apiVersion="networking.istio.io/v1", kind="Gateway",
        metadata={"name": "egress", "namespace": "mesh"}, spec={"selector": {}},
    )  # fmt: skip
    assert after(ENABLED, made).skipped == ()
    assert ingress_path(made) == INGRESS_PATH


def test_without_its_gateway_a_route_serves_no_traffic():
    matrix = after(ENABLED, drop("Gateway", "applications"))
    assert CONTROLLER not in {one.name for one in matrix.endpoints}
    assert passes(matrix, "Internet", FRONTEND) == "none"
