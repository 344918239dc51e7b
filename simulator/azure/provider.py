"""The azure-native provider itself: defaults, diffs, previews and refreshes."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from pathlib import Path
from typing import Any, TypeVar

from simulator import differences
from simulator.azure import bounds, defaults, identifiers, outputs, schema, sdk_types
from simulator.azure.client import AzCore
from simulator.azure.cloud import Cloud
from simulator.azure.model import ResourceType
from simulator.azure.parameterization import PACKAGE, Parameter
from simulator.azure.service import AzureService
from simulator.azure.write_only import visible
from simulator.errors import InitializationFailed, NotSimulated, Refused
from simulator.faults import OperationFailed
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
from simulator.store import JournalStore
from simulator.wire import Path as PropertyPath
from simulator.wire import Properties, Unknown, has_unknown
from support import arm_ids
from support.arm_ids import RANDOM_NAME
from support.repository import ROOT
from support.type_tokens import plain_token

T = TypeVar("T")

_ADVICE: ContextVar[tuple[str, ...]] = ContextVar("advice", default=())
"""Advice for the current call; each of the engine's parallel calls is a task of its own."""


def state_directory() -> Path:
    """Directory of the simulated cloud: `AZURE_SIM_STATE`, or the repository's `.local/cloud`."""
    configured = os.environ.get("AZURE_SIM_STATE")
    return Path(configured) if configured else ROOT / ".local" / "cloud"


