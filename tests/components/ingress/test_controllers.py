"""The ingress controllers: by chart, with two classes, of your own, or none."""

from __future__ import annotations

import json
import re

import pytest

from components.kubernetes.helm_charts import CHARTS
from tests.components.ingress.recordings import (
    LINUX,
    PREFIX,
    deployed,
    example,
    nested,
    node_rules,
    objects,
    one,
    release,
    run,
    subnet,
)
from tests.helpers.mocks import Recording

BY_CHART = ("traefik", "contour", "haproxy")


@pytest.mark.parametrize("name", BY_CHART)
def test_a_chart_is_installed_in_its_pinned_version_into_a_guarded_namespace(name: str):
    made = release(deployed(name))
    chart = CHARTS[name]
    assert (made.inputs["chart"], made.inputs["version"]) == (chart.name, chart.version)
    assert made.inputs["repositoryOpts"]["repo"] == chart.repository
    namespace = one(deployed(name), "Namespace", chart.namespace)
    labels = namespace.inputs["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] in {"baseline", "restricted"}
    assert namespace.urn in made.dependencies
    assert made.inputs["createNamespace"] is False


@pytest.mark.parametrize("name", BY_CHART)
def test_all_pods_of_a_chart_run_on_linux_nodes(name: str):
    parts = {"traefik": 1, "contour": 2, "haproxy": 2}
    selectors = list(nested(release(deployed(name)).inputs["values"], "nodeSelector"))
    assert selectors == [LINUX] * parts[name]


@pytest.mark.parametrize("name", BY_CHART)
def test_every_controller_has_the_same_internal_address(name: str):
    (annotations,) = nested(release(deployed(name)).inputs["values"], "annotations")
    assert annotations[f"{PREFIX}-internal"] == "true"
    assert (
        annotations[f"{PREFIX}-internal-subnet"] == subnet(deployed(name), "ingress")["subnetName"]
    )
    nginx = example(name)
    routing = {"controller": "app-routing", "appRouting": {"implementation": "nginx"}}
    nginx["aks-network:ingress"] |= routing
    controller = one(run(name, nginx), "NginxIngressController")
    assert controller.inputs["spec"]["loadBalancerAnnotations"] == annotations


@pytest.mark.parametrize("name", ["traefik", "haproxy"])
def test_the_gateway_sends_requests_to_the_controllers_address(name: str):
    gateway = deployed(name).one("network:ApplicationGateway").inputs
    (annotations,) = nested(release(deployed(name)).inputs["values"], "annotations")
    (pool,) = gateway["backendAddressPools"]
    assert pool["backendAddresses"] == [{"ipAddress": annotations[f"{PREFIX}-ipv4"]}]


@pytest.mark.parametrize("name", BY_CHART)
def test_only_the_controllers_own_namespace_reaches_exposed_pods(name: str):
    policy = one(deployed(name), "NetworkPolicy", "allow-ingress-controller").inputs["spec"]
    (source,) = policy["ingress"][0]["from"]
    labels = source["namespaceSelector"]["matchLabels"]
    assert labels == {"kubernetes.io/metadata.name": CHARTS[name].namespace}


@pytest.mark.parametrize("name", BY_CHART)
def test_an_ingress_waits_for_its_controller_and_names_its_class(name: str):
    ingress = one(deployed(name), "Ingress")
    assert release(deployed(name)).urn in ingress.dependencies
    values = release(deployed(name)).inputs["values"]
    assert ingress.inputs["spec"]["ingressClassName"] == "publicingress"
    assert "publicingress" in json.dumps(values)


@pytest.mark.parametrize("name", BY_CHART)
def test_a_chart_vanishes_with_its_cluster(name: str):
    cluster = deployed(name).one("containerservice:ManagedCluster")
    assert release(deployed(name)).deleted_with == cluster.urn


@pytest.mark.parametrize(
    ("name", "key", "delegation"),
    [
        ("agic", "applicationGateway", "Microsoft.Network/applicationGateways"),
        ("agc", "trafficController", "Microsoft.ServiceNetworking/trafficControllers"),
    ],
)
def test_a_gateway_that_speaks_to_pods_is_let_in_to_their_ports_only(
    name: str, key: str, delegation: str
):
    prefix = subnet(deployed(name), key)["addressPrefix"]
    assert [d["serviceName"] for d in subnet(deployed(name), key)["delegations"]] == [delegation]
    policy = one(deployed(name), "NetworkPolicy", "allow-ingress-controller").inputs["spec"]
    assert policy["ingress"][0]["from"] == [{"ipBlock": {"cidr": prefix}}]
    assert policy["ingress"][0]["ports"] == [{"protocol": "TCP", "port": 8080}]
    (rule,) = [
        rule
        for rule in node_rules(deployed(name)).values()
        if prefix in (rule.get("sourceAddressPrefix"), *rule.get("sourceAddressPrefixes", ()))
    ]
    ports = {rule.get("destinationPortRange"), *rule.get("destinationPortRanges", ())} - {None}
    assert (rule["access"], ports) == ("Allow", {"8080"})
    assert "AllowIngressInbound" not in node_rules(deployed(name))


def with_nginx() -> Recording:
    """The example `internal-class` with NGINX."""
    config = example("internal-class")
    config["aks-network:ingress"]["appRouting"]["implementation"] = "nginx"
    return run("internal-class", config)


def test_the_internal_class_has_an_address_of_its_own_beside_the_firewalls():
    made = with_nginx()
    addresses = {
        r.inputs["metadata"]["name"]: r.inputs["spec"]["loadBalancerAnnotations"][f"{PREFIX}-ipv4"]
        for r in objects(made, "NginxIngressController")
    }
    assert set(addresses) == {"publicingress", "internalingress"}
    (pool,) = made.one("network:ApplicationGateway").inputs["backendAddressPools"]
    assert pool["backendAddresses"] == [{"ipAddress": addresses["publicingress"]}]
    assert addresses["internalingress"] != addresses["publicingress"]
    for group in ("nodes", "ingress"):
        rules = made.one("network:NetworkSecurityGroup", f"network-{group}-nsg").inputs
        (rule,) = [r for r in rules["securityRules"] if r["name"] == "AllowInternalIngressInbound"]
        assert rule["sourceAddressPrefix"] == "VirtualNetwork"
        assert rule["destinationAddressPrefix"] == f"{addresses['internalingress']}/32"


def test_an_internal_application_is_neither_listened_for_nor_published():
    made = with_nginx()
    office = one(made, "Ingress", "office-ingress").inputs
    assert office["spec"]["ingressClassName"] == "internalingress"
    assert one(made, "Ingress", "myapp-ingress").inputs["spec"]["ingressClassName"] == (
        "publicingress"
    )
    gateway = made.one("network:ApplicationGateway").inputs
    assert {item["hostName"] for item in gateway["httpListeners"]} == {"myapp.com"}
    assert len(made.of_type("dns:RecordSet")) == 1


def test_a_public_controller_and_an_internal_one_stand_side_by_side():
    config = example("internal-class")
    ingress = config["aks-network:ingress"]
    ingress |= {"exposure": "external", "waf": {"external": {"sourceRanges": "198.51.100.0/24"}}}
    config["aks-network:kubernetes"]["applications"][0]["tls"] = {"secretName": "myapp-tls"}
    made = run("internal-class", config)
    rules = node_rules(made)
    assert rules["AllowIngressInbound"]["sourceAddressPrefix"] == "198.51.100.0/24"
    assert rules["AllowIngressInbound"]["destinationAddressPrefix"] == "*"
    internal = rules["AllowInternalIngressInbound"]["destinationAddressPrefix"]
    group = made.one("network:NetworkSecurityGroup", "network-ingress-nsg").inputs
    names = {r["name"] for r in group["securityRules"] if r["access"] == "Allow"}
    assert names == {"AllowInternalIngressInbound"}
    assert internal.endswith("/32")


def test_an_external_controller_reaches_pods_from_its_namespace():
    config = example("contour")
    config["aks-network:ingress"] = {"controller": "none", "controllerNamespace": "own"}
    made = run("contour", config)
    assert not made.of_type("kubernetes:helm.sh/v3:Release")
    policy = one(made, "NetworkPolicy", "allow-ingress-controller").inputs["spec"]
    (source,) = policy["ingress"][0]["from"]
    assert source["namespaceSelector"]["matchLabels"] == {"kubernetes.io/metadata.name": "own"}
    assert one(made, "Ingress").inputs["spec"]["ingressClassName"] == "publicingress"


def test_without_any_controller_no_one_speaks_http_to_the_nodes():
    config = example("contour")
    config["aks-network:ingress"] = {"controller": "none"}
    application = config["aks-network:kubernetes"]["applications"][0]
    del application["host"], application["tls"]
    for service in application["services"]:
        service.pop("path", None)
    made = run("contour", config)
    assert "AllowIngressInbound" not in node_rules(made)
    assert not objects(made, "Ingress")
    assert not [s for s in made.of_type("network:Subnet") if re.search("ingress", s.name)]


def test_in_an_existing_network_the_controller_uses_the_existing_subnet():
    config = example("byo-vnet")
    config["aks-network:kubernetes"] = {"delivery": "apply"}
    made = run("byo-vnet", config)
    annotations = one(made, "Gateway").inputs["spec"]["infrastructure"]["annotations"]
    assert annotations[f"{PREFIX}-internal-subnet"] == "snet-aks-ingress"
