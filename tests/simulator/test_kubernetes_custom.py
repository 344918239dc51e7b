"""Objects of the Gateway API and of AKS add-ons are checked against their definitions."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from simulator.kubernetes import custom, validation
from simulator.wire import UNKNOWN

VERSION = "1.35"
GATEWAY_API = "gateway.networking.k8s.io"
ROUTING = "approuting.kubernetes.azure.com/v1alpha1"
ZONE = "/subscriptions/1/resourceGroups/rg/providers/Microsoft.Network/dnszones/z{}.example.com"


def manifest(api_version: str, kind: str, spec: Any) -> dict[str, Any]:
    metadata = {"name": "thing"}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, "spec": spec}


def listener(number: int = 0, **changes: Any) -> dict[str, Any]:
    return {
        "name": f"host-{number}",
        "hostname": f"host{number}.example.com",
        "port": 443,
        "protocol": "HTTPS",
        "tls": {"mode": "Terminate", "certificateRefs": [{"name": "tls"}]},
        "allowedRoutes": {"namespaces": {"from": "Same"}},
        **changes,
    }


def gateway(*listeners: dict[str, Any], **more: Any) -> dict[str, Any]:
    spec = {"gatewayClassName": "approuting-istio", "listeners": list(listeners), **more}
    return manifest(f"{GATEWAY_API}/v1", "Gateway", spec)


def path(value: Any = "/", kind: str = "PathPrefix") -> dict[str, Any]:
    return {"path": {"type": kind, "value": value}}


def backend(**changes: Any) -> dict[str, Any]:
    return {"name": "web", "port": 80, **changes}


def route(*rules: dict[str, Any], **more: Any) -> dict[str, Any]:
    spec = {"parentRefs": [{"name": "gateway"}], "hostnames": ["example.com"], **more}
    return manifest(f"{GATEWAY_API}/v1", "HTTPRoute", {**spec, "rules": list(rules)})


def filtered(*filters: dict[str, Any], **more: Any) -> dict[str, Any]:
    return route({"filters": list(filters), **more})


def redirect(**more: Any) -> dict[str, Any]:
    return {"type": "RequestRedirect", "requestRedirect": {"scheme": "https", **more}}


def mirror(**more: Any) -> dict[str, Any]:
    return {"type": "RequestMirror", "requestMirror": {"backendRef": backend(), **more}}


def rewrite(kind: str = "ReplaceFullPath", **new: Any) -> dict[str, Any]:
    return {"type": "URLRewrite", "urlRewrite": {"path": {"type": kind, **new}}}


def parents(*references: dict[str, Any]) -> dict[str, Any]:
    return route({}, parentRefs=[{"name": "gateway", **one} for one in references])


def controller(**spec: Any) -> dict[str, Any]:
    given = {"ingressClassName": "nginx-internal", "controllerNamePrefix": "nginx", **spec}
    return manifest(ROUTING, "NginxIngressController", given)


def records(**changes: Any) -> dict[str, Any]:
    spec = {
        "resourceName": "records",
        "resourceNamespace": "gateway",
        "dnsZoneResourceIDs": [ZONE.format(1)],
        "resourceTypes": ["gateway"],
        "identity": {"type": "workloadIdentity", "serviceAccount": "gateway"},
        **changes,
    }
    return manifest(ROUTING, "ClusterExternalDNS", spec)


def grant(**changes: Any) -> dict[str, Any]:
    source = {"group": GATEWAY_API, "kind": "Gateway", "namespace": "gateway"}
    spec = {"from": [source], "to": [{"group": "", "kind": "Secret", "name": "tls"}], **changes}
    return manifest(f"{GATEWAY_API}/v1beta1", "ReferenceGrant", spec)


def firewall(**changes: Any) -> dict[str, Any]:
    target = {"group": GATEWAY_API, "kind": "Gateway", "name": "gateway", "namespace": "gateway"}
    spec = {"targetRef": target, "webApplicationFirewall": {"id": "/subscriptions/1"}, **changes}
    return manifest("alb.networking.azure.io/v1", "WebApplicationFirewallPolicy", spec)


def changed(made: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {**copy.deepcopy(made), **changes}


CILIUM = "cilium.io/v2"
HOST = {"toEntities": ["host"], "toPorts": [{"ports": [{"port": "53", "protocol": "UDP"}]}]}


def cilium(*egress: dict[str, Any], **more: Any) -> dict[str, Any]:
    spec = {"endpointSelector": {}, "egress": list(egress), **more}
    return manifest(CILIUM, "CiliumNetworkPolicy", spec)


BY_SCHEMA: list[tuple[dict[str, Any], str]] = [
    (cilium({"toEntities": ["node"]}), "spec.egress[0].toEntities[0]"),
    (cilium({"toCIDR": ["169.254.10.0"]}), "spec.egress[0].toCIDR[0]"),
    (cilium({"toHost": ["a"]}), "spec.egress[0]"),
    (
        cilium({"toPorts": [{"ports": [{"port": 53}]}]}),
        "spec.egress[0].toPorts[0].ports[0].port",
    ),
    (gateway(*map(listener, range(65))), "spec.listeners"),
    (gateway(), "spec.listeners"),
    (gateway(listener(color="red")), "spec.listeners[0]"),
    (gateway(listener(port=0)), "spec.listeners[0].port"),
    (gateway(listener(hostname="Shop.example.com")), "spec.listeners[0].hostname"),
    (gateway(listener(hostname="a." * 126 + "bc")), "spec.listeners[0].hostname"),
    (gateway(listener(tls={"mode": "End"})), "spec.listeners[0].tls.mode"),
    (
        gateway(listener(tls={"options": {"a": "b" * 4097}})),
        "spec.listeners[0].tls.options.a",
    ),
    (
        gateway(listener(allowedRoutes={"namespaces": {"from": "Some"}})),
        "spec.listeners[0].allowedRoutes.namespaces.from",
    ),
    (
        gateway(listener(), infrastructure={"annotations": {f"a{n}": "b" for n in range(9)}}),
        "spec.infrastructure.annotations",
    ),
    (
        gateway(listener(), infrastructure={"parametersRef": {"kind": "ConfigMap", "name": "o"}}),
        "spec.infrastructure.parametersRef",
    ),
    (changed(gateway(listener()), extra={}), "(object)"),
    (changed(gateway(listener()), metadata={"name": "thing", "label": {}}), "metadata"),
    (route(*[{} for _ in range(17)]), "spec.rules"),
    (route({}, hostnames=[f"h{n}.example.com" for n in range(17)]), "spec.hostnames"),
    (route({"matches": [path(f"/{n}") for n in range(65)]}), "spec.rules[0].matches"),
    (route({"matches": [path("/" + "a" * 1024)]}), "spec.rules[0].matches[0].path.value"),
    (route({"backendRefs": [backend(port=70000)]}), "spec.rules[0].backendRefs[0].port"),
    (route({"backendRefs": [{"port": 80}]}), "spec.rules[0].backendRefs[0]"),
    (filtered(redirect(statusCode=303)), "spec.rules[0].filters[0].requestRedirect.statusCode"),
    (parents({"sectionName": "Main"}), "spec.parentRefs[0].sectionName"),
    (grant(to=[]), "spec.to"),
    (grant(**{"from": [{"kind": "Gateway", "namespace": "gateway"}]}), "spec.from[0]"),
    (controller(ingressClassName="Public"), "spec.ingressClassName"),
    (controller(controllerNamePrefix="a.b"), "spec.controllerNamePrefix"),
    (controller(ingressClass="nginx"), "spec"),
    (records(dnsZoneResourceIDs=[ZONE.format(n) for n in range(8)]), "spec.dnsZoneResourceIDs"),
    (records(dnsZoneResourceIDs=[]), "spec.dnsZoneResourceIDs"),
    (records(identity={"type": "secret"}), "spec.identity.type"),
    (firewall(webApplicationFirewall={}), "spec.webApplicationFirewall"),
    (firewall(targetRefs=[]), "spec"),
]

FILTER = "spec.rules[0].filters"
REPLACE = {"replacePrefixMatch": "/new"}
BY_RULE: list[tuple[dict[str, Any], str]] = [
    (gateway(listener(), listener(1, name="host-0")), "spec.listeners[1].name"),
    (gateway(listener(), listener(1, hostname="host0.example.com")), "spec.listeners[1]"),
    (gateway(listener(protocol="HTTP", port=80)), "spec.listeners[0].tls"),
    (
        gateway({"name": "tcp", "port": 22, "protocol": "TCP", "hostname": "a.example.com"}),
        "spec.listeners[0].hostname",
    ),
    (gateway(listener(tls={"mode": "Passthrough"})), "spec.listeners[0].tls.mode"),
    (gateway(listener(tls={"mode": "Terminate"})), "spec.listeners[0].tls"),
    (
        gateway(listener(), addresses=[{"value": "10.0.0.1"}, {"value": "10.0.0.1"}]),
        "spec.addresses[1].value",
    ),
    (
        gateway(listener(), addresses=[{"type": "Hostname", "value": "A.example.com"}]),
        "spec.addresses[0].value",
    ),
    (
        gateway(listener(), infrastructure={"annotations": {"a b": "c"}}),
        "spec.infrastructure.annotations",
    ),
    (route(*[{"matches": [path(f"/{n}") for n in range(43)]}] * 3), "spec.rules"),
    (route({"matches": [path("shop")]}), "spec.rules[0].matches[0].path.value"),
    (route({"matches": [path("/a//b")]}), "spec.rules[0].matches[0].path.value"),
    (route({"matches": [path("/a/..")]}), "spec.rules[0].matches[0].path.value"),
    (route({"matches": [path("/a b")]}), "spec.rules[0].matches[0].path.value"),
    (filtered(redirect(), backendRefs=[backend()]), FILTER),
    (filtered({"type": "RequestRedirect"}), f"{FILTER}[0].requestRedirect"),
    (
        filtered({**redirect(), "urlRewrite": {"hostname": "a.example.com"}}),
        f"{FILTER}[0].urlRewrite",
    ),
    (filtered(redirect(), redirect(port=443)), FILTER),
    (filtered(redirect(), rewrite(replaceFullPath="/")), FILTER),
    (filtered(rewrite(**REPLACE)), f"{FILTER}[0].urlRewrite.path.replaceFullPath"),
    (
        filtered(rewrite("ReplacePrefixMatch", **REPLACE), matches=[path("/a", "Exact")]),
        f"{FILTER}[0].urlRewrite.path",
    ),
    (route({"backendRefs": [{"name": "web"}]}), "spec.rules[0].backendRefs[0].port"),
    (
        filtered(mirror(backendRef={"name": "web"})),
        f"{FILTER}[0].requestMirror.backendRef.port",
    ),
    (filtered(mirror(percent=5, fraction={"numerator": 1})), f"{FILTER}[0].requestMirror"),
    (
        filtered(mirror(fraction={"numerator": 3, "denominator": 2})),
        f"{FILTER}[0].requestMirror.fraction",
    ),
    (parents({}, {"sectionName": "a"}), "spec.parentRefs[0].sectionName"),
    (
        route({"timeouts": {"request": "1s", "backendRequest": "1s500ms"}}),
        "spec.rules[0].timeouts.backendRequest",
    ),
    (
        controller(defaultSSLCertificate={"keyVaultURI": "kv/certificates/a"}),
        "spec.defaultSSLCertificate.keyVaultURI",
    ),
    (controller(defaultSSLCertificate={"forceSSLRedirect": True}), "spec.defaultSSLCertificate"),
    (controller(scaling={"minReplicas": 3, "maxReplicas": 2}), "spec.scaling"),
    (records(dnsZoneResourceIDs=[ZONE.format(1), ZONE.format(1)]), "spec.dnsZoneResourceIDs"),
    (
        records(dnsZoneResourceIDs=[ZONE.format(1), ZONE.format(2).replace("rg", "other")]),
        "spec.dnsZoneResourceIDs",
    ),
    (records(resourceTypes=["service"]), "spec.resourceTypes[0]"),
    (records(identity={"type": "managedIdentity"}), "spec.identity.clientID"),
    (records(identity={}), "spec.identity.serviceAccount"),
]

ACCEPTED = [
    cilium(HOST, {"toCIDR": ["169.254.10.0/24"]}),
    gateway(*map(listener, range(64))),
    gateway(listener(tls={"options": {"kubernetes.azure.com/tls-cert-keyvault-uri": "x"}})),
    gateway(listener(), listener(1, port=8443), listener(2, protocol="TLS")),
    route({"matches": [path("/")], "backendRefs": [backend()]}, {"backendRefs": [backend()]}),
    route(*[{"matches": [path(f"/{n}")]} for n in range(16)]),
    route({"matches": [path("^/a b$", "RegularExpression")]}),
    route({"timeouts": {"request": "0s", "backendRequest": "1m"}}),
    filtered(redirect(statusCode=301)),
    filtered(rewrite("ReplacePrefixMatch", **REPLACE), matches=[path("/a")]),
    filtered(mirror(percent=10), backendRefs=[backend(kind="Queue", group="q", port=UNKNOWN)]),
    parents({"sectionName": "a"}, {"sectionName": "b"}),
    grant(),
    controller(loadBalancerAnnotations={"a": "b"}, scaling={"minReplicas": 2}),
    manifest(ROUTING, "NginxIngressController", {}),
    records(dnsZoneResourceIDs=[ZONE.format(n) for n in range(7)]),
    firewall(),
    # What is not known yet passes.
    gateway(listener(hostname=UNKNOWN, name=UNKNOWN, tls=UNKNOWN), infrastructure=UNKNOWN),
    route({"matches": [path(UNKNOWN)], "filters": UNKNOWN, "backendRefs": UNKNOWN}),
    route({}, parentRefs=[{"name": UNKNOWN}, {"name": UNKNOWN}]),
    records(dnsZoneResourceIDs=[UNKNOWN, UNKNOWN], identity=UNKNOWN),
    firewall(webApplicationFirewall={"id": UNKNOWN}),
]


@pytest.mark.parametrize(("made", "where"), BY_SCHEMA)
def test_the_definitions_schema_refuses(made, where):
    assert {item.path for item in custom.problems(VERSION, made)} == {where}


@pytest.mark.parametrize(("made", "where"), BY_RULE)
def test_the_definitions_expressions_refuse(made, where):
    assert where in [item.path for item in validation.problems(made)]
    assert list(custom.problems(VERSION, made)) == []


@pytest.mark.parametrize("made", ACCEPTED)
def test_what_the_definitions_allow_is_accepted(made):
    found = [*custom.problems(VERSION, made), *validation.problems(made)]
    assert [f"{item.path}: {item.reason}" for item in found] == []


def test_every_kind_with_a_schema_has_cases():
    cases = [made for made, _ in BY_SCHEMA]
    shown = {(made["apiVersion"], made["kind"]) for made in cases if custom.known(*_kind(made))}
    assert shown == set(custom.kinds())


def _kind(made: dict[str, Any]) -> tuple[str, str]:
    return made["apiVersion"], made["kind"]
