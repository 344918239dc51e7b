"""The applications' manifests: valid by the published schema, closed but for what is declared."""

from typing import Any

import kubernetes_validate

from components.ingress_routes import IngressRoute
from components.kubernetes_objects import manifests
from components.settings.kubernetes import Application

ROUTE = IngressRoute(
    class_name="publicingress",
    controller_namespace="app-routing-system",
    certificate_uri="https://vault.vault.azure.net/secrets/ingress-tls",
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
    made = manifests(application(**changes), ROUTE)
    return {(m["kind"], m["metadata"]["name"]): m for m in made}


def test_every_object_is_valid_for_the_clusters_kubernetes_version():
    for manifest in manifests(application(), ROUTE):
        kubernetes_validate.validate(manifest, "1.35", strict=True)


def test_the_namespace_comes_first_with_its_pod_security_level():
    first = manifests(application(), ROUTE)[0]
    assert first["kind"] == "Namespace"
    assert first["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


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
        "kubernetes.azure.com/tls-cert-keyvault-uri": ROUTE.certificate_uri
    }


def test_a_certificate_in_a_secret_of_ones_own_is_left_to_its_owner():
    ingress = objects(tls={"secretName": "myapp-secret"})["Ingress", "myapp-ingress"]
    assert ingress["spec"]["tls"][0]["secretName"] == "myapp-secret"
    assert "annotations" not in ingress["metadata"]


def test_an_application_without_a_host_has_no_way_in():
    services = ({"name": "worker", "app": "worker"},)
    made = objects(host=None, services=services, allow=())
    assert {kind for kind, _ in made} == {"Namespace", "NetworkPolicy", "Service"}
    assert {name for kind, name in made if kind == "NetworkPolicy"} == {
        "default-deny",
        "allow-dns",
    }
