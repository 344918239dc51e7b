"""azure-native's own behaviour before the simulated cloud: defaults, diffs, previews, drift."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from pathlib import Path
from typing import Any, TypeVar

from simulator import differences
from simulator.azure import defaults, identifiers, outputs, schema, sdk_types
from simulator.azure.client import AzCore
from simulator.azure.cloud import Cloud
from simulator.azure.model import ResourceType
from simulator.azure.service import AzureService
from simulator.azure.write_only import visible
from simulator.errors import InitializationFailed, NotSimulated
from simulator.faults import OperationFailed
from simulator.operations import Operation, Operations
from simulator.server import Checked, CheckRequest, Difference, DiffRequest, State, Urn
from simulator.store import JournalStore
from simulator.wire import Path as PropertyPath
from simulator.wire import Properties, Unknown, has_unknown
from support import arm_ids

T = TypeVar("T")

_ADVICE: ContextVar[tuple[str, ...]] = ContextVar("advice", default=())
"""Advice met by the current call: the engine has many under way, each a task of its own."""


def state_directory() -> Path:
    """Where the simulated cloud lives: `AZURE_SIM_STATE`, or `.local/cloud` of the repository."""
    configured = os.environ.get("AZURE_SIM_STATE")
    return Path(configured) if configured else Path(__file__).parents[2] / ".local" / "cloud"


class AzureNative:
    """The provider, one for each process."""

    def __init__(self) -> None:
        self.version = sdk_types.sdk_version()
        self.cloud = Cloud(JournalStore(state_directory()))
        self.location: str | None = None
        self._operations = Operations(state_directory(), AzureService(), AzCore())

    def configure(self, settings: dict[str, Any]) -> None:
        """Take the provider's settings: region, subscription, tenant."""
        self.location = settings.get("location") or os.environ.get("ARM_LOCATION")
        subscription = settings.get("subscriptionId") or os.environ.get("ARM_SUBSCRIPTION_ID")
        tenant = settings.get("tenantId") or os.environ.get("ARM_TENANT_ID")
        self.cloud.subscription = subscription or identifiers.SUBSCRIPTION
        self.cloud.tenant = tenant or identifiers.TENANT

    def take_warnings(self) -> list[str]:
        """The advice that the call met which is being answered."""
        found = _ADVICE.get()
        _ADVICE.set(())
        return list(found)

    def _advised(self, work: Callable[[], T]) -> T:
        """The result of `work`; the advice that it met is kept for the call it is part of."""
        self.cloud.warnings = []
        try:
            return work()
        finally:
            _ADVICE.set(tuple(self.cloud.warnings))

    def diff_config(self, olds: Mapping[str, Any], news: Mapping[str, Any]) -> Difference | None:
        """Left to the engine, as azure-native does."""
        del olds, news

    def check(self, request: CheckRequest) -> Checked:
        """Fill in the defaults and hold the inputs against the SDK's types."""
        urn = request.urn
        naming = defaults.Naming(urn.name, request.seed, request.autonaming)
        inputs = defaults.complete(
            self.cloud, urn.token, naming, request.news, olds=request.olds, location=self.location
        )
        failures = [
            f"{item.path}: {item.reason}{_hint(item)}"
            for item in self.cloud.problems(urn.token, inputs)
        ]
        return Checked(inputs, failures)

    def diff(self, request: DiffRequest) -> Difference:
        """Compare the inputs, by azure-native's map of what replaces."""
        kind = self.cloud.type_of(request.urn.token)
        replacing = {*kind.path_parameters, *kind.replaces}
        result = Difference()
        for path, change in differences.compare(request.old_inputs, request.news):
            if not _same(path, change, request):
                result.changes[path] = (change, differences.replaces(path, replacing))
        replaced = any(replaces for _, replaces in result.changes.values())
        random = request.old_inputs.get(defaults.CREATE_BEFORE_DELETE)
        result.delete_before_replace = replaced and not random
        return result

    async def create(self, urn: Urn, inputs: Properties, *, preview: bool) -> State:
        """Create, or tell what a creation would give."""
        kind = self.cloud.type_of(urn.token)
        if preview:
            return State("", outputs.preview(kind, inputs.values))
        return await self._write("create", urn, inputs)

    async def update(
        self, urn: Urn, resource_id: str, olds: Properties, inputs: Properties, *, preview: bool
    ) -> State:
        """Update, or tell what an update would give: name and region stay."""
        if preview:
            shown = outputs.preview(self.cloud.type_of(urn.token), inputs.values)
            stable = {key: olds.values[key] for key in ("name", "location") if key in olds.values}
            return State(resource_id, shown | stable)
        return await self._write("update", urn, inputs)

    async def _write(self, kind: Any, urn: Urn, inputs: Properties) -> State:
        values = {key: item for key, item in inputs.values.items() if not key.startswith("__")}
        resource_id = self.cloud.id_of(urn.token, values)
        write = self.cloud.create if kind == "create" else self.cloud.put

        asked = Operation(kind, urn.text, urn.token, resource_id, values)
        try:
            resource = await self._operations.carry_out(
                asked, lambda: self._advised(lambda: write(urn.token, values))
            )
        except OperationFailed as error:
            # As azure-native does when the request was accepted: it answers with what is there.
            made = self.cloud.get(resource_id)
            if made is None:
                raise
            raise InitializationFailed(error, made.id, self.cloud.fail(made).outputs) from error
        return State(resource.id, resource.outputs)

    async def read(
        self, urn: Urn, resource_id: str, olds: Properties, inputs: Properties
    ) -> State | None:
        """The real state; others' changes show in the inputs, the service's additions do not."""
        del olds
        kind = self.cloud.type_of(urn.token)
        asked = Operation("read", urn.text, urn.token, resource_id)
        resource = await self._operations.carry_out(asked, lambda: self.cloud.get(resource_id))
        if resource is None:
            return None
        told = visible(kind.token, resource.inputs)
        known = inputs.values or {**told, **_path_values(kind, resource_id)}
        seen = visible(kind.token, known)
        for name, value in told.items():
            if name in seen and not has_unknown(seen[name]) and seen[name] != value:
                known = {**known, name: value}
        return State(resource.id, resource.outputs, inputs=known)

    async def delete(self, urn: Urn, resource_id: str, olds: Properties) -> None:
        """Delete the resource, if it is there."""
        del olds
        resource = self.cloud.get(resource_id)
        inputs = resource.inputs if resource else {}
        await self._operations.carry_out(
            Operation("delete", urn.text, urn.token, resource_id, inputs),
            lambda: self._advised(lambda: self.cloud.delete(resource_id)),
            check=lambda: self.cloud.check_delete(resource_id),
        )

    def invoke(self, token: str, args: dict[str, Any]) -> tuple[dict[str, Any], set[PropertyPath]]:
        """Answer a function; kubeconfigs are secret."""
        if has_unknown(args):
            raise NotSimulated(f"function {token} was called with an argument not yet known.")
        values = self.cloud.invoke(token, args)
        secrets: set[PropertyPath] = {("kubeconfigs",)} if "kubeconfigs" in values else set()
        return values, secrets


