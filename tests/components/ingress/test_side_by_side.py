"""A migration from NGINX to the Gateway API and back: both run, one of them with the requests."""

from __future__ import annotations

import functools
from typing import Any

import pytest

from components.azure.roles import Role
from components.deployment import ingress_change
from components.problems import ConfigurationError
from components.settings.ingress import IngressSettings
from components.settings.load import configuration
from tests.components.ingress.recordings import INGRESS, PREFIX, objects, one, roles, run
from tests.helpers.mocks import Recording
from tests.helpers.stacks import configuration_of, example, run_program

STATES = ("nginx", "nginx beside", "gateway-api beside", "gateway-api")
"""The states of a migration, in order."""


def routing(state: str) -> dict[str, Any]:
    implementation, _, beside = state.partition(" ")
    return {"implementation": implementation, **({"sideBySide": True} if beside else {})}


@functools.cache
def deployed(state: str) -> Recording:
    """The stack `dev`, which has a firewall and a private zone."""
    config = configuration_of("dev")
    config[INGRESS]["appRouting"] = routing(state)
    return run_program(config)


def addresses(made: Recording) -> dict[str, str]:
    """The address of each implementation that runs."""
    found: dict[str, str] = {}
    for item in objects(made, "NginxIngressController"):
        found["nginx"] = item.inputs["spec"]["loadBalancerAnnotations"][f"{PREFIX}-ipv4"]
    for item in objects(made, "Gateway"):
        annotations = item.inputs["spec"]["infrastructure"]["annotations"]
        found["gateway-api"] = annotations[f"{PREFIX}-ipv4"]
    return found


def test_each_implementation_keeps_its_address_through_the_migration():
    found = [addresses(deployed(state)) for state in STATES]
    assert [sorted(one) for one in found] == [
        ["nginx"],
        ["gateway-api", "nginx"],
        ["gateway-api", "nginx"],
        ["gateway-api"],
    ]
    both = {(name, address) for one in found for name, address in one.items()}
    assert len(both) == 2
    assert len({address for _, address in both}) == 2


@pytest.mark.parametrize("state", STATES)
def test_the_firewall_sends_requests_to_the_implementation_of_the_settings(state: str):
    made = deployed(state)
    (pool,) = made.one("network:ApplicationGateway").inputs["backendAddressPools"]
    expected = addresses(made)[state.partition(" ")[0]]
    assert pool["backendAddresses"] == [{"ipAddress": expected}]


@pytest.mark.parametrize("state", STATES)
def test_one_external_dns_makes_the_records_and_only_its_identity_may(state: str):
    """Both have the same owner: each would delete the other's records."""
    made = deployed(state)
    profile = made.one("containerservice:ManagedCluster").inputs["ingressProfile"]
    by_nginx = profile["webAppRouting"].get("dnsZoneResourceIds", [])
    by_gateway = [
        zone
        for item in objects(made, "ClusterExternalDNS")
        for zone in item.inputs["spec"]["dnsZoneResourceIDs"]
    ]
    assert len(by_nginx + by_gateway) == 1
    gateway = state.startswith("gateway-api")
    assert bool(by_gateway) == gateway
    assert ("shop.internal" in roles(made, "gateway-")) == gateway
    assert ("shop.internal" in roles(made, "routing-addon-")) == (not gateway)


@pytest.mark.parametrize("state", ["nginx beside", "gateway-api beside"])
def test_both_serve_every_host_with_its_certificate(state: str):
    made = deployed(state)
    assert objects(made, "Ingress")
    assert one(made, "HTTPRoute", "myapp-myapp-com")
    assert roles(made, "gateway-")["vault"][0] == Role.KEY_VAULT_SECRETS_USER
    assert roles(made, "routing-addon-")["vault"][0] == Role.KEY_VAULT_CERTIFICATE_USER
    policy = one(made, "NetworkPolicy", "allow-ingress-controller").inputs["spec"]
    labels = [
        peer["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"]
        for peer in policy["ingress"][0]["from"]
    ]
    assert labels == ["app-routing-system", "ingress-gateway"]
    cluster = made.one("containerservice:ManagedCluster").inputs["ingressProfile"]
    assert cluster["gatewayAPI"] == {"installation": "Standard"}


def test_no_subnet_moves_in_a_migration():
    plans = []
    for state in STATES:
        config = configuration_of("prod")
        config[INGRESS]["appRouting"] = routing(state)
        plans.append({s.key: s.prefix for s in configuration(config).plan.subnets})
    assert all(plan == plans[0] for plan in plans)


def test_a_subnet_that_is_too_small_for_both_is_refused_before_anything_is_done():
    config = example("internal-class")
    config["aks-network:network"]["subnets"] = {"ingress": "10.60.14.128/29"}
    config[INGRESS]["appRouting"]["implementation"] = "nginx"
    assert configuration(config)
    config[INGRESS]["appRouting"]["sideBySide"] = True
    with pytest.raises(ConfigurationError, match=r"subnets\.ingress"):
        configuration(config)


def test_behind_a_third_partys_firewall_each_has_a_public_address_of_its_own():
    config = example("external-waf")
    config[INGRESS]["appRouting"] = routing("nginx beside")
    made = run("external-waf", config)
    name = "service.beta.kubernetes.io/azure-pip-name"
    controller = one(made, "NginxIngressController").inputs["spec"]["loadBalancerAnnotations"]
    gateway = one(made, "Gateway").inputs["spec"]["infrastructure"]["annotations"]
    assert controller[name] != gateway[name]
    created = {
        item.inputs["publicIpAddressName"] for item in made.of_type("network:PublicIPAddress")
    }
    assert {controller[name], gateway[name]} <= created


# What a run may change at once


def checked(now: str | None, *before: str, cluster: bool = True) -> list[str]:
    """What is said of a run with these settings after one with these implementations."""
    raw = {"appRouting": routing(now)} if now else {}
    settings = IngressSettings.model_validate(raw, strict=False)
    last: dict[str, Any] = {"clusterName": "aks"} if cluster else {}
    if before:
        last["appRoutingImplementations"] = [one for one in before if one != "traefik"]
    refused = [str(problem) for problem in ingress_change.find_conflicts(last, settings)]
    return [*refused, *ingress_change.warnings(last, settings)]


def test_a_migration_step_by_step_is_nothing_to_warn_of():
    steps = [("nginx",), ("nginx", "gateway-api"), ("gateway-api", "nginx"), ("gateway-api",)]
    for before, now in zip(steps, STATES[1:], strict=False):
        assert checked(now, *before) == []
    for before, now in zip(steps[1:], STATES, strict=False):
        assert checked(now, *before) == []


def test_the_new_default_moves_nobodys_requests():
    for before in ((), ("nginx",)):
        refused, _ = checked(None, *before)
        assert "must be named: the stack used nginx" in refused
        assert "docs/migrating.md" in refused
    assert checked(None, cluster=False) == []
    assert checked(None, "gateway-api") == []
    assert checked(None, "traefik") == []


def test_a_jump_that_the_settings_ask_for_is_carried_out_with_a_warning():
    (said,) = checked("gateway-api", "nginx")
    assert "requests fail for some minutes" in said
    (said,) = checked("gateway-api", "nginx", "gateway-api")
    assert "keep sideBySide: true for one more run" in said
