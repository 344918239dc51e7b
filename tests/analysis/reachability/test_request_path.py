"""The path of a request from the Internet: each step passes, and each is able to break."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from analysis.reachability import compute
from analysis.reachability.request_path import STEPS, Outcome, Request, Step, follow, requests, text
from analysis.stack_state import State
from cli import reachability as command
from tests.analysis.reachability.changes import (
    NETWORK,
    Change,
    add,
    both,
    drop,
    nested,
    put,
    security_rule,
)
from tests.analysis.reachability.states import ENABLED, Resources, named, state_of

PREFIX = "service.beta.kubernetes.io/"
LOCAL = {"externalTrafficPolicy": "Local"}


def request_of(resources: Resources, target: str = "myapp/frontend") -> Request:
    return next(requests(State.from_export(resources), compute(resources), target))


def steps_of(stack: str, *changes: Change) -> dict[str, Step]:
    resources = state_of(stack)
    for change in changes:
        change(resources)
    return {step.name: step for step in follow(request_of(resources))}


def service(**changes: Any) -> Change:
    """Change the Service's settings in the values of the example's chart."""

    def change(resources: Resources) -> None:
        values = named(resources, "Release", "")["outputs"]["values"]
        where = values.get("controller", values)
        where["service"] = {**where["service"], **changes}

    return change


def annotated(**annotations: str) -> Change:
    def change(resources: Resources) -> None:
        values = named(resources, "Release", "")["outputs"]["values"]
        where = values.get("controller", values)["service"]
        where["annotations"] = {
            **where["annotations"],
            **{f"{PREFIX}{name.replace('__', '-')}": value for name, value in annotations.items()},
        }

    return change


def gateway(collection: str, **changes: Any) -> Change:
    """Change every child of a kind of the Application Gateway."""

    def change(resources: Resources) -> None:
        for row in named(resources, "ApplicationGateway", "")["outputs"][collection]:
            row.update(changes)

    return change


def record(**outputs: Any) -> Change:
    return put("RecordSet", "", **{"targetResource": None, **outputs})


def denied(group: str, **more: Any) -> Change:
    def change(resources: Resources) -> None:
        rules = named(resources, "NetworkSecurityGroup", group)["outputs"]["securityRules"]
        rules.append(security_rule("DenyIt", 100, access="Deny", **more))

    return change


def routed(subnet: str) -> Change:
    """Give a subnet a default route to an appliance."""

    def change(resources: Resources) -> None:
        table = f"{NETWORK}/routeTables/rt"
        hop = {"nextHopType": "VirtualAppliance", "nextHopIpAddress": "10.9.9.9"}
        routes = [{"name": "default", "addressPrefix": "0.0.0.0/0", **hop}]
        add("azure-native:network:RouteTable", table, name="rt", routes=routes)(resources)
        put("Subnet", subnet, routeTable={"id": table})(resources)

    return change


def certificate(name: str, kind: str) -> Change:
    """Store a certificate of the vault in another form."""
    return nested("Secret", name, "properties", contentType=kind)


WAYS = (
    "dev",
    "prod",
    "traefik",
    "agic",
    "agc",
    "external-waf",
    "kv-certificate",
    "waf-rules",
    ENABLED,
)


BEHIND_A_THIRD_PARTY = {"external-waf", "kv-certificate"}
"""Examples whose host's record is the address of a firewall that the stack knows nothing of."""


@pytest.mark.parametrize("stack", WAYS)
def test_a_request_passes_every_step_of_an_example(stack: str):
    found = steps_of(stack)
    to_do = {name for name, step in found.items() if step.outcome is Outcome.TO_DO}
    assert to_do == ({"DNS"} if stack in BEHIND_A_THIRD_PARTY else set())
    assert Outcome.BREAKS not in {step.outcome for step in found.values()}
    assert {"DNS", "public address", "pods", "return path", "client address"} <= set(found)