def _hint(problem: schema.Problem) -> str:
    if problem.path != "location":
        return ""
    return (
        ". Either set it explicitly or configure it with 'pulumi config set azure-native:location"
        " <value>'."
    )


def _same(path: str, change: str, request: DiffRequest) -> bool:
    """Whether two inputs differ in writing only: a region's form, or a default now written out."""
    if path == "azureApiVersion":
        return True
    if path == "location" and change == "update":
        old, new = request.old_inputs["location"], request.news["location"]
        return not isinstance(new, Unknown) and arm_ids.same(str(old), str(new))
    if change == "add" and path in request.news and path in request.olds:
        return bool(request.olds[path] == request.news[path])
    return False


def _path_values(kind: ResourceType, resource_id: str) -> dict[str, str]:
    """The path parameters that an id holds, for a resource that is imported."""
    template = kind.full_path.strip("/").split("/")
    actual = resource_id.strip("/").split("/")
    if template[0].startswith("{"):
        # A scope takes up as many parts as the rest leaves over.
        depth = len(actual) - len(template) + 1
        actual = ["/" + "/".join(actual[:depth]), *actual[depth:]]
    return {
        part[1:-1]: value
        for part, value in zip(template, actual, strict=False)
        if part.startswith("{") and part != "{subscriptionId}"
    }
