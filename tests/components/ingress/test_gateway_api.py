"""The Gateway API's objects, of Application Gateway for Containers and of the add-on."""

from __future__ import annotations

import pytest
import yaml

from components.azure.roles import Role
from tests.components.ingress.recordings import (
    PREFIX,
    deployed,
    gateway_example,
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
    config = gateway_example()
    ingress = config["aks-network:ingress"]
    del ingress["waf"]
    ingress |= {"exposure": "external", "privateDnsZones": ["shop.internal"]}
    config["aks-network:kubernetes"]["applications"][0]["tls"] = {"secretName": "myapp-tls"}
    made = run("nginx", config)
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


def test_the_cluster_itself_gets_the_gateway_api_and_no_nginx_of_its_own():
    profile = with_gateway_api().one("containerservice:ManagedCluster").inputs["ingressProfile"]
    assert profile == {
        "gatewayAPI": {"installation": "Standard"},
        "webAppRouting": {
            "enabled": True,
            "nginx": {"defaultIngressControllerType": "None"},
            "gatewayAPIImplementations": {"appRoutingIstio": {"mode": "Enabled"}},
        },
    }
    assert not objects(with_gateway_api(), "NginxIngressController")


@pytest.mark.parametrize("name", ["nginx", "traefik", "agc"])
def test_where_nothing_uses_it_the_gateway_api_is_turned_off_explicitly(name: str):
    """The chart of Application Gateway for Containers brings the definitions."""
    profile = deployed(name).one("containerservice:ManagedCluster").inputs["ingressProfile"]
    assert profile["gatewayAPI"] == {"installation": "Disabled"}
    assert profile["webAppRouting"]["gatewayAPIImplementations"] == {
        "appRoutingIstio": {"mode": "Disabled"}
    }


def test_the_routes_wait_for_a_programmed_gateway():
    made = with_gateway_api()
    gateway = one(made, "Gateway")
    assert gateway.inputs["metadata"]["annotations"]["pulumi.com/waitFor"] == "condition=Programmed"
    for route in objects(made, "HTTPRoute"):
        assert gateway.urn in made.waits_for(route)


def test_internal_applications_have_a_gateway_at_an_address_of_its_own():
    made = deployed("internal-class")
    public, internal = one(made, "Gateway", "applications"), one(made, "Gateway", "internalingress")
    addresses = {
        item.inputs["metadata"]["name"]: item.inputs["spec"]["infrastructure"]["annotations"][
            f"{PREFIX}-ipv4"
        ]
        for item in (public, internal)
    }
    (pool,) = made.one("network:ApplicationGateway").inputs["backendAddressPools"]
    assert pool["backendAddresses"] == [{"ipAddress": addresses["applications"]}]
    assert len(set(addresses.values())) == 2
    hosts = {
        item.inputs["metadata"]["name"]: {
            listener["hostname"]
            for listener in item.inputs["spec"]["listeners"]
            if listener["protocol"] == "HTTPS"
        }
        for item in (public, internal)
    }
    assert hosts == {"applications": {"myapp.com"}, "internalingress": {"office.shop.internal"}}
    parents = one(made, "HTTPRoute", "to-https").inputs["spec"]["parentRefs"]
    assert [parent["name"] for parent in parents] == ["applications", "internalingress"]


def test_only_the_gateway_behind_the_firewall_trusts_its_headers():
    options = {
        item.inputs["metadata"]["name"]: yaml.safe_load(item.inputs["data"]["deployment"])
        for item in objects(deployed("internal-class"), "ConfigMap")
    }
    assert "metadata" in options["applications-options"]["spec"]["template"]
    assert "metadata" not in options["internalingress-options"]["spec"]["template"]
