"""Pods behind Azure Firewall: images that they pull, and the API server that they dial."""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path
from typing import Any

import pytest

from simulator.errors import InitializationFailed, KubernetesError
from simulator.kubernetes.egress import addon_warnings
from simulator.kubernetes.provider import Kubernetes
from simulator.server import CheckRequest, ResourceState, Urn
from simulator.store import JournalStore
from simulator.wire import Properties
from tests.simulator.aks import Landscape
from tests.simulator.landscape import firewall, peering, ref
from tests.simulator.subscription import GROUP, Subscription

RELEASE = "kubernetes:helm.sh/v3:Release"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
DOCKER = (
    "registry-1.docker.io",
    "auth.docker.io",
    "production.cloudflare.docker.com",
)
GITHUB = ("ghcr.io", "pkg-containers.githubusercontent.com")
POLICY = {"firewallPolicyName": "afwp"}
HOP = "10.9.0.4"


class Behind:
    """A cluster behind a firewall, and the provider that applies objects to it."""

    def __init__(self, azure: Subscription, directory: Path, **cluster: Any) -> None:
        self.azure = azure
        store = JournalStore(directory)
        for item in azure.cloud.store.all():
            store.put(item)
        azure.cloud.store = store
        route = {"name": "default", "addressPrefix": "0.0.0.0/0", "nextHopIpAddress": HOP}
        table = azure.put(
            "network:RouteTable",
            routeTableName="rt",
            routes=[{**route, "nextHopType": "VirtualAppliance"}],
        )
        land = Landscape(azure, routeTable=ref(table))
        hub = azure.network("hub", "10.9.0.0/16")
        subnet = azure.subnet("AzureFirewallSubnet", "10.9.0.0/24", "hub")
        peering(azure, "vnet", hub)
        peering(azure, "hub", land.network)
        policy = azure.put(
            "network:FirewallPolicy", sku={"tier": "Standard"}, dnsSettings=PROXY, **POLICY
        )
        self.allow("aks", 200, application(fqdnTags=["AzureKubernetesService"]))
        firewall(azure, subnet, policy)
        self.cluster = land.make(network={"outboundType": "userDefinedRouting"}, **cluster)
        self.provider = Kubernetes()
        function = "azure-native:containerservice:listManagedClusterUserCredentials"
        answer = azure.cloud.invoke(function, {"resourceGroupName": GROUP, "resourceName": "aks"})
        config = base64.b64decode(answer["kubeconfigs"][0]["value"]).decode()
        self.provider.configure({"kubeconfig": config})

    def allow(self, name: str, priority: int, *rules: dict[str, Any]) -> None:
        """Add a rule collection group to the firewall's policy."""
        collection = {
            "ruleCollectionType": "FirewallPolicyFilterRuleCollection",
            "name": name,
            "priority": 200,
            "action": {"type": "Allow"},
            "rules": list(rules),
        }
        self.azure.put(
            "network:FirewallPolicyRuleCollectionGroup",
            ruleCollectionGroupName=name,
            priority=priority,
            ruleCollections=[collection],
            **POLICY,
        )

    def allow_api_server(self, **more: Any) -> None:
        fqdn = self.cluster.outputs["fqdn"]
        self.allow("api", 300, network_rule(**(more or {"destinationFqdns": [fqdn]})))

    def create(self, token: str, **inputs: Any) -> ResourceState:
        urn = Urn(f"urn:pulumi:dev::shop::{token}::thing")
        answer = self.provider.check(CheckRequest(urn, {}, inputs, b"seed"))
        assert answer.failures == []
        made = Properties(answer.inputs)
        return asyncio.run(self.provider.create(urn, made, preview=False))

    def install(self, chart: str) -> ResourceState:
        return self.create(RELEASE, chart=chart, name=chart, namespace="default", atomic=True)


PROXY = {"enableProxy": True}


def application(**more: Any) -> dict[str, Any]:
    rule = {"name": "r", "ruleType": "ApplicationRule", "sourceAddresses": ["10.0.0.0/20"]}
    return {**rule, "protocols": [{"protocolType": "Https", "port": 443}], **more}


def network_rule(**more: Any) -> dict[str, Any]:
    rule = {"name": "n", "ruleType": "NetworkRule", "sourceAddresses": ["*"]}
    return {**rule, "ipProtocols": ["TCP"], "destinationPorts": ["443"], **more}


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AZURE_SIM_STATE", str(tmp_path))
    monkeypatch.delenv("AZURE_SIM_VANTAGE", raising=False)
    return tmp_path


@pytest.fixture
def behind(azure: Subscription, directory: Path) -> Behind:
    return Behind(azure, directory)