class AzureNative:
    """The provider; each process has one."""

    def __init__(self) -> None:
        self.version = sdk_types.sdk_version()
        self.cloud = Cloud(JournalStore(state_directory()))
        self.package = PACKAGE
        """The package whose types this process serves."""
        self.location: str | None = None
        processes = Processes(state_directory())
        self._operations = Operations(
            state_directory(), AzureService(processes), AzCore(), processes
        )

    def parameterize(self, arguments: Sequence[str] | bytes) -> tuple[str, str]:
        """Become the package of one module at one API version."""
        parameter = Parameter.of(arguments)
        self.package = parameter.package
        return self.package, self.version

    def configure(self, settings: dict[str, Any]) -> None:
        """Apply the provider's settings: region, subscription, tenant."""
        self.location = settings.get("location") or os.environ.get("ARM_LOCATION")
        subscription = settings.get("subscriptionId") or os.environ.get("ARM_SUBSCRIPTION_ID")
        tenant = settings.get("tenantId") or os.environ.get("ARM_TENANT_ID")
        self.cloud.subscription = subscription or identifiers.SUBSCRIPTION
        self.cloud.tenant = tenant or identifiers.TENANT

    def take_warnings(self) -> list[str]:
        """Return and clear the advice for the current call."""
        advice = _ADVICE.get()
        _ADVICE.set(())
        return list(advice)

    def _collect_advice(self, work: Callable[[], T]) -> T:
        """The result of `work`; its advice is kept for the current call."""
        self.cloud.warnings = []
        try:
            return work()
        finally:
            _ADVICE.set(tuple(self.cloud.warnings))

    def diff_config(self, olds: Mapping[str, Any], news: Mapping[str, Any]) -> DiffResponse | None:
        """None: azure-native leaves this to the engine."""
        del olds, news

    def check(self, request: CheckRequest) -> CheckResponse:
        """Add the defaults and check the inputs as azure-native does.

        It refuses missing properties, wrong types and values out of bounds. It ignores unknown
        properties, which are worth a warning, and checks no enumeration.
        """
        urn = request.urn
        self._check_package(urn)
        naming = defaults.Naming(urn.name, request.seed, request.autonaming)
        inputs = defaults.add_defaults(
            self.cloud,
            urn.package_token,
            naming,
            request.news,
            olds=request.olds,
            location=self.location,
        )
        problems = [
            *self.cloud.problems(urn.package_token, inputs),
            *bounds.problems(urn.package_token, inputs),
        ]
        failures = [
            f"{item.path}: {item.reason}{_hint(item)}"
            for item in problems
            if item.kind in schema.PROVIDER
        ]
        unknown = [f"{item.path}: {item.reason}" for item in problems if item.kind == "unknown"]
        _ADVICE.set(tuple(unknown))
        return CheckResponse(inputs, failures)

    def _check_package(self, urn: Urn) -> None:
        """A parameterised provider knows the types of its own package only, and so does each."""
        if urn.package_token.partition(":")[0] != self.package:
            raise Refused(f"resource type {urn.package_token} not found")

    def diff(self, request: DiffRequest) -> DiffResponse:
        """Compare the inputs; azure-native's table says which changes replace the resource."""
        kind = self.cloud.type_of(request.urn.package_token)
        replacing = {*kind.path_parameters, *kind.replaces}
        result = DiffResponse()
        old_inputs = dict(request.old_inputs)
        if "azureApiVersion" in request.olds:
            old_inputs.setdefault("azureApiVersion", request.olds["azureApiVersion"])
        for path, change in differences.compare(old_inputs, request.news):
            if not _differs_in_form_only(path, change, request):
                result.changes[path] = (change, differences.replaces(path, replacing))
        replaced = any(replaces for _, replaces in result.changes.values())
        random = request.old_inputs.get(RANDOM_NAME)
        result.delete_before_replace = replaced and not random
        return result

    async def create(self, urn: Urn, inputs: Properties, *, preview: bool) -> ResourceState:
        """Create the resource, or preview its creation."""
        kind = self.cloud.type_of(urn.package_token)
        if preview:
            return ResourceState("", outputs.preview(kind, inputs.values))
        return await self._write("create", urn, inputs)

    async def update(
        self, urn: Urn, resource_id: str, olds: Properties, inputs: Properties, *, preview: bool
    ) -> ResourceState:
        """Update the resource, or preview its update: name and region stay."""
        if preview:
            shown = outputs.preview(self.cloud.type_of(urn.package_token), inputs.values)
            stable = {key: olds.values[key] for key in ("name", "location") if key in olds.values}
            return ResourceState(resource_id, shown | stable)
        return await self._write("update", urn, inputs)

    async def _write(self, kind: Any, urn: Urn, inputs: Properties) -> ResourceState:
        values = {key: item for key, item in inputs.values.items() if not key.startswith("__")}
        resource_id = self.cloud.id_of(urn.package_token, values)
        write = self.cloud.create if kind == "create" else self.cloud.put
        operation = Operation(kind, urn.text, urn.token, resource_id, values)
        try:
            resource = await self._operations.run(
                operation, lambda: self._collect_advice(lambda: write(urn.package_token, values))
            )
        except OperationFailed as error:
            # The request was accepted: azure-native then returns the resource as it is.
            failed = self.cloud.get(resource_id)
            if failed is None:
                raise
            failed = self.cloud.mark_failed(failed)
            raise InitializationFailed(error, failed.id, failed.outputs) from error
        return ResourceState(resource.id, resource.outputs)

    async def read(
        self, urn: Urn, resource_id: str, olds: Properties, inputs: Properties
    ) -> ResourceState | None:
        """The state in the cloud.

        The inputs contain changes that others made, but not what the service added.
        """
        del olds
        kind = self.cloud.type_of(urn.package_token)
        operation = Operation("read", urn.text, urn.token, resource_id)
        resource = await self._operations.run(operation, lambda: self.cloud.get(resource_id))
        if resource is None:
            return None
        actual = visible(kind.token, resource.inputs)
        result = inputs.values or {**actual, **_path_values(kind, resource_id)}
        recorded = visible(kind.token, result)
        for name, value in actual.items():
            if name in recorded and not has_unknown(recorded[name]) and recorded[name] != value:
                result = {**result, name: value}
        return ResourceState(resource.id, resource.outputs, inputs=result)

    async def delete(self, urn: Urn, resource_id: str, olds: Properties) -> None:
        """Delete the resource, if it exists."""
        del olds
        resource = self.cloud.get(resource_id)
        inputs = resource.inputs if resource else {}
        await self._operations.run(
            Operation("delete", urn.text, urn.token, resource_id, inputs),
            lambda: self._collect_advice(lambda: self.cloud.delete(resource_id)),
            check=lambda: self.cloud.check_delete(resource_id),
        )

    def invoke(self, token: str, args: dict[str, Any]) -> tuple[dict[str, Any], set[PropertyPath]]:
        """The result of a function, and the paths of its secrets: kubeconfigs."""
        if has_unknown(args):
            raise NotSimulated(
                f"the function {token} was called with an argument that is not known yet."
            )
        values = self.cloud.invoke(plain_token(token), args)
        secrets: set[PropertyPath] = {("kubeconfigs",)} if "kubeconfigs" in values else set()
        return values, secrets


def _hint(problem: schema.Problem) -> str:
    if problem.path != "location":
        return ""
    return (
        ". Either set it explicitly or configure it with 'pulumi config set azure-native:location"
        " <value>'."
    )


def _differs_in_form_only(path: str, change: str, request: DiffRequest) -> bool:
    """Whether a change is none: another spelling of a region, or a default that is now set."""
    if path == "location" and change == "update":
        old, new = request.old_inputs["location"], request.news["location"]
        return not isinstance(new, Unknown) and arm_ids.same(str(old), str(new))
    if change == "add" and path in request.news and path in request.olds:
        return bool(request.olds[path] == request.news[path])
    return False


def _path_values(kind: ResourceType, resource_id: str) -> dict[str, str]:
    """The path parameters in the id of a resource that is imported."""
    template = kind.full_path.strip("/").split("/")
    actual = resource_id.strip("/").split("/")
    if template[0].startswith("{"):
        # A scope has as many segments as the rest of the template leaves.
        depth = len(actual) - len(template) + 1
        actual = ["/" + "/".join(actual[:depth]), *actual[depth:]]
    return {
        segment[1:-1]: value
        for segment, value in zip(template, actual, strict=False)
        if segment.startswith("{") and segment != "{subscriptionId}"
    }