def test_haproxys_request_passes_when_kubernetes_answers_the_probe():
    found = steps_of("haproxy", service(**LOCAL))
    assert found["load balancer probe"].outcome is Outcome.PASSES
    assert "client address" in found


TO_APPLIANCE = "10.9.9.9, which saw no request"
BREAKS: list[tuple[str, Change, str, str]] = [
    ("traefik", drop("RecordSet", ""), "DNS", "has no record myapp.com; add it: myapp.com A 20."),
    (
        "traefik",
        record(aRecords=[{"ipv4Address": "9.9.9.9"}]),
        "DNS",
        "leads to 9.9.9.9, not to the entry; set it to A 20.",
    ),
    ("contour", lambda _: None, "public address", "has a private address only; put a gateway"),
    (
        "traefik",
        nested("Ingress", "-ingress", "spec", ingressClassName="nobodys"),
        "public address",
        "nothing in the state serves the route; install a controller for nobodys",
    ),
    (
        "traefik",
        denied("-applicationgateway", sourceAddressPrefix="Internet"),
        "public address",
        "does not admit tcp 443 from the Internet: ",
    ),
    ("traefik", gateway("httpListeners", hostName="x.com"), "listener", "no HTTPS listener of"),
    ("traefik", gateway("httpListeners", sslCertificate=None), "listener", "has no certificate"),
    (
        "traefik",
        certificate("waf-certificate", "application/x-pem-file"),
        "listener",
        "the gateway reads application/x-pkcs12, and secret",
    ),
    ("traefik", gateway("requestRoutingRules", backendHttpSettings=None), "backend", "no rule"),
    (
        "traefik",
        gateway("backendHttpSettingsCollection", port=8443),
        "backend",
        "the gateway does not reach 10.60.14.132:8443",
    ),
    (
        "traefik",
        denied("-nodes", sourceAddressPrefix="VirtualNetwork", destinationPortRange="443"),
        "backend",
        "the gateway does not reach",
    ),
    (
        "dev",
        certificate("waf-certificate-pem", "application/x-pkcs12"),
        "controller's certificate",
        "copies secret https://routing-kv.vault.azure.net/secrets/waf-certificate-pem as it is",
    ),
    (
        "traefik",
        gateway("probes", match={"statusCodes": ["200-399"]}),
        "backend probe",
        "no route has the path /, so the controller answers 404",
    ),
    ("traefik", gateway("probes", match=None), "backend probe", "healthy at 200-399"),
    (
        "haproxy",
        service(externalTrafficPolicy="Cluster"),
        "load balancer probe",
        "requests / over HTTPS on port 443, and the controller answers 404",
    ),
    (
        "traefik",
        both(
            service(spec={"type": "LoadBalancer"}),
            annotated(port_443_health__probe_protocol="http"),
        ),
        "load balancer probe",
        "requests / over HTTP on port 443",
    ),
    ("traefik", drop("NetworkPolicy", "allow-ingress-controller"), "pods", "does not reach myapp"),
    (
        ENABLED,
        put("ConfigMap", "", data={}),
        "load balancer probe",
        "requests / over HTTPS on port 443, and the controller answers 404",
    ),
    ("external-waf", routed("-nodes"), "return path", TO_APPLIANCE),
]


@pytest.mark.parametrize(
    ("stack", "change", "name", "why"), BREAKS, ids=[f"{s}: {n} {w[:12]}" for s, _, n, w in BREAKS]
)
def test_a_request_stops_at_the_step_that_breaks(stack: str, change: Change, name: str, why: str):
    found = list(steps_of(stack, change).values())
    assert [step.name for step in found if step.outcome is Outcome.BREAKS] == [name]
    assert found[-1].name == name
    assert why in found[-1].detail


def test_every_step_is_a_function_of_the_list():
    """A branch adds a check by adding a function."""

    def stop(_: Request) -> Step:
        return Step("own", Outcome.BREAKS, "as it likes")

    request = request_of(state_of("traefik"))
    assert [step.name for step in follow(request, [STEPS[0], stop, *STEPS[1:]])] == ["DNS", "own"]


