"""The pulumi-kubernetes provider itself: defaults, diffs, previews and refreshes."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from importlib import metadata
from pathlib import Path
from typing import Any

from simulator import differences
from simulator.azure import identifiers, schema
from simulator.azure.cloud import Cloud
from simulator.azure.provider import state_directory
from simulator.errors import InitializationFailed, KubernetesError, NotSimulated, Refused
from simulator.faults import OperationFailed
from simulator.kubernetes import (
    access,
    certificates,
    custom,
    egress,
    gateways,
    images,
    kinds,
    render,
    schemas,
    snippets,
    validation,
)
from simulator.kubernetes.api import RELEASE, ClusterApi
from simulator.kubernetes.service import ClientGo, KubernetesService
from simulator.operations import Operation, Operations
from simulator.processes import Processes
from simulator.server import (
    CheckRequest,
    CheckResponse,
    DiffRequest,
    DiffResponse,
    ResourceState,
    Urn,
)
from simulator.store import JournalStore, Resource
from simulator.wire import Path as PropertyPath
from simulator.wire import Properties, Unknown, has_unknown
from support.nested import at, mapping

_AUTONAMED = "pulumi.com/autonamed"

_WARNINGS: ContextVar[tuple[str, ...]] = ContextVar("warnings", default=())
"""Warnings of the current call; each of the engine's parallel calls is a task of its own."""


