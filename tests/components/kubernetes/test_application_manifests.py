"""The applications' manifests: valid by the published schema, closed but for what is declared."""

from collections.abc import Iterable
from typing import Any

import kubernetes_validate
import pytest

from components.kubernetes.application_manifests import manifests
from components.kubernetes.ingress_routes import GatewayReference, IngressRoute, VaultCertificates
from components.kubernetes.manifest import Manifest
from components.kubernetes.network_policies import AllowedConnections, PolicyRanges
from components.settings.kubernetes import Application
from simulator.kubernetes import custom
from tests.helpers.loops import each

ROUTE = IngressRoute(
    class_name="publicingress",
    controller_namespace="app-routing-system",
    certificates=VaultCertificates("https://vault.vault.azure.net/secrets/ingress-tls"),
)


def application(**changes: Any) -> Application:
    """The article's example: blog and store behind myapp.com, and a backend."""
    data: dict[str, Any] = {
        "name": "myapp",
        "host": "myapp.com",
        "services": (
            {"name": "blogservice", "app": "frontend", "path": "/blog"},
            {"name": "storeservice", "app": "frontend", "path": "/store"},
            {"name": "backendservice", "app": "backend"},
        ),
        "allow": ({"from": "frontend", "to": "backend"},),
        **changes,
    }
    return Application.model_validate(data)


def objects(**changes: Any) -> dict[tuple[str, str], dict[str, Any]]:
    return by_name(manifests(application(**changes), [ROUTE]))


def by_name(made: Iterable[Manifest]) -> dict[tuple[str, str], Manifest]:
    return {(m["kind"], m["metadata"]["name"]): m for m in made}


def test_every_object_is_valid_for_the_clusters_kubernetes_version():
    for manifest in each(manifests(application(), [ROUTE])):
        kubernetes_validate.validate(manifest, "1.35", strict=True)


