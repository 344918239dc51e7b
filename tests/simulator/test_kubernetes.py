"""The Kubernetes stand-in: objects, schemas, reachability and rendering."""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path
from typing import Any

import pytest
import yaml

from simulator.errors import KubernetesError
from simulator.kubernetes.provider import Kubernetes
from simulator.server import CheckRequest, DiffRequest, ResourceState, Urn
from simulator.store import JournalStore
from simulator.wire import UNKNOWN, Properties

NAMESPACE = "core/v1:Namespace"
POLICY = "networking.k8s.io/v1:NetworkPolicy"
CONTROLLER = "approuting.kubernetes.azure.com/v1alpha1:NginxIngressController"
RELEASE = "helm.sh/v3:Release"
DEFINITION = "apiextensions.k8s.io/v1:CustomResourceDefinition"
WIDGETS = {
    "group": "example.com",
    "scope": "Namespaced",
    "names": {"kind": "Widget", "plural": "widgets"},
    "versions": [{"name": "v1", "served": True, "storage": True}],
}


def urn(token: str, name: str = "thing") -> Urn:
    return Urn(f"urn:pulumi:dev::shop::kubernetes:{token}::{name}")


class Session:
    """A provider and the subscription that it looks at."""

    def __init__(self, azure: Any, **settings: Any) -> None:
        self.azure = azure
        self.provider = Kubernetes()
        self.provider.configure(settings)

    def log_in(self) -> None:
        function = "azure-native:containerservice:listManagedClusterUserCredentials"
        args = {"resourceGroupName": "rg-test", "resourceName": "aks"}
        answer = self.azure.cloud.invoke(function, args)
        config = base64.b64decode(answer["kubeconfigs"][0]["value"]).decode()
        self.provider.configure({"kubeconfig": config})

    def check(self, token: str, **inputs: Any) -> dict[str, Any]:
        answer = self.provider.check(CheckRequest(urn(token), {}, inputs, b"seed"))
        assert answer.failures == []
        return answer.inputs

    def failures(self, token: str, **inputs: Any) -> list[str]:
        return self.provider.check(CheckRequest(urn(token), {}, inputs, b"seed")).failures

    def create(self, token: str, **inputs: Any) -> ResourceState:
        checked = Properties(self.check(token, **inputs))
        return asyncio.run(self.provider.create(urn(token), checked, preview=False))

    def read(self, token: str, state: ResourceState) -> ResourceState | None:
        work = self.provider.read(urn(token), state.id, Properties(state.outputs), Properties())
        return asyncio.run(work)

    def delete(self, token: str, state: ResourceState) -> None:
        asyncio.run(self.provider.delete(urn(token), state.id, Properties(state.outputs)))