@pytest.mark.parametrize(
    ("chart", "hosts"),
    [
        ("traefik", DOCKER),
        ("kubernetes-ingress", DOCKER),
        ("contour", (*DOCKER, *GITHUB)),
    ],
)
def test_a_chart_needs_its_registries_and_the_api_server(behind, chart, hosts):
    with pytest.raises(KubernetesError, match=r"uninstalled.*atomic.*ImagePullBackOff.*afw"):
        behind.install(chart)
    behind.allow("images", 250, application(targetFqdns=list(hosts)))
    with pytest.raises(KubernetesError, match=r"CrashLoopBackOff.*no network rule for TCP 443"):
        behind.install(chart)
    behind.allow_api_server()
    assert behind.install(chart)


def test_the_controller_of_application_gateway_for_containers_needs_its_endpoints(behind):
    chart = "oci://mcr.microsoft.com/application-lb/charts/alb-controller"
    with pytest.raises(KubernetesError, match=r"CrashLoopBackOff.*no network rule for TCP 443"):
        behind.install(chart)
    behind.allow_api_server()
    names = ["*.oic.prod-aks.azure.com", "*.alb.azure.com"]
    for number, name in enumerate(names):
        with pytest.raises(KubernetesError, match=r"CrashLoopBackOff.*denies HTTPS to \*"):
            behind.install(chart)
        behind.allow(f"alb{number}", 400 + number, application(targetFqdns=[name]))
    assert behind.install(chart)


@pytest.mark.parametrize(
    ("given", "passes"),
    [
        ({"destinationAddresses": ["AzureCloud.westeurope"]}, True),
        ({"destinationAddresses": ["*"], "destinationPorts": ["400-500"]}, True),
        ({"destinationAddresses": ["AzureCloud.northeurope"]}, False),
        ({"destinationAddresses": ["*"], "ipProtocols": ["UDP"]}, False),
        ({"destinationAddresses": ["*"], "sourceAddresses": ["10.77.0.0/16"]}, False),
        ({"destinationFqdns": ["other.example.com"]}, False),
    ],
)
def test_a_rule_for_the_api_server_names_its_address(behind, given, passes):
    behind.allow("images", 250, application(targetFqdns=["*.docker.io", "*.docker.com"]))
    behind.allow_api_server(**given)
    if passes:
        assert behind.install("traefik")
    else:
        with pytest.raises(KubernetesError, match="CrashLoopBackOff"):
            behind.install("traefik")


def test_pods_of_a_private_cluster_dial_no_public_address(azure, directory, monkeypatch):
    monkeypatch.setenv("AZURE_SIM_VANTAGE", "inside")
    access = {"enablePrivateCluster": True}
    behind = Behind(azure, directory, apiServerAccessProfile=access)
    behind.allow("images", 250, application(targetFqdns=list(DOCKER)))
    assert behind.install("traefik")


def deployment(image: str) -> dict[str, Any]:
    labels = {"app": "a"}
    pod = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "a", "image": image}]}}
    spec = {"selector": {"matchLabels": labels}, "template": pod}
    return {"metadata": {"name": "a", "namespace": "default"}, "spec": spec}


@pytest.mark.parametrize(
    ("image", "missing"),
    [
        ("nginx:1.29", "registry-1.docker.io"),
        ("shop.azurecr.io/web:1", "shop.azurecr.io"),
        ("quay.io/org/web:1", "quay.io"),
        ("mcr.microsoft.com/app:1", None),
    ],
)
def test_the_image_of_a_workload_is_pulled_through_the_firewall(behind, image, missing):
    if missing is None:
        assert behind.create(DEPLOYMENT, **deployment(image))
        return
    with pytest.raises(InitializationFailed, match=f"ImagePullBackOff.*denies HTTPS to {missing}"):
        behind.create(DEPLOYMENT, **deployment(image))


def test_the_image_of_an_init_container_is_pulled_too(behind):
    workload = deployment("mcr.microsoft.com/app:1")
    first = {"name": "migrate", "image": "quay.io/org/migrate:1"}
    workload["spec"]["template"]["spec"]["initContainers"] = [first]
    with pytest.raises(InitializationFailed, match=r"ImagePullBackOff.*to quay\.io"):
        behind.create(DEPLOYMENT, **workload)


def test_an_add_ons_controller_without_the_api_server_is_a_warning(behind):
    store = behind.azure.cloud.store
    controller = {"kind": "NginxIngressController", "metadata": {"name": "public"}}
    (warning,) = addon_warnings(store, behind.cluster, controller)
    assert "CrashLoopBackOff" in warning
    behind.allow_api_server()
    assert list(addon_warnings(store, behind.cluster, controller)) == []