def test_dns_says_which_servers_to_delegate_a_zone_to():
    assert "delegate it to ns1-" in steps_of("traefik")["DNS"].detail


def test_without_a_zone_the_record_is_for_somebody_to_enter():
    step = steps_of("traefik", drop("Zone", ""))["DNS"]
    assert step.outcome is Outcome.TO_DO
    assert step.detail.startswith("enter in the public DNS of myapp.com: A 20.")


def _with_record(address: str) -> Change:
    """Enter the host's record in the zone of the state."""

    def change(resources: Resources) -> None:
        zone = named(resources, "Zone", "")["id"]
        row = {"name": "@", "aRecords": [{"ipv4Address": address}]}
        add("azure-native:dns:RecordSet", f"{zone}/A/@", **row)(resources)

    return change


def test_the_record_of_a_host_behind_a_third_partys_firewall_is_that_of_the_firewall():
    origin = named(state_of("external-waf"), "PublicIPAddress", "-origin")["outputs"]["ipAddress"]
    step = steps_of("external-waf")["DNS"]
    assert step.outcome is Outcome.TO_DO
    assert "enter myapp.com in zone myapp.com" in step.detail
    assert "of the firewall in 198.51.100.0/24, 203.0.113.0/24" in step.detail
    assert step.detail.endswith(f"which forwards to {origin}")
    step = steps_of("external-waf", drop("Zone", ""))["DNS"]
    assert step.outcome is Outcome.TO_DO
    assert step.detail.endswith(f"which forwards to {origin}")
    step = steps_of("external-waf", _with_record("198.51.100.7"))["DNS"]
    assert step.outcome is Outcome.NOTE
    assert "leads to 198.51.100.7 in zone myapp.com" in step.detail
    assert f"it must forward to {origin}" in step.detail
    step = steps_of("external-waf", _with_record(origin))["DNS"]
    assert step.outcome is Outcome.NOTE
    assert "leads past the firewall in front: only 198.51.100.0/24" in step.detail


def test_a_wildcard_record_answers_for_a_host_below_its_zone():
    def below(resources: Resources) -> None:
        item = named(resources, "RecordSet", "")
        item["id"] = item["id"].removesuffix("@") + "*"
        item["outputs"]["name"] = "*"
        rules = named(resources, "Ingress", "-ingress")["outputs"]["spec"]["rules"]
        rules[0]["host"] = "www.myapp.com"
        gateway("httpListeners", hostName="www.myapp.com")(resources)

    assert steps_of("traefik", below)["DNS"].outcome is Outcome.PASSES


def chart(**values: Any) -> Change:
    """Change the values of the only chart."""

    def change(resources: Resources) -> None:
        named(resources, "Release", "")["outputs"]["values"].update(values)

    return change


def snippet(text: str) -> Change:
    """Change what the Ingress tells NGINX."""

    def change(resources: Resources) -> None:
        metadata = named(resources, "Ingress", "-ingress")["outputs"]["metadata"]
        metadata["annotations"] = {**metadata.get("annotations", {}), SNIPPET: text}

    return change


def trusting(*ranges: str) -> Change:
    """Traefik trusts these ranges at its entry point for HTTPS."""
    return chart(ports={"websecure": {"forwardedHeaders": {"trustedIPs": list(ranges)}}})


def haproxy(**config: str) -> Change:
    def change(resources: Resources) -> None:
        controller = named(resources, "Release", "")["outputs"]["values"]["controller"]
        controller["config"] = {key.replace("_", "-"): value for key, value in config.items()}

    return change


SNIPPET = "nginx.ingress.kubernetes.io/configuration-snippet"
WITH_PORT = gateway("requestRoutingRules", rewriteRuleSet=None)
BY_NODE = "spec: {externalTrafficPolicy: Local}"
SEES_GATEWAY = "the application sees an address of 10."
REFUSES_PORT = "appends the client's port"