def test_the_namespace_comes_first_with_its_pod_security_level():
    first = manifests(application(), [ROUTE])[0]
    assert first["kind"] == "Namespace"
    assert first["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


def test_a_route_of_the_longest_host_has_a_name_that_kubernetes_takes():
    host = ".".join(["a" * 63, "b" * 63, "c" * 63, "d" * 61])
    gateway = GatewayReference("applications", "ingress-gateway")
    made = manifests(application(host=host), [IngressRoute("", None, gateway=gateway)])
    (route,) = [m for m in made if m["kind"] == "HTTPRoute"]
    assert len(route["metadata"]["name"]) <= 253
    assert len(route["spec"]["parentRefs"][0]["sectionName"]) <= 253


def test_without_any_certificate_an_ingress_names_no_secret():
    made = by_name(manifests(application(), [IngressRoute("own", "own-ingress")]))
    assert "tls" not in made["Ingress", "myapp-ingress"]["spec"]


def test_everything_is_denied_by_default():
    spec = objects()["NetworkPolicy", "default-deny"]["spec"]
    assert spec == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


def test_backend_hears_frontend_only():
    policy = objects()["NetworkPolicy", "backend-policy"]["spec"]
    assert policy["podSelector"] == {"matchLabels": {"app": "backend"}}
    assert policy["ingress"] == [{"from": [{"podSelector": {"matchLabels": {"app": "frontend"}}}]}]


def test_frontend_may_go_out_to_backend():
    policy = objects()["NetworkPolicy", "frontend-egress"]["spec"]
    assert policy["egress"] == [{"to": [{"podSelector": {"matchLabels": {"app": "backend"}}}]}]


def test_only_what_has_a_path_is_open_to_the_controller():
    policy = objects()["NetworkPolicy", "allow-ingress-controller"]["spec"]
    assert policy["podSelector"]["matchExpressions"][0]["values"] == ["frontend"]
    (source,) = policy["ingress"][0]["from"]
    labels = source["namespaceSelector"]["matchLabels"]
    assert labels == {"kubernetes.io/metadata.name": "app-routing-system"}


def test_the_ingress_leads_paths_to_services_with_tls():
    ingress = objects()["Ingress", "myapp-ingress"]
    spec = ingress["spec"]
    assert spec["ingressClassName"] == "publicingress"
    assert spec["tls"] == [{"hosts": ["myapp.com"], "secretName": "keyvault-myapp-ingress"}]
    paths = spec["rules"][0]["http"]["paths"]
    assert [(p["path"], p["backend"]["service"]["name"]) for p in paths] == [
        ("/blog", "blogservice"),
        ("/store", "storeservice"),
    ]
    assert ingress["metadata"]["annotations"] == {
        "kubernetes.azure.com/tls-cert-keyvault-uri": ROUTE.certificates.shared
    }


def test_a_certificate_in_a_secret_of_ones_own_is_left_to_its_owner():
    ingress = objects(tls={"secretName": "myapp-secret"})["Ingress", "myapp-ingress"]
    assert ingress["spec"]["tls"][0]["secretName"] == "myapp-secret"
    assert "annotations" not in ingress["metadata"]


def test_an_application_without_a_host_has_no_route():
    services = ({"name": "worker", "app": "worker"},)
    made = objects(host=None, services=services, allow=())
    assert {kind for kind, _ in made} == {"Namespace", "NetworkPolicy", "Service"}
    assert {name for kind, name in made if kind == "NetworkPolicy"} == {
        "default-deny",
        "allow-dns",
    }


@pytest.mark.parametrize("local", [True, False])
def test_pods_may_ask_the_dns_server_of_their_node_where_there_is_one(*, local: bool):
    ranges = PolicyRanges(local_dns=local)
    made = by_name(manifests(application(), [ROUTE], None, ranges))["NetworkPolicy", "allow-dns"]
    (rule,) = made["spec"]["egress"]
    assert rule["ports"] == [{"protocol": name, "port": 53} for name in ("UDP", "TCP")]
    assert ({"ipBlock": {"cidr": "169.254.10.0/24"}} in rule["to"]) is local


def test_cilium_needs_a_policy_of_its_own_for_the_dns_server_of_the_node():
    ranges = PolicyRanges(local_dns=True, cilium=True)
    made = by_name(manifests(application(), [ROUTE], None, ranges))
    policy = made["CiliumNetworkPolicy", "allow-local-dns"]
    assert policy["spec"]["endpointSelector"] == {}
    ports = [{"port": "53", "protocol": name} for name in ("UDP", "TCP")]
    assert policy["spec"]["egress"] == [
        {"toCIDR": ["169.254.10.0/24"], "toPorts": [{"ports": ports}]},
        {"toEntities": ["host"], "toPorts": [{"ports": ports}]},
    ]
    assert list(custom.problems("1.35", policy)) == []


@pytest.mark.parametrize("ranges", [PolicyRanges(local_dns=True), PolicyRanges(cilium=True)])
def test_no_other_policy_engine_gets_ciliums_policy(ranges: PolicyRanges):
    made = by_name(manifests(application(), [ROUTE], None, ranges))
    assert {kind for kind, _ in made if kind.startswith("Cilium")} == set()


IMAGE = "mcr.microsoft.com/dotnet/samples:aspnetapp-10.0"


def with_workload(**changes: Any) -> dict[tuple[str, str], dict[str, Any]]:
    return objects(workloads=({"app": "frontend", "image": IMAGE, **changes},))


def test_a_workload_makes_valid_objects():
    for changes in ({}, {"os": "Windows"}, {"user": 10001, "environment": {"A": "b"}}):
        for manifest in each(with_workload(**changes).values()):
            kubernetes_validate.validate(manifest, "1.35", strict=True)


def test_a_workload_meets_the_restricted_pod_security_standard():
    deployment = with_workload()["Deployment", "frontend"]
    pod = deployment["spec"]["template"]["spec"]
    assert pod["securityContext"] == {
        "runAsNonRoot": True,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    for container in pod["containers"]:
        assert container["securityContext"]["allowPrivilegeEscalation"] is False
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert {kind for v in pod["volumes"] for kind in v.keys() - {"name"}} == {"emptyDir"}
    assert not {"hostNetwork", "hostPID", "hostIPC"} & pod.keys()
    assert pod["automountServiceAccountToken"] is False


def test_a_workload_runs_on_linux_nodes_over_zones_and_nodes():
    pod = with_workload()["Deployment", "frontend"]["spec"]["template"]["spec"]
    assert pod["nodeSelector"] == {"kubernetes.io/os": "linux"}
    keys = [row["topologyKey"] for row in pod["topologySpreadConstraints"]]
    assert keys == ["topology.kubernetes.io/zone", "kubernetes.io/hostname"]


def test_a_windows_workload_asks_for_nothing_that_windows_refuses():
    pod = with_workload(os="Windows")["Deployment", "frontend"]["spec"]["template"]["spec"]
    assert pod["nodeSelector"] == {"kubernetes.io/os": "windows"}
    assert pod["os"] == {"name": "windows"}
    assert "seccompProfile" not in pod["securityContext"]
    assert "securityContext" not in pod["containers"][0]
    assert "volumes" not in pod


def test_pods_carry_the_label_that_policies_and_services_go_by():
    made = with_workload()
    template = made["Deployment", "frontend"]["spec"]["template"]
    assert template["metadata"]["labels"] == {"app": "frontend"}
    assert made["Service", "blogservice"]["spec"]["selector"] == {"app": "frontend"}


def test_a_drained_node_takes_one_pod_of_a_workload_at_a_time():
    spec = with_workload(replicas=1)["PodDisruptionBudget", "frontend"]["spec"]
    assert spec == {"maxUnavailable": 1, "selector": {"matchLabels": {"app": "frontend"}}}


def test_a_pair_across_applications_opens_both_sides():
    web = application(name="web", host="web.com", allow=())
    pair = {"from": {"application": "web", "app": "frontend"}, "to": "backend", "ports": (8080,)}
    data = application(name="data", host="data.com", allow=(pair,))
    connections = AllowedConnections.of([web, data])
    receives = by_name(manifests(data, [ROUTE], connections))["NetworkPolicy", "backend-policy"]
    assert receives["spec"]["ingress"] == [
        {
            "from": [
                {
                    "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "web"}},
                    "podSelector": {"matchLabels": {"app": "frontend"}},
                }
            ],
            "ports": [{"protocol": "TCP", "port": 8080}],
        }
    ]
    sends = by_name(manifests(web, [ROUTE], connections))["NetworkPolicy", "frontend-egress"]
    (rule,) = sends["spec"]["egress"]
    labels = rule["to"][0]["namespaceSelector"]["matchLabels"]
    assert labels == {"kubernetes.io/metadata.name": "data"}


def test_an_application_without_outgoing_connections_has_no_egress_policy():
    pair = {"from": {"application": "web", "app": "frontend"}, "to": "backend"}
    made = objects(allow=(pair,))
    assert ("NetworkPolicy", "backend-policy") in made
    assert ("NetworkPolicy", "frontend-egress") not in made


def egress(to: str, **ranges: Any) -> dict[str, Any]:
    app = application(egress=({"from": "backend", "to": (to,), "ports": (443,)},))
    made = by_name(manifests(app, [ROUTE], None, PolicyRanges(**ranges)))
    (rule,) = made["NetworkPolicy", "backend-egress"]["spec"]["egress"]
    assert rule["ports"] == [{"protocol": "TCP", "port": 443}]
    (peer,) = rule["to"]
    return peer["ipBlock"]


def test_the_internet_is_everything_but_private_ranges_and_the_platforms_own_addresses():
    block = egress("internet")
    assert block["cidr"] == "0.0.0.0/0"
    assert {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"} <= set(block["except"])
    assert {"169.254.0.0/16", "168.63.129.16/32"} <= set(block["except"])


def test_an_address_range_leaves_out_the_nodes_and_pods_in_it():
    inside = ("10.20.0.0/17", "10.244.0.0/16", "172.30.0.0/24")
    block = egress("10.0.0.0/8", cluster=inside)
    assert block == {"cidr": "10.0.0.0/8", "except": ["10.20.0.0/17", "10.244.0.0/16"]}
    assert egress("10.60.0.0/24", cluster=inside) == {"cidr": "10.60.0.0/24"}


def test_named_destinations_are_the_planned_subnets():
    assert egress("private-endpoints", private_endpoints="10.20.194.0/24") == {
        "cidr": "10.20.194.0/24"
    }
    assert egress("api-server", api_server="10.20.196.0/28") == {"cidr": "10.20.196.0/28"}


def test_ports_may_be_ranges_and_of_udp():
    app = application(egress=({"to": ("10.9.0.0/24",), "ports": ("53/UDP", "30000-30100")},))
    (rule,) = by_name(manifests(app, [ROUTE]))["NetworkPolicy", "allow-outbound"]["spec"]["egress"]
    assert rule["ports"] == [
        {"protocol": "UDP", "port": 53},
        {"protocol": "TCP", "port": 30000, "endPort": 30100},
    ]


def test_apps_on_different_ports_are_open_to_the_controller_on_their_own_only():
    services = (
        {"name": "a", "app": "a", "path": "/a"},
        {"name": "b", "app": "b", "path": "/b", "targetPort": 9090},
    )
    made = objects(services=services, allow=())
    for name, app, port in (("", "a", 8080), ("-9090", "b", 9090)):
        spec = made["NetworkPolicy", f"allow-ingress-controller{name}"]["spec"]
        assert spec["podSelector"]["matchExpressions"][0]["values"] == [app]
        assert spec["ingress"][0]["ports"] == [{"protocol": "TCP", "port": port}]


def test_a_service_may_answer_at_a_host_of_its_own_and_under_several_paths():
    services = (
        {"name": "blog", "app": "web", "path": ("/blog", "/feed")},
        {"name": "shop", "app": "web", "path": "/", "host": "shop.myapp.com"},
    )
    spec = objects(services=services, allow=())["Ingress", "myapp-ingress"]["spec"]
    assert spec["tls"][0]["hosts"] == ["myapp.com", "shop.myapp.com"]
    found = {r["host"]: [p["path"] for p in r["http"]["paths"]] for r in spec["rules"]}
    assert found == {"myapp.com": ["/blog", "/feed"], "shop.myapp.com": ["/"]}
