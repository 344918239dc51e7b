"""The Gateway API's objects, of Application Gateway for Containers and of the add-on."""

from __future__ import annotations

import pytest

from components.azure.roles import Role
from tests.components.ingress.recordings import (
    PREFIX,
    deployed,
    example,
    nested,
    objects,
    one,
    roles,
    run,
    with_gateway_api,
)
from tests.helpers.mocks import Recording


@pytest.fixture(params=["agc", "gateway-api"])
def gateway_api(request: pytest.FixtureRequest) -> Recording:
    return deployed("agc") if request.param == "agc" else with_gateway_api()


def test_each_hosts_listener_takes_routes_of_its_own_application_only(gateway_api: Recording):
    (listener,) = [
        item
        for item in one(gateway_api, "Gateway").inputs["spec"]["listeners"]
        if item["protocol"] == "HTTPS"
    ]
    allowed = listener["allowedRoutes"]["namespaces"]["selector"]["matchLabels"]
    assert allowed == {"kubernetes.io/metadata.name": "myapp"}
    route = one(gateway_api, "HTTPRoute", f"myapp-{listener['name']}").inputs
    assert route["spec"]["hostnames"] == [listener["hostname"]]
    assert route["spec"]["parentRefs"][0]["sectionName"] == listener["name"]
    assert [rule["matches"][0]["path"]["value"] for rule in route["spec"]["rules"]] == [
        "/blog",
        "/store",
    ]
    assert not objects(gateway_api, "Ingress")


def test_http_is_redirected_by_the_gateway_itself(gateway_api: Recording):
    (redirected,) = [
        item
        for item in one(gateway_api, "Gateway").inputs["spec"]["listeners"]
        if item["protocol"] == "HTTP"
    ]
    assert redirected["allowedRoutes"]["namespaces"]["from"] == "Same"
    route = one(gateway_api, "HTTPRoute", "to-https").inputs["spec"]
    assert route["parentRefs"][0]["sectionName"] == redirected["name"]
    assert route["rules"][0]["filters"][0]["requestRedirect"]["scheme"] == "https"


def test_the_gateway_may_read_an_applications_certificate_and_no_other_secret():
    (grant,) = objects(deployed("agc"), "ReferenceGrant")
    assert grant.inputs["metadata"]["namespace"] == "myapp"
    assert grant.inputs["spec"]["to"] == [{"group": "", "kind": "Secret", "name": "myapp-tls"}]


def test_the_addons_gateway_takes_the_vaults_certificate_by_workload_identity():
    made = with_gateway_api()
    gateway = one(made, "Gateway").inputs
    assert gateway["spec"]["gatewayClassName"] == "approuting-istio"
    assert gateway["spec"]["infrastructure"]["annotations"][f"{PREFIX}-internal"] == "true"
    (options,) = nested(gateway["spec"]["listeners"], "options")
    account = one(made, "ServiceAccount").inputs["metadata"]
    assert options["kubernetes.azure.com/tls-cert-service-account"] == account["name"]
    assert options["kubernetes.azure.com/tls-cert-keyvault-uri"].endswith(
        "/secrets/waf-certificate-pem"
    )
    federation = made.one("managedidentity:FederatedIdentityCredential").inputs
    assert (
        federation["subject"] == f"system:serviceaccount:{account['namespace']}:{account['name']}"
    )
    assert roles(made, "gateway-") == {"vault": (Role.KEY_VAULT_SECRETS_USER, "vaults")}
    policy = one(made, "NetworkPolicy", "allow-ingress-controller").inputs["spec"]
    (source,) = policy["ingress"][0]["from"]
    labels = source["namespaceSelector"]["matchLabels"]
    assert labels == {"kubernetes.io/metadata.name": gateway["metadata"]["namespace"]}


def test_the_addons_gateway_keeps_zones_by_objects_of_one_kind_each():
    config = example("gateway-api")
    ingress = config["aks-network:ingress"]
    ingress["appRouting"]["gatewayApiEnabled"] = True
    del ingress["waf"]
    ingress |= {"exposure": "external", "privateDnsZones": ["shop.internal"]}
    config["aks-network:kubernetes"]["applications"][0]["tls"] = {"secretName": "myapp-tls"}
    made = run("gateway-api", config)
    zones = {
        r.inputs["metadata"]["name"]: r.inputs["spec"]["dnsZoneResourceIDs"]
        for r in objects(made, "ClusterExternalDNS")
    }
    assert {name: len(ids) for name, ids in zones.items()} == {
        "applications-public": 1,
        "applications-private": 1,
    }
    # Its certificate comes from a secret, so no vault is opened.
    assert {role for role, _ in roles(made, "gateway-").values()} == {
        Role.DNS_ZONE_CONTRIBUTOR,
        Role.PRIVATE_DNS_ZONE_CONTRIBUTOR,
    }


def test_before_the_gateway_api_is_there_nothing_of_it_is_delivered():
    made = deployed("gateway-api")
    for kind in ("Gateway", "HTTPRoute", "Ingress", "NginxIngressController"):
        assert not objects(made, kind)
    names = {r.inputs["metadata"]["name"] for r in objects(made, "NetworkPolicy")}
    assert "default-deny" in names
    assert "allow-ingress-controller" not in names
