"""The API server of a simulated cluster: its objects, and the requests that it refuses."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from simulator.azure import identifiers
from simulator.errors import KubernetesError
from simulator.kubernetes import controllers, kinds, schemas
from simulator.store import MemoryStore, Resource
from support.nested import at

RELEASE = "kubernetes:helm.sh/v3:Release"


class ClusterApi:
    """The objects of a cluster. Their keys continue its id, so they are deleted with it."""

    def __init__(self, store: MemoryStore, cluster: Resource) -> None:
        self._store = store
        self._cluster = cluster

    @property
    def version(self) -> str:
        return str(self._cluster.outputs["kubernetesVersion"])

    def id_of(self, api_version: str, kind: str, namespace: str, name: str) -> str:
        """Key of an object in the store; the versions of a group share their objects."""
        group = api_version.rpartition("/")[0] or "core"
        return "/".join([self._cluster.id, "kubernetes", group, kind, namespace or "-", name])

    def get(self, api_version: str, kind: str, namespace: str, name: str) -> Resource | None:
        return self._store.get(self.id_of(api_version, kind, namespace, name))

    def put(self, token: str, manifest: Mapping[str, Any], *, create: bool) -> Resource:
        """Apply an object, which has a name and, if it is namespaced, a namespace."""
        api_version, kind = manifest["apiVersion"], manifest["kind"]
        namespace = manifest["metadata"].get("namespace", "")
        name = manifest["metadata"]["name"]
        self.check_kind(api_version, kind)
        if kind not in kinds.CLUSTER_SCOPED:
            self.check_namespace(namespace)
        key = self.id_of(api_version, kind, namespace, name)
        old = self._store.get(key)
        exists = kind == "Namespace" and self._namespace_exists(name)
        if create and (old is not None or exists):
            raise KubernetesError(
                "AlreadyExists", f'{kind.lower()}s "{name}" already exists in "{namespace}"'
            )
        if old is not None:
            _check_immutable(kind, name, old.inputs, manifest)
        resource = Resource(key, token, dict(manifest), self._live(key, manifest))
        self._store.put(resource)
        return resource

    def put_release(self, inputs: Mapping[str, Any], *, create: bool) -> Resource:
        """Install or upgrade a Helm release; the objects of its chart are not simulated."""
        namespace = inputs.get("namespace", "default")
        name = inputs["name"]
        if inputs.get("createNamespace") and not self._namespace_exists(namespace):
            manifest = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
            self.put("kubernetes:core/v1:Namespace", manifest, create=False)
        self.check_namespace(namespace)
        key = self.id_of("helm.sh/v3", "Release", namespace, name)
        old = self._store.get(key)
        if create and old is not None:
            raise KubernetesError("AlreadyExists", "cannot re-use a name that is still in use")
        revision = old.outputs["status"]["revision"] + 1 if old else 1
        chart = str(inputs["chart"]).rsplit("/", 1)[-1]
        status = {
            "name": name,
            "namespace": namespace,
            "chart": chart,
            "version": inputs.get("version", ""),
            "appVersion": inputs.get("version", ""),
            "revision": revision,
            "status": "deployed",
        }
        outputs = {**inputs, "namespace": namespace, "status": status, "resourceNames": {}}
        resource = Resource(key, RELEASE, dict(inputs), outputs)
        self._store.put(resource)
        return resource

    def delete(self, resource_id: str) -> None:
        """Delete an object; a namespace is deleted with its objects."""
        resource = self._store.get(resource_id)
        if resource and resource.inputs.get("kind") == "Namespace":
            for item in self._objects():
                if _namespace_of(item) == resource.name:
                    self._store.delete(item.id)
        self._store.delete(resource_id)

    def check_kind(self, api_version: str, kind: str) -> None:
        """Raise `KubernetesError` unless the kind is built in or installed."""
        if schemas.known(self.version, api_version, kind):
            return
        group = api_version.rpartition("/")[0]
        if group not in self._custom_groups() or kinds.left_out(self._cluster.inputs, kind):
            raise KubernetesError(
                "NoMatch",
                f'no matches for kind "{kind}" in version "{api_version}": neither Kubernetes'
                f" {self.version} nor an add-on, chart or CustomResourceDefinition of cluster"
                f" '{self._cluster.name}' provides it",
            )

    def check_namespace(self, namespace: str) -> None:
        """Raise `KubernetesError` unless the namespace exists."""
        if not self._namespace_exists(namespace):
            raise KubernetesError("NotFound", f'namespaces "{namespace}" not found')

    def _namespace_exists(self, namespace: str) -> bool:
        return (
            namespace in kinds.BUILT_IN_NAMESPACES
            or namespace in kinds.addon_namespaces(self._cluster.inputs)
            or self.get("v1", "Namespace", "", namespace) is not None
        )

    def _objects(self) -> list[Resource]:
        return self._store.below(f"{self._cluster.id}/kubernetes")

    def _custom_groups(self) -> set[str]:
        groups = kinds.addon_groups(self._cluster.inputs)
        for item in self._objects():
            if item.token == RELEASE:
                groups.update(kinds.CHART_GROUPS.get(item.outputs["status"]["chart"], ()))
            elif item.inputs.get("kind") == "CustomResourceDefinition":
                groups.add(str(at(item.inputs, "spec", "group")))
        return groups

    def _live(self, key: str, manifest: Mapping[str, Any]) -> dict[str, Any]:
        """The object as the API server returns it after its controllers have run."""
        live: dict[str, Any] = copy.deepcopy(dict(manifest))
        live["metadata"] |= {
            "uid": identifiers.guid(key, "uid"),
            "resourceVersion": str(int(identifiers.digest(key, repr(manifest), length=6), 16)),
            "generation": 1,
            "creationTimestamp": "2026-01-01T00:00:00Z",
        }
        complete = controllers.BY_KIND.get(manifest["kind"])
        if complete:
            complete(self._cluster, key, live)
        return live


def _check_immutable(kind: str, name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    """Raise `KubernetesError` if a field changes that the kind's definition makes immutable."""
    for path in kinds.IMMUTABLE_IN_CLUSTER.get(kind, ()):
        keys = path.split(".")
        if at(old, *keys) != at(new, *keys):
            message = f'{kind} "{name}" is invalid: {path}: Value is immutable'
            raise KubernetesError("Invalid", message)


def _namespace_of(resource: Resource) -> str:
    if resource.token == RELEASE:
        return str(resource.outputs["namespace"])
    return str(at(resource.inputs, "metadata", "namespace") or "")