@pytest.fixture
def session(azure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    monkeypatch.setenv("AZURE_SIM_STATE", str(tmp_path))
    monkeypatch.delenv("AZURE_SIM_VANTAGE", raising=False)
    store = JournalStore(tmp_path)
    for item in azure.cloud.store.all():
        store.put(item)
    azure.cloud.store = store
    return Session(azure)


@pytest.fixture
def cluster(session: Session) -> Session:
    session.azure.cluster(ingressProfile={"webAppRouting": {"enabled": True}})
    session.log_in()
    return session


def test_an_object_gets_its_name_and_namespace(cluster):
    made = cluster.check(POLICY, spec={"podSelector": {}})
    assert made["apiVersion"] == "networking.k8s.io/v1"
    assert made["kind"] == "NetworkPolicy"
    assert made["metadata"]["name"].startswith("thing-")
    assert made["metadata"]["namespace"] == "default"


def test_a_field_that_the_kind_lacks_is_refused(cluster):
    (failure,) = cluster.failures(POLICY, spec={"podSelector": {}, "policyType": []})
    assert failure.startswith("spec: Additional properties are not allowed ('policyType'")
    assert failure.endswith("(Kubernetes 1.35, NetworkPolicy)")


def test_a_missing_field_is_named_by_its_path(cluster):
    rules = [{"http": {"paths": [{"path": "/", "backend": {}}]}}]
    (failure,) = cluster.failures("networking.k8s.io/v1:Ingress", spec={"rules": rules})
    assert failure.startswith("spec.rules[0].http.paths[0]: 'pathType' is a required property")


def test_what_is_not_known_yet_fits_the_schema(cluster):
    assert cluster.check(POLICY, metadata={"name": UNKNOWN}, spec={"podSelector": UNKNOWN})
    ports = [{"port": 80, "targetPort": UNKNOWN}]
    assert cluster.check("core/v1:Service", spec={"ports": ports, "selector": UNKNOWN})


def test_an_object_in_a_namespace_that_does_not_exist_is_refused(cluster):
    with pytest.raises(KubernetesError, match='namespaces "shop" not found'):
        cluster.create(POLICY, metadata={"namespace": "shop"}, spec={"podSelector": {}})
    cluster.create(NAMESPACE, metadata={"name": "shop"})
    metadata = {"name": "deny", "namespace": "shop"}
    made = cluster.create(POLICY, metadata=metadata, spec={"podSelector": {}})
    assert made.id == "shop/deny"
    assert made.outputs["metadata"]["uid"]


def test_what_exists_is_not_created_again(cluster):
    cluster.create(NAMESPACE, metadata={"name": "shop"})
    with pytest.raises(KubernetesError, match="already exists"):
        cluster.create(NAMESPACE, metadata={"name": "shop"})


def test_objects_go_with_their_namespace(cluster):
    space = cluster.create(NAMESPACE, metadata={"name": "shop"})
    metadata = {"name": "deny", "namespace": "shop"}
    policy = cluster.create(POLICY, metadata=metadata, spec={"podSelector": {}})
    cluster.delete(NAMESPACE, space)
    assert cluster.read(POLICY, policy) is None


def test_objects_go_with_their_cluster(cluster):
    cluster.create(NAMESPACE, metadata={"name": "shop"})
    cloud = cluster.azure.cloud

    def objects() -> list[str]:
        return [item.id for item in cloud.store.all() if item.token.startswith("kubernetes:")]

    assert objects()
    cloud.delete(cloud.store.of_type("containerservice:ManagedCluster")[0].id)
    assert not objects()


def test_without_its_cluster_an_object_is_not_created(cluster):
    cloud = cluster.azure.cloud
    cloud.delete(cloud.store.of_type("containerservice:ManagedCluster")[0].id)
    with pytest.raises(KubernetesError, match=r"lookup aks-\w+\.hcp\..*: no such host"):
        cluster.create(NAMESPACE, metadata={"name": "shop"})


def test_without_a_kubeconfig_nothing_is_reached(session):
    with pytest.raises(KubernetesError, match="connection refused"):
        session.create(NAMESPACE, metadata={"name": "shop"})


def test_a_private_cluster_is_reached_from_inside_only(session, monkeypatch):
    session.azure.cluster(apiServerAccessProfile={"enablePrivateCluster": True})
    session.log_in()
    with pytest.raises(KubernetesError, match="no such host"):
        session.create(NAMESPACE, metadata={"name": "shop"})
    monkeypatch.setenv("AZURE_SIM_VANTAGE", "inside")
    assert session.create(NAMESPACE, metadata={"name": "shop"}).id == "shop"


def test_a_kubeconfig_that_is_none_is_refused(session):
    session.provider.configure({"kubeconfig": "apiVersion: v1\nkind: Config\n"})
    with pytest.raises(KubernetesError, match="failed to parse kubeconfig"):
        session.create(NAMESPACE, metadata={"name": "shop"})


def test_an_ingress_controller_needs_the_add_on(session):
    session.azure.cluster()
    session.log_in()
    with pytest.raises(KubernetesError, match='no matches for kind "NginxIngressController"'):
        session.create(CONTROLLER, metadata={"name": "public"}, spec={})


def test_an_ingress_controller_is_made_where_the_add_on_is(cluster):
    assert cluster.create(CONTROLLER, metadata={"name": "public"}, spec={}).id == "public"


def test_a_controllers_class_is_fixed(cluster):
    inputs = {"apiVersion": "approuting.kubernetes.azure.com/v1alpha1"}
    inputs |= {"kind": "NginxIngressController", "metadata": {"name": "public"}}
    made = cluster.create(CONTROLLER, **inputs, spec={"ingressClassName": "public"})
    changed = Properties({**made.outputs, "spec": {"ingressClassName": "other"}})
    olds = Properties(made.outputs)
    update = cluster.provider.update(urn(CONTROLLER), made.id, olds, changed, preview=False)
    with pytest.raises(KubernetesError, match=r"spec\.ingressClassName: Value is immutable"):
        asyncio.run(update)


@pytest.mark.parametrize("name", ["default", "kube-system", "app-routing-system"])
def test_a_namespace_that_the_cluster_brings_is_not_created_again(cluster, name):
    with pytest.raises(KubernetesError, match="already exists"):
        cluster.create(NAMESPACE, metadata={"name": name})


def test_a_name_that_no_api_server_takes_is_refused_before_it_is_sent(session):
    metadata = {"name": "PublicIngress"}
    (failure,) = session.failures("networking.k8s.io/v1:IngressClass", metadata=metadata)
    assert failure.startswith("metadata.name: Invalid value: 'PublicIngress'")


def test_a_definition_brings_its_kind(cluster):
    with pytest.raises(KubernetesError, match="no matches"):
        cluster.create("example.com/v1:Widget", metadata={"name": "w"})
    cluster.create(DEFINITION, metadata={"name": "widgets.example.com"}, spec=WIDGETS)
    assert cluster.create("example.com/v1:Widget", metadata={"name": "w"}).id == "default/w"


def test_a_release_is_recorded_and_brings_its_kinds(cluster):
    inputs = {"name": "traefik", "chart": "traefik", "version": "39.0.0", "values": {"a": 1}}
    with pytest.raises(KubernetesError, match='namespaces "edge" not found'):
        cluster.create(RELEASE, namespace="edge", **inputs)
    made = cluster.create(RELEASE, namespace="edge", createNamespace=True, **inputs)
    assert made.id == "edge/traefik"
    assert made.outputs["status"]["status"] == "deployed"
    assert made.outputs["values"] == {"a": 1}
    route = {"name": "r", "namespace": "edge"}
    assert cluster.create("traefik.io/v1alpha1:IngressRoute", metadata=route, spec={})


def test_an_internal_service_gets_the_address_that_is_asked_for(cluster):
    note = {"service.beta.kubernetes.io/azure-load-balancer-ipv4": "10.0.3.4"}
    made = cluster.create(
        "core/v1:Service",
        metadata={"name": "web", "annotations": note},
        spec={"type": "LoadBalancer", "ports": [{"port": 80}]},
    )
    assert made.outputs["status"]["loadBalancer"]["ingress"] == [{"ip": "10.0.3.4"}]
    assert made.outputs["spec"]["clusterIP"].startswith("10.100.")


@pytest.mark.parametrize(
    ("token", "path", "replaced"),
    [
        (POLICY, ("metadata", "name"), True),
        (POLICY, ("spec", "policyTypes"), False),
        ("core/v1:ConfigMap", ("data", "a"), True),
        ("apps/v1:Deployment", ("spec", "selector"), True),
        ("apps/v1:Deployment", ("spec", "replicas"), False),
    ],
)
def test_fields_that_no_update_changes_replace(session, token, path, replaced):
    old, new = {path[0]: {path[1]: "old"}}, {path[0]: {path[1]: "new"}}
    answer = session.provider.diff(DiffRequest(urn(token), old, {}, new))
    assert answer.changes == {".".join(path): ("update", replaced)}


def test_another_cluster_replaces_the_provider_unless_an_identifier_says_otherwise(session):
    def settings(host: str, **more: str) -> dict[str, Any]:
        clusters = [{"name": "c", "cluster": {"server": f"https://{host}"}}]
        contexts = [{"name": "c", "context": {"cluster": "c", "user": "u"}}]
        config = {"current-context": "c", "clusters": clusters, "contexts": contexts}
        return {"kubeconfig": yaml.safe_dump(config), **more}

    diff = session.provider.diff_config
    assert diff(settings("one"), settings("one")) is None
    answer = diff(settings("one"), settings("two"))
    assert answer is not None
    assert answer.changes == {"kubeconfig": ("update", True)}
    same = {"clusterIdentifier": "id"}
    assert diff(settings("one", **same), settings("two", **same)) is None


def test_objects_are_rendered_as_files_without_a_cluster(session, tmp_path):
    directory = tmp_path / "rendered"
    session.provider.configure({"renderYamlToDirectory": str(directory)})
    metadata = {"name": "deny", "namespace": "shop"}
    made = session.create(POLICY, metadata=metadata, spec={"podSelector": {}})
    file = directory / "1-manifest" / "networking.k8s.io_v1-networkpolicy-shop-deny.yaml"
    assert yaml.safe_load(file.read_text()) == {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": metadata,
        "spec": {"podSelector": {}},
    }
    session.delete(POLICY, made)
    assert not file.exists()


def test_a_rendered_object_cannot_be_read_and_leaves_the_state_only_by_request(session, tmp_path):
    rendering = {"renderYamlToDirectory": str(tmp_path)}
    session.provider.configure(rendering)
    made = session.create(POLICY, metadata={"name": "deny"}, spec={"podSelector": {}})
    with pytest.raises(KubernetesError, match="cannot be reached"):
        session.read(POLICY, made)
    session.provider.configure({**rendering, "deleteUnreachable": "true"})
    assert session.read(POLICY, made) is None


def test_definitions_are_rendered_apart(session, tmp_path):
    session.provider.configure({"renderYamlToDirectory": str(tmp_path)})
    session.create(DEFINITION, metadata={"name": "widgets.example.com"}, spec=WIDGETS)
    assert list((tmp_path / "0-crd").iterdir())