class Kubernetes:
    """The provider; the engine starts a process for each provider resource."""

    def __init__(self) -> None:
        self.version = metadata.version("pulumi-kubernetes")
        self._store = JournalStore(state_directory())
        self._operations = Operations(
            state_directory(), KubernetesService(), ClientGo(), Processes(state_directory())
        )
        self._kubeconfig: str | None = None
        self._namespace = "default"
        self._render: Path | None = None
        self._delete_unreachable = False

    def parameterize(self, arguments: Sequence[str] | bytes) -> tuple[str, str]:
        """Raise `Refused`: the provider has no parameters."""
        del arguments
        raise Refused("the provider does not support parameterization")

    def configure(self, settings: dict[str, Any]) -> None:
        self._kubeconfig = settings.get("kubeconfig")
        self._namespace = settings.get("namespace") or "default"
        directory = settings.get("renderYamlToDirectory")
        self._render = Path(directory) if directory else None
        self._delete_unreachable = str(settings.get("deleteUnreachable")).lower() == "true"

    def take_warnings(self) -> list[str]:
        """Return and clear the warnings of the current call."""
        warnings = _WARNINGS.get()
        _WARNINGS.set(())
        return list(warnings)

    def diff_config(self, olds: Mapping[str, Any], news: Mapping[str, Any]) -> DiffResponse | None:
        """Another cluster replaces the provider; `clusterIdentifier`, if set, identifies it."""
        if "clusterIdentifier" in olds and "clusterIdentifier" in news:
            path = "clusterIdentifier"
            replaced = olds[path] != news[path]
        else:
            path = "kubeconfig"
            replaced = _server(olds.get(path)) != _server(news.get(path))
        return DiffResponse({path: ("update", True)}) if replaced else None

    def check(self, request: CheckRequest) -> CheckResponse:
        """Name the object and check it against the schema and the rules of its kind."""
        if request.urn.token == RELEASE:
            return CheckResponse(self._named_release(request))
        inputs = self._named(request)
        version = self._version()
        problems: list[schema.Problem] = []
        # Whether the kind of a custom resource is installed is checked on creation.
        if schemas.known(version, inputs["apiVersion"], inputs["kind"]):
            problems += schemas.problems(version, inputs)
        elif custom.known(inputs["apiVersion"], inputs["kind"]):
            problems += custom.problems(version, inputs)
        problems = problems or list(validation.problems(inputs))
        failures = [
            f"{item.path}: {item.reason} (Kubernetes {version}, {inputs['kind']})"
            for item in problems
        ]
        return CheckResponse(inputs, failures)

    def _version(self) -> str:
        """The version of the cluster, or the default if it cannot be reached."""
        if self._kubeconfig:
            try:
                cluster = access.find_cluster(self._store, self._kubeconfig)
                return str(cluster.outputs["kubernetesVersion"])
            except KubernetesError:
                pass
        return schemas.DEFAULT_VERSION

    def _named(self, request: CheckRequest) -> dict[str, Any]:
        """The manifest with apiVersion, kind, name and namespace."""
        _, group_version, kind = request.urn.token.split(":")
        inputs: dict[str, Any] = copy.deepcopy(request.news)
        inputs.setdefault("apiVersion", _api_version(group_version))
        inputs.setdefault("kind", kind)
        data = inputs.setdefault("metadata", {})
        if isinstance(data, Unknown):
            return inputs
        old = mapping(request.olds, "metadata")
        if "name" not in data and "generateName" not in data:
            autonamed = at(old, "annotations", _AUTONAMED) == "true"
            data["name"] = old["name"] if autonamed else _name(request)
            annotations = data.setdefault("annotations", {})
            if not isinstance(annotations, Unknown):
                annotations[_AUTONAMED] = "true"
        if kind not in kinds.CLUSTER_SCOPED:
            data.setdefault("namespace", self._namespace)
        return inputs

    def _named_release(self, request: CheckRequest) -> dict[str, Any]:
        inputs = dict(request.news)
        inputs.setdefault("name", request.olds.get("name") or _name(request))
        inputs.setdefault("namespace", self._namespace)
        return inputs

    def diff(self, request: DiffRequest) -> DiffResponse:
        """Compare the inputs; changes of immutable fields replace the object."""
        urn, news = request.urn, request.news
        kind = urn.token.rsplit(":", 1)[-1]
        immutable = ("metadata.name", "metadata.namespace", "kind", *kinds.REPLACING.get(kind, ()))
        replacing = ("name", "namespace") if urn.token == RELEASE else immutable
        result = DiffResponse()
        for path, change in differences.compare(request.old_inputs, news):
            result.changes[path] = (change, differences.replaces(path, replacing))
        replaced = any(replaces for _, replaces in result.changes.values())
        autonamed = at(news, "metadata", "annotations", _AUTONAMED) == "true"
        result.delete_before_replace = replaced and not autonamed
        return result

    async def create(self, urn: Urn, inputs: Properties, *, preview: bool) -> ResourceState:
        if preview:
            return ResourceState("", inputs.values)
        return await self._apply("create", urn, inputs.values)

    async def update(
        self, urn: Urn, resource_id: str, olds: Properties, inputs: Properties, *, preview: bool
    ) -> ResourceState:
        if preview:
            return ResourceState(resource_id, {**olds.values, **inputs.values})
        return await self._apply("update", urn, inputs.values)

    async def _apply(self, kind: Any, urn: Urn, inputs: dict[str, Any]) -> ResourceState:
        shown_id = _shown_id(urn.token, inputs)
        if self._render:
            if urn.token == RELEASE:
                raise KubernetesError("Invalid", "a Helm Release cannot be rendered to YAML files")
            render.write(self._render, inputs)
            return ResourceState(shown_id, inputs)

        def work() -> Resource:
            cluster = access.find_cluster(self._store, self._kubeconfig)
            api = ClusterApi(self._store, cluster)
            if urn.token == RELEASE:
                if why := egress.release_failure(self._store, cluster, str(inputs["chart"])):
                    raise _release_failed(inputs, why)
                return api.put_release(inputs, create=kind == "create")
            resource = api.put(urn.token, inputs, create=kind == "create")
            unprogrammed = gateways.failure(self._store, cluster, inputs)
            awaited = unprogrammed if gateways.is_awaited(inputs) else None
            if why := egress.workload_failure(self._store, cluster, inputs) or awaited:
                cause = KubernetesError("Timeout", f"Timed out waiting for {shown_id}: {why}")
                raise InitializationFailed(cause, shown_id, resource.outputs)
            _WARNINGS.set(
                (
                    *certificates.warnings(Cloud(self._store), cluster, inputs),
                    *snippets.warnings(Cloud(self._store), cluster, inputs),
                    *images.warnings(Cloud(self._store), cluster, inputs),
                    *egress.addon_warnings(self._store, cluster, inputs),
                    *gateways.record_warnings(cluster, inputs),
                    *([f"Gateway {shown_id}: {unprogrammed}"] if unprogrammed else []),
                )
            )
            return resource

        operation = Operation(kind, urn.text, urn.token, shown_id, inputs)
        try:
            resource = await self._operations.run(operation, work)
        except OperationFailed as error:
            # The object exists, but it is not ready: its pods do not run, for example.
            raise InitializationFailed(error, shown_id, inputs) from error
        return ResourceState(shown_id, resource.outputs)

    async def read(
        self, urn: Urn, resource_id: str, olds: Properties, inputs: Properties
    ) -> ResourceState | None:
        if self._render:
            return self._read_rendered(urn)
        try:
            api = ClusterApi(self._store, access.find_cluster(self._store, self._kubeconfig))
        except KubernetesError:
            if self._delete_unreachable:
                return None
            raise
        resource = await self._operations.run(
            Operation("read", urn.text, urn.token, resource_id),
            lambda: self._find(api, urn, resource_id, inputs.values or olds.values),
        )
        if resource is None:
            return None
        result = inputs.values or resource.inputs
        for name, value in resource.inputs.items():
            if name in result and not has_unknown(result[name]) and result[name] != value:
                result = {**result, name: value}
        return ResourceState(resource_id, resource.outputs, inputs=result)

    def _read_rendered(self, urn: Urn) -> None:
        """Read no file: whether the cluster is reached is tested before the mode is.

        Source: pulumi-kubernetes, provider/pkg/provider/provider.go, Read; and the real provider's
        behaviour under the engine.
        """
        if not self._delete_unreachable:
            raise KubernetesError(
                "Unreachable",
                f"{urn.name}: failed to read the resource's state, since the cluster cannot be "
                "reached; with deleteUnreachable, the resource would leave the state",
            )

    async def delete(self, urn: Urn, resource_id: str, olds: Properties) -> None:
        if self._render:
            render.remove(self._render, olds.values)
            return

        def work() -> None:
            try:
                api = ClusterApi(self._store, access.find_cluster(self._store, self._kubeconfig))
            except KubernetesError:
                if self._delete_unreachable:
                    return
                raise
            resource = self._find(api, urn, resource_id, olds.values)
            if resource:
                api.delete(resource.id)

        operation = Operation("delete", urn.text, urn.token, resource_id)
        await self._operations.run(operation, work)

    @staticmethod
    def _find(
        api: ClusterApi, urn: Urn, resource_id: str, values: Mapping[str, Any]
    ) -> Resource | None:
        namespace, _, name = resource_id.rpartition("/")
        if urn.token == RELEASE:
            return api.get("helm.sh/v3", "Release", namespace, name)
        _, group_version, kind = urn.token.split(":")
        version = values.get("apiVersion") or _api_version(group_version)
        return api.get(str(version), kind, namespace, name)

    def invoke(self, token: str, args: dict[str, Any]) -> tuple[dict[str, Any], set[PropertyPath]]:
        del args
        raise NotSimulated(f"the function {token} is not among those of the simulated Kubernetes.")