@pytest.mark.parametrize(
    "stack", ["dev", "nginx", "traefik", "haproxy", "external-waf", "kv-certificate", ENABLED]
)
def test_the_client_address_passes_every_proxy_in_front(stack: str):
    step = steps_of(stack)["client address"]
    assert step.outcome is Outcome.PASSES
    assert step.detail == "the controller takes it from the X-Forwarded-For in front"


@pytest.mark.parametrize(
    ("stack", "changes", "why"),
    [
        ("nginx", [snippet("")], SEES_GATEWAY),
        ("nginx", [snippet("set_real_ip_from 10.9.0.0/16;")], "of 10.9.0.0/16 only"),
        ("traefik", [chart(ports={})], SEES_GATEWAY),
        ("traefik", [trusting("10.9.0.0/16")], "of 10.9.0.0/16 only"),
        ("haproxy", [haproxy()], SEES_GATEWAY),
        (ENABLED, [put("ConfigMap", "", data={"service": BY_NODE})], SEES_GATEWAY),
        (ENABLED, [WITH_PORT], REFUSES_PORT),
        ("haproxy", [WITH_PORT], REFUSES_PORT),
        ("haproxy", [haproxy(src_ip_header="X-Forwarded-For"), WITH_PORT], REFUSES_PORT),
        ("haproxy", [gateway("rewriteRuleSets", rewriteRules=[])], REFUSES_PORT),
    ],
)
def test_a_controller_that_does_not_read_the_header_is_worth_a_note(
    stack: str, changes: list[Change], why: str
):
    step = steps_of(stack, *changes)["client address"]
    assert step.outcome is Outcome.NOTE
    assert why in step.detail


@pytest.mark.parametrize(
    ("stack", "changes"),
    [
        ("traefik", [trusting("10.0.0.0/8"), WITH_PORT]),
        ("nginx", [WITH_PORT]),
        ("haproxy", [haproxy(src_ip_header="X-Forwarded-For")]),
    ],
)
def test_some_controllers_trust_more_and_some_read_an_address_with_a_port(
    stack: str, changes: list[Change]
):
    assert steps_of(stack, *changes)["client address"].outcome is Outcome.PASSES


def open_to_all(resources: Resources) -> None:
    """The controller of application routing admits every client."""
    spec = named(resources, "Gateway", "")["outputs"]["spec"]
    spec["infrastructure"]["annotations"] = {}


def test_without_a_proxy_the_connection_says_who_the_client_is():
    kept = steps_of("external-waf", open_to_all, drop("Zone", ""))["client address"]
    assert kept.detail == "externalTrafficPolicy: Local keeps it"
    assert "with the client's port" in steps_of("agic")["client address"].detail
    assert steps_of("agc")["client address"].detail.endswith("in X-Forwarded-For")


def behind_front_door(resources: Resources, subnet: str = "applicationgateway") -> None:
    """The gateway admits Front Door only, and its policy asks for one profile."""
    group = named(resources, "NetworkSecurityGroup", f"-{subnet}")["outputs"]
    rule = next(one for one in group["securityRules"] if one["name"] == "AllowWebInbound")
    rule["sourceAddressPrefix"] = "AzureFrontDoor.Backend"
    rules = named(resources, "network:WebApplicationFirewallPolicy", "")["outputs"]
    variable = {"variableName": "RequestHeaders", "selector": "X-Azure-FDID"}
    condition = {"matchVariables": [variable], "operator": "Equal", "negationConditon": True}
    own = {"name": "Own", "action": "Block", "matchConditions": [condition]}
    rules["customRules"] = [own]


def asks_nobody(resources: Resources) -> None:
    named(resources, "network:WebApplicationFirewallPolicy", "")["outputs"]["customRules"] = []


