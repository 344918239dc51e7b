"""The Application Gateway in front of a controller: TLS, backends and its limits."""

from __future__ import annotations

import pytest

from tests.components.ingress.recordings import (
    deployed,
    example,
    one,
    run,
)
from tests.helpers.loops import each
from tests.helpers.mocks import Recording


def test_the_gateways_tls_policy_is_the_one_that_is_set():
    policies = {
        name: deployed(name).one("network:ApplicationGateway").inputs["sslPolicy"]["policyName"]
        for name in ("waf-rules", "traefik")
    }
    assert policies == {
        "waf-rules": "AppGwSslPolicy20220101",
        "traefik": "AppGwSslPolicy20220101S",
    }


def with_hosts(count: int) -> Recording:
    config = example("traefik")
    application = config["aks-network:kubernetes"]["applications"][0]
    application["host"] = None
    application["services"] = [
        {"name": f"w{number}", "app": "frontend", "path": "/", "host": f"w{number}.myapp.com"}
        for number in range(count)
    ] + [{"name": "backendservice", "app": "backend"}]
    return run("traefik", config)


def test_more_records_than_an_address_may_have_aliases_are_ordinary_ones():
    few = with_hosts(20).of_type("dns:RecordSet")
    assert len(few) == 20
    assert all(record.inputs["targetResource"]["id"] for record in few)
    made = with_hosts(21)
    many = made.of_type("dns:RecordSet")
    assert len(many) == 21
    assert not any("targetResource" in record.inputs for record in many)
    (address,) = {record["ipv4Address"] for r in many for record in r.inputs["aRecords"]}
    public = [
        item.outputs.get("ipAddress")
        for item in made.cloud.store.of_type("network:PublicIPAddress")
    ]
    assert address in public


def test_a_gateway_of_a_hundred_hosts_is_within_azures_limits():
    gateway = with_hosts(100).one("network:ApplicationGateway").inputs
    assert len(gateway["httpListeners"]) == 200
    for collection in ("backendHttpSettingsCollection", "redirectConfigurations"):
        assert len(gateway[collection]) == 100


def test_a_private_authority_is_trusted_by_every_hosts_settings():
    gateway = deployed("haproxy").one("network:ApplicationGateway").inputs
    (root,) = gateway["trustedRootCertificates"]
    for settings in each(gateway["backendHttpSettingsCollection"]):
        (reference,) = settings["trustedRootCertificates"]
        assert reference["id"].endswith(f"/trustedRootCertificates/{root['name']}")


def test_a_backend_without_tls_is_spoken_to_and_probed_by_http():
    config = example("traefik")
    config["aks-network:ingress"]["waf"]["backendProtocol"] = "Http"
    gateway = run("traefik", config).one("network:ApplicationGateway").inputs
    (settings,) = gateway["backendHttpSettingsCollection"]
    assert (settings["protocol"], settings["port"]) == ("Http", 80)
    assert gateway["probes"][0]["protocol"] == "Http"


@pytest.mark.parametrize(
    ("name", "annotation"),
    [
        ("nginx", "nginx.ingress.kubernetes.io/ssl-redirect"),
        ("haproxy", "haproxy.org/ssl-redirect"),
    ],
)
def test_a_controller_that_hears_http_sends_nobody_back_to_https(name: str, annotation: str):
    config = example(name)
    firewall = config["aks-network:ingress"]["waf"]
    firewall["backendProtocol"] = "Http"
    firewall.pop("backendRootCertificates", None)
    annotations = one(run(name, config), "Ingress").inputs["metadata"]["annotations"]
    assert annotations[annotation] == "false"
    over_tls = one(deployed(name), "Ingress").inputs["metadata"]["annotations"]
    assert annotation not in over_tls