def _api_version(group_version: str) -> str:
    """The apiVersion of a manifest: `v1` for `core/v1` in a token."""
    return group_version.removeprefix("core/")


def _name(request: CheckRequest) -> str:
    if request.autonaming is not None and request.autonaming.proposed:
        return request.autonaming.proposed
    return f"{request.urn.name}-{identifiers.digest(request.seed.hex(), request.urn.text)}"


def _release_failed(inputs: Mapping[str, Any], why: str) -> KubernetesError:
    """The client's error for a release whose pods do not get ready in time."""
    atomic = ", and has been uninstalled due to atomic being set" if inputs.get("atomic") else ""
    return KubernetesError(
        "Timeout",
        f"release {inputs['name']} failed{atomic}: context deadline exceeded: {why}",
    )


def _server(kubeconfig: Any) -> str | None:
    """The server in a kubeconfig; None if the kubeconfig is unknown, absent or invalid."""
    try:
        return access.server_of(kubeconfig) if isinstance(kubeconfig, str) else None
    except KubernetesError:
        return None


def _shown_id(token: str, inputs: Mapping[str, Any]) -> str:
    """pulumi-kubernetes' id: `namespace/name`, or the name of a cluster-scoped object."""
    data = inputs if token == RELEASE else inputs["metadata"]
    namespace = data.get("namespace", "")
    return f"{namespace}/{data['name']}" if namespace else str(data["name"])