def admits_front_door(resources: Resources) -> None:
    """HAProxy's load balancer is public, for Front Door only."""
    values = named(resources, "Release", "")["outputs"]["values"]["controller"]
    values["service"]["annotations"] = {f"{PREFIX}azure-allowed-service-tags": FRONT_DOOR}
    values["config"] = {"frontend-config-snippet": ASKS}
    rule = next(
        one
        for one in named(resources, "NetworkSecurityGroup", "-nodes")["outputs"]["securityRules"]
        if one["name"] == "AllowIngressInbound"
    )
    rule |= {"sourceAddressPrefix": FRONT_DOOR, "sourceAddressPrefixes": None}
    rule |= {"destinationAddressPrefix": "*", "destinationAddressPrefixes": None}


FRONT_DOOR = "AzureFrontDoor.Backend"
ASKS = """
http-request deny deny_status 403 unless { req.hdr(X-Azure-FDID) -m str mine }
http-request set-src hdr(X-Forwarded-For) if { req.hdr(X-Azure-FDID) -m str mine }
"""


def test_only_ones_own_front_door_gets_through_the_gateway():
    assert "Front Door" not in steps_of("traefik")
    found = steps_of("traefik", behind_front_door)
    assert found["Front Door"].outcome is Outcome.PASSES
    assert found["Front Door"].detail.startswith("waf-shop-traefik-westeurope: rule Own")
    # The name must lead to Front Door, not to the gateway.
    assert found["DNS"].outcome is Outcome.NOTE
    assert "only AzureFrontDoor.Backend may connect" in found["DNS"].detail
    for change in (asks_nobody, put("WebApplicationFirewallPolicy", "", policySettings={})):
        step = steps_of("traefik", behind_front_door, change)["Front Door"]
        assert step.outcome is Outcome.NOTE
        assert "any Front Door profile gets through" in step.detail


def test_only_ones_own_front_door_gets_through_application_gateway_for_containers():
    change = partial(behind_front_door, subnet="trafficcontroller")
    found = steps_of("agc", change)
    assert found["Front Door"].detail.startswith("waf-shop-agc-westeurope: rule Own")
    assert found["DNS"].outcome is Outcome.NOTE
    assert "only AzureFrontDoor.Backend may connect" in found["DNS"].detail
    assert steps_of("agc", change, asks_nobody)["Front Door"].outcome is Outcome.NOTE


def test_only_ones_own_front_door_gets_through_the_controller():
    found = steps_of("haproxy", admits_front_door, drop("Zone", ""))
    assert found["Front Door"].detail == "the controller answers only the profile in X-Azure-FDID"
    assert found["client address"].outcome is Outcome.PASSES
    found = steps_of("haproxy", admits_front_door, haproxy(), drop("Zone", ""))
    assert found["Front Door"].outcome is Outcome.NOTE
    assert f"an address of {FRONT_DOOR}" in found["client address"].detail


def test_the_text_fits_the_terminal_and_names_every_step():
    request = request_of(state_of("traefik"))
    steps = follow(request)
    shown = text(request, steps)
    assert shown.startswith("A request for https://myapp.com/blog\n")
    assert all(step.name in shown for step in steps)
    assert max(map(len, shown.splitlines())) <= 120


def asked(tmp_path: Path, resources: Resources, target: str) -> int:
    export = tmp_path / "state.json"
    export.write_text(json.dumps({"deployment": {"resources": resources}}))
    return command.main(["--state", str(export), "--explain", "Internet", target])


def test_the_command_explains_an_application_and_fails_when_a_request_does_not_get_through(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    resources = state_of("traefik")
    assert asked(tmp_path, resources, "myapp") == 0
    shown = capsys.readouterr().out
    assert shown.startswith("Internet → myapp/frontend\n")
    assert "A request for https://myapp.com/store" in shown
    drop("RecordSet", "")(resources)
    assert asked(tmp_path, resources, "myapp/frontend") == 1
    assert "BREAKS  DNS" in capsys.readouterr().out
    assert asked(tmp_path, resources, "myapp/backend") == 0
